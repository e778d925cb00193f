//! How much CPU reading costs: `read_speed REGIONS.JSON`, on the bench data.
//!
//! Prints µs CPU per row of reading every region's files through the `files` connector, rows and
//! rejected rows.

use std::path::PathBuf;
use std::sync::Arc;

use futures::StreamExt;
use serde_json::{Value, json};
use sluss_connectors::connect::Io;
use sluss_connectors::registry;
use sluss_schemas::clock::SystemClock;
use sluss_schemas::landing::NoLanding;
use sluss_schemas::secret::{Secret, Secrets};

struct NoSecrets;

impl Secrets for NoSecrets {
    fn get(&self, _name: &str) -> Option<Secret> {
        None
    }
}

/// User and system time of this process in seconds, from the kernel (Linux, 100 ticks a second).
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = stat.rsplit(')').next().unwrap_or_default();
    let ticks: f64 = after.split_whitespace().skip(11).take(2).filter_map(|n| n.parse::<f64>().ok()).sum();
    ticks / 100.0
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = PathBuf::from(std::env::args().nth(1).ok_or("the path of regions.json")?);
    let rounds: u32 = std::env::args().nth(2).map_or(Ok(5), |n| n.parse())?;
    let base = path.parent().map(PathBuf::from).unwrap_or_default();
    let regions: Value = serde_json::from_slice(&std::fs::read(&path)?)?;
    let io = Io { base, secrets: Arc::new(NoSecrets), clock: Arc::new(SystemClock), chunk_rows: 8192 };
    let (mut rows, mut unread, mut bytes) = (0, 0, 0);
    let (before, began) = (cpu(), std::time::Instant::now());
    for _ in 0..rounds {
        for (code, region) in regions.as_object().ok_or("regions")? {
            let encoding = match region["encoding"].as_str() {
                Some("iso-8859-1") => "iso-8859-1",
                _ => "utf-8",
            };
            let options =
                json!({ "path": format!("vantetider/region={code}/*.csv"), "format": "csv", "encoding": encoding });
            let source = registry::open("files", options, &io)?;
            let mut chunks = source.read(None, Arc::new(NoLanding));
            while let Some(chunk) = chunks.next().await {
                let chunk = chunk?;
                rows += chunk.rows.num_rows();
                unread += chunk.unread.len();
                bytes += chunk.rows.get_array_memory_size();
            }
        }
    }
    let (cpu, wall) = (cpu() - before, began.elapsed().as_secs_f64());
    #[expect(clippy::print_stdout, clippy::cast_precision_loss, reason = "a report on a terminal")]
    {
        println!(
            "{rows} rows, {unread} rejected, {:.3} µs CPU per row, {:.3} µs wall, {} bytes per row in Arrow",
            cpu * 1e6 / rows as f64,
            wall * 1e6 / rows as f64,
            bytes / rows.max(1),
        );
    }
    Ok(())
}
