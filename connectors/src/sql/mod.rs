//! Databases: PostgreSQL, MariaDB and MySQL, SQLite; every other through ODBC.
//!
//! What it reads, how it gets there, its cursor and its quirks: `doc.md`, its reference page.

mod address;
mod batch;
mod cell;
mod column;
mod cursor;
mod cut;
mod driver;
mod fault;
mod key;
mod land;
mod landed;
mod mysql;
#[cfg(feature = "odbc")]
mod odbc;
mod options;
mod outlet;
mod postgres;
mod query;
mod source;
mod sqlite;
#[cfg(test)]
mod tests;
mod zone;

pub use options::{CursorOptions, Overlap, SqlOptions, TlsMode, TlsOptions};

use crate::connect::{Connect, Io, Source};
use crate::error::Result;

/// The connector `sql`.
pub struct Sql;

impl Connect for Sql {
    const NAME: &'static str = "sql";
    const DOC: &'static str = include_str!("doc.md");
    type Options = SqlOptions;

    fn open(options: SqlOptions, io: &Io) -> Result<Box<dyn Source>> {
        Ok(Box::new(source::SqlSource::new(&options, io)?))
    }
}
