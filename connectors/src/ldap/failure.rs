//! What went wrong with a directory, and who must act.

use std::io;

use ldap3::{LdapError, LdapResult};
use rustls::{AlertDescription, CertificateError};

use crate::error::{ConnectorError, Result};

/// An error of the connection. The library's own words are left out: they may quote the server's.
pub(super) fn explain(error: &LdapError) -> ConnectorError {
    match error {
        LdapError::Io { source } => network(source),
        LdapError::Rustls { source } => tls(source),
        LdapError::DNSName { .. } => {
            ConnectorError::configuration("the server's name in `url` is not one that a certificate can have")
                .hint("write the name that the server's owner gave")
        }
        LdapError::Timeout { .. } => ConnectorError::source("the directory did not answer in time")
            .hint("run again; if it stays so, ask the directory's owner, or raise `timeout_seconds`")
            .retryable(),
        LdapError::FilterParsing => ConnectorError::configuration("`filter` cannot be understood")
            .hint("write it as (objectClass=hsaHealthCareUnit) or (&(a=b)(c=d)): RFC 4515"),
        LdapError::LdapResult { result } => refused(result),
        _ => broken(),
    }
}

/// The connection ended before the answer did.
pub(super) fn broken() -> ConnectorError {
    ConnectorError::source("the connection to the directory broke before the answer was whole")
        .hint("run again; nothing of this reading is kept")
        .retryable()
}

/// The connection broke while a certificate was shown.
pub(super) fn unheard() -> ConnectorError {
    ConnectorError::configuration("the directory broke the connection when our certificate was shown")
        .hint("ask its owner whether it knows the certificate in `tls.certificate` and trusts its issuer")
        .retryable()
}

/// The answer is none that the protocol knows.
pub(super) fn alien(what: &str) -> ConnectorError {
    ConnectorError::source(format!("the directory's answer is not as the protocol has it: {what}"))
        .hint("check that `url` leads to a directory, and report it to the directory's owner")
}

fn network(error: &io::Error) -> ConnectorError {
    if let Some(inner) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        return tls(inner);
    }
    let kind = io::Error::from(error.kind());
    match error.kind() {
        io::ErrorKind::ConnectionRefused => ConnectorError::source("the directory's server takes no connections")
            .hint("check server and port in `url`, and that a firewall lets the connection through"),
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe
        | io::ErrorKind::UnexpectedEof => broken(),
        _ => ConnectorError::source("the directory's server cannot be reached")
            .hint("check the server's name in `url`, and the network"),
    }
    .because(kind)
    .retryable()
}

fn tls(error: &rustls::Error) -> ConnectorError {
    use AlertDescription as Alert;
    match error {
        rustls::Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        ) => ConnectorError::configuration("the server's certificate is for another name than the one in `url`")
            .hint("write the name that stands in the certificate"),
        rustls::Error::InvalidCertificate(CertificateError::Expired | CertificateError::ExpiredContext { .. }) => {
            ConnectorError::source("the server's certificate has expired")
                .hint("tell the directory's owner; its certificate must be renewed")
        }
        rustls::Error::InvalidCertificate(_) => {
            ConnectorError::configuration("the server's certificate is not one that is trusted")
                .hint("name its issuer's certificate in `tls.ca`")
        }
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
        ) => ConnectorError::configuration("the server does not accept our certificate, or misses one")
            .hint("check `tls.certificate` and `tls.key`: valid, and known to the directory's owner"),
        rustls::Error::InvalidMessage(_) => {
            ConnectorError::configuration("what answers at the address does not speak TLS")
                .hint("check the port in `url`: 636 is usual for ldaps://; or use ldap:// with `starttls`")
        }
        _ => ConnectorError::source("a safe connection to the directory could not be made")
            .hint("ask the directory's owner which TLS versions it speaks: 1.2 or 1.3 is needed"),
    }
}

/// Passes on what a result calls success, and explains what it does not.
pub(super) fn succeeded(result: LdapResult) -> Result<LdapResult> {
    if result.rc == 0 { Ok(result) } else { Err(refused(&result)) }
}

/// A result code (RFC 4511, appendix A) as an error. The server's text is left out.
fn refused(result: &LdapResult) -> ConnectorError {
    let error = match result.rc {
        3 | 4 | 11 => ConnectorError::source("the directory cut its answer short: a limit was reached")
            .hint("lower `page_size`; if that does not help, ask the directory's owner for higher limits"),
        7 | 48 => ConnectorError::configuration("the directory does not accept this way of logging in")
            .hint("ask its owner for the method: `bind.method` can be anonymous, simple or external"),
        8 | 13 => ConnectorError::configuration("the directory wants a safer connection")
            .hint("use ldaps://, or `starttls = true`, and the bind method that its owner gives"),
        10 => ConnectorError::configuration("what is asked for is kept by another directory")
            .hint("ask the directory's owner for the right server, and write it in `url`"),
        12 => ConnectorError::source("the directory cannot answer in pages (RFC 2696)")
            .hint("ask the directory's owner to allow paged results"),
        16..=18 | 21 => ConnectorError::configuration("the directory does not understand `filter`")
            .hint("check the attributes' names in it against the directory's schema"),
        32 => ConnectorError::configuration("the directory has no entry `base`, or does not show it to this account")
            .hint("check `base`, and the account's rights"),
        34 => ConnectorError::configuration("a distinguished name cannot be understood")
            .hint("check `base` and `bind.dn`: o=Region Exempel,l=Exempelköping,c=SE"),
        49 => ConnectorError::configuration("the directory does not accept the credentials")
            .hint("check `bind.dn` and the secret of `bind.password`, or the certificate"),
        50 => ConnectorError::configuration("the account may not read this part of the directory")
            .hint("ask the directory's owner for the right to read below `base`"),
        51 | 52 => ConnectorError::source("the directory is busy or closed").hint("run again later").retryable(),
        _ => ConnectorError::source("the directory refuses to answer")
            .hint("give its owner the result code and the time"),
    };
    error.at(format!("result code {}", result.rc))
}
