//! References to secrets, and secrets themselves: never shown, never serialised.

use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;

/// `{ secret = "name" }` in a job file: resolved from the environment, a file or a mounted folder.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SecretRef {
    /// The secret's name.
    pub secret: String,
}

/// A value that may stand in the file or be a reference to a secret.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Value {
    /// Written out: not for secrets.
    Plain(String),
    /// By reference.
    Secret(SecretRef),
}

/// A resolved secret. Its `Debug` shows nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a resolved value.
    pub fn new(value: String) -> Self {
        Self(value)
    }
    /// The value itself, for the one call that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Finds secrets by name.
pub trait Secrets: Send + Sync {
    /// The secret called `name`, or none where it is not set.
    fn get(&self, name: &str) -> Option<Secret>;
}
