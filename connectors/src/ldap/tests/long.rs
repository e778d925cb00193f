//! A large directory in bounded memory: 10,000 entries, and with `SLUSS_LONG=1` 100,000.

use std::sync::Arc;

use futures::StreamExt;
use serde_json::json;
use sluss_schemas::landing::NoLanding;

use super::server::Server;
use super::{io, open, options, with};

/// Most memory that this process has had, in KiB (Linux).
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().split(' ').next()?.parse().ok()).unwrap_or_default()
}

/// Reads everything and forgets it.
async fn entries(server: &Server) -> usize {
    let options = with(options(&server.url), json!({ "page_size": 1000 }));
    let mut stream = open(&io(&server.folder, 1000), options).unwrap().read(None, Arc::new(NoLanding));
    let mut entries = 0;
    while let Some(chunk) = stream.next().await {
        entries += chunk.unwrap().rows.num_rows();
    }
    entries
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_directory_takes_no_more_memory_than_a_small_one() {
    let many = if std::env::var_os("SLUSS_LONG").is_some() { 100_000 } else { 10_000 };
    let Some(small) = Server::start(3_000) else { return };
    assert_eq!(entries(&small).await, 3_000);
    let before = peak();
    drop(small);
    let Some(large) = Server::start(many) else { return };
    let began = std::time::Instant::now();
    assert_eq!(entries(&large).await, many);
    let after = peak();
    println!(
        "{many} entries in {:.1?}, at most {} MiB resident, {before} KiB for 3,000",
        began.elapsed(),
        after / 1024
    );
    assert!(after <= before + 16 * 1024, "memory grew from {before} to {after} KiB");
}
