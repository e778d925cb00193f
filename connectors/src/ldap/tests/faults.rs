//! Servers that break, repeat themselves, or speak something else.

use std::net::SocketAddr;
use std::sync::Arc;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::server::Server;
use super::{TOP, count, io, open, options, rows, with};
use crate::error::{Actor, ConnectorError};
use crate::testing::cutting::cutting;

fn through(server: &Server, address: SocketAddr) -> Value {
    with(
        options(&server.url),
        &json!({ "url": format!("ldap://{address}"), "allow_plaintext": true, "tls": {}, "timeout_seconds": 20 }),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_breaks_is_never_the_end_of_the_rows() {
    let Some(server) = Server::start(400) else { return };
    let io = io(&server.folder, 10);
    let target = server.plain().trim_start_matches("ldap://").to_owned();
    for bytes in [20, 300, 5_000, 60_000] {
        let address = cutting(target.clone(), usize::MAX, bytes).await;
        let error = rows(&io, through(&server, address), None).await.unwrap_err();
        assert!(error.retry && error.actor == Actor::Source, "{bytes}: {error}");
    }
    // Before anything has come, it is tried again.
    let address = cutting(target, 2, 0).await;
    assert_eq!(count(&rows(&io, through(&server, address), None).await.unwrap()), 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tls_connection_that_breaks_is_never_the_end_of_the_rows() {
    let Some(server) = Server::start(400) else { return };
    let io = io(&server.folder, 10);
    let target = server.url.trim_start_matches("ldaps://").to_owned();
    for bytes in [100, 10_000, 60_000] {
        let address = cutting(target.clone(), usize::MAX, bytes).await;
        let url = format!("ldaps://localhost:{}", address.port());
        let error = rows(&io, with(options(&server.url), &json!({ "url": url })), None).await.unwrap_err();
        assert!(error.retry && error.actor == Actor::Source, "{bytes}: {error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_stopped_in_the_middle_is_an_error() {
    let Some(server) = Server::start(5000) else { return };
    let io = io(&server.folder, 100);
    let source = open(&io, options(&server.url)).unwrap();
    let mut stream = source.read(None, Arc::new(crate::compliance::Kept::default()));
    let first = futures::StreamExt::next(&mut stream).await.unwrap().unwrap();
    assert_eq!(first.rows.num_rows(), 100);
    drop(server);
    let mut error = None;
    while let Some(next) = futures::StreamExt::next(&mut stream).await {
        error = next.err();
    }
    let error = error.expect("the rows ended as if they were all");
    assert!(error.retry && error.actor == Actor::Source, "{error}");
}

/// A message of the protocol: its number, and what it holds.
fn message(number: u8, operation: &[u8]) -> Vec<u8> {
    let mut out = vec![0x30, u8::try_from(operation.len() + 3).unwrap(), 2, 1, number];
    out.extend_from_slice(operation);
    out
}

/// An entry called `c=SE`, and the end of a page after which there is more.
fn page(number: u8) -> Vec<u8> {
    let entry = [0x64, 8, 4, 4, b'c', b'=', b'S', b'E', 0x30, 0];
    let mut control = vec![4, 22];
    control.extend_from_slice(b"1.2.840.113556.1.4.319");
    control.extend_from_slice(&[4, 8, 0x30, 6, 2, 1, 0, 4, 1, b'k']);
    let mut done = vec![0x65, 7, 0x0a, 1, 0, 4, 0, 4, 0];
    let length = u8::try_from(control.len()).unwrap();
    done.extend_from_slice(&[0xa0, length + 2, 0x30, length]);
    done.extend(control);
    [message(number, &entry), message(number, &done)].concat()
}

/// A server that gives `answer` to every question.
async fn answering(answer: impl Fn(u8) -> Vec<u8> + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let answer = Arc::new(answer);
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let answer = Arc::clone(&answer);
            tokio::spawn(async move {
                let mut question = [0; 4096];
                while let Ok(length) = client.read(&mut question).await {
                    // The message's number stands first in it, after the length in its short or long form.
                    let header = match question[1] {
                        0x81 => 3,
                        0x82 => 4,
                        _ => 2,
                    };
                    if length == 0 || client.write_all(&answer(question[header + 2])).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    format!("ldap://{address}")
}

async fn failure(answer: impl Fn(u8) -> Vec<u8> + Send + Sync + 'static) -> ConnectorError {
    let url = answering(answer).await;
    let folder = tempfile::tempdir().unwrap();
    let options = json!({ "url": url, "base": TOP, "allow_plaintext": true, "timeout_seconds": 2 });
    let outcome = rows(&io(folder.path(), 10), options, None).await;
    outcome.expect_err("an answer that makes no sense was taken for one")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_comes_again_and_again_ends_the_reading() {
    let error = failure(page).await;
    assert!(error.what.contains("the same page twice"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_page_is_not_the_end() {
    // The first page has no entry and says that there is more; the second has one.
    let url = answering(|number| {
        let page = page(number);
        let entry = message(number, &[0x64, 8, 4, 4, b'c', b'=', b'S', b'E', 0x30, 0]);
        let done = message(number, &[0x65, 7, 0x0a, 1, 0, 4, 0, 4, 0]);
        if number == 1 { page[entry.len()..].to_vec() } else { [entry, done].concat() }
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    let options = json!({ "url": url, "base": TOP, "allow_plaintext": true, "timeout_seconds": 20 });
    assert_eq!(count(&rows(&io(folder.path(), 10), options, None).await.unwrap()), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_makes_no_sense_is_no_crash() {
    let web = failure(|_| b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\n\r\n<html>".to_vec()).await;
    assert_eq!(web.actor, Actor::Source, "{web}");
    // An entry without its parts, an operation that there is not, a page without its cookie, silence.
    let headless = failure(|number| message(number, &[0x64, 0])).await;
    assert!(headless.what.contains("not as the protocol has it"), "{headless}");
    let unknown = failure(|number| message(number, &[0x7e, 0])).await;
    assert!(unknown.what.contains("not as the protocol has it"), "{unknown}");
    let silent = failure(|_| Vec::new()).await;
    assert!(silent.retry && silent.what.contains("in time"), "{silent}");
    let refused = failure(|number| message(number, &[0x65, 7, 0x0a, 1, 51, 4, 0, 4, 0])).await;
    assert!(refused.retry && refused.place.as_deref() == Some("result code 51"), "{refused}");
}
