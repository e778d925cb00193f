//! Databases: PostgreSQL, MariaDB and MySQL, SQLite; every other through ODBC.
//!
//! # What it reads
//!
//! One table, view or query. Columns keep their types: whole numbers come as `Int64`, decimals with
//! a declared precision of at most 38 as `Decimal128`, floating point as `Float64`, truth values as
//! `Boolean`, dates as `Date32`, points in time as `Timestamp` in UTC. A time without zone is read in
//! `time_zone`. All else that can be written (text, time of day, interval, UUID, JSON, enumeration,
//! array, decimals without a declared precision) comes as text. Binary columns are refused: leave
//! them out of the query.
//!
//! # Access
//!
//! `url` (by reference, since it holds a password) or, for SQLite, `path`. PostgreSQL, MariaDB and
//! MySQL are spoken to directly, with TLS and a verified certificate unless the server is on the
//! same machine. `odbc:Driver={…};Server=…;UID=…;PWD=…` reaches SQL Server, Oracle, DB2 and others
//! through unixODBC, in a program that was built with `--features odbc`.
//! The session only reads (`READ ONLY` transaction, `mode=ro`), in one snapshot. All the same: give
//! the user that Sluss connects as the right to read and no other.
//!
//! A database has no original bytes. What lands is the rows as they were read, one Arrow IPC stream
//! for each reading, with each row's address and, where a row could not be read, why: a replay reads
//! this stream (`landed`) and maps its rows anew, without asking the database.
//!
//! # Cursor
//!
//! With `cursor = { column = "andrad", overlap = "2 hours" }` rows come in that column's order, and a
//! later run reads those after the highest value so far. `overlap` reads the latest stretch again:
//! rows of transactions that were still open last time are not lost, and rows that have not changed
//! change nothing. Rows without a value are read every time. A chunk ends where the value changes,
//! so that going on from any cursor gives exactly the rest. When the source's highest value lies
//! before the cursor (a restored backup) the reading fails rather than say "nothing new".
//! Without `cursor` everything is read, every time: the database decides the order, unless
//! `order_by` does.
//!
//! # Quirks
//!
//! - A row's number is its place in the result.
//! - SQLite's types are wishes. A cell that is not of its column's declared type makes its row
//!   unread, except in text columns, which take everything but blobs; dates and times are text.
//! - MySQL's `TINYINT(1)` is a number (it may hold 7); `0000-00-00` is no date and comes as empty, as
//!   PostgreSQL's `infinity` does.
//! - A local time that the clock shows twice is taken as the earlier; one that it skips, as an hour
//!   later. Order by such a column needs an overlap of at least an hour in autumn.
//! - The server converts text to UTF-8. Where it cannot (`SQL_ASCII`, a file written by an old
//!   program) say `encoding`.
//! - `timeout` holds for one fetch; with MariaDB and MySQL also for the whole query.
//! - ODBC: text columns without a stated length are cut off at `max_text` by an error, never
//!   silently. Proven with the drivers of PostgreSQL and MariaDB. SQL Server through FreeTDS
//!   (`odbc:Driver={FreeTDS};Server=…;Port=1433;Database=…;TDS_Version=7.4;ClientCharset=UTF-8;UID=…;PWD=…`)
//!   is **not proven**. There, a query with `WITH` or `ORDER BY` cannot have a `cursor`: make a view.
//!
//! # Example
//!
//! ```toml
//! [source]
//! connector = "sql"
//! [source.options]
//! url        = { secret = "avtalsdatabas" }     # postgresql://sluss:…@db.region.example/avtal
//! query_file = "avtal.kalla.sql"
//! cursor     = { column = "andrad", overlap = "2 hours" }
//! timeout    = "10 minutes"
//! ```

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
    type Options = SqlOptions;

    fn open(options: SqlOptions, io: &Io) -> Result<Box<dyn Source>> {
        Ok(Box::new(source::SqlSource::new(&options, io)?))
    }
}
