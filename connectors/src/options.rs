//! Says of options that do not fit what is wrong with them, and never what value stands there.

use sluss_schemas::misfit;

use crate::error::ConnectorError;

/// Turns a parser's error into one that names the key and the nearest that exists.
pub(crate) fn explain(error: &serde_json::Error) -> ConnectorError {
    let misfit = misfit::explain(&error.to_string());
    let mut out = ConnectorError::configuration(misfit.what);
    out.hint = misfit.hint;
    out
}
