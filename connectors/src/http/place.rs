//! Addresses: read, checked, and shown without what must not be shown.

use url::{Host, Url};

use crate::error::{ConnectorError, Result};

/// An address as a place in errors and origins: `host/path`, with no user, parameter or fragment.
pub(crate) fn of(url: &Url) -> String {
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}{port}{}", url.host_str().unwrap_or_default(), url.path())
}

/// Reads an address of the job file.
pub(crate) fn parse(text: &str, option: &str, allow_http: bool) -> Result<Url> {
    let wrong =
        |what: &str| ConnectorError::configuration(format!("`{option}` {what}")).hint("write it as https://host/path");
    // The parser's words may quote the address, and with it what was written into it.
    let url = Url::parse(text).map_err(|_| wrong("is not an address"))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong("holds a user or a password").hint("use `auth` with a secret by reference"));
    }
    match url.scheme() {
        "https" => {}
        "http" if allow_http || is_loopback(&url) => {}
        "http" => {
            return Err(wrong("is without TLS: what is sent could be read on the way")
                .hint("use https, or allow_http = true on a closed network"));
        }
        _ => return Err(wrong("is neither https nor http")),
    }
    if url.host().is_none() { Err(wrong("names no host")) } else { Ok(url) }
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
        ConnectorError::source("the address of the next page is not an address")
            .at(of(base))
            .hint("ask the source's administrator what its paging answers")
    })?;
    if url.origin() == base.origin() {
        return Ok(url);
    }
    Err(ConnectorError::source("the address of the next page is on another server than the first")
        .at(of(base))
        .hint("write the address under which the server knows itself in `url`"))
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
