//! Secrets, found by the names that options refer to them by.

use sluss_schemas::say;
use sluss_schemas::secret::{Secret, SecretRef, Value};

use crate::connect::Io;
use crate::error::{ConnectorError, Result};

/// A secret by reference.
pub(crate) fn resolve(reference: &SecretRef, io: &Io) -> Result<Secret> {
    let name = &reference.secret;
    io.secrets.get(name).ok_or_else(|| {
        ConnectorError::configuration(say!("hemligheten `{name}` är inte satt", "the secret `{name}` is not set")).hint(
            say!(
                "sätt den i miljön eller i mappen med hemligheter",
                "set it in the environment or the folder of secrets"
            ),
        )
    })
}

/// A value that may be a secret.
pub(crate) fn resolve_value(value: &Value, io: &Io) -> Result<Secret> {
    match value {
        Value::Plain(text) => Ok(Secret::new(text.clone())),
        Value::Secret(reference) => resolve(reference, io),
    }
}
