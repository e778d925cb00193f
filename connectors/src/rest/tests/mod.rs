//! The connector against a server on the loopback.

mod faults;
mod long;
mod shapes;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use futures::StreamExt;
use serde_json::{Value, json};
use sluss_schemas::chunk::{Chunk, Cursor};
use sluss_schemas::landing::Landing;

use crate::compliance::{Case, Kept, check};
use crate::error::{Actor, ConnectorError};
use crate::http::testing::{Reply, Request, Server, hurried, io};
use crate::registry;
use crate::testing::column;

/// Rows `from..to` of a made-up source.
fn items(from: u64, to: u64) -> String {
    (from..to)
        .map(|n| format!(r#"{{"id":"A{n}","titel":"Avtal å{n}","andrad":"{}"}}"#, stamp(n)))
        .collect::<Vec<_>>()
        .join(",")
}

/// A time that rises with `n`.
fn stamp(n: u64) -> String {
    format!("2026-01-{:02}T{:02}:{:02}:{:02}Z", 1 + n / 86_400, n / 3600 % 24, n / 60 % 60, n % 60)
}

fn options(server: &Server, path: &str, more: impl std::borrow::Borrow<Value>) -> Value {
    let mut options = json!({
        "url": server.url(path), "rows": "rader[*]", "requests": hurried(),
        "columns": { "id": "id", "titel": "titel", "andrad": "andrad" },
    });
    for (name, value) in more.borrow().as_object().unwrap() {
        options[name] = value.clone();
    }
    options
}

async fn read(options: &Value, after: Option<Cursor>) -> (Vec<Chunk>, Option<ConnectorError>) {
    read_with(options, after, &[], Arc::new(Kept::default())).await
}

async fn read_with(
    options: &Value,
    after: Option<Cursor>,
    secrets: &[(&'static str, &str)],
    landing: Arc<dyn Landing>,
) -> (Vec<Chunk>, Option<ConnectorError>) {
    let source = match registry::open("rest", options.clone(), &io(Path::new("."), 100, secrets)) {
        Ok(source) => source,
        Err(error) => return (Vec::new(), Some(error)),
    };
    let mut stream = source.read(after, landing);
    let mut chunks = Vec::new();
    while let Some(chunk) = stream.next().await {
        match chunk {
            Ok(chunk) => chunks.push(chunk),
            Err(error) => return (chunks, Some(error)),
        }
    }
    (chunks, None)
}

/// All rows of a source that must be read without an error.
async fn ids(options: &Value) -> Vec<String> {
    let (chunks, error) = read(options, None).await;
    assert!(error.is_none(), "{error:?}");
    column(&chunks, "id")
}

fn wanted(from: u64, to: u64) -> Vec<String> {
    (from..to).map(|n| format!("A{n}")).collect()
}

/// A source of `rows` rows that knows every kind of paging, by its path.
fn paged(rows: u64, size: u64) -> impl Fn(&Request, usize) -> Reply + Send + Sync + 'static {
    move |request, _| {
        let number = |name: &str| request.parameter(name).parse::<u64>().ok();
        let since = request.parameter("efter");
        let first = if since.is_empty() { 0 } else { (0..rows).find(|n| stamp(*n).as_str() > since).unwrap_or(rows) };
        let page = |start: u64| items(start.min(rows), (start + size).min(rows));
        match request.path.as_str() {
            "/sida" => {
                let start = first + (number("sida").unwrap() - 1) * size;
                Reply::json(format!(
                    r#"{{"sidor":{},"antal":{},"rader":[{}]}}"#,
                    (rows - first).div_ceil(size).max(1),
                    rows - first,
                    page(start)
                ))
            }
            "/offset" => {
                let start = first + number("offset").unwrap();
                // Fewer than asked for, as sources do.
                Reply::json(format!(r#"{{"rader":[{}],"total":{}}}"#, page(start), rows - first))
            }
            "/token" => {
                let start = number("cursor").unwrap_or(first);
                let next = if start + size < rows { format!("\"{}\"", start + size) } else { "null".into() };
                Reply::json(format!(r#"{{"meta":{{"nasta":{next}}},"rader":[{}]}}"#, page(start)))
            }
            "/lank" => {
                let start = number("fran").unwrap_or(first);
                let reply = Reply::json(format!(r#"{{"rader":[{}]}}"#, page(start)));
                if start + size < rows {
                    reply.with("link", format!(r#"</lank?fran={}>; rel="next", </lank>; rel="first""#, start + size))
                } else {
                    reply
                }
            }
            "/adress" => {
                let start = number("fran").unwrap_or(first);
                let host = request.header("host");
                let next = if start + size < rows {
                    format!(r#""http://{host}/adress?fran={}""#, start + size)
                } else {
                    "null".into()
                };
                Reply::json(format!(r#"{{"rader":[{}],"next_url":{next}}}"#, page(start)))
            }
            _ => Reply::status(404),
        }
    }
}

fn pagings() -> Vec<(&'static str, Value)> {
    vec![
        ("/sida", json!({ "page": { "parameter": "sida", "pages": "sidor" } })),
        ("/sida", json!({ "page": { "parameter": "sida", "total": "antal" } })),
        ("/sida", json!({ "page": { "parameter": "sida" } })),
        ("/offset", json!({ "offset": { "size": 1000, "total": "total" } })),
        ("/offset", json!({ "offset": { "size": 1000 } })),
        ("/token", json!({ "cursor": { "path": "meta.nasta" } })),
        ("/lank", json!({ "link": {} })),
        ("/adress", json!({ "next_url": { "path": "next_url" } })),
    ]
}

#[tokio::test]
async fn every_kind_of_paging_gives_all_rows_once() {
    for rows in [0, 1, 25, 30] {
        let server = Server::start(paged(rows, 10)).await;
        for (path, paging) in pagings() {
            let options = options(&server, path, json!({ "paging": paging }));
            assert_eq!(ids(&options).await, wanted(0, rows), "{rows} {paging}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_paging_complies() {
    let server = Server::start(paged(600, 50)).await;
    for (path, paging) in pagings() {
        let incremental = json!({ "parameter": "efter", "column": "andrad", "overlap": 0 });
        let more = json!({
            "paging": paging, "incremental": incremental,
            "auth": { "basic": { "user": "kund", "password": { "secret": "losen" } } },
        });
        let good = options(&server, path, more);
        let with = |name: &str, value: Value| {
            let mut options = good.clone();
            options[name] = value;
            options
        };
        let broken = vec![
            (with("url", json!("http://exempel.invalid/")), Actor::Configuration),
            (with("url", json!("https://anna:hemligt-losen@exempel.invalid/")), Actor::Configuration),
            (with("url", json!(server.url("/finns/inte"))), Actor::Configuration),
            (with("rows", json!("fel[*]")), Actor::Source),
            (with("auth", json!({ "bearer": { "token": { "secret": "saknas" } } })), Actor::Configuration),
        ];
        check(&Case {
            connector: "rest",
            options: good,
            io: io(Path::new("."), 20, &[("losen", "hemligt-losen")]),
            rows: 600,
            unread: 0,
            landed: None,
            secrets: vec!["hemligt-losen".into(), "a3VuZDpoZW1saWd0LWxvc2Vu".into()],
            broken,
        })
        .await;
    }
}

#[tokio::test]
async fn every_answer_lands_as_it_came() {
    let server = Server::start(paged(25, 10)).await;
    let landing = Arc::new(Kept::default());
    let options = options(&server, "/token", json!({ "paging": { "cursor": { "path": "meta.nasta" } } }));
    let (chunks, error) = read_with(&options, None, &[], Arc::clone(&landing) as Arc<dyn Landing>).await;
    assert!(error.is_none(), "{error:?}");
    let body = |from, to, next: &str| format!(r#"{{"meta":{{"nasta":{next}}},"rader":[{}]}}"#, items(from, to));
    let place = server.place("/token");
    let wanted: BTreeMap<String, Vec<u8>> = [(0, 10, "\"10\""), (10, 20, "\"20\""), (20, 25, "null")]
        .iter()
        .enumerate()
        .map(|(n, (from, to, next))| (format!("{place} #{}", n + 1), body(*from, *to, next).into_bytes()))
        .collect();
    assert_eq!(landing.sealed(), wanted);
    assert_eq!(
        chunks.iter().map(|chunk| chunk.origin.name.clone()).collect::<Vec<_>>(),
        wanted.into_keys().collect::<Vec<_>>()
    );
}
