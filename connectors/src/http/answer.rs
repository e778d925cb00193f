//! An answer, taken in whole.

use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{CONTENT_LOCATION, CONTENT_TYPE, ETAG, HeaderMap, LAST_MODIFIED, LINK};
use serde::{Deserialize, Serialize};
use sluss_schemas::say;

use crate::error::{ConnectorError, Result};
use crate::files::is_html;

/// What tells one version of a resource from another, as the server put it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Known {
    /// `ETag`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) etag: Option<String>,
    /// `Last-Modified`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) modified: Option<String>,
}

impl Known {
    fn of(headers: &HeaderMap) -> Self {
        Self { etag: text(headers, &ETAG), modified: text(headers, &LAST_MODIFIED) }
    }

    /// Whether the server told anything.
    pub(crate) fn is_known(&self) -> bool {
        self.etag.is_some() || self.modified.is_some()
    }
}

/// An answer that is no error.
pub(crate) struct Answer {
    /// The content.
    pub(crate) body: Bytes,
    /// Whether it is what we know already: then there is no content.
    pub(crate) unchanged: bool,
    /// Whether the server has taken the request and works on it (202).
    pub(crate) accepted: bool,
    /// What tells this version from another.
    pub(crate) known: Known,
    /// The address of the next page (`Link: …; rel="next"`).
    pub(crate) next: Option<String>,
    /// Where to ask for the outcome of a request that was accepted.
    pub(crate) location: Option<String>,
    /// The type of the content, without its parameters, in lower case.
    pub(crate) kind: Option<String>,
    /// When the server wants to be asked again.
    pub(crate) asked: Option<Duration>,
}

impl Answer {
    /// An answer that is no error by its status may still be an error page, or nothing.
    pub(crate) fn check(&self) -> Result<()> {
        if is_html(&self.body) || matches!(self.kind.as_deref(), Some("text/html" | "application/xhtml+xml")) {
            return Err(ConnectorError::source(say!(
                "servern svarar med en webbsida (HTML), där det ska vara JSON",
                "the server answers with a web page (HTML), where JSON should be"
            ))
            .hint(say!(
                "öppna adressen i en webbläsare: det är troligen ett felmeddelande eller en inloggningssida",
                "open the address in a browser: it is probably an error message, or a page to log in"
            )));
        }
        let json = |kind: &str| {
            kind.ends_with("json") || matches!(kind, "text/plain" | "application/octet-stream" | "binary/octet-stream")
        };
        match self.kind.as_deref() {
            Some(kind) if !json(kind) => {
                // The server's word, cut down to what a type can be.
                let known = |c: &char| c.is_ascii_alphanumeric() || "/+-.".contains(*c);
                let kind: String = kind.chars().filter(known).take(60).collect();
                Err(ConnectorError::source(say!(
                    "servern svarar med {kind}, där det ska vara JSON",
                    "the server answers with {kind}, where JSON should be"
                ))
                .hint(say!(
                    "kontrollera `url`, och om servern vill ha ett huvud som ber om JSON",
                    "check `url`, and whether the server wants a header that asks for JSON"
                )))
            }
            _ if self.body.trim_ascii().is_empty() => Err(ConnectorError::source(say!(
                "servern svarar med ingenting alls",
                "the server answers with nothing at all"
            ))
            .hint(say!(
                "fråga källans förvaltare vad adressen svarar",
                "ask the source's administrator what the address answers"
            ))
            .retryable()),
            _ => Ok(()),
        }
    }
}

/// The parts of an answer that stand in its head.
pub(super) struct Head {
    pub(super) known: Known,
    pub(super) next: Option<String>,
    pub(super) location: Option<String>,
    /// The type of the content, without its parameters, in lower case.
    pub(super) kind: Option<String>,
}

impl Head {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let kind = text(headers, &CONTENT_TYPE);
        Self {
            known: Known::of(headers),
            next: headers.get_all(LINK).iter().filter_map(|value| value.to_str().ok()).find_map(next),
            location: text(headers, &CONTENT_LOCATION),
            kind: kind.map(|kind| kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()),
        }
    }
}

fn text(headers: &HeaderMap, name: &reqwest::header::HeaderName) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

/// The target of `rel=next` in a `Link` header (RFC 8288).
fn next(header: &str) -> Option<String> {
    let mut rest = header;
    while let Some((_, after)) = rest.split_once('<') {
        let (target, after) = after.split_once('>')?;
        // Parameters go to the next link, which a comma and `<` begin.
        let end = after.find('<').unwrap_or(after.len());
        let (parameters, after) = after.split_at_checked(end)?;
        let is_next = parameters.split([';', ',']).any(|parameter| {
            parameter.split_once('=').is_some_and(|(name, value)| {
                let mut kinds = value.trim().trim_matches('"').split_ascii_whitespace();
                name.trim().eq_ignore_ascii_case("rel") && kinds.any(|kind| kind.eq_ignore_ascii_case("next"))
            })
        });
        if is_next {
            return Some(target.to_owned());
        }
        rest = after;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::next;

    #[test]
    fn the_next_link_is_found() {
        for (header, target) in [
            (r#"<https://a.se/x?sida=2>; rel="next""#, Some("https://a.se/x?sida=2")),
            (r#"</x?sida=1>; rel="prev first", </x?sida=3,4>; title="a;b"; rel=next"#, Some("/x?sida=3,4")),
            (r#"<a>; rel="last next""#, Some("a")),
            (r#"<a>; rel="last""#, None),
            ("<a", None),
            ("", None),
        ] {
            assert_eq!(next(header).as_deref(), target, "{header}");
        }
    }
}
