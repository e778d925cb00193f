//! What a request says of its sender, its language, and how long it waits.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, header};
use sluss_schemas::rule::Language;
use sluss_schemas::say;

use super::names::Names;
use super::problem::Problem;
use super::senders::{Sender, Stranger};
use super::service::Service;

/// Longest wait for a run that a request may ask for.
const LONGEST: Duration = Duration::from_mins(1);
/// Longest key that a sender may give a delivery.
const LONGEST_KEY: usize = 255;

/// The client certificate of the connection, where one was shown and believed.
#[derive(Clone, Debug, Default)]
pub(super) struct Peer(pub(super) Option<Names>);

/// Where the connection comes from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Remote(pub(super) std::net::SocketAddr);

/// A header's text.
pub(super) fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

/// Who sends it. A token goes before a certificate: it is the narrower right.
pub(super) fn sender<'a>(service: &'a Service, headers: &HeaderMap, peer: &Peer) -> Result<&'a Sender, Problem> {
    let bearer = headers.get(header::AUTHORIZATION).map(|value| {
        let text = value.to_str().unwrap_or_default();
        let (scheme, token) = text.split_once(' ').unwrap_or_default();
        if scheme.eq_ignore_ascii_case("bearer") { token.trim() } else { "" }
    });
    let found = match (bearer, &peer.0) {
        (Some(token), _) => service.senders.by_token(token, service.engine.today()),
        (None, Some(names)) => service.senders.by_certificate(names),
        (None, None) => Err(Stranger::Nothing),
    };
    found.map_err(|stranger| {
        tracing::warn!(why = ?stranger, "a stranger was turned away");
        Problem::unauthorized(stranger.told())
    })
}

/// The language that the one who asks prefers: Swedish, unless English stands before it.
pub(super) fn language(headers: &HeaderMap) -> Language {
    let accepted = text(headers, header::ACCEPT_LANGUAGE).unwrap_or_default();
    let weight = |wanted: &str| {
        let weights = accepted.split(',').filter_map(|part| {
            let mut parts = part.split(';').map(str::trim);
            let range = parts.next()?.to_ascii_lowercase();
            let q = parts.find_map(|p| p.strip_prefix("q=")).map_or(Some(1.0), |q| q.parse::<f32>().ok())?;
            (range == wanted || range.split('-').next() == Some(wanted)).then_some(q)
        });
        weights.fold(0.0, f32::max)
    };
    if weight("en") > weight("sv") { Language::English } else { Language::Swedish }
}

/// How long the request waits for its run (RFC 7240).
pub(super) fn patience(headers: &HeaderMap, usual: Duration) -> Duration {
    let mut wait = usual;
    for part in headers.get_all("prefer").iter().filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(',')) {
        let part = part.trim().to_ascii_lowercase();
        if part == "respond-async" {
            wait = Duration::ZERO;
        } else if let Some(seconds) = part.strip_prefix("wait=").and_then(|s| s.parse().ok()) {
            wait = Duration::from_secs(seconds).min(LONGEST);
        }
    }
    wait
}

/// The sender's own key for the delivery; none where it gives none.
pub(super) fn key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    let key = value.to_str().unwrap_or_default().trim();
    let plain = key.bytes().all(|byte| byte.is_ascii_graphic());
    if key.is_empty() || key.len() > LONGEST_KEY || !plain {
        return Err(Problem::bad_request(
            say!("Idempotency-Key går inte att använda", "the Idempotency-Key cannot be used"),
            say!(
                "skriv 1–{LONGEST_KEY} tecken ur ASCII utan mellanslag, till exempel ett UUID",
                "write 1–{LONGEST_KEY} characters of ASCII without blanks, for instance a UUID"
            ),
        ));
    }
    Ok(Some(key.to_owned()))
}

/// Whether a text is wanted rather than data.
pub(super) fn wants_text(headers: &HeaderMap) -> bool {
    let accepted = text(headers, header::ACCEPT).unwrap_or_default();
    let place = |media: &str| accepted.split(',').position(|part| part.trim().starts_with(media));
    match (place("text/plain"), place("application/json")) {
        (Some(text), Some(json)) => text < json,
        (found, None) => found.is_some(),
        (None, Some(_)) => false,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn headers(name: &'static str, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap())])
    }

    #[test]
    fn swedish_unless_english_is_preferred() {
        for (text, english) in [
            ("", false),
            ("sv", false),
            ("en", true),
            ("sv-SE,en;q=0.5", false),
            ("en-GB, sv;q=0.8", true),
            ("de", false),
        ] {
            assert_eq!(language(&headers("accept-language", text)) == Language::English, english, "{text}");
        }
    }

    #[test]
    fn a_request_says_how_long_it_waits() {
        let usual = Duration::from_secs(5);
        for (text, seconds) in [("respond-async", 0), ("wait=20", 20), ("wait=9999", 60), ("handling=lenient", 5)] {
            assert_eq!(patience(&headers("prefer", text), usual), Duration::from_secs(seconds), "{text}");
        }
    }

    #[test]
    fn keys_are_plain() {
        let of = |text: &str| key(&headers("idempotency-key", text)).ok().flatten();
        assert_eq!(of("a-1").as_deref(), Some("a-1"));
        assert!(of("").is_none() && of("två ord").is_none() && of(&"x".repeat(256)).is_none());
    }
}
