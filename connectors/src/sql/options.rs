//! `[source.options]` of the `sql` connector: parser, editor help and reference page in one.

use schemars::JsonSchema;
use serde::Deserialize;
use sluss_schemas::secret::{SecretRef, Value};

use crate::files::Encoding;

/// Options of the `sql` connector. `url` or `path` says where the database is; `table`, `query` or
/// `query_file` what is read of it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SqlOptions {
    /// `postgresql://user@host/database`, `mariadb://…`, `mysql://…` or `odbc:Driver={…};…`. By
    /// reference (`{ secret = "name" }`) when it holds a password, which it then must.
    pub url: Option<Value>,
    /// The password, by reference, where `url` is written out without one.
    pub password: Option<SecretRef>,
    /// An SQLite database file, relative to the job's folder.
    pub path: Option<String>,
    /// A table or view: `Vardavtal`, `dbo.Vardavtal`. Letters as the database has them.
    pub table: Option<String>,
    /// One SELECT.
    pub query: Option<String>,
    /// A file with one SELECT, relative to the job's folder.
    pub query_file: Option<String>,
    /// Read only what is new or changed since the last run.
    pub cursor: Option<CursorOptions>,
    /// Columns to order by; with `cursor`, after its column.
    #[serde(default)]
    pub order_by: Vec<String>,
    /// Zone of times without one; `Europe/Stockholm` unless said.
    pub time_zone: Option<String>,
    /// Encoding of text that the server does not convert to UTF-8.
    pub encoding: Option<Encoding>,
    /// Longest time that the database may take for a statement or a fetch; `30 minutes` unless said.
    pub timeout: Option<String>,
    /// Rows asked for at a time; as many as a chunk holds unless said.
    pub fetch_rows: Option<usize>,
    /// TLS for PostgreSQL, MariaDB and MySQL.
    pub tls: Option<TlsOptions>,
    /// The rows of an earlier reading, as it kept them (an Arrow stream, relative to the job's folder):
    /// read instead of a database, with no other option but `time_zone`. Replays set this.
    pub landed: Option<String>,
    /// Longest text in bytes that is taken from ODBC columns without a stated length; 64 KiB unless
    /// said. A longer one is an error.
    pub max_text: Option<usize>,
}

/// Reading what is new.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CursorOptions {
    /// The column that tells when a row was last changed, or a number that only grows.
    pub column: String,
    /// How far back to read again: a time (`2 hours`) or, for a number, a number.
    pub overlap: Option<Overlap>,
}

/// A stretch of the cursor's column.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Overlap {
    /// Of a number.
    Number(u64),
    /// Of time: `90 minutes`, `2 hours`, `1 day`.
    Time(String),
}

/// TLS to the server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TlsOptions {
    /// How much is asked of it; `verify` unless the server is on the same machine.
    pub mode: Option<TlsMode>,
    /// Certificate of the authority that signed the server's (PEM file, relative to the job's folder).
    pub ca: Option<String>,
    /// Our own certificate (PEM file, relative to the job's folder).
    pub certificate: Option<String>,
    /// Its key (PEM), by reference.
    pub key: Option<SecretRef>,
}

/// What is asked of TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum TlsMode {
    /// Encrypted, and the certificate is the server's own.
    Verify,
    /// Encrypted, whoever answers.
    Encrypt,
    /// In the clear.
    Off,
}
