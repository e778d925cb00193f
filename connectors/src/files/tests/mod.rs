//! The `files` connector as a whole: places, archives, cursors, damage, and the compliance suite.

mod archives;
mod compliance;
mod csv;
mod driver;
mod fixed;
mod objects;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array, AsArray};
use arrow::datatypes::UInt64Type;
use futures::StreamExt;
use serde_json::Value;
use sluss_schemas::chunk::{Chunk, Cursor, RowId};
use sluss_schemas::clock::SystemClock;
use sluss_schemas::landing::NoLanding;
use sluss_schemas::secret::{Secret, Secrets};

use super::account::{input, parse};
use crate::connect::{Io, Source};
use crate::error::Result;
use crate::registry;

/// Secrets out of a map.
struct Some_(BTreeMap<&'static str, &'static str>);

impl Secrets for Some_ {
    fn get(&self, name: &str) -> Option<Secret> {
        self.0.get(name).map(|value| Secret::new((*value).to_owned()))
    }
}

/// What a source in the folder `base` is given.
fn io(base: &Path, chunk_rows: usize) -> Io {
    let secrets = Arc::new(Some_(BTreeMap::from([("key", "AKIAHEMLIG"), ("secret", "mycket-hemligt")])));
    Io { base: base.to_owned(), secrets, clock: Arc::new(SystemClock), chunk_rows }
}

fn open(base: &Path, options: Value) -> Box<dyn Source> {
    registry::open("files", options, &io(base, 100)).unwrap()
}

async fn read(source: &dyn Source, after: Option<Cursor>) -> Result<Vec<Chunk>> {
    let mut stream = source.read(after, Arc::new(NoLanding));
    let mut chunks = Vec::new();
    while let Some(chunk) = stream.next().await {
        chunks.push(chunk?);
    }
    Ok(chunks)
}

/// Rows as `origin part:line a|b`, with `~` for what is absent; unread ones as `line rule (detail) raw`.
fn lines(chunks: &[Chunk]) -> Vec<String> {
    let mut lines = Vec::new();
    for chunk in chunks {
        let (ids, cells) = chunk.rows.columns().split_last().unwrap();
        for (row, id) in ids.as_primitive::<UInt64Type>().values().iter().enumerate() {
            let cells: Vec<_> = cells
                .iter()
                .map(|column| if column.is_null(row) { "~" } else { column.as_string_view().value(row) })
                .collect();
            lines.push((*id, format!("{} {}", RowId(*id).row(), cells.join("|"))));
        }
        for unread in &chunk.unread {
            let raw = String::from_utf8_lossy(&unread.raw);
            lines.push((unread.row.0, format!("{} {} ({}) {raw}", unread.row.row(), unread.rule, unread.detail)));
        }
    }
    lines.sort();
    lines.into_iter().map(|(_, line)| line).collect()
}
