//! What stands between a connector and its server in tests: it refuses connections and breaks them off.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Stands before a server on the loopback.
pub(crate) struct Proxy {
    /// Where it listens.
    pub(crate) port: u16,
    /// Connections so far.
    pub(crate) connections: Arc<AtomicUsize>,
    /// Bytes from the server so far.
    pub(crate) bytes: Arc<AtomicUsize>,
}

impl Proxy {
    /// Refuses the first `refuse` connections, and breaks each other one off after so many bytes from
    /// the server.
    pub(crate) async fn start(to: u16, refuse: usize, break_after: usize) -> Self {
        Self::planned(to, move |n| if n < refuse { 0 } else { break_after }).await
    }

    /// Lets pass, of each connection by its number, so many bytes from the server; none: it is refused.
    pub(crate) async fn planned(to: u16, plan: impl Fn(usize) -> usize + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (connections, bytes) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (count, total) = (Arc::clone(&connections), Arc::clone(&bytes));
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let break_after = plan(count.fetch_add(1, Ordering::SeqCst));
                if break_after > 0 {
                    tokio::spawn(pass(client, to, break_after, Arc::clone(&total)));
                }
            }
        });
        Self { port, connections, bytes }
    }
}

async fn pass(client: TcpStream, to: u16, break_after: usize, total: Arc<AtomicUsize>) {
    let server = TcpStream::connect(("127.0.0.1", to)).await.unwrap();
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let forth = tokio::spawn(async move { tokio::io::copy(&mut from_client, &mut to_server).await });
    let (mut buffer, mut left) = (vec![0; 4096], break_after);
    while let Ok(n @ 1..) = from_server.read(&mut buffer).await {
        total.fetch_add(n, Ordering::SeqCst);
        let n = n.min(left);
        left -= n;
        if to_client.write_all(&buffer[..n]).await.is_err() || left == 0 {
            break;
        }
    }
    forth.abort();
}
