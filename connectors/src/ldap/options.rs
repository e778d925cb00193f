//! `[source.options]` of the connector `ldap`.

use schemars::JsonSchema;
use serde::Deserialize;
use sluss_schemas::secret::SecretRef;

use crate::tls::TlsOptions;

/// What a job tells of its directory.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LdapOptions {
    /// The server: `ldaps://katalog.example.se`, `ldap://…` with `starttls`. Port 636 or 389 unless said.
    pub url: String,
    /// The entry that the search starts at: `o=Region Exempel,l=Exempelköping,c=SE`.
    pub base: String,
    /// How far below `base` entries are looked for.
    #[serde(default)]
    pub scope: Scope,
    /// Which entries are wanted (RFC 4515): `(objectClass=hsaHealthCareUnit)`. All, unless said.
    pub filter: Option<String>,
    /// The attributes that become columns. Without it, those of HSA's units.
    pub attributes: Option<Vec<Attribute>>,
    /// What joins several values of one attribute; `|` unless something else is said.
    pub separator: Option<String>,
    /// Who asks; anonymous unless said.
    #[serde(default)]
    pub bind: Bind,
    /// Certificates.
    #[serde(default)]
    pub tls: TlsOptions,
    /// Begin in plain text and change to TLS before anything else is said; with `ldap://`.
    #[serde(default)]
    pub starttls: bool,
    /// Allow `ldap://` without TLS. Only for a directory on the same machine.
    #[serde(default)]
    pub allow_plaintext: bool,
    /// Entries asked for at a time; 500 unless said. Directories have a limit of their own.
    pub page_size: Option<u16>,
    /// Read only what was changed since the last run.
    pub increment: Option<Increment>,
    /// Seconds to wait for an answer before giving up; 120 unless said.
    pub timeout_seconds: Option<u32>,
}

/// How far below its base a search goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// The base and everything below it.
    #[default]
    Subtree,
    /// The entries directly below the base.
    One,
    /// The base alone.
    Base,
}

/// An attribute by its name, which has one value, or with what becomes of several.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Attribute {
    /// An attribute that has one value.
    Single(String),
    /// An attribute that may have several.
    Several(Several),
}

/// An attribute that may have several values.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Several {
    /// The attribute's name.
    pub name: String,
    /// What becomes of several values.
    #[serde(default)]
    pub values: Values,
}

/// What becomes of an attribute's values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Values {
    /// There is one; an entry with several is unread.
    #[default]
    One,
    /// The first that comes is taken. The order is the directory's.
    First,
    /// All of them, joined by `separator`.
    Join,
    /// A row for each. One attribute of a job can have this.
    Rows,
}

/// Who asks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bind {
    /// How the asker is known.
    #[serde(default)]
    pub method: Method,
    /// The asker's name, for `simple`: `cn=sluss,ou=Funktioner,o=Region Exempel,c=SE`.
    pub dn: Option<String>,
    /// The asker's password by reference, for `simple`.
    pub password: Option<SecretRef>,
}

/// How the asker is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// Not at all.
    #[default]
    Anonymous,
    /// By name and password.
    Simple,
    /// By the client certificate of the connection (SASL EXTERNAL).
    External,
}

/// How changes are recognised.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Increment {
    /// The attribute that tells when an entry was changed: `modifyTimestamp`.
    #[serde(default = "modify_timestamp")]
    pub attribute: String,
    /// Seconds before the latest change that came from which is read again; 600 unless said.
    pub overlap_seconds: Option<u32>,
}

fn modify_timestamp() -> String {
    "modifyTimestamp".to_owned()
}
