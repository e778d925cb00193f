//! What a server says of a request that it could not do as asked (`OperationOutcome`).

use sluss_schemas::message::Message;
use sluss_schemas::say;

use crate::error::{ConnectorError, Result};
use crate::files::json::Envelope;

/// Severity, code and place of each issue. The texts may quote values: they are not told.
const ISSUES: [&str; 5] =
    ["resourceType", "issue.severity", "issue.code", "issue.details.coding.code", "issue.expression"];

/// The codes of an `OperationOutcome`, as words for an error; none where it is something else.
pub(super) fn told(bytes: &[u8]) -> Option<String> {
    let mut parts = Envelope::new(&ISSUES).ok()?.read(bytes).ok()?.into_iter();
    if parts.next().flatten().as_deref() != Some("OperationOutcome") {
        return None;
    }
    let words: Vec<String> = parts.flatten().map(|words| code(&words)).filter(|words| !words.is_empty()).collect();
    Some(words.join(" · "))
}

/// What can be a code, or the name of an element.
fn code(text: &str) -> String {
    let letters = |c: &char| c.is_ascii_alphabetic() || "-_.|[]".contains(*c);
    let words = text.split('|').map(|word| word.chars().filter(letters).take(60).collect::<String>());
    words.take(5).collect::<Vec<_>>().join(", ")
}

/// The answer must be a Bundle, or what else was asked for.
pub(super) fn expect(kind: Option<&str>, wanted: &[&str], body: &[u8]) -> Result<()> {
    let base = || {
        say!(
            "kontrollera `url`: den är serverns bas, utan resurstyp",
            "check `url`: it is the server's base, without a kind of resource"
        )
    };
    Err(match kind {
        Some(kind) if wanted.contains(&kind) => return Ok(()),
        Some("OperationOutcome") => ConnectorError::source(say!(
            "servern svarar med ett OperationOutcome: {}",
            "the server answers with an OperationOutcome: {}",
            told(body).unwrap_or_default()
        ))
        .hint(say!(
            "jämför med vad servern kan (dess CapabilityStatement); dess egna ord ligger i landningszonen",
            "compare with what the server knows (its CapabilityStatement); its own words lie in the landing zone"
        )),
        Some(_) => ConnectorError::source(Message::new(
            format!("servern svarar med en annan resurs än {}", wanted.join(" eller ")),
            format!("the server answers with another resource than a {}", wanted.join(" or ")),
        ))
        .hint(base()),
        None => ConnectorError::source(say!(
            "svaret är JSON, men ingen FHIR-resurs",
            "the answer is JSON, but no FHIR resource"
        ))
        .hint(base()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_told_and_texts_are_not() {
        let outcome = r#"{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"not-supported",
            "diagnostics":"19121212-1212 is unknown","expression":["Organization.identifier"]}]}"#;
        assert_eq!(told(outcome.as_bytes()).unwrap(), "error · not-supported · Organization.identifier");
        assert_eq!(told(b"{}"), None);
        assert_eq!(told(b"<html>"), None);
        let error = expect(Some("OperationOutcome"), &["Bundle"], outcome.as_bytes()).unwrap_err();
        assert!(error.what.contains("not-supported") && !error.what.contains("1912"));
    }
}
