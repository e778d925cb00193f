//! Networks that break, servers that start again, files that change: never taken for the end of the rows.

use std::io::Write;
use std::sync::Arc;

use futures::StreamExt;
use serde_json::json;

use super::{Server, open, options, read, values, with};
use crate::compliance::Kept;
use crate::connect::Ended;
use crate::error::Actor;
use crate::testing::cutting::cutting;

/// About four megabytes.
fn long() -> (String, Vec<String>) {
    let rows: Vec<String> = (0..250_000).map(|i| format!("rad {i:012}")).collect();
    (format!("x\n{}\n", rows.join("\n")), rows)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_read_on_where_the_connection_broke() {
    let Some(server) = Server::start() else { return };
    let (text, rows) = long();
    server.put("a.csv", &text);
    // Each connection lasts for a part of the file, until the last one.
    let address = cutting(format!("127.0.0.1:{}", server.port), 3, 1_300_000).await;
    let source = open(&server, with(options(&server), &json!({ "port": address.port() }))).unwrap();
    let kept = Kept::default();
    let mut stream = source.read(None, Arc::new(kept.clone()));
    let mut chunks = Vec::new();
    while let Some(chunk) = stream.next().await {
        chunks.push(chunk.unwrap());
    }
    assert_eq!(values(&chunks), rows);
    assert_eq!(kept.sealed().get("in/a.csv").map(Vec::as_slice), Some(text.as_bytes()));
    assert!(server.log_lines("Accepted publickey") >= 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_always_breaks_fails_the_run() {
    let Some(server) = Server::start() else { return };
    server.put("a.csv", &long().0);
    for bytes in [0, 30, 1_000, 3_000, 50_000] {
        let address = cutting(format!("127.0.0.1:{}", server.port), usize::MAX, bytes).await;
        let changes = json!({ "port": address.port(), "retries": 2, "timeout_seconds": 5 });
        let source = open(&server, with(options(&server), &changes)).unwrap();
        let error = read(source.as_ref(), None).await.unwrap_err();
        assert!(error.retry && error.actor == Actor::Source, "{bytes}: {error}");
        source.ended(Ended::Failed).await.unwrap_or_default();
        assert_eq!(server.names("fel"), Vec::<String>::new(), "a broken network is not the file's fault");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_starts_again_is_read_on() {
    let Some(server) = Server::start() else { return };
    let (text, rows) = long();
    server.put("a.csv", &text);
    server.put("b.csv", "x\nsist\n");
    let source = open(&server, with(options(&server), &json!({ "retries": 6, "first_wait_ms": 100 }))).unwrap();
    let mut stream = source.read(None, Arc::new(Kept::default()));
    let mut chunks = vec![stream.next().await.unwrap().unwrap()];
    server.restart();
    while let Some(chunk) = stream.next().await {
        chunks.push(chunk.unwrap());
    }
    let got = values(&chunks);
    assert_eq!((got.len(), got.last().unwrap().as_str()), (rows.len() + 1, "sist"));
    // Also between reading and putting away.
    server.restart();
    source.ended(Ended::Published(chunks.last().unwrap().cursor.as_ref().unwrap())).await.unwrap();
    assert_eq!(server.names("klart"), ["a.csv", "b.csv"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_does_not_come_back_is_an_error() {
    let Some(server) = Server::start() else { return };
    server.put("a.csv", &long().0);
    let source = open(&server, with(options(&server), &json!({ "retries": 1 }))).unwrap();
    let mut stream = source.read(None, Arc::new(Kept::default()));
    assert!(stream.next().await.unwrap().is_ok());
    drop(server);
    let mut error = None;
    while let Some(chunk) = stream.next().await {
        error = chunk.err();
    }
    let error = error.expect("the rows ended as if they were all");
    assert!(error.retry && error.actor == Actor::Source, "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_grows_or_vanishes_fails_the_run() {
    let Some(server) = Server::start() else { return };
    server.put("a.csv", &long().0);
    server.put("b.csv", "x\n2\n");
    let source = open(&server, options(&server)).unwrap();
    let ended = async |act: &dyn Fn()| {
        let mut stream = source.read(None, Arc::new(Kept::default()));
        assert!(stream.next().await.unwrap().is_ok());
        act();
        let mut error = None;
        while let Some(chunk) = stream.next().await {
            error = chunk.err();
        }
        error.expect("the rows ended as if they were all")
    };
    let error = ended(&|| std::fs::remove_file(server.path("b.csv")).unwrap()).await;
    assert!(error.retry && error.place.as_deref() == Some("in/b.csv"), "{error}");
    let grow = || {
        let mut file = std::fs::File::options().append(true).open(server.path("a.csv")).unwrap();
        file.write_all(b"mer\n").unwrap();
    };
    let error = ended(&grow).await;
    assert!(error.retry && error.what.contains("changed"), "{error}");
    // Another file of the name, in the middle of which the connection breaks.
    let address = cutting(format!("127.0.0.1:{}", server.port), 1, 1_000_000).await;
    let source = open(&server, with(options(&server), &json!({ "port": address.port() }))).unwrap();
    let mut stream = source.read(None, Arc::new(Kept::default()));
    assert!(stream.next().await.unwrap().is_ok());
    std::fs::remove_file(server.path("a.csv")).unwrap();
    server.put("a.csv", "x\nen annan\n");
    let mut error = None;
    while let Some(chunk) = stream.next().await {
        error = chunk.err();
    }
    let error = error.expect("two files were taken for one");
    assert!(error.retry && error.what.contains("changed"), "{error}");
    source.ended(Ended::Failed).await.unwrap();
    assert_eq!(server.names("fel"), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_where_nothing_may_be_written_is_a_warning_only() {
    let Some(server) = Server::start() else { return };
    server.put("a.csv", "x\n1\n");
    // A file where the folder should be: nobody can make it, whatever their rights.
    server.put("klart", "");
    let source = open(&server, options(&server)).unwrap();
    let chunks = read(source.as_ref(), None).await.unwrap();
    let error = source.ended(Ended::Published(chunks.last().unwrap().cursor.as_ref().unwrap())).await.unwrap_err();
    assert!(error.hint.is_some(), "{error}");
    assert_eq!(server.names(""), ["a.csv", "klart"]);
}
