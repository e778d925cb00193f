//! How fast, beside the database's own client. Not part of the suite: ask for it by name.

use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Instant;

use futures::StreamExt;
use serde_json::json;
use sluss_schemas::landing::NoLanding;

use super::server::Server;
use super::{io, options};
use crate::registry;

/// `cargo nextest run --release -p sluss-connectors --run-ignored only -E 'test(a_million_rows)' --no-capture`
#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement: says how long a million rows take beside psql"]
async fn a_million_rows_from_postgres() {
    let Some(server) = Server::postgres() else { return };
    server.sql(
        "CREATE TABLE t AS SELECT i AS id, 'A-2026-' || i AS avtals_id, 'Vårdavtal ' || i AS titel,
            date '2020-01-01' + i % 2000 AS giltig_fran, timestamptz '2026-01-01' + i * interval '1 second' AS andrad,
            (i * 1.25)::numeric(14,2) AS belopp, i % 3 = 0 AS aktiv, '232100-' || lpad((i % 10000)::text, 4, '0') AS orgnr
         FROM generate_series(1, 1000000) i; VACUUM ANALYZE t",
    );
    let source =
        registry::open("sql", options(json!({ "table": "t" })), &io(".".as_ref(), &server.url, 16 * 1024)).unwrap();
    let (mut best_psql, mut best_ours) = (f64::MAX, f64::MAX);
    for _ in 0..3 {
        let start = Instant::now();
        let psql =
            Command::new("psql").args(["-q", &server.url, "-c", "\\copy t to stdout"]).stdout(Stdio::null()).status();
        assert!(psql.unwrap().success());
        best_psql = best_psql.min(start.elapsed().as_secs_f64());
        let start = Instant::now();
        let chunks = source.read(None, Arc::new(NoLanding));
        let rows: usize =
            chunks.map(|chunk| chunk.unwrap().rows.num_rows()).fold(0, |sum, rows| async move { sum + rows }).await;
        assert_eq!(rows, 1_000_000);
        best_ours = best_ours.min(start.elapsed().as_secs_f64());
    }
    println!("psql \\copy {best_psql:.2} s, sluss {best_ours:.2} s, speed against psql {:.2}", best_psql / best_ours);
}
