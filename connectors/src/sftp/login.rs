//! Whom we trust and who we are: the server's key, and the user's key or password.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use russh::client::{AuthResult, Handle, Handler, KeyboardInteractiveAuthResponse as Answer};
use russh::keys::{HashAlg, PrivateKey, PrivateKeyWithHashAlg, PublicKey, PublicKeyOrCertificate, decode_secret_key};
use russh::{MethodKind, MethodSet};
use sluss_schemas::say;
use sluss_schemas::secret::Secret;
use tokio::sync::watch;

use super::fault::{Fault, unreachable};
use super::options::SftpOptions;
use crate::connect::Io;
use crate::error::{ConnectorError, Result};
use crate::secret::resolve;

/// The user, and what proves it.
pub(super) struct Login {
    user: String,
    key: Option<Arc<PrivateKey>>,
    password: Option<Secret>,
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login").field("user", &self.user).finish_non_exhaustive()
    }
}

impl Login {
    /// Resolves the secrets. No I/O.
    pub(super) fn new(options: &SftpOptions, io: &Io) -> Result<Self> {
        let password = options.password.as_ref().map(|reference| resolve(reference, io)).transpose()?;
        let passphrase = options.passphrase.as_ref().map(|reference| resolve(reference, io)).transpose()?;
        let key = options.key.as_ref().map(|reference| resolve(reference, io)).transpose()?;
        if key.is_none() && password.is_none() {
            return Err(ConnectorError::configuration(say!(
                "varken `key` eller `password` är satt",
                "neither `key` nor `password` is set"
            ))
            .hint(say!(
                "hänvisa till en hemlighet: `key = {{ secret = \"…\" }}`",
                "refer to a secret: `key = {{ secret = \"…\" }}`"
            )));
        }
        let key = key.map(|text| private_key(text.expose(), passphrase.as_ref().map(Secret::expose))).transpose()?;
        Ok(Self { user: options.user.clone(), key, password })
    }

    /// Proves who we are. Nothing of it is tried twice: a server counts failures.
    pub(super) async fn log_in<H: Handler>(&self, handle: &mut Handle<H>) -> std::result::Result<(), Fault> {
        if let Some(key) = &self.key {
            let hash = if key.algorithm().is_rsa() { handle.best_supported_rsa_hash().await } else { Ok(None) };
            let key = PrivateKeyWithHashAlg::new(Arc::clone(key), hash.map_err(|_| hung_up())?.flatten());
            let answer = handle.authenticate_publickey(&self.user, key).await.map_err(|_| hung_up())?;
            match answer {
                AuthResult::Success => return Ok(()),
                AuthResult::Failure { partial_success: true, .. } => {}
                AuthResult::Failure { remaining_methods, .. } => return Err(refused(handle, &remaining_methods).await),
            }
        }
        let Some(password) = &self.password else { return Err(more_wanted()) };
        let answer = handle.authenticate_password(&self.user, password.expose()).await.map_err(|_| hung_up())?;
        match answer {
            AuthResult::Success => Ok(()),
            // Some servers ask for the password as a question, and take it in no other way.
            AuthResult::Failure { remaining_methods, .. }
                if remaining_methods.contains(&MethodKind::KeyboardInteractive)
                    && !remaining_methods.contains(&MethodKind::Password) =>
            {
                self.answer(handle, password).await
            }
            AuthResult::Failure { remaining_methods, .. } => Err(refused(handle, &remaining_methods).await),
        }
    }

    /// Answers the server's questions with the password.
    async fn answer<H: Handler>(&self, handle: &mut Handle<H>, password: &Secret) -> std::result::Result<(), Fault> {
        let mut answer =
            handle.authenticate_keyboard_interactive_start(&self.user, None::<String>).await.map_err(|_| hung_up())?;
        // One question, and perhaps an empty one after it; whoever asks for more wants something else.
        for _ in 0..4 {
            let prompts = match answer {
                Answer::Success => return Ok(()),
                Answer::Failure { remaining_methods, .. } => return Err(refused(handle, &remaining_methods).await),
                Answer::InfoRequest { prompts, .. } => prompts.len(),
            };
            let replies = (0..prompts).map(|_| password.expose().to_owned()).collect();
            answer = handle.authenticate_keyboard_interactive_respond(replies).await.map_err(|_| hung_up())?;
        }
        Err(more_wanted())
    }
}

fn private_key(text: &str, passphrase: Option<&str>) -> Result<Arc<PrivateKey>> {
    // The cause is left out: it may quote the key.
    decode_secret_key(text, passphrase).map(Arc::new).map_err(|error| match error {
        russh::keys::Error::KeyIsEncrypted => ConnectorError::configuration(say!(
            "nyckeln i `key` är skyddad med lösenfras",
            "the key in `key` is protected by a passphrase"
        ))
        .hint(say!(
            "hänvisa till lösenfrasen: `passphrase = {{ secret = \"…\" }}`",
            "refer to the passphrase: `passphrase = {{ secret = \"…\" }}`"
        )),
        _ => ConnectorError::configuration(say!(
            "hemligheten i `key` är ingen privat nyckel som går att läsa",
            "the secret in `key` is no private key that can be read"
        ))
        .hint(say!(
            "ange hela nyckelfilen, och rätt `passphrase` om den har en",
            "give the whole key file, and the right `passphrase` if it has one"
        )),
    })
}

/// The connection ended while we said who we are: some servers refuse in that way, so this is not tried again.
pub(super) fn hung_up() -> Fault {
    let what =
        say!("servern avslutade anslutningen under inloggningen", "the server ended the connection during login");
    Fault::Final(unreachable(what).hint(say!(
        "kontrollera att servern är igång, och `user` och hemligheten; den provas inte igen av sig själv",
        "check that the server is running, and `user` and the secret; it is not tried again by itself"
    )))
}

async fn refused<H: Handler>(handle: &Handle<H>, remaining: &MethodSet) -> Fault {
    // The library tells of a connection that ended as of a refusal that leaves no other way.
    if remaining.is_empty() {
        for _ in 0..10 {
            if handle.is_closed() {
                return hung_up();
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    Fault::Final(
        ConnectorError::configuration(say!("servern godtar inte inloggningen", "the server does not accept the login"))
            .hint(say!(
                "kontrollera `user` och hemligheten i `key` eller `password`; den provas inte igen av sig själv",
                "check `user` and the secret in `key` or `password`; it is not tried again by itself"
            )),
    )
}

fn more_wanted() -> Fault {
    Fault::Final(
        ConnectorError::configuration(say!(
            "servern vill ha mer än det som är angivet för att släppa in användaren",
            "the server wants more than is given before it lets the user in"
        ))
        .hint(say!(
            "ange både `key` och `password` om servern kräver båda",
            "give both `key` and `password` if the server asks for both"
        )),
    )
}

/// The servers' keys that are known, as fingerprints.
pub(super) fn fingerprints(options: &SftpOptions) -> Result<Vec<String>> {
    let keys = options.host_key.as_ref().map(super::options::HostKeys::list).unwrap_or_default();
    keys.iter()
        .map(|key| {
            let key = key.trim();
            if key.starts_with("SHA256:") {
                return Ok(key.trim_end_matches('=').to_owned());
            }
            PublicKey::from_openssh(key).map(|key| key.fingerprint(HashAlg::Sha256).to_string()).map_err(|_| {
                ConnectorError::configuration(say!(
                    "`host_key` är varken ett fingeravtryck eller en nyckel",
                    "`host_key` is neither a fingerprint nor a key"
                ))
                .hint(say!(
                    "skriv fingeravtrycket så som `ssh-keygen -l` visar det: `SHA256:…`",
                    "write the fingerprint as `ssh-keygen -l` shows it: `SHA256:…`"
                ))
            })
        })
        .collect()
}

/// Watches over one connection: lets only a known server through, and ends with it.
pub(super) struct Watch {
    known: Arc<Vec<String>>,
    /// The fingerprint that the server showed, where it is not known.
    shown: Arc<Mutex<Option<String>>>,
    /// Goes with the connection: whoever listens hears of its end.
    _alive: watch::Sender<()>,
}

impl Watch {
    /// With where to look for an unknown server's fingerprint, and what tells of the connection's end.
    pub(super) fn new(known: Arc<Vec<String>>) -> (Self, Arc<Mutex<Option<String>>>, watch::Receiver<()>) {
        let (alive, ends) = watch::channel(());
        let shown = Arc::new(Mutex::new(None));
        (Self { known, shown: Arc::clone(&shown), _alive: alive }, shown, ends)
    }
}

impl Handler for Watch {
    type Error = russh::Error;

    async fn check_server_key(&mut self, key: &PublicKeyOrCertificate) -> std::result::Result<bool, russh::Error> {
        let print = match key {
            PublicKeyOrCertificate::PublicKey { key, .. } => key.fingerprint(HashAlg::Sha256),
            PublicKeyOrCertificate::Certificate(signed) => signed.public_key().fingerprint(HashAlg::Sha256),
        };
        let print = print.to_string();
        let is_known = self.known.contains(&print);
        if !is_known {
            *self.shown.lock().unwrap_or_else(PoisonError::into_inner) = Some(print);
        }
        Ok(is_known)
    }
}

/// The error for a server whose key is not known.
pub(super) fn unknown_server(shown: &str, known: &[String]) -> ConnectorError {
    if known.is_empty() {
        return ConnectorError::configuration(say!(
            "`host_key` saknas: servern visade nyckeln {shown}",
            "`host_key` is missing: the server showed the key {shown}"
        ))
        .hint(say!(
            "fråga serverns ägare om nyckeln stämmer; skriv då `host_key = \"{shown}\"`",
            "ask the server's owner whether the key is right; if so write `host_key = \"{shown}\"`"
        ));
    }
    ConnectorError::configuration(say!(
        "servern är inte den som väntades: den visade nyckeln {shown}",
        "the server is not the one that was expected: it showed the key {shown}"
    ))
    .hint(say!(
        "fråga serverns ägare om nyckeln har bytts; ändra `host_key` först när det är bekräftat",
        "ask the server's owner whether the key has been replaced; change `host_key` only when that is confirmed"
    ))
}
