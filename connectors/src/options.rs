//! Says of options that do not fit what is wrong with them, and never what value stands there.

use crate::error::ConnectorError;
use crate::suggest;

/// Turns a parser's error into one that names the key and the nearest that exists.
pub(crate) fn explain(error: &serde_json::Error) -> ConnectorError {
    let text = error.to_string();
    let quoted: Vec<&str> = text.split('`').skip(1).step_by(2).collect();
    let (first, others) = quoted.split_first().map_or(("", &[][..]), |(first, others)| (*first, others));
    let known = |error: ConnectorError| match suggest::nearest(first, others.iter().copied()) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error.hint(format!("there are: {}", others.join(", "))),
    };
    if text.starts_with("unknown field") {
        known(ConnectorError::configuration(format!("there is no option `{first}`")))
    } else if text.starts_with("unknown variant") {
        known(ConnectorError::configuration(format!("the option has no value `{first}`")))
    } else if text.starts_with("missing field") {
        ConnectorError::configuration(format!("the option `{first}` is missing")).hint(format!("add `{first} = …`"))
    } else {
        // What was found may be a secret's value: only what was expected is told.
        let expected = text.rsplit_once("expected ").map(|(_, expected)| expected);
        let expected = expected.unwrap_or("one of the forms that the option's description gives");
        ConnectorError::configuration("an option's value is of the wrong kind").hint(format!("expected {expected}"))
    }
}
