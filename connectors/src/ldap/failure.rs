//! What went wrong with a directory, and who must act.

use std::io;

use ldap3::{LdapError, LdapResult};
use rustls::{AlertDescription, CertificateError};

use crate::error::{ConnectorError, Result};
use crate::files::driver;
use sluss_schemas::message::Message;
use sluss_schemas::say;

/// An error of the connection. The library's own words are left out: they may quote the server's.
pub(super) fn explain(error: &LdapError) -> ConnectorError {
    match error {
        LdapError::Io { source } => network(source),
        LdapError::Rustls { source } => tls(source),
        LdapError::DNSName { .. } => ConnectorError::configuration(say!(
            "servernamnet i `url` är inget som ett certifikat kan ha",
            "the server's name in `url` is not one that a certificate can have"
        ))
        .hint(say!("skriv det namn som serverns ägare har uppgett", "write the name that the server's owner gave")),
        LdapError::Timeout { .. } => {
            ConnectorError::source(say!("katalogen svarade inte i tid", "the directory did not answer in time"))
                .hint(say!(
                    "kör igen; fråga katalogens ägare om det fortsätter, eller höj `timeout_seconds`",
                    "run again; if it stays so, ask the directory's owner, or raise `timeout_seconds`"
                ))
                .retryable()
        }
        LdapError::FilterParsing => {
            ConnectorError::configuration(say!("`filter` går inte att förstå", "`filter` cannot be understood")).hint(
                say!(
                    "skriv det som (objectClass=hsaHealthCareUnit) eller (&(a=b)(c=d)): RFC 4515",
                    "write it as (objectClass=hsaHealthCareUnit) or (&(a=b)(c=d)): RFC 4515"
                ),
            )
        }
        LdapError::LdapResult { result } => refused(result),
        _ => broken(),
    }
}

/// The connection ended before the answer did.
pub(super) fn broken() -> ConnectorError {
    ConnectorError::source(say!(
        "anslutningen med katalogen bröts innan svaret var helt",
        "the connection to the directory broke before the answer was whole"
    ))
    .hint(say!("kör igen; inget av den här läsningen behålls", "run again; nothing of this reading is kept"))
    .retryable()
}

/// The connection broke while a certificate was shown.
pub(super) fn unheard() -> ConnectorError {
    ConnectorError::configuration(say!(
        "katalogen bröt anslutningen när vårt certifikat visades",
        "the directory broke the connection when our certificate was shown"
    ))
    .hint(say!(
        "fråga dess ägare om den känner till certifikatet i `tls.certificate` och litar på utfärdaren",
        "ask its owner whether it knows the certificate in `tls.certificate` and trusts its issuer"
    ))
    .retryable()
}

/// The answer is none that the protocol knows.
pub(super) fn alien(what: Message) -> ConnectorError {
    ConnectorError::source(what.after(&say!(
        "katalogens svar är inte som protokollet har det",
        "the directory's answer is not as the protocol has it"
    )))
    .hint(say!(
        "kontrollera att `url` leder till en katalog, och anmäl felet till katalogens ägare",
        "check that `url` leads to a directory, and report it to the directory's owner"
    ))
}

/// A failure of our own.
pub(super) fn crashed(doing: &Message) -> ConnectorError {
    driver::crashed(doing)
        .hint(say!("rapportera felet med versionen av sluss", "report this with the version of sluss"))
}

fn network(error: &io::Error) -> ConnectorError {
    if let Some(inner) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        return tls(inner);
    }
    let kind = io::Error::from(error.kind());
    match error.kind() {
        io::ErrorKind::ConnectionRefused => ConnectorError::source(say!(
            "katalogens server tar inte emot anslutningar",
            "the directory's server takes no connections"
        ))
        .hint(say!(
            "kontrollera server och port i `url`, och att brandväggen släpper igenom",
            "check server and port in `url`, and that a firewall lets the connection through"
        )),
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe
        | io::ErrorKind::UnexpectedEof => broken(),
        io::ErrorKind::NetworkUnreachable | io::ErrorKind::NetworkDown => ConnectorError::operator(say!(
            "det finns inget nät härifrån till katalogens server",
            "there is no network from here to the directory's server"
        ))
        .hint(say!(
            "kontrollera den här datorns nät och vägen till katalogens server",
            "check this machine's network and its route to the directory's server"
        )),
        _ => ConnectorError::source(say!(
            "katalogens server går inte att nå",
            "the directory's server cannot be reached"
        ))
        .hint(say!("kontrollera servernamnet i `url`, och nätet", "check the server's name in `url`, and the network")),
    }
    .because(kind)
    .retryable()
}

fn tls(error: &rustls::Error) -> ConnectorError {
    use AlertDescription as Alert;
    match error {
        rustls::Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        ) => ConnectorError::configuration(say!(
            "serverns certifikat gäller ett annat namn än det i `url`",
            "the server's certificate is for another name than the one in `url`"
        ))
        .hint(say!("skriv det namn som står i certifikatet", "write the name that stands in the certificate")),
        rustls::Error::InvalidCertificate(CertificateError::Expired | CertificateError::ExpiredContext { .. }) => {
            ConnectorError::source(say!("serverns certifikat har gått ut", "the server's certificate has expired"))
                .hint(say!(
                    "meddela katalogens ägare; certifikatet måste förnyas",
                    "tell the directory's owner; its certificate must be renewed"
                ))
        }
        rustls::Error::InvalidCertificate(_) => ConnectorError::configuration(say!(
            "serverns certifikat är inte betrott",
            "the server's certificate is not one that is trusted"
        ))
        .hint(say!("ange utfärdarens certifikat i `tls.ca`", "name its issuer's certificate in `tls.ca`")),
        rustls::Error::AlertReceived(
            Alert::CertificateRequired
            | Alert::BadCertificate
            | Alert::UnsupportedCertificate
            | Alert::CertificateRevoked
            | Alert::CertificateExpired
            | Alert::CertificateUnknown
            | Alert::UnknownCA
            | Alert::AccessDenied
            | Alert::HandshakeFailure,
        ) => ConnectorError::configuration(say!(
            "servern godtar inte vårt certifikat, eller väntade sig ett",
            "the server does not accept our certificate, or expected one"
        ))
        .hint(say!(
            "kontrollera `tls.certificate` och `tls.key`: giltiga, och kända av katalogens ägare",
            "check `tls.certificate` and `tls.key`: valid, and known to the directory's owner"
        )),
        rustls::Error::InvalidMessage(_) => ConnectorError::configuration(say!(
            "det som svarar på adressen talar inte TLS",
            "what answers at the address does not speak TLS"
        ))
        .hint(say!(
            "kontrollera porten i `url`: 636 är vanlig för ldaps://; eller använd ldap:// med `starttls`",
            "check the port in `url`: 636 is usual for ldaps://; or use ldap:// with `starttls`"
        )),
        _ => ConnectorError::source(say!(
            "en säker anslutning med katalogen gick inte att upprätta",
            "a safe connection to the directory could not be made"
        ))
        .hint(say!(
            "fråga katalogens ägare vilka TLS-versioner den talar: 1.2 eller 1.3 behövs",
            "ask the directory's owner which TLS versions it speaks: 1.2 or 1.3 is needed"
        )),
    }
}

/// Passes on what a result calls success, and explains what it does not.
pub(super) fn succeeded(result: LdapResult) -> Result<LdapResult> {
    if result.rc == 0 { Ok(result) } else { Err(refused(&result)) }
}

/// A result code (RFC 4511, appendix A) as an error. The server's text is left out.
fn refused(result: &LdapResult) -> ConnectorError {
    let error = match result.rc {
        3 | 4 | 11 => ConnectorError::source(say!(
            "katalogen kortade sitt svar: en gräns nåddes",
            "the directory cut its answer short: a limit was reached"
        ))
        .hint(say!(
            "sänk `page_size`; be katalogens ägare om högre gränser om det inte hjälper",
            "lower `page_size`; if that does not help, ask the directory's owner for higher limits"
        )),
        7 | 48 => ConnectorError::configuration(say!(
            "katalogen godtar inte det här sättet att logga in",
            "the directory does not accept this way of logging in"
        ))
        .hint(say!(
            "fråga dess ägare om sättet: `bind.method` kan vara anonymous, simple eller external",
            "ask its owner for the method: `bind.method` can be anonymous, simple or external"
        )),
        8 | 13 => ConnectorError::configuration(say!(
            "katalogen kräver en säkrare anslutning",
            "the directory wants a safer connection"
        ))
        .hint(say!(
            "använd ldaps://, eller `starttls = true`, och det sätt att logga in som ägaren anger",
            "use ldaps://, or `starttls = true`, and the bind method that its owner gives"
        )),
        10 => ConnectorError::configuration(say!(
            "det som efterfrågas finns i en annan katalog",
            "what is asked for is kept by another directory"
        ))
        .hint(say!(
            "fråga katalogens ägare om rätt server, och skriv den i `url`",
            "ask the directory's owner for the right server, and write it in `url`"
        )),
        12 => ConnectorError::source(say!(
            "katalogen kan inte svara sida för sida (RFC 2696)",
            "the directory cannot answer in pages (RFC 2696)"
        ))
        .hint(say!(
            "be katalogens ägare tillåta svar sida för sida (paged results)",
            "ask the directory's owner to allow paged results"
        )),
        16..=18 | 21 => ConnectorError::configuration(say!(
            "katalogen förstår inte `filter`",
            "the directory does not understand `filter`"
        ))
        .hint(say!(
            "kontrollera attributnamnen i det mot katalogens schema",
            "check the attributes' names in it against the directory's schema"
        )),
        32 => ConnectorError::configuration(say!(
            "katalogen har ingen post `base`, eller visar den inte för det här kontot",
            "the directory has no entry `base`, or does not show it to this account"
        ))
        .hint(say!("kontrollera `base`, och kontots behörighet", "check `base`, and the account's rights")),
        34 => ConnectorError::configuration(say!(
            "ett DN går inte att förstå",
            "a distinguished name cannot be understood"
        ))
        .hint(say!(
            "kontrollera `base` och `bind.dn`: o=Region Exempel,l=Exempelköping,c=SE",
            "check `base` and `bind.dn`: o=Region Exempel,l=Exempelköping,c=SE"
        )),
        49 => ConnectorError::configuration(say!(
            "katalogen godtar inte inloggningen",
            "the directory does not accept the credentials"
        ))
        .hint(say!(
            "kontrollera `bind.dn` och hemligheten i `bind.password`, eller certifikatet",
            "check `bind.dn` and the secret of `bind.password`, or the certificate"
        )),
        50 => ConnectorError::configuration(say!(
            "kontot får inte läsa den här delen av katalogen",
            "the account may not read this part of the directory"
        ))
        .hint(say!(
            "be katalogens ägare om läsrätt under `base`",
            "ask the directory's owner for the right to read below `base`"
        )),
        51 | 52 => {
            ConnectorError::source(say!("katalogen är upptagen eller stängd", "the directory is busy or closed"))
                .hint(say!("kör igen senare", "run again later"))
                .retryable()
        }
        _ => ConnectorError::source(say!("katalogen vägrar att svara", "the directory refuses to answer"))
            .hint(say!("ge dess ägare svarskoden och tiden", "give its owner the result code and the time")),
    };
    error.at(say!("svarskod {}", "result code {}", result.rc))
}
