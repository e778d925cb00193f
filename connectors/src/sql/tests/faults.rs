//! The network breaks in the middle, the server restarts, nobody takes the rows.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use futures::StreamExt;
use serde_json::json;

use super::server::Server;
use super::{fails, lines, open, read};
use crate::compliance::Kept;
use crate::error::Actor;
use crate::testing::proxy::Proxy;

const ROWS: usize = 60_000;

fn fill(server: &Server, postgres: bool) {
    let from = if postgres { format!("generate_series(1, {ROWS}) seq") } else { format!("seq_1_to_{ROWS}") };
    server.sql(&format!("CREATE TABLE t AS SELECT seq AS i, repeat('å', 100) AS s FROM {from}"));
}

async fn broken_off(server: &Server) {
    for after in [10, 2_000, 1_000_000] {
        let proxy = Proxy::start(server.port(), 0, after).await;
        let error = fails(open(&server.at(proxy.port), json!({ "table": "t" })).as_ref()).await;
        assert_eq!((error.actor, error.retry), (Actor::Source, true), "after {after} bytes: {error:?}");
    }
    // Rows that came before the break are not a whole: nothing lands.
    let proxy = Proxy::start(server.port(), 0, 1_000_000).await;
    let kept = Kept::default();
    let chunks: Vec<_> =
        open(&server.at(proxy.port), json!({ "table": "t" })).read(None, Arc::new(kept.clone())).collect().await;
    assert!(chunks.len() > 1 && chunks.last().unwrap().is_err());
    assert!(kept.sealed().is_empty());
}

async fn tried_again(server: &Server) {
    let proxy = Proxy::start(server.port(), 2, usize::MAX).await;
    let source = open(&server.at(proxy.port), json!({ "table": "t" }));
    assert_eq!(lines(&read(source.as_ref(), None).await.unwrap()).len(), ROWS);
    assert_eq!(proxy.connections.load(Ordering::SeqCst), 3, "two refused, the third went through");
}

async fn wrong_password_is_tried_once(server: &Server) {
    let proxy = Proxy::start(server.port(), 0, usize::MAX).await;
    let url = server.at(proxy.port).replace("sluss:sluss@", "sluss:fel@").replace("//sluss@", "//okand@");
    let error = fails(open(&url, json!({ "table": "t" })).as_ref()).await;
    assert_eq!((error.actor, error.retry), (Actor::Configuration, false), "{error}");
    assert_eq!(proxy.connections.load(Ordering::SeqCst), 1);
}

/// Takes one chunk and waits: the server must be held back, so that memory does not grow.
async fn held_back(server: &Server) {
    let proxy = Proxy::start(server.port(), 0, usize::MAX).await;
    let source = open(&server.at(proxy.port), json!({ "table": "t" }));
    let mut stream = source.read(None, Arc::new(Kept::default()));
    assert!(stream.next().await.unwrap().is_ok());
    let mut before = usize::MAX;
    while before != proxy.bytes.load(Ordering::SeqCst) {
        before = proxy.bytes.load(Ordering::SeqCst);
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    }
    // What lies in the sockets' buffers is the system's, not ours.
    assert!(before < ROWS * 200, "{before} bytes of {} were read while nobody took the rows", ROWS * 200);
    let rows: usize =
        stream.map(|chunk| chunk.unwrap().rows.num_rows()).fold(0, |sum, rows| async move { sum + rows }).await;
    assert!(rows > ROWS - 1000);
}

async fn stopped_in_the_middle(server: Server) {
    let source = open(&server.url, json!({ "table": "t" }));
    let mut stream = source.read(None, Arc::new(Kept::default()));
    assert!(stream.next().await.unwrap().is_ok());
    server.stop();
    let rest: Vec<_> = stream.collect().await;
    let error = rest.last().unwrap().as_ref().unwrap_err();
    assert_eq!((error.actor, error.retry), (Actor::Source, true), "{error}");
    let error = fails(source.as_ref()).await;
    assert_eq!((error.actor, error.retry), (Actor::Source, true), "{error}");
    assert!(error.what.contains("does not take connections"), "{error}");
}

#[tokio::test]
async fn postgres_faults() {
    let Some(server) = Server::postgres() else { return };
    fill(&server, true);
    broken_off(&server).await;
    tried_again(&server).await;
    wrong_password_is_tried_once(&server).await;
    held_back(&server).await;
    stopped_in_the_middle(server).await;
}

#[tokio::test]
async fn mariadb_faults() {
    let Some(server) = Server::mariadb() else { return };
    fill(&server, false);
    broken_off(&server).await;
    tried_again(&server).await;
    wrong_password_is_tried_once(&server).await;
    held_back(&server).await;
    stopped_in_the_middle(server).await;
}

#[tokio::test]
async fn what_answers_is_another_kind_of_server() {
    let Some(server) = Server::postgres() else { return };
    let url = format!("mysql://sluss@127.0.0.1:{}/sluss", server.port());
    let task = tokio::time::timeout(std::time::Duration::from_mins(1), async move {
        fails(open(&url, json!({ "table": "t", "timeout": "2 seconds" })).as_ref()).await
    });
    assert_eq!(task.await.unwrap().actor, Actor::Source);
}
