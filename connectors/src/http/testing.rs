//! A server on the loopback that does as a test says, also what no server should do.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sluss_schemas::clock::FixedClock;
use sluss_schemas::secret::{Secret, Secrets};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use url::Url;

use crate::connect::Io;

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: BTreeMap<String, String>,
    /// Names in lower case.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

impl Request {
    /// A parameter, empty where there is none.
    pub(crate) fn parameter(&self, name: &str) -> &str {
        self.query.get(name).map_or("", String::as_str)
    }
    /// A header, empty where there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

/// What the server answers.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
    /// The connection breaks after so many bytes of the body.
    cut: Option<usize>,
}

impl Reply {
    pub(crate) fn json(body: impl Into<String>) -> Self {
        Self { status: 200, headers: Vec::new(), body: body.into(), cut: None }.with("content-type", "application/json")
    }
    pub(crate) fn status(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: String::new(), cut: None }
    }
    pub(crate) fn html(body: &str) -> Self {
        Self { body: body.to_owned(), ..Self::status(200) }.with("content-type", "text/html; charset=utf-8")
    }
    pub(crate) fn body(self, body: impl Into<String>) -> Self {
        Self { body: body.into(), ..self }
    }
    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self.headers.push((name.to_owned(), value.into()));
        self
    }
    pub(crate) fn cut(self, after: usize) -> Self {
        Self { cut: Some(after), ..self }
    }
}

type Handler = dyn Fn(&Request, usize) -> Reply + Send + Sync;

/// A running server; it stops when it is dropped.
pub(crate) struct Server {
    address: SocketAddr,
    scheme: &'static str,
    seen: Arc<Mutex<Vec<Request>>>,
    remembers: Arc<AtomicBool>,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    /// Starts. The handler gets each request and how many came before it.
    pub(crate) async fn start(handler: impl Fn(&Request, usize) -> Reply + Send + Sync + 'static) -> Self {
        Self::listen(handler, None).await
    }

    /// Starts, and does not remember what has been asked.
    pub(crate) async fn forgetful(handler: impl Fn(&Request, usize) -> Reply + Send + Sync + 'static) -> Self {
        let server = Self::listen(handler, None).await;
        server.remembers.store(false, std::sync::atomic::Ordering::SeqCst);
        server
    }

    /// Starts with TLS.
    pub(crate) async fn tls(
        config: rustls::ServerConfig,
        handler: impl Fn(&Request, usize) -> Reply + Send + Sync + 'static,
    ) -> Self {
        Self::listen(handler, Some(tokio_rustls::TlsAcceptor::from(Arc::new(config)))).await
    }

    async fn listen(
        handler: impl Fn(&Request, usize) -> Reply + Send + Sync + 'static,
        tls: Option<tokio_rustls::TlsAcceptor>,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (handler, scheme): (Arc<Handler>, _) = (Arc::new(handler), if tls.is_some() { "https" } else { "http" });
        let remembers = Arc::new(AtomicBool::new(true));
        let log = (Arc::clone(&seen), Arc::clone(&remembers));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (handler, log, tls) = (Arc::clone(&handler), log.clone(), tls.clone());
                tokio::spawn(async move {
                    // A client that goes away is none of the server's business.
                    let _ = match tls {
                        Some(tls) => match tls.accept(stream).await {
                            Ok(stream) => serve(stream, &*handler, &log).await,
                            Err(error) => Err(error),
                        },
                        None => serve(stream, &*handler, &log).await,
                    };
                });
            }
        });
        Self { address, scheme, seen, remembers, task }
    }

    /// An address on the server. With TLS by name, since certificates are for names.
    pub(crate) fn url(&self, path: &str) -> String {
        let host = if self.scheme == "https" { "localhost" } else { "127.0.0.1" };
        format!("{}://{host}:{}{path}", self.scheme, self.address.port())
    }

    /// An address on whatever stands before the server at `port`.
    pub(crate) fn url_through(&self, port: u16, path: &str) -> String {
        format!("{}://127.0.0.1:{port}{path}", self.scheme)
    }

    /// Where it listens.
    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    /// The place that errors and origins tell.
    pub(crate) fn place(&self, path: &str) -> String {
        format!("127.0.0.1:{}{path}", self.address.port())
    }

    /// What has been asked so far.
    pub(crate) fn seen(&self) -> Vec<Request> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Forgets what has been asked.
    pub(crate) fn forget(&self) {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

async fn serve(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    handler: &Handler,
    (log, remembers): &(Arc<Mutex<Vec<Request>>>, Arc<AtomicBool>),
) -> io::Result<()> {
    let mut buffer = Vec::new();
    while let Some(request) = request(&mut stream, &mut buffer).await? {
        let before = {
            let mut seen = log.lock().unwrap_or_else(PoisonError::into_inner);
            if remembers.load(std::sync::atomic::Ordering::SeqCst) {
                seen.push(request.clone());
            }
            seen.len().saturating_sub(1)
        };
        let reply = handler(&request, before);
        let mut head = format!("HTTP/1.1 {} X\r\n", reply.status);
        for (name, value) in &reply.headers {
            write!(head, "{name}: {value}\r\n").unwrap();
        }
        if reply.status != 304 {
            write!(head, "content-length: {}\r\n", reply.body.len()).unwrap();
        }
        head.push_str("\r\n");
        let body = reply.body.as_bytes();
        let cut = reply.cut.map_or(body.len(), |cut| cut.min(body.len()));
        // In one piece: two small ones would wait for each other.
        stream.write_all(&[head.as_bytes(), &body[..cut]].concat()).await?;
        stream.flush().await?;
        if reply.cut.is_some() {
            return stream.shutdown().await;
        }
    }
    Ok(())
}

/// The next request on a connection; none when the client has hung up.
async fn request(stream: &mut (impl AsyncRead + Unpin), buffer: &mut Vec<u8>) -> io::Result<Option<Request>> {
    let end = loop {
        if let Some(end) = memchr::memmem::find(buffer, b"\r\n\r\n") {
            break end;
        }
        if stream.read_buf(buffer).await? == 0 {
            return Ok(None);
        }
    };
    let head = String::from_utf8_lossy(&buffer[..end]).into_owned();
    let mut lines = head.split("\r\n");
    let mut first = lines.next().unwrap_or_default().split(' ');
    let (method, target) = (first.next().unwrap_or_default(), first.next().unwrap_or_default());
    let headers: BTreeMap<String, String> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length: usize = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    while buffer.len() < end + 4 + length {
        if stream.read_buf(buffer).await? == 0 {
            return Ok(None);
        }
    }
    let body = String::from_utf8_lossy(&buffer[end + 4..end + 4 + length]).into_owned();
    buffer.drain(..end + 4 + length);
    let url = Url::parse("http://x").unwrap().join(target).unwrap();
    Ok(Some(Request {
        method: method.to_owned(),
        path: url.path().to_owned(),
        query: url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect(),
        headers,
        body,
    }))
}

/// Secrets of a test.
pub(crate) struct Known(pub(crate) Vec<(&'static str, String)>);

impl Secrets for Known {
    fn get(&self, name: &str) -> Option<Secret> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| Secret::new(value.clone()))
    }
}

/// A world with secrets.
pub(crate) fn io(base: &Path, chunk_rows: usize, secrets: &[(&'static str, &str)]) -> Io {
    let secrets = secrets.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    Io {
        base: base.to_owned(),
        secrets: Arc::new(Known(secrets)),
        clock: Arc::new(FixedClock("2026-11-22T10:00:00Z".parse().unwrap())),
        chunk_rows,
    }
}

/// Waits that tests can bear.
pub(crate) fn hurried() -> serde_json::Value {
    serde_json::json!({ "retries": 3, "first_wait_ms": 1, "longest_wait_s": 2 })
}

/// Lets what has been started go on.
pub(crate) async fn a_moment() {
    tokio::time::sleep(Duration::from_millis(20)).await;
}
