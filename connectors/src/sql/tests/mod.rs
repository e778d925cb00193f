//! The connector against real databases. A test whose server is not installed says so and is skipped.

#![expect(clippy::needless_pass_by_value, reason = "options are written where they are handed over")]

mod cursors;
mod faults;
mod mariadb;
mod measure;
#[cfg(feature = "odbc")]
mod odbc;
mod options;
mod postgres;
mod replay;
mod server;
mod sqlite;
mod tls;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use arrow::array::Array;
use arrow::util::display::array_value_to_string;
use futures::StreamExt;
use serde_json::{Value, json};
use sluss_schemas::chunk::{Chunk, Cursor, ROW_ID};
use sluss_schemas::clock::SystemClock;
use sluss_schemas::landing::Landing;
use sluss_schemas::secret::{Secret, Secrets};
use sqlx::{AssertSqlSafe, Connection, Executor};

use crate::compliance::Kept;
use crate::connect::{Io, Source};
use crate::error::{ConnectorError, Result};
use crate::registry;

/// Secrets by name.
struct Named(BTreeMap<String, String>);

impl Secrets for Named {
    fn get(&self, name: &str) -> Option<Secret> {
        self.0.get(name).cloned().map(Secret::new)
    }
}

/// The secret `db` is this address.
fn io(base: &Path, url: &str, chunk_rows: usize) -> Io {
    let secrets = Arc::new(Named(BTreeMap::from([("db".to_owned(), url.to_owned())])));
    Io { base: base.to_owned(), secrets, clock: Arc::new(SystemClock), chunk_rows }
}

/// Options with the address by reference.
fn options(more: Value) -> Value {
    let mut options = json!({ "url": { "secret": "db" } });
    options.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    options
}

/// A source at this address.
fn open(url: &str, more: Value) -> Box<dyn Source> {
    registry::open("sql", options(more), &io(Path::new("."), url, 100)).unwrap()
}

/// A source in this file.
fn open_file(folder: &Path, more: Value) -> Box<dyn Source> {
    let mut options = json!({ "path": "avtal.db" });
    options.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    registry::open("sql", options, &io(folder, "", 100)).unwrap()
}

async fn read(source: &dyn Source, after: Option<Cursor>) -> Result<Vec<Chunk>> {
    let landing: Arc<dyn Landing> = Arc::new(Kept::default());
    source.read(after, landing).collect::<Vec<_>>().await.into_iter().collect()
}

async fn fails(source: &dyn Source) -> ConnectorError {
    let error = read(source, None).await.unwrap_err();
    assert!(error.hint.is_some(), "no next step: {error}");
    error
}

/// Each row as its cells with `|` between, `~` for none; without its address.
fn lines(chunks: &[Chunk]) -> Vec<String> {
    let mut lines = Vec::new();
    for chunk in chunks {
        for row in 0..chunk.rows.num_rows() {
            let cell = |(field, column): (&Arc<arrow::datatypes::Field>, &arrow::array::ArrayRef)| {
                (field.name() != ROW_ID).then(|| {
                    if column.is_null(row) { "~".to_owned() } else { array_value_to_string(column, row).unwrap() }
                })
            };
            let fields = chunk.rows.schema();
            lines.push(fields.fields().iter().zip(chunk.rows.columns()).filter_map(cell).collect::<Vec<_>>().join("|"));
        }
    }
    lines
}

/// The types of the columns.
fn types(chunks: &[Chunk]) -> Vec<String> {
    let schema = chunks[0].rows.schema();
    schema.fields().iter().take(schema.fields().len() - 1).map(|field| field.data_type().to_string()).collect()
}

fn last_cursor(chunks: &[Chunk]) -> Cursor {
    chunks.last().unwrap().cursor.clone().unwrap()
}

/// Makes an SQLite file.
async fn make(folder: &Path, sql: &str) {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(folder.join("avtal.db")).create_if_missing(true);
    let mut connection = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
    connection.execute(sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))).await.unwrap();
    connection.close().await.unwrap();
}
