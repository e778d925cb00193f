//! A connection to a directory, with somebody logged in.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use ldap3::{LdapConnAsync, LdapConnSettings, LdapError};
use rustls::ClientConfig;
use tokio::task::JoinHandle;
use url::Url;

use super::failure::{self, broken, explain, succeeded};
use super::options::{LdapOptions, Method};
use crate::caught::{Panicked, caught};
use crate::connect::Io;
use crate::error::{ConnectorError, Result};
use crate::secret::resolve;
use sluss_schemas::message::Message;
use sluss_schemas::say;

/// Waits before the second and the third try to connect.
const BACKOFF: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(2)];
/// Seconds to wait for an answer.
const TIMEOUT: u32 = 120;

/// Where a directory is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    url: Url,
}

/// How to reach it and log in, with every secret resolved.
pub(super) struct Access {
    address: Address,
    starttls: bool,
    login: Login,
    tls: Option<Arc<ClientConfig>>,
    /// Whether we show a certificate.
    certificate: bool,
    /// How long to wait for an answer.
    pub(super) timeout: Duration,
}

enum Login {
    Anonymous,
    Simple { dn: String, password: String },
    External,
}

/// A connection; dropping it ends it.
pub(super) struct Connection {
    /// What operations go through.
    pub(super) ldap: ldap3::Ldap,
    driver: JoinHandle<std::result::Result<std::result::Result<(), LdapError>, Panicked>>,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

impl Address {
    /// Checks the address. What stands in it is not repeated: it may hold a password.
    pub(super) fn new(options: &LdapOptions) -> Result<Self> {
        let wrong = |what: Message| {
            ConnectorError::configuration(what).hint(say!(
                "skriv `url = \"ldaps://katalog.example.se\"`",
                "write `url = \"ldaps://katalog.example.se\"`"
            ))
        };
        let url =
            Url::parse(&options.url).map_err(|_| wrong(say!("`url` är ingen adress", "`url` is not an address")))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(wrong(say!(
                "`url` innehåller ett namn eller ett lösenord",
                "`url` holds a name or a password"
            ))
            .hint(say!(
                "logga in med `bind`, vars lösenord är en hemlighet",
                "log in with `bind`, whose password is a secret"
            )));
        }
        let bare = matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
        if url.host_str().is_none_or(str::is_empty) || !bare {
            return Err(wrong(say!(
                "`url` ska vara en server och inget mer",
                "`url` must be a server and nothing more"
            ))
            .hint(say!(
                "det som ska sökas skrivs i `base` och `filter`",
                "what to search goes into `base` and `filter`"
            )));
        }
        match (url.scheme(), options.starttls, options.allow_plaintext) {
            ("ldaps", false, _) | ("ldap", true, _) | ("ldap", false, true) => Ok(Self { url }),
            ("ldaps", true, _) => Err(ConnectorError::configuration(say!(
                "`starttls` går inte ihop med ldaps://",
                "`starttls` does not go with ldaps://"
            ))
            .hint(say!(
                "ta bort `starttls`: anslutningen är säker från början",
                "take `starttls` away: the connection is safe from its beginning"
            ))),
            ("ldap", ..) => Err(ConnectorError::configuration(say!(
                "anslutningen skulle inte vara säker",
                "the connection would not be safe"
            ))
            .hint(say!(
                "använd ldaps://, eller sätt `starttls = true`; `allow_plaintext` är för en server på samma dator",
                "use ldaps://, or set `starttls = true`; `allow_plaintext` is for a server on the same machine"
            ))),
            _ => Err(wrong(say!("`url` är inte adressen till en katalog", "`url` is not the address of a directory"))),
        }
    }

    /// The address as a person knows it.
    pub(super) fn shown(&self) -> &str {
        self.url.as_str().trim_end_matches('/')
    }

    /// Resolves the secrets and the certificates.
    pub(super) fn access(&self, options: &LdapOptions, io: &Io) -> Result<Access> {
        let bind = &options.bind;
        let login = match (bind.method, &bind.dn, &bind.password) {
            (Method::Simple, Some(dn), Some(password)) => {
                let password = resolve(password, io)?.expose().to_owned();
                // The protocol takes an empty password for nobody, and would let us in as such.
                if dn.is_empty() || password.is_empty() {
                    return Err(ConnectorError::configuration(say!(
                        "namnet eller lösenordet i `bind` är tomt",
                        "the name or the password of `bind` is empty"
                    ))
                    .hint(say!(
                        "ange båda, eller använd `method = \"anonymous\"`",
                        "set both, or use `method = \"anonymous\"`"
                    )));
                }
                Login::Simple { dn: dn.clone(), password }
            }
            (Method::Simple, ..) => {
                return Err(ConnectorError::configuration(say!(
                    "inloggningen `simple` behöver `dn` och `password`",
                    "the bind method `simple` needs `dn` and `password`"
                ))
                .hint(say!(
                    "lägg till dem: password = {{ secret = \"…\" }}",
                    "add them: password = {{ secret = \"…\" }}"
                )));
            }
            (_, None, None) if bind.method == Method::Anonymous => Login::Anonymous,
            (_, None, None) => Login::External,
            _ => {
                return Err(ConnectorError::configuration(say!(
                    "`bind.dn` och `bind.password` hör till inloggningen `simple`",
                    "`bind.dn` and `bind.password` belong to the method `simple`"
                ))
                .hint(say!(
                    "sätt `method = \"simple\"`, eller ta bort dem",
                    "set `method = \"simple\"`, or take them away"
                )));
            }
        };
        let encrypted = self.url.scheme() == "ldaps" || options.starttls;
        if matches!(login, Login::External) && !(encrypted && options.tls.shows_ours()) {
            return Err(ConnectorError::configuration(say!(
                "inloggningen `external` behöver ett klientcertifikat",
                "the bind method `external` needs a client certificate"
            ))
            .hint(say!(
                "ange `tls.certificate` och `tls.key`, eller `tls.pkcs12`, med ldaps:// eller `starttls`",
                "set `tls.certificate` and `tls.key`, or `tls.pkcs12`, with ldaps:// or `starttls`"
            )));
        }
        let tls = if encrypted { Some(options.tls.client(io)?) } else { None };
        let timeout = Duration::from_secs(u64::from(options.timeout_seconds.unwrap_or(TIMEOUT)));
        let certificate = tls.is_some() && options.tls.shows_ours();
        Ok(Access { address: self.clone(), starttls: options.starttls, login, tls, certificate, timeout })
    }
}

impl Access {
    /// Connects and logs in; once more and then again where that may help.
    pub(super) async fn connect(&self) -> Result<Connection> {
        for wait in BACKOFF {
            match self.once().await {
                Err(error) if error.retry => {
                    tracing::warn!(server = self.address.shown(), "{error}; trying again");
                    tokio::time::sleep(wait).await;
                }
                result => return result,
            }
        }
        self.once().await
    }

    async fn once(&self) -> Result<Connection> {
        let mut settings = LdapConnSettings::new().set_conn_timeout(self.timeout).set_starttls(self.starttls);
        if let Some(tls) = &self.tls {
            settings = settings.set_config(Arc::clone(tls));
        }
        let opened = LdapConnAsync::with_settings(settings, self.address.url.as_str()).await;
        let (connection, ldap) = opened.map_err(|error| explain(&error).at(self.address.shown()))?;
        let mut connection = Connection { ldap, driver: tokio::spawn(driven(connection)) };
        let ldap = connection.ldap.with_timeout(self.timeout);
        let bound = match &self.login {
            // Nothing is said: a connection is anonymous until somebody logs in.
            Login::Anonymous => return Ok(connection),
            Login::Simple { dn, password } => ldap.simple_bind(dn, password).await,
            Login::External => ldap.sasl_external_bind().await,
        };
        match bound {
            Ok(result) => succeeded(result).map(|_| connection),
            Err(error) => {
                let error = connection.failed(&error).await;
                // Since TLS 1.3 a server sees our certificate when the connection already stands, and
                // some say nothing when they do not like it.
                Err(if error.retry && self.certificate { failure::unheard() } else { error })
            }
        }
    }
}

/// Passes messages between the server and the operations. What a panic of the library would print may
/// quote the answer.
async fn driven(connection: LdapConnAsync) -> std::result::Result<std::result::Result<(), LdapError>, Panicked> {
    let mut drive = Box::pin(connection.drive());
    poll_fn(|cx| match caught(|| drive.as_mut().poll(cx)) {
        Ok(Poll::Pending) => Poll::Pending,
        Ok(Poll::Ready(outcome)) => Poll::Ready(Ok(outcome)),
        Err(panicked) => Poll::Ready(Err(panicked)),
    })
    .await
}

impl Connection {
    /// Why an operation failed: the connection knows more than the operation, where it has ended.
    pub(super) async fn failed(&mut self, error: &LdapError) -> ConnectorError {
        let ended = matches!(
            error,
            LdapError::EndOfStream
                | LdapError::ResultRecv { .. }
                | LdapError::OpSend { .. }
                | LdapError::IdScrubSend { .. }
        );
        if !ended {
            return explain(error);
        }
        match (&mut self.driver).await {
            Ok(Ok(Err(cause))) => explain(&cause),
            // The library's own failure on an answer that it does not expect is no more than that.
            Ok(Err(Panicked)) => failure::alien(say!("det går inte att läsa", "it cannot be read")),
            _ => broken(),
        }
    }
}
