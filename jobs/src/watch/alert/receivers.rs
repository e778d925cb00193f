//! Who is told, and how they are reached: letters and signed posts.

use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use chrono::{DateTime, Utc};
use lettre::message::header::ContentType;
use lettre::message::{Mailbox, Message as Letter};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Client, Url};
use ring::hmac;
use serde_json::Value;
use sluss_pipeline::error::{PipelineError, Result};
use sluss_pipeline::job::{About, AlertSettings, Encryption, Mail, Project, Receiver, Tongue};
use sluss_schemas::message::Message;
use sluss_schemas::region;
use sluss_schemas::rule::Language;
use sluss_schemas::say;
use sluss_schemas::secret::Secrets;

use crate::watch::http;

/// How long one letter may take.
const TIMEOUT: Duration = Duration::from_secs(20);
/// Tries after the first one.
const TRIES: usize = 3;
const PAUSE: Duration = Duration::from_millis(500);
/// The header with a post's signature: `t=SECONDS,v1=HEX`, where HEX is the HMAC-SHA256 of `SECONDS.BODY`.
const SIGNATURE: &str = "sluss-signature";
/// A key that is shorter could be guessed.
const SHORTEST: usize = 16;

/// One who is told.
pub(crate) struct Reached {
    pub(crate) settings: Receiver,
    way: Way,
}

enum Way {
    Letter { transport: AsyncSmtpTransport<Tokio1Executor>, from: Mailbox, to: Mailbox },
    Post { client: Client, url: Url, key: Option<hmac::Key> },
}

/// Why a letter was not taken.
#[derive(Debug, thiserror::Error)]
enum NotSent {
    #[error("the mail server does not answer")]
    Silent,
    #[error("the mail server did not take the letter")]
    Refused(#[source] lettre::transport::smtp::Error),
}

impl NotSent {
    fn may_pass(&self) -> bool {
        match self {
            Self::Silent => false,
            Self::Refused(error) => !error.is_permanent() && !error.is_tls() && !error.is_client(),
        }
    }
}

/// What is sent: a heading and a text for people, a document for programs.
pub(crate) struct Sent<'a> {
    pub(crate) heading: &'a Message,
    pub(crate) text: &'a Message,
    pub(crate) document: &'a Value,
    pub(crate) at: DateTime<Utc>,
}

/// Everybody that `[alert]` names.
pub(crate) fn all(project: &Project, secrets: &dyn Secrets) -> Result<Vec<Reached>> {
    let settings = &project.file.alert;
    let mut all: Vec<Reached> = Vec::new();
    for receiver in &settings.to {
        if all.iter().any(|known| known.settings.name == receiver.name) {
            let name = &receiver.name;
            return Err(wrong(
                say!("två mottagare heter `{name}`", "two receivers are called `{name}`"),
                &place(receiver),
            ));
        }
        all.push(Reached { way: way(project, settings, receiver, secrets)?, settings: receiver.clone() });
    }
    Ok(all)
}

fn place(receiver: &Receiver) -> String {
    format!("[[alert.to]] {}", receiver.name)
}

fn wrong(what: Message, place: &str) -> PipelineError {
    PipelineError::configuration(what).at(format!("sluss.toml, {place}"))
}

fn way(project: &Project, settings: &AlertSettings, receiver: &Receiver, secrets: &dyn Secrets) -> Result<Way> {
    let place = place(receiver);
    if let Some(odd) = receiver.owners.iter().find(|o| region::by_lanskod(o).is_none() && *o != "nationell") {
        return Err(wrong(say!("`{odd}` är ingen länskod", "`{odd}` is no länskod"), &place)
            .hint(say!("två siffror, eller nationell", "two digits, or nationell")));
    }
    match (&receiver.mail, &receiver.webhook) {
        (Some(to), None) => {
            let mail = settings.mail.as_ref().ok_or_else(|| {
                wrong(say!("ingen server tar emot brev", "no server takes letters"), &place).hint(say!(
                    "ange server och avsändare under [alert.mail]",
                    "give server and sender under [alert.mail]"
                ))
            })?;
            Ok(Way::Letter {
                transport: transport(project, mail, secrets)?,
                from: mailbox(&mail.from, "[alert.mail] from")?,
                to: mailbox(to, &place)?,
            })
        }
        (None, Some(url)) => {
            let key = match &receiver.key {
                None => None,
                Some(reference) => {
                    let key = http::secret(secrets, reference, &place)?;
                    if key.len() < SHORTEST {
                        return Err(wrong(
                            say!(
                                "nyckeln är kortare än {SHORTEST} tecken",
                                "the key is shorter than {SHORTEST} characters"
                            ),
                            &place,
                        )
                        .hint(say!(
                            "gör en ny med `openssl rand -hex 32`",
                            "make a new one with `openssl rand -hex 32`"
                        )));
                    }
                    Some(hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes()))
                }
            };
            Ok(Way::Post { client: http::client()?, url: http::address(url, &place)?, key })
        }
        _ => Err(wrong(say!("ange mail eller webhook, en av dem", "give mail or webhook, one of them"), &place)),
    }
}

fn mailbox(text: &str, place: &str) -> Result<Mailbox> {
    text.parse().map_err(|_| {
        wrong(say!("e-postadressen går inte att läsa", "the e-mail address cannot be read"), place).hint(say!(
            "skriv namn@exempel.se, eller Namn <namn@exempel.se>",
            "write name@example.se, or Name <name@example.se>"
        ))
    })
}

fn transport(project: &Project, mail: &Mail, secrets: &dyn Secrets) -> Result<AsyncSmtpTransport<Tokio1Executor>> {
    let place = "[alert.mail]";
    let here = ["localhost", "127.0.0.1", "::1"].contains(&mail.server.as_str());
    if mail.encryption == Encryption::None && !here {
        return Err(wrong(
            say!(
                "utan kryptering når brev bara den egna datorn",
                "without encryption letters reach the machine itself only"
            ),
            place,
        )
        .hint(say!("skriv encryption = \"starttls\" eller \"tls\"", "write encryption = \"starttls\" or \"tls\"")));
    }
    let parameters = || {
        let mut builder = TlsParameters::builder(mail.server.clone());
        if let Some(ca) = &mail.ca {
            let path = project.path(ca);
            let pem = std::fs::read(&path).map_err(|e| PipelineError::from(e).at(path.display().to_string()))?;
            let authority = Certificate::from_pem(&pem).map_err(|e| unusable(place, e))?;
            builder = builder.add_root_certificate(authority);
        }
        builder.build().map_err(|e| unusable(place, e))
    };
    let (tls, port) = match mail.encryption {
        Encryption::Tls => (Tls::Wrapper(parameters()?), 465),
        Encryption::Starttls => (Tls::Required(parameters()?), 587),
        Encryption::None => (Tls::None, 25),
    };
    let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(mail.server.clone())
        .port(mail.port.unwrap_or(port))
        .tls(tls)
        .timeout(Some(TIMEOUT));
    match (&mail.user, &mail.password) {
        (None, None) => {}
        (Some(user), Some(password)) => {
            builder = builder.credentials(Credentials::new(user.clone(), http::secret(secrets, password, place)?));
        }
        _ => return Err(wrong(say!("user och password hör ihop", "user and password belong together"), place)),
    }
    Ok(builder.build())
}

fn unusable(place: &str, error: lettre::transport::smtp::Error) -> PipelineError {
    wrong(say!("certifikatet går inte att använda", "the certificate cannot be used"), place).because(error)
}

impl Reached {
    /// The receiver's language.
    pub(crate) fn language(&self) -> Language {
        match self.settings.language {
            Tongue::Sv => Language::Swedish,
            Tongue::En => Language::English,
        }
    }

    /// Whether the receiver is told of an owner's things.
    pub(crate) fn hears_of(&self, owner: &str) -> bool {
        self.settings.owners.is_empty() || self.settings.owners.iter().any(|known| known == owner)
    }

    /// Whether the receiver is told of such a thing when it happens.
    pub(crate) fn wants(&self, about: About, owner: &str) -> bool {
        let about = self.settings.about.is_empty() || self.settings.about.contains(&about);
        self.settings.at_once && about && self.hears_of(owner)
    }

    /// By which way the receiver is reached: an address that may be shown.
    pub(crate) fn shown(&self) -> String {
        match &self.way {
            Way::Letter { to, .. } => to.email.to_string(),
            // What comes after the host may be a key.
            Way::Post { url, .. } => url.host_str().unwrap_or_default().to_owned(),
        }
    }

    /// Whether posts are signed; letters are not.
    pub(crate) fn is_signed(&self) -> Option<bool> {
        match &self.way {
            Way::Letter { .. } => None,
            Way::Post { key, .. } => Some(key.is_some()),
        }
    }

    /// Sends it, patiently.
    ///
    /// # Errors
    ///
    /// Nobody took it.
    pub(crate) async fn send(&self, sent: &Sent<'_>) -> Result<()> {
        match &self.way {
            Way::Letter { transport, from, to } => {
                let letter = self.letter(sent, from, to)?;
                // The transport itself waits for ever once it is connected.
                let posting = || async {
                    match tokio::time::timeout(TIMEOUT, transport.send(letter.clone())).await {
                        Ok(sent) => sent.map(drop).map_err(NotSent::Refused),
                        Err(_) => Err(NotSent::Silent),
                    }
                };
                let pauses = ExponentialBuilder::default().with_min_delay(PAUSE).with_max_times(TRIES);
                let done = posting.retry(pauses).when(NotSent::may_pass).await;
                done.map_err(|e| self.not_reached().because(e))
            }
            Way::Post { client, url, key } => {
                let body = sent.document.to_string();
                let mut headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
                if let Some(signature) = key.as_ref().and_then(|key| signature(key, sent.at, &body).parse().ok()) {
                    headers.insert(SIGNATURE, signature);
                }
                http::post(client, url, &headers, &body).await.map_err(|e| self.not_reached().because(e))
            }
        }
    }

    fn letter(&self, sent: &Sent<'_>, from: &Mailbox, to: &Mailbox) -> Result<Letter> {
        let language = self.language();
        let letter = Letter::builder()
            .from(from.clone())
            .to(to.clone())
            .subject(format!("[Sluss] {}", sent.heading.told(language)))
            .date(sent.at.into())
            .message_id(None)
            .header(ContentType::TEXT_PLAIN)
            .body(format!("{}\n", sent.text.told(language)));
        letter.map_err(|e| self.not_reached().because(e))
    }

    fn not_reached(&self) -> PipelineError {
        let name = &self.settings.name;
        PipelineError::operator(say!(
            "mottagaren `{name}` kunde inte nås",
            "the receiver `{name}` could not be reached"
        ))
        .at(format!("sluss.toml, {}", place(&self.settings)))
        .hint(say!("pröva med `sluss alerts test --send`", "try with `sluss alerts test --send`"))
        .retryable()
    }
}

/// What proves that a post is ours, and when it was made.
fn signature(key: &hmac::Key, at: DateTime<Utc>, body: &str) -> String {
    let seconds = at.timestamp();
    let tag = hmac::sign(key, format!("{seconds}.{body}").as_bytes());
    let hex: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("t={seconds},v1={hex}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_that_of_any_hmac() {
        // Computed with `printf '1700000000.{"a":1}' | openssl dgst -sha256 -hmac en-nyckel-som-ar-lang`.
        let key = hmac::Key::new(hmac::HMAC_SHA256, b"en-nyckel-som-ar-lang");
        let at = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
        let expected = "t=1700000000,v1=cab0602a6c324a6dff6d9a3957549fb527658fdd66f46db0d6e8450b50245149";
        assert_eq!(signature(&key, at, "{\"a\":1}"), expected);
    }
}
