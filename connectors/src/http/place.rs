//! Addresses: read, checked, and shown without what must not be shown.

use sluss_schemas::message::Message;
use sluss_schemas::say;
use url::{Host, Url};

use crate::error::{ConnectorError, Result};

/// An address as a place in errors and origins: `host/path`, with no user, parameter or fragment.
pub(crate) fn of(url: &Url) -> String {
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}{port}{}", url.host_str().unwrap_or_default(), url.path())
}

/// Reads an address of the job file.
pub(crate) fn parse(text: &str, option: &str, allow_http: bool) -> Result<Url> {
    let wrong = |sv: &str, en: &str| {
        ConnectorError::configuration(Message::new(format!("`{option}` {sv}"), format!("`{option}` {en}")))
            .hint(say!("skriv den som https://server/sökväg", "write it as https://host/path"))
    };
    // The parser's words may quote the address, and with it what was written into it.
    let url = Url::parse(text).map_err(|_| wrong("är ingen adress", "is not an address"))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong("innehåller en användare eller ett lösenord", "holds a user or a password")
            .hint(say!("använd `auth` med en hemlighet genom hänvisning", "use `auth` with a secret by reference")));
    }
    match url.scheme() {
        "https" => {}
        "http" if allow_http || is_loopback(&url) => {}
        "http" => {
            return Err(wrong(
                "är utan TLS: det som skickas kan läsas på vägen",
                "is without TLS: what is sent could be read on the way",
            )
            .hint(say!(
                "använd https, eller allow_http = true i ett slutet nät",
                "use https, or allow_http = true on a closed network"
            )));
        }
        _ => return Err(wrong("är varken https eller http", "is neither https nor http")),
    }
    if url.host().is_none() { Err(wrong("anger ingen server", "names no host")) } else { Ok(url) }
}

/// Whether the address is on this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// The address that a server gives for the next request. It must be on the same server: with the
/// request go our credentials.
pub(crate) fn next(base: &Url, given: &str) -> Result<Url> {
    let url = base.join(given.trim()).map_err(|_| {
        ConnectorError::source(say!(
            "adressen till nästa sida är ingen adress",
            "the address of the next page is not an address"
        ))
        .at(of(base))
        .hint(say!(
            "fråga källans förvaltare vad bläddringen svarar",
            "ask the source's administrator what its paging answers"
        ))
    })?;
    if url.origin() == base.origin() {
        return Ok(url);
    }
    Err(ConnectorError::source(say!(
        "adressen till nästa sida leder till en annan server än den första",
        "the address of the next page is on another server than the first"
    ))
    .at(of(base))
    .hint(say!(
        "skriv adressen som servern själv går under i `url`",
        "write the address under which the server knows itself in `url`"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_without_what_it_carries() {
        let url = Url::parse("https://a:b@exempel.se:8443/v1/avtal?nyckel=hemlig#c").unwrap();
        assert_eq!(of(&url), "exempel.se:8443/v1/avtal");
        for wrong in ["https://a:b@exempel.se/", "exempel.se", "ftp://exempel.se", "http://exempel.se/", "https://"] {
            let error = parse(wrong, "url", false).unwrap_err();
            assert!(!format!("{error:?}").contains("a:b"), "{error:?}");
        }
        assert!(parse("http://127.0.0.1:1/x", "url", false).is_ok());
        assert!(parse("http://exempel.se/", "url", true).is_ok());
    }

    #[test]
    fn the_next_page_is_on_the_same_server() {
        let base = Url::parse("https://exempel.se/v1/avtal?sida=1").unwrap();
        assert_eq!(next(&base, "?sida=2").unwrap().as_str(), "https://exempel.se/v1/avtal?sida=2");
        assert_eq!(next(&base, "/v1/x").unwrap().path(), "/v1/x");
        for wrong in ["https://annan.se/v1", "http://exempel.se/v1", "https://exempel.se:1/v1", "http://["] {
            assert!(next(&base, wrong).is_err(), "{wrong}");
        }
    }
}
