//! `[source.options]` of the connector `fhir`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use sluss_schemas::secret::Value;

use super::resource::Resource;
use crate::files::{ColumnMap, Paths};
use crate::http::{Auth, Connection, Requests};
use crate::tls::TlsOptions;

/// What a job tells of its FHIR resources. Exactly one of `url` and `path` says where they are.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Options {
    /// The server's base: `https://katalog.example/fhir`.
    pub url: Option<String>,
    /// Files instead of a server: a file, a folder, a glob, or a list of these.
    pub path: Option<Paths>,
    /// The kind of resource.
    pub resource: Resource,
    /// Search parameters: `{ active = "true" }`.
    #[serde(default)]
    pub query: BTreeMap<String, String>,
    /// Resources that shall come along (`_include`): `Organization:partof`.
    #[serde(default)]
    pub include: Vec<String>,
    /// Further kinds whose resources are rows, where they come along or are exported.
    #[serde(default)]
    pub also: Vec<Resource>,
    /// Columns: names and paths from the resource. Without it, those of its kind.
    pub columns: Option<ColumnMap>,
    /// What joins several values of one column; `|` unless something else is said.
    pub separator: Option<String>,
    /// Read only what has changed.
    pub increments: Option<Increments>,
    /// How much earlier than the latest change to ask, in seconds; 300 unless said.
    #[serde(default = "five_minutes")]
    pub overlap: u32,
    /// Resources on a page (`_count`); as the server likes unless said.
    pub page_size: Option<u32>,
    /// Let the server prepare files with everything (bulk export), instead of searching.
    pub export: Option<Export>,
    /// Let the server list a value set's codes (`$expand`). For `resource = "ValueSet"`.
    pub expand: Option<Expand>,
    /// Canonical name of the code system or value set. Else by its address.
    pub system: Option<String>,
    /// Name of the version of a code system or value set, where the resource does not say.
    pub version: Option<String>,
    /// The first day of codes that have none of their own.
    pub valid_from: Option<String>,
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

/// Ways of reading only what has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Increments {
    /// Search by `_lastUpdated`: what is new and changed.
    LastUpdated,
    /// `_history` of the kind: also what is gone (mCSD ITI-91).
    History,
}

/// Bulk export.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Export {
    /// How long the server may take to prepare the files, in seconds; an hour unless said.
    #[serde(default = "an_hour")]
    pub patience_s: u64,
}

/// A value set whose codes the server lists.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Expand {
    /// The value set's address (its canonical URL).
    pub value_set: String,
    /// Codes on a page; 1000 unless said.
    #[serde(default = "a_thousand")]
    pub count: u32,
}

fn five_minutes() -> u32 {
    300
}
fn an_hour() -> u64 {
    3600
}
fn a_thousand() -> u32 {
    1000
}
