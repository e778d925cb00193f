//! What went wrong between us and a server, and who must act.

use std::error::Error;
use std::io;
use std::time::Duration;

use reqwest::StatusCode;
use rustls::{AlertDescription, CertificateError, Error as TlsError};

use crate::error::ConnectorError;

/// Result of a try.
pub(super) type Tried<T> = std::result::Result<T, Failed>;

/// A try that failed.
pub(super) struct Failed {
    /// Why. Whether to try again stands there.
    pub(super) error: ConnectorError,
    /// How long the server wants us to wait.
    pub(super) asked: Option<Duration>,
    /// Whether the server does not know us (401): a token may have expired.
    pub(super) unknown: bool,
}

impl From<ConnectorError> for Failed {
    fn from(error: ConnectorError) -> Self {
        Self { error, asked: None, unknown: false }
    }
}

impl Failed {
    /// Adds where, if nobody has said so.
    pub(super) fn at(mut self, place: &str) -> Self {
        self.error.place.get_or_insert_with(|| place.to_owned());
        self
    }
}

/// The connection failed, or broke.
pub(super) fn transport(error: &reqwest::Error) -> Failed {
    if let Some(tls) = tls(error) {
        return explain_tls(tls).into();
    }
    let what = if error.is_timeout() {
        "the server does not answer in time"
    } else if error.is_connect() {
        "the server cannot be reached"
    } else if error.is_builder() {
        return ConnectorError::configuration("the request cannot be made")
            .hint("check `url`, `headers` and `query`")
            .into();
    } else {
        "the connection broke before the answer was whole"
    };
    // The library's own words are left out: they quote addresses.
    ConnectorError::source(what).hint("check that the server is up and can be reached from here").retryable().into()
}

/// The TLS library's error, however deep it lies.
fn tls<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e TlsError> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<TlsError>() {
            return Some(found);
        }
        let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = inner.map(|inner| inner as &(dyn Error + 'static)).or_else(|| error.source());
    }
    None
}

fn explain_tls(error: &TlsError) -> ConnectorError {
    use CertificateError as C;
    match error {
        TlsError::InvalidCertificate(C::NotValidForName | C::NotValidForNameContext { .. }) => {
            ConnectorError::configuration("the server's certificate is for another name than the address has")
                .hint("write the name that stands in the certificate in `url`")
        }
        TlsError::InvalidCertificate(
            C::Expired | C::ExpiredContext { .. } | C::NotValidYet | C::NotValidYetContext { .. } | C::Revoked,
        ) => ConnectorError::source("the server's certificate is not valid today")
            .hint("ask the source's administrator for a new certificate"),
        TlsError::InvalidCertificate(_) => {
            ConnectorError::configuration("the server's certificate is not from an authority that is trusted here")
                .hint("name the authority's certificate in `tls.ca`")
        }
        TlsError::AlertReceived(
            AlertDescription::CertificateRequired
            | AlertDescription::BadCertificate
            | AlertDescription::CertificateUnknown
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateRevoked
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::UnknownCA
            | AlertDescription::AccessDenied
            | AlertDescription::HandshakeFailure
            | AlertDescription::DecryptError,
        ) => ConnectorError::configuration("the server does not accept our certificate")
            .hint("check `tls.certificate` and `tls.key`, or `tls.pkcs12`, and that the server knows their issuer"),
        _ => ConnectorError::source("no safe connection can be agreed on with the server")
            .hint("ask the source's administrator for TLS 1.2 or later"),
    }
}

/// The server answered with an error.
pub(super) fn status(status: StatusCode, asked: Option<Duration>) -> Failed {
    let code = status.as_u16();
    let told = |what: &str| format!("{what} ({code})");
    let error = match code {
        401 => ConnectorError::configuration(told("the server does not accept who we say that we are"))
            .hint("check the secrets that `auth` refers to, and whether they have expired"),
        403 => ConnectorError::configuration(told("the server refuses access"))
            .hint("ask the source's administrator for the right to read this"),
        404 | 410 => ConnectorError::configuration(told("there is nothing at the address"))
            .hint("check `url`; what has moved must be written there"),
        429 => {
            let error = ConnectorError::source(told("the server asks us to come less often"));
            error.hint("set `requests.per_minute` to what the source allows").retryable()
        }
        408 => ConnectorError::source(told("the server waited too long for the request"))
            .hint("check the network, then run again")
            .retryable(),
        300..=399 => ConnectorError::configuration(told("the server sends us on, without saying where"))
            .hint("write the address where the data is in `url`"),
        400..=499 => ConnectorError::configuration(told("the server does not understand the request"))
            .hint("compare `url` and the parameters with the source's documentation"),
        500 | 502..=504 => ConnectorError::source(told("the server has an error of its own"))
            .hint("wait, or ask the source's administrator")
            .retryable(),
        _ => ConnectorError::source(told("the server has an error of its own")).hint("ask the source's administrator"),
    };
    Failed { error, asked, unknown: code == 401 }
}
