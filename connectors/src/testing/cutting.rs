//! A network that breaks: for tests of every connector that keeps a connection.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};

/// Passes connections on to `to` and cuts the first `cuts` of them after `bytes` of the answer.
pub(crate) async fn cutting(to: String, cuts: usize, bytes: u64) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let seen = Arc::new(AtomicUsize::new(0));
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let server = TcpStream::connect(&to).await.unwrap();
            let cut = seen.fetch_add(1, Ordering::SeqCst) < cuts;
            tokio::spawn(async move {
                let ((mut from_client, mut to_client), (from_server, mut to_server)) =
                    (client.into_split(), server.into_split());
                let up = tokio::spawn(async move { tokio::io::copy(&mut from_client, &mut to_server).await });
                let mut limited = from_server.take(if cut { bytes } else { u64::MAX });
                let _ = tokio::io::copy(&mut limited, &mut to_client).await;
                up.abort();
            });
        }
    });
    address
}
