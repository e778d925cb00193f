//! What went wrong between us and a server, and who must act.

use std::error::Error;
use std::io;
use std::time::Duration;

use reqwest::StatusCode;
use rustls::{AlertDescription, CertificateError, Error as TlsError};
use sluss_schemas::message::Message;
use sluss_schemas::say;

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
        self.error.place.get_or_insert_with(|| place.into());
        self
    }
}

/// The connection failed, or broke.
pub(super) fn transport(error: &reqwest::Error) -> Failed {
    if let Some(tls) = tls(error) {
        return explain_tls(tls).into();
    }
    let what = if error.is_timeout() {
        say!("servern svarar inte i tid", "the server does not answer in time")
    } else if error.is_connect() {
        say!("servern går inte att nå", "the server cannot be reached")
    } else if error.is_builder() {
        return ConnectorError::configuration(say!("anropet går inte att göra", "the request cannot be made"))
            .hint(say!("kontrollera `url`, `headers` och `query`", "check `url`, `headers` and `query`"))
            .into();
    } else {
        say!("anslutningen bröts innan svaret var helt", "the connection broke before the answer was whole")
    };
    // The library's own words are left out: they quote addresses.
    ConnectorError::source(what)
        .hint(say!(
            "kontrollera att servern är igång och nås härifrån",
            "check that the server is up and can be reached from here"
        ))
        .retryable()
        .into()
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
            ConnectorError::configuration(say!(
                "serverns certifikat gäller ett annat namn än adressens",
                "the server's certificate is for another name than the address has"
            ))
            .hint(say!(
                "skriv namnet som står i certifikatet i `url`",
                "write the name that stands in the certificate in `url`"
            ))
        }
        TlsError::InvalidCertificate(
            C::Expired | C::ExpiredContext { .. } | C::NotValidYet | C::NotValidYetContext { .. } | C::Revoked,
        ) => ConnectorError::source(say!(
            "serverns certifikat gäller inte i dag",
            "the server's certificate is not valid today"
        ))
        .hint(say!(
            "be källans förvaltare om ett nytt certifikat",
            "ask the source's administrator for a new certificate"
        )),
        TlsError::InvalidCertificate(_) => ConnectorError::configuration(say!(
            "serverns certifikat kommer inte från en utfärdare som vi litar på här",
            "the server's certificate is not from an authority that is trusted here"
        ))
        .hint(say!("ange utfärdarens certifikat i `tls.ca`", "name the authority's certificate in `tls.ca`")),
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
        ) => ConnectorError::configuration(say!(
            "servern godtar inte vårt certifikat",
            "the server does not accept our certificate"
        ))
        .hint(say!(
            "kontrollera `tls.certificate` och `tls.key`, eller `tls.pkcs12`, och att servern känner till utfärdaren",
            "check `tls.certificate` and `tls.key`, or `tls.pkcs12`, and that the server knows their issuer"
        )),
        _ => ConnectorError::source(say!(
            "det går inte att komma överens om en säker anslutning med servern",
            "no safe connection can be agreed on with the server"
        ))
        .hint(say!(
            "be källans förvaltare om TLS 1.2 eller senare",
            "ask the source's administrator for TLS 1.2 or later"
        )),
    }
}

/// The server answered with an error.
pub(super) fn status(status: StatusCode, asked: Option<Duration>) -> Failed {
    let code = status.as_u16();
    let told = |sv: &str, en: &str| Message::new(format!("{sv} ({code})"), format!("{en} ({code})"));
    let error = match code {
        401 => ConnectorError::configuration(told(
            "servern godtar inte den vi säger oss vara",
            "the server does not accept who we say that we are",
        ))
        .hint(say!(
            "kontrollera hemligheterna som `auth` hänvisar till, och om de har gått ut",
            "check the secrets that `auth` refers to, and whether they have expired"
        )),
        403 => ConnectorError::configuration(told("servern nekar tillträde", "the server refuses access")).hint(say!(
            "be källans förvaltare om rätt att läsa detta",
            "ask the source's administrator for the right to read this"
        )),
        404 | 410 => {
            ConnectorError::configuration(told("det finns inget på adressen", "there is nothing at the address")).hint(
                say!(
                    "kontrollera `url`; det som har flyttat ska skrivas där",
                    "check `url`; what has moved must be written there"
                ),
            )
        }
        429 => {
            let error = ConnectorError::source(told(
                "servern ber oss komma mindre ofta",
                "the server asks us to come less often",
            ));
            error
                .hint(say!(
                    "sätt `requests.per_minute` till vad källan tillåter",
                    "set `requests.per_minute` to what the source allows"
                ))
                .retryable()
        }
        408 => ConnectorError::source(told(
            "servern väntade för länge på anropet",
            "the server waited too long for the request",
        ))
        .hint(say!("kontrollera nätet och kör igen", "check the network, then run again"))
        .retryable(),
        300..=399 => ConnectorError::configuration(told(
            "servern skickar oss vidare utan att säga vart",
            "the server sends us on, without saying where",
        ))
        .hint(say!("skriv adressen där uppgifterna finns i `url`", "write the address where the data is in `url`")),
        400..=499 => ConnectorError::configuration(told(
            "servern förstår inte anropet",
            "the server does not understand the request",
        ))
        .hint(say!(
            "jämför `url` och parametrarna med källans dokumentation",
            "compare `url` and the parameters with the source's documentation"
        )),
        500 | 502..=504 => {
            ConnectorError::source(told("servern har ett eget fel", "the server has an error of its own"))
                .hint(say!("vänta, eller fråga källans förvaltare", "wait, or ask the source's administrator"))
                .retryable()
        }
        _ => ConnectorError::source(told("servern har ett eget fel", "the server has an error of its own"))
            .hint(say!("fråga källans förvaltare", "ask the source's administrator")),
    };
    Failed { error, asked, unknown: code == 401 }
}
