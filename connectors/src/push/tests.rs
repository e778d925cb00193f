//! Tests of `push`.

use std::io::{Cursor, Read};
use std::sync::Arc;

use futures::{StreamExt, TryStreamExt};
use serde_json::json;
use sluss_schemas::landing::NoLanding;

use super::*;
use crate::compliance::{self, Case};
use crate::error::Actor;
use crate::files::{Given, Opens};
use crate::registry;
use crate::testing::io;

struct Bytes(Vec<u8>);

impl Opens for Bytes {
    fn open(&self) -> std::io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(Cursor::new(self.0.clone())))
    }
}

fn given(name: &str, bytes: &[u8]) -> Given {
    Given { name: name.to_owned(), size: bytes.len() as u64, content: Arc::new(Bytes(bytes.to_vec())) }
}

#[tokio::test]
async fn keeps_to_what_every_connector_must_do() {
    let folder = tempfile::tempdir().unwrap();
    let rows: String = (0..1000).map(|i| format!("A-{i};avtal {i}\n")).collect();
    std::fs::write(folder.path().join("prov.csv"), format!("avtals_id;titel\n{rows}")).unwrap();
    compliance::check(&Case {
        connector: "push",
        options: json!({ "format": "csv", "sample": "prov.csv" }),
        io: io(folder.path(), 50),
        rows: 1000,
        unread: 0,
        landed: None,
        secrets: Vec::new(),
        broken: vec![
            (json!({ "format": "csv" }), Actor::Configuration),
            (json!({ "format": "xml" }), Actor::Configuration),
        ],
    })
    .await;
}

#[tokio::test]
async fn a_delivery_is_read_as_the_job_says() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = "a,b\n1,å\n2,ä\n".as_bytes();
    let options = json!({ "format": "csv", "csv": { "delimiter": "," } });
    let source = delivery(options, given("leverans.csv", bytes), &io(folder.path(), 50)).unwrap();
    let chunks: Vec<_> = source.read(None, Arc::new(NoLanding)).try_collect().await.unwrap();
    assert_eq!(chunks.iter().map(|c| c.rows.num_rows()).sum::<usize>(), 2);
    assert_eq!(chunks[0].origin.name, "leverans.csv");
}

#[tokio::test]
async fn without_a_delivery_there_is_nothing_to_read() {
    let folder = tempfile::tempdir().unwrap();
    let source = registry::open("push", json!({ "format": "json" }), &io(folder.path(), 50)).unwrap();
    source.check().await.unwrap();
    assert!(source.discover().await.unwrap().is_empty());
    let error = source.read(None, Arc::new(NoLanding)).next().await.unwrap().unwrap_err();
    assert!(error.hint.unwrap().contains("sluss submit"));
}
