//! What the connectors' own tests share: a world without secrets, a whole reading and its cells, and
//! proxies that break connections.

pub(crate) mod cutting;
pub(crate) mod proxy;

use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array, AsArray};
use futures::TryStreamExt;
use serde_json::Value;
use sluss_schemas::chunk::Chunk;
use sluss_schemas::clock::SystemClock;
use sluss_schemas::landing::NoLanding;
use sluss_schemas::secret::{Secret, Secrets};

use crate::connect::Io;
use crate::error::Result;
use crate::registry;

/// No secret has been set.
pub(crate) struct NoSecrets;

impl Secrets for NoSecrets {
    fn get(&self, _name: &str) -> Option<Secret> {
        None
    }
}

/// A job in this folder, without secrets.
pub(crate) fn io(base: &Path, chunk_rows: usize) -> Io {
    Io { base: base.to_owned(), secrets: Arc::new(NoSecrets), clock: Arc::new(SystemClock), chunk_rows }
}

/// Everything that a job in this folder reads.
pub(crate) async fn read(connector: &str, base: &Path, options: Value) -> Result<Vec<Chunk>> {
    registry::open(connector, options, &io(base, 1000))?.read(None, Arc::new(NoLanding)).try_collect().await
}

/// The values of a text column, `-` for none.
pub(crate) fn column(chunks: &[Chunk], name: &str) -> Vec<String> {
    let mut values = Vec::new();
    for chunk in chunks {
        let column = chunk.rows.column_by_name(name).unwrap_or_else(|| panic!("no column {name}")).as_string_view();
        values
            .extend((0..column.len()).map(|row| if column.is_null(row) { "-" } else { column.value(row) }.to_owned()));
    }
    values
}

/// The rows that could not be read, and why.
pub(crate) fn unread(chunks: &[Chunk]) -> Vec<(u64, String)> {
    chunks.iter().flat_map(|chunk| &chunk.unread).map(|row| (row.row.row(), row.detail.clone())).collect()
}
