//! `[source.options]` of the connector `rest`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use sluss_schemas::secret::Value;

use crate::files::ColumnMap;
use crate::http::{Auth, Connection, MarkForm, Paging, Requests};
use crate::tls::TlsOptions;

/// What a job tells of its JSON over HTTP.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Options {
    /// The address. `{name}` stands for a value of `each` or `parent.values`.
    pub url: String,
    /// Parameters of the address; `{name}` as in `url`. A key goes into `auth`.
    #[serde(default)]
    pub query: BTreeMap<String, String>,
    /// Path to the rows: `values[*]`. Without it, the elements of an array, else the whole answer.
    pub rows: Option<String>,
    /// Columns: names and paths from the row. Without it, the rows' own fields.
    pub columns: Option<ColumnMap>,
    /// What joins several values of one column; `|` unless something else is said.
    pub separator: Option<String>,
    /// How to come to the next page; without it there is one.
    pub paging: Option<Paging>,
    /// Values for `{name}`: one reading for each, and for each pair where there are two names.
    #[serde(default)]
    pub each: BTreeMap<String, Vec<String>>,
    /// A request whose rows give the values for `{name}`.
    pub parent: Option<Parent>,
    /// Read only what is new.
    pub incremental: Option<Incremental>,
    /// Who we are.
    pub auth: Option<Auth>,
    /// Headers that go with every request. Secrets by reference.
    #[serde(default)]
    pub headers: BTreeMap<String, Value>,
    /// Certificates: whom we trust, and our own.
    #[serde(default)]
    pub tls: TlsOptions,
    /// How often and how patiently we ask.
    #[serde(default)]
    pub requests: Requests,
    /// Allow plain HTTP to a server on another machine. Never with secrets over an open network.
    #[serde(default)]
    pub allow_http: bool,
}

impl Options {
    /// How to reach the server.
    pub(super) fn connection(&self) -> Connection<'_> {
        Connection {
            headers: &self.headers,
            auth: self.auth.as_ref(),
            tls: &self.tls,
            requests: &self.requests,
            allow_http: self.allow_http,
        }
    }
}

/// A request whose rows give the values for others: contracts first, then each one's services.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Parent {
    /// The address; `{name}` stands for a value of `each`.
    pub url: String,
    /// Parameters of the address.
    #[serde(default)]
    pub query: BTreeMap<String, String>,
    /// Path to the rows.
    pub rows: Option<String>,
    /// `{name}` and the path to its value in a row. Each is a column of the rows that are read.
    pub values: ColumnMap,
    /// How to come to the next page.
    pub paging: Option<Paging>,
}

/// Only what is new.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Incremental {
    /// The parameter that takes the latest mark that has been seen.
    pub parameter: String,
    /// The column that holds each row's mark: when it was changed, or a number that rises.
    pub column: String,
    /// How marks are written.
    #[serde(default)]
    pub form: MarkForm,
    /// The mark to start from, the first time; without it the parameter is left out then.
    pub start: Option<String>,
    /// How much earlier than the latest mark to ask, for rows that come late: seconds of a time, steps
    /// of a number. 300 unless said; rows that come again are recognised as unchanged.
    #[serde(default = "five_minutes")]
    pub overlap: u32,
}

fn five_minutes() -> u32 {
    300
}
