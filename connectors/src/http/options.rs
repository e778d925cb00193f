//! What a job says of its connection: the same words for every connector that speaks HTTP.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use sluss_schemas::secret::{SecretRef, Value};

use crate::tls::TlsOptions;

/// How to reach the server, as the options of a connector say it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Connection<'o> {
    /// Headers that go with every request.
    pub(crate) headers: &'o BTreeMap<String, Value>,
    /// Who we are.
    pub(crate) auth: Option<&'o Auth>,
    /// Certificates.
    pub(crate) tls: &'o TlsOptions,
    /// How often and how patiently we ask.
    pub(crate) requests: &'o Requests,
    /// Whether plain HTTP is allowed to another machine.
    pub(crate) allow_http: bool,
}

/// Ways of telling who we are: one of them.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Auth {
    /// A key in a header or in the address.
    ApiKey(ApiKey),
    /// User and password.
    Basic(Basic),
    /// A token that does not expire by itself.
    Bearer(Bearer),
    /// OAuth 2, client credentials: a token that is fetched, and fetched anew when it expires.
    Oauth2(Oauth2),
}

/// A key in a header, or as a parameter of the address.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ApiKey {
    /// The key, by reference.
    pub value: SecretRef,
    /// The header; `X-API-Key` unless said.
    pub header: Option<String>,
    /// The parameter, where the server wants the key in the address instead of a header.
    pub parameter: Option<String>,
}

/// User and password (RFC 7617).
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Basic {
    /// The user.
    pub user: Value,
    /// The password, by reference.
    pub password: SecretRef,
}

/// A token (RFC 6750).
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bearer {
    /// The token, by reference.
    pub token: SecretRef,
}

/// OAuth 2, client credentials (RFC 6749, 4.4).
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Oauth2 {
    /// Where tokens are given.
    pub token_url: String,
    /// The client's id.
    pub client_id: Value,
    /// The client's secret, by reference.
    pub client_secret: SecretRef,
    /// What is asked for.
    pub scope: Option<String>,
    /// For whom the token is, where the server wants to be told.
    pub audience: Option<String>,
    /// Send id and secret in the body instead of a header.
    #[serde(default)]
    pub in_body: bool,
}

/// How often and how patiently we ask.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Requests {
    /// Requests a minute at most; as fast as the server answers unless said.
    pub per_minute: Option<u32>,
    /// How often a request that failed for a passing reason is tried again.
    pub retries: u32,
    /// The wait before the first new try in milliseconds; each further one is about twice as long.
    pub first_wait_ms: u64,
    /// The longest wait that the server may ask for (`Retry-After`), in seconds.
    pub longest_wait_s: u64,
    /// How long the server may be silent, in seconds.
    pub silence_s: u64,
    /// The largest answer in MiB.
    pub largest_mib: u64,
}

impl Default for Requests {
    fn default() -> Self {
        Self { per_minute: None, retries: 5, first_wait_ms: 500, longest_wait_s: 300, silence_s: 60, largest_mib: 64 }
    }
}
