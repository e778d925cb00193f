//! Connections: taken, encrypted where it is so configured, and let end before the program does.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::{Extension, Router};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use rustls::ServerConfig;
use sluss_pipeline::error::{PipelineError, Result};
use sluss_schemas::say;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_rustls::TlsAcceptor;

use super::names::Names;
use super::request::{Peer, Remote};

/// Connections at a time.
const CONNECTIONS: usize = 512;
/// How long a client may take for its handshake, and for the headers of a request.
const PATIENCE: Duration = Duration::from_secs(15);
/// A pause after the operating system refused a connection (too many open files).
const PAUSE: Duration = Duration::from_millis(100);

/// Binds the address. Off the machine itself only behind TLS: a token in clear text is everybody's.
pub(super) async fn bind(address: &str, encrypted: bool) -> Result<TcpListener> {
    let place = say!("[push] listen = \"{address}\"", "[push] listen = \"{address}\"");
    let parsed: SocketAddr = address.parse().map_err(|_| {
        PipelineError::configuration(say!("adressen går inte att lyssna på", "the address cannot be listened to"))
            .at(place.clone())
            .hint(say!("skriv IP-adress och port: 127.0.0.1:8722", "write IP address and port: 127.0.0.1:8722"))
    })?;
    if !parsed.ip().is_loopback() && !encrypted {
        return Err(PipelineError::configuration(say!(
            "utan TLS lyssnar Sluss bara på den egna datorn",
            "without TLS Sluss listens to its own machine only"
        ))
        .at(place)
        .hint(say!(
            "ange certifikat och nyckel under [push.tls], eller lyssna på 127.0.0.1 bakom en omvänd proxy",
            "give certificate and key under [push.tls], or listen to 127.0.0.1 behind a reverse proxy"
        )));
    }
    TcpListener::bind(parsed).await.map_err(|e| {
        PipelineError::operator(say!("adressen går inte att lyssna på", "the address cannot be listened to"))
            .at(place)
            .hint(say!("är porten upptagen? välj en annan", "is the port taken? choose another"))
            .because(e)
    })
}

/// Serves until `stop` comes; then lets requests under way end, at most for `grace`.
pub(super) async fn serve(
    listener: TcpListener,
    router: Router,
    tls: Option<Arc<ServerConfig>>,
    stop: impl Future<Output = ()>,
    grace: Duration,
) {
    let acceptor = tls.map(TlsAcceptor::from);
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    let graceful = GracefulShutdown::new();
    tokio::pin!(stop);
    loop {
        let taken = tokio::select! {
            () = &mut stop => break,
            taken = next(&listener, &room) => taken,
        };
        let (stream, remote, permit) = match taken {
            Ok(taken) => taken,
            Err(error) => {
                tracing::warn!("a connection could not be taken: {error}");
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        let (acceptor, router, watcher) = (acceptor.clone(), router.clone(), graceful.watcher());
        tokio::spawn(async move {
            let _permit = permit;
            match acceptor {
                None => connection(stream, router, (Peer::default(), remote), watcher).await,
                Some(acceptor) => match tokio::time::timeout(PATIENCE, acceptor.accept(stream)).await {
                    Ok(Ok(stream)) => {
                        let shown = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
                        let peer = Peer(shown.and_then(Names::of));
                        connection(stream, router, (peer, remote), watcher).await;
                    }
                    // A wrong certificate, or no TLS at all: the client has been told by its protocol.
                    Ok(Err(error)) => tracing::info!("a handshake failed: {error}"),
                    Err(_) => tracing::info!("a handshake took too long"),
                },
            }
        });
    }
    drop(listener);
    if tokio::time::timeout(grace, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests did not end in time");
    }
}

/// The next connection, when there is room for it.
async fn next(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
) -> std::io::Result<(TcpStream, Remote, OwnedSemaphorePermit)> {
    let permit = Arc::clone(room).acquire_owned().await.map_err(std::io::Error::other)?;
    let (stream, remote) = listener.accept().await?;
    Ok((stream, Remote(remote), permit))
}

/// Serves one connection.
async fn connection<S>(stream: S, router: Router, (peer, remote): (Peer, Remote), watcher: Watcher)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = TowerToHyperService::new(router.layer(Extension(peer)).layer(Extension(remote)));
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(PATIENCE);
    builder.http2().timer(TokioTimer::new()).keep_alive_interval(Some(PATIENCE)).max_concurrent_streams(32);
    let serving = builder.serve_connection(TokioIo::new(stream), service).into_owned();
    if let Err(error) = watcher.watch(serving).await {
        tracing::debug!("a connection ended: {error}");
    }
}
