//! `[openlineage]`, `[otel]`, `[metrics]` and `[alert]` in `sluss.toml`: by what the outside world watches runs.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use sluss_schemas::secret::{SecretRef, Value};

/// `[openlineage]`: where run events go. Without `path` and `url` there are none.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct OpenLineage {
    /// File that events are added to, one in a line (relative to the project).
    pub path: Option<String>,
    /// Address that events are sent to: `https://lineage.example.se/api/v1/lineage`.
    pub url: Option<String>,
    /// The token that is shown there, by reference.
    pub token: Option<SecretRef>,
    /// Namespace of jobs and tables.
    pub namespace: String,
    /// Where the project's files can be read, as an address that a job file's path is added to:
    /// `https://git.example.se/nationella-jobb/blob/main/`. Without it the file's own address is told.
    pub source_code: Option<String>,
}

impl Default for OpenLineage {
    fn default() -> Self {
        Self { path: None, url: None, token: None, namespace: "sluss".into(), source_code: None }
    }
}

impl OpenLineage {
    /// Whether events go anywhere.
    pub fn wanted(&self) -> bool {
        self.path.is_some() || self.url.is_some()
    }
}

/// `[otel]`: where traces go. Without `endpoint` there are none.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Otel {
    /// Address of the collector, by OTLP over HTTP: `http://127.0.0.1:4318`; `/v1/traces` is added.
    pub endpoint: Option<String>,
    /// Headers that are sent along; those that hold secrets by reference.
    pub headers: BTreeMap<String, Value>,
    /// What this installation is called there.
    pub service: String,
}

impl Default for Otel {
    fn default() -> Self {
        Self { endpoint: None, headers: BTreeMap::new(), service: "sluss".into() }
    }
}

/// `[metrics]`: who may read `/metrics`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Metrics {
    /// The token that whoever reads must show, by reference. Without it only the machine itself may read.
    pub token: Option<SecretRef>,
}

/// `[alert]`: who is told when something is wrong. Without a `[[alert.to]]` nobody is.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AlertSettings {
    /// Hours after which one is reminded of what stands; 0: never.
    pub remind_hours: u32,
    /// When digests go out, in Sweden: `07:00`.
    pub digest_at: String,
    /// How letters are sent.
    pub mail: Option<Mail>,
    /// Who is told.
    pub to: Vec<Receiver>,
}

impl Default for AlertSettings {
    fn default() -> Self {
        Self { remind_hours: 24, digest_at: "07:00".into(), mail: None, to: Vec::new() }
    }
}

/// `[alert.mail]`: the SMTP server that takes letters.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Mail {
    /// The server's name.
    pub server: String,
    /// Its port: 465 for `tls`, 587 for `starttls`, 25 for `none` unless said.
    pub port: Option<u16>,
    /// How the connection is encrypted. `none` only to the machine itself.
    #[serde(default)]
    pub encryption: Encryption,
    /// File with the authorities, in PEM, that the server's certificate comes from (relative to the project).
    /// Those that the machine trusts, unless said.
    pub ca: Option<String>,
    /// Who letters come from: `Sluss <sluss@example.se>`.
    pub from: String,
    /// The name that one logs in with.
    pub user: Option<String>,
    /// The password, by reference.
    pub password: Option<SecretRef>,
}

/// How a connection is encrypted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Encryption {
    /// From the first byte.
    Tls,
    /// After a greeting in clear text; nothing is sent if the server cannot.
    #[default]
    Starttls,
    /// Not at all.
    None,
}

/// `[[alert.to]]`: one who is told. Exactly one of `mail` and `webhook`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Receiver {
    /// What the receiver is called in the ledger and in logs.
    pub name: String,
    /// E-mail address.
    pub mail: Option<String>,
    /// Address that alerts are posted to as JSON; off the machine itself only `https`.
    pub webhook: Option<String>,
    /// The key that posts are signed with (HMAC-SHA256 in the header `Sluss-Signature`), by reference.
    pub key: Option<SecretRef>,
    /// Regions, by länskod, and `nationell`, that the receiver is told of; none named: all.
    #[serde(default)]
    pub owners: Vec<String>,
    /// What the receiver is told of; none named: everything.
    #[serde(default)]
    pub about: Vec<About>,
    /// Whether each thing is told when it begins and when it ends.
    #[serde(default = "yes")]
    pub at_once: bool,
    /// Whether the receiver gets the daily digest.
    #[serde(default)]
    pub digest: bool,
    /// The language: `sv` or `en`.
    #[serde(default)]
    pub language: Tongue,
}

fn yes() -> bool {
    true
}

/// What an alert is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum About {
    /// A delivery that a guard holds.
    Held,
    /// A job that failed and is not tried again.
    Failed,
    /// A table that has not come when it should.
    Late,
    /// A job file that cannot be read.
    Broken,
}

impl About {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Held, Self::Failed, Self::Late, Self::Broken];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Failed => "failed",
            Self::Late => "late",
            Self::Broken => "broken",
        }
    }
}

/// A receiver's language.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Tongue {
    /// Swedish.
    #[default]
    Sv,
    /// English.
    En,
}
