//! Thousands of pages, and the memory that they take.

use std::path::Path;
use std::sync::Arc;

use futures::StreamExt;
use serde_json::json;
use sluss_schemas::landing::NoLanding;

use super::{items, options};
use crate::http::testing::{Reply, Server, io};
use crate::registry;

/// Pages of resident memory.
fn resident() -> u64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap();
    text.split(' ').nth(1).unwrap().parse::<u64>().unwrap() * 4096
}

/// Reads so many pages of 100 rows, and gives the memory after a tenth of them and at the end.
async fn read(connector: &str, pages: u64) -> (u64, u64) {
    let server = Server::forgetful(move |request, _| {
        let page: u64 = request.parameter("sida").parse().unwrap_or(0);
        let last = page + 1 >= pages;
        if request.path.ends_with("/Organization") {
            let entry = |n: u64| {
                format!(
                    r#"{{"resource":{{"resourceType":"Organization","id":"o{n}","meta":{{"lastUpdated":"{}"}}}}}}"#,
                    super::stamp(n)
                )
            };
            let next =
                if last { String::new() } else { format!(r#"{{"relation":"next","url":"?sida={}"}}"#, page + 1) };
            let entries: Vec<String> = (page * 100..page * 100 + 100).map(entry).collect();
            return Reply::json(format!(
                r#"{{"resourceType":"Bundle","link":[{next}],"entry":[{}]}}"#,
                entries.join(",")
            ));
        }
        let next = if last { "null".to_owned() } else { format!("\"?sida={}\"", page + 1) };
        Reply::json(format!(r#"{{"nasta":{next},"rader":[{}]}}"#, items(page * 100, page * 100 + 100)))
    })
    .await;
    let options = if connector == "fhir" {
        json!({ "url": server.url("/fhir"), "resource": "Organization", "increments": "last_updated" })
    } else {
        options(
            &server,
            "/v1",
            json!({
                "paging": { "next_url": { "path": "nasta" } },
                "incremental": { "parameter": "efter", "column": "andrad" },
            }),
        )
    };
    let source = registry::open(connector, options, &io(Path::new("."), 1000, &[])).unwrap();
    let mut stream = source.read(None, Arc::new(NoLanding));
    let (mut rows, mut early) = (0, 0);
    while let Some(chunk) = stream.next().await {
        rows += chunk.unwrap().rows.num_rows() as u64;
        if rows == pages * 10 {
            early = resident();
        }
    }
    assert_eq!(rows, pages * 100);
    (early, resident())
}

async fn does_not_grow(connector: &str, pages: u64) {
    let (early, end) = read(connector, pages).await;
    println!("{connector}: {pages} pages, {} KiB after a tenth, {} KiB at the end", early / 1024, end / 1024);
    assert!(end < early + (8 << 20), "{connector}: memory grew from {early} to {end} bytes");
}

#[tokio::test]
async fn a_thousand_pages_take_no_more_memory_than_a_hundred() {
    does_not_grow("rest", 1_000).await;
    does_not_grow("fhir", 1_000).await;
}

#[tokio::test]
#[ignore = "long: cargo nextest run -p sluss-connectors --run-ignored only -E 'test(ten_thousand)' --no-capture"]
async fn ten_thousand_pages_take_no_more_memory_than_a_thousand() {
    does_not_grow("rest", 10_000).await;
    does_not_grow("fhir", 10_000).await;
}
