//! `[source.options]` of the connector `sftp`.

use schemars::JsonSchema;
use serde::Deserialize;
use sluss_schemas::secret::SecretRef;

use crate::arrival::ArrivalOptions;
use crate::files::{CsvOptions, Encoding, FilesOptions, FixedOptions, FormatName, json, xlsx, xml};

/// Options of the connector `sftp`. With `key` or `password`, or with both where the server asks for both.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SftpOptions {
    /// The server's name or address.
    pub host: String,
    /// The server's port; 22 unless said.
    pub port: Option<u16>,
    /// The user.
    pub user: String,
    /// The password, by reference.
    pub password: Option<SecretRef>,
    /// The private key, by reference to a secret that holds it (OpenSSH, PEM or `PuTTY`).
    pub key: Option<SecretRef>,
    /// The passphrase of the private key, by reference.
    pub passphrase: Option<SecretRef>,
    /// The server's key: its fingerprint (`SHA256:…`) or the key itself (`ssh-ed25519 AAAA…`), as the
    /// server's owner tells it; several while it is replaced. Without it nothing is sent or read, and the
    /// error tells which key the server showed.
    pub host_key: Option<HostKeys>,
    /// The folder on the server that is watched; one without `/` first starts where the user comes in.
    pub folder: String,
    /// Glob over the files' names: `*` unless said. `**/*.csv` also looks into folders below.
    pub pattern: Option<String>,
    /// When a file has arrived, and what becomes of it.
    #[serde(default)]
    pub arrival: ArrivalOptions,
    /// Seconds to wait for the server: to be reached, and for each answer; 30 unless said.
    pub timeout_seconds: Option<u64>,
    /// How many times a connection that broke is made again before the run fails; 4 unless said.
    pub retries: Option<u32>,
    /// Milliseconds before the first of them; each wait is twice the one before. 500 unless said.
    pub first_wait_ms: Option<u64>,
    /// The files' format.
    pub format: FormatName,
    /// Character encoding of `csv`, `tsv` and `fixed`; UTF-8 unless said. A byte order mark is
    /// tolerated.
    pub encoding: Option<Encoding>,
    /// Glob over the members of `.zip` archives; without it every member is read.
    pub member: Option<String>,
    /// Options of `csv` and `tsv`.
    pub csv: Option<CsvOptions>,
    /// Options of `fixed`.
    pub fixed: Option<FixedOptions>,
    /// Options of `xlsx` and `xls`.
    pub xlsx: Option<xlsx::Options>,
    /// Options of `json` and `ndjson`.
    pub json: Option<json::Options>,
    /// Options of `xml`.
    pub xml: Option<xml::Options>,
}

impl SftpOptions {
    /// How files are read, in the words of the connector `files`.
    pub(super) fn form(self) -> FilesOptions {
        FilesOptions {
            path: None,
            url: None,
            s3: None,
            format: self.format,
            encoding: self.encoding,
            member: self.member,
            csv: self.csv,
            fixed: self.fixed,
            xlsx: self.xlsx,
            json: self.json,
            xml: self.xml,
        }
    }
}

/// One key or several.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum HostKeys {
    /// One.
    One(String),
    /// Any of these.
    Many(Vec<String>),
}

impl HostKeys {
    /// All of them.
    pub(super) fn list(&self) -> &[String] {
        match self {
            Self::One(key) => std::slice::from_ref(key),
            Self::Many(keys) => keys,
        }
    }
}
