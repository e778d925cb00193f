//! `[push]` in `sluss.toml`: what the listener listens to, and who may hand in what.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use sluss_schemas::secret::SecretRef;

/// `[push]`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Push {
    /// Address and port. Other addresses than the machine's own (`127.0.0.1`, `::1`) need `[push.tls]`.
    pub listen: String,
    /// Largest delivery in bytes, unpacked.
    pub max_bytes: u64,
    /// Seconds that an answer waits for the run before it says that the run goes on.
    pub wait_seconds: u64,
    /// Deliveries a minute from one sender.
    pub per_minute: u32,
    /// Deliveries that one sender may have under way at once.
    pub at_once: usize,
    /// Runs at a time; the other deliveries wait, landed.
    pub parallel: usize,
    /// Seconds without a byte after which a sender is given up.
    pub idle_seconds: u64,
    /// Seconds that runs are waited for when the listener is told to stop; what is left is taken up at
    /// its next start.
    pub stop_seconds: u64,
    /// The listener's certificate, and the authority of the senders'.
    pub tls: Option<PushTls>,
    /// Senders known by a token.
    pub token: Vec<PushToken>,
    /// Senders known by a client certificate.
    pub certificate: Vec<PushCertificate>,
}

impl Default for Push {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8722".into(),
            max_bytes: 64 << 20,
            wait_seconds: 5,
            per_minute: 60,
            at_once: 8,
            parallel: 2,
            idle_seconds: 30,
            stop_seconds: 30,
            tls: None,
            token: Vec::new(),
            certificate: Vec::new(),
        }
    }
}

/// `[push.tls]`. Paths start from the project's folder.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PushTls {
    /// File with the certificate and those between it and its root, in PEM.
    pub certificate: String,
    /// The private key in PEM, by reference.
    pub key: SecretRef,
    /// File with the authorities, in PEM, whose client certificates are believed.
    pub client_ca: Option<String>,
}

/// `[[push.token]]`: a sender that shows a token. Exactly one of `sha256` and `secret`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PushToken {
    /// What the sender is called in the ledger and in logs.
    pub name: String,
    /// SHA-256 of the token, 64 hexadecimal digits.
    pub sha256: Option<String>,
    /// The token, by reference.
    pub secret: Option<String>,
    /// The region that the sender hands in for; `00`: it reads events of the whole country, and hands in
    /// nothing.
    pub lanskod: String,
    /// The tables that it may hand in; none named: all.
    #[serde(default)]
    pub tables: Vec<String>,
    /// The last day that it is good for, in Sweden.
    #[serde(deserialize_with = "day")]
    #[schemars(with = "String")]
    pub expires: NaiveDate,
}

/// A day as TOML writes it, `2027-06-30`, with or without quotes.
fn day<'de, D: Deserializer<'de>>(from: D) -> Result<NaiveDate, D::Error> {
    let text = match toml::Value::deserialize(from)? {
        toml::Value::Datetime(day) => day.to_string(),
        toml::Value::String(text) => text,
        _ => String::new(),
    };
    text.parse().map_err(|_| D::Error::custom("invalid value: expected a day: 2027-06-30"))
}

/// `[[push.certificate]]`: a sender that shows a certificate from `client_ca`. At least one of
/// `subject` and `san`; every name that stands here must be in the certificate.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PushCertificate {
    /// What the sender is called in the ledger and in logs.
    pub name: String,
    /// Parts of the subject: `{ CN = "…", O = "…", serialNumber = "SE2321000206-…" }`.
    #[serde(default)]
    pub subject: BTreeMap<String, String>,
    /// A subject alternative name (DNS name, URI or e-mail address).
    pub san: Option<String>,
    /// The region that the sender hands in for.
    pub lanskod: String,
    /// The tables that it may hand in; none named: all.
    #[serde(default)]
    pub tables: Vec<String>,
}
