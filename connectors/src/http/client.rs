//! The client: one request with all its tries, and an answer that is what it should be.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::header::{
    ACCEPT, HeaderMap, HeaderName, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH, LOCATION, USER_AGENT,
};
use reqwest::{Client, Response, StatusCode, redirect};
use sluss_schemas::message::Message;
use sluss_schemas::say;
use tokio::sync::{Mutex, OnceCell};
use tokio::time::{Instant, sleep, sleep_until};
use url::Url;

use super::answer::{Answer, Head, Known};
use super::auth::{Credentials, name, secret};
use super::explain::{self, Failed, Tried};
use super::options::{Connection, Requests};
use super::place;
use super::reading::blocking;
use super::retry::{self, Tries};
use crate::connect::Io;
use crate::error::{ConnectorError, Result};
use crate::secret::resolve_value;
use crate::tls::TlsOptions;

/// Servers that a request may be sent on to.
const REDIRECTS: usize = 5;
/// Bytes of an error's answer that are looked at.
const EXPLANATION: usize = 256 << 10;
/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(30);

/// A connection to a server, ready to be asked.
pub(crate) struct Http {
    credentials: Credentials,
    tls: TlsOptions,
    io: Io,
    headers: HeaderMap,
    requests: Requests,
    plain: bool,
    client: OnceCell<Client>,
    /// When the next request may be sent.
    free: Mutex<Option<Instant>>,
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the credentials, nor headers that may hold some.
        f.debug_struct("Http").field("requests", &self.requests).finish_non_exhaustive()
    }
}

/// What may be told of an error's answer.
pub(crate) type Told = fn(&[u8]) -> Option<String>;

/// A request.
#[derive(Clone)]
pub(crate) struct Ask {
    /// The address, without our key.
    pub(crate) url: Url,
    /// What the address is called in errors, logs and origins: it may hold a value out of a row.
    pub(crate) place: String,
    /// The type of content that is wanted; the answer must be of JSON's kind.
    pub(crate) accept: &'static str,
    /// What we have already: then the answer may be that it has not changed.
    pub(crate) known: Option<Known>,
    /// How the server may do it (`Prefer`).
    pub(crate) prefer: Option<&'static str>,
    /// Reads from an error's answer what may be told of it.
    pub(crate) told: Option<Told>,
}

impl Ask {
    /// A plain request for JSON.
    pub(crate) fn json(url: Url) -> Self {
        Self { place: place::of(&url), url, accept: "application/json", known: None, prefer: None, told: None }
    }
}

impl Http {
    /// Checks the options and resolves the secrets. No I/O.
    pub(crate) fn new(connection: Connection<'_>, io: &Io) -> Result<Self> {
        let mut headers = HeaderMap::new();
        for (header, value) in connection.headers {
            headers.insert(name(header)?, secret(resolve_value(value, io)?.expose())?);
        }
        headers.entry(USER_AGENT).or_insert(HeaderValue::from_static(concat!("sluss/", env!("CARGO_PKG_VERSION"))));
        connection.tls.check(io)?;
        if connection.requests.per_minute == Some(0) {
            return Err(ConnectorError::configuration(say!(
                "`requests.per_minute` är 0: ingenting skulle kunna frågas",
                "`requests.per_minute` is 0: nothing could be asked"
            ))
            .hint(say!(
                "utelämna det, eller ange hur många anrop i minuten som källan tillåter",
                "leave it out, or say how many requests a minute the source allows"
            )));
        }
        Ok(Self {
            credentials: Credentials::new(connection.auth, io, connection.allow_http)?,
            tls: connection.tls.clone(),
            io: io.clone(),
            headers,
            requests: connection.requests.clone(),
            plain: connection.allow_http,
            client: OnceCell::new(),
            free: Mutex::new(None),
        })
    }

    /// Reads an address of the job file.
    pub(crate) fn address(&self, text: &str, option: &str) -> Result<Url> {
        place::parse(text, option, self.plain)
    }

    /// The address that an answer gives for the next request, without our key.
    pub(crate) fn next(&self, base: &Url, given: &str) -> Result<Url> {
        let mut url = place::next(base, given)?;
        self.credentials.strip(&mut url);
        Ok(url)
    }

    /// An address as a place.
    pub(crate) fn place(url: &Url) -> String {
        place::of(url)
    }

    /// Asks, and takes the answer in whole. Whether it is what it should be, [`Answer::check`] says.
    pub(crate) async fn get(&self, ask: &Ask) -> Result<Answer> {
        let mut tries = Tries::new(&self.requests);
        let mut renewed = false;
        loop {
            let failed = match self.once(ask).await {
                Ok(answer) => return Ok(answer),
                Err(failed) => failed.at(&ask.place),
            };
            self.again(failed, &mut tries, &mut renewed).await?;
        }
    }

    /// Asks, and gives the answer to be taken in piece by piece.
    pub(crate) async fn stream(&self, ask: &Ask) -> Result<Response> {
        let mut tries = Tries::new(&self.requests);
        let mut renewed = false;
        loop {
            let failed = match self.head(ask).await {
                Ok(response) if response.status() == StatusCode::OK => return Ok(response),
                Ok(response) => explain::status(response.status(), None),
                Err(failed) => failed,
            };
            self.again(failed.at(&ask.place), &mut tries, &mut renewed).await?;
        }
    }

    /// Waits for the next try, where there is one.
    async fn again(&self, failed: Failed, tries: &mut Tries, renewed: &mut bool) -> Result<()> {
        if failed.unknown && !*renewed && self.credentials.expired().await {
            *renewed = true;
            return Ok(());
        }
        if !failed.error.retry {
            return Err(failed.error);
        }
        let Some(wait) = tries.next(failed.asked) else { return Err(failed.error) };
        let place = failed.error.place.as_deref();
        tracing::info!(place, wait_ms = wait.as_millis(), "{}: trying again", failed.error.what);
        sleep(wait).await;
        Ok(())
    }

    async fn once(&self, ask: &Ask) -> Tried<Answer> {
        let response = self.head(ask).await?;
        let (status, asked) = (response.status(), retry::asked(response.headers(), self.io.clock.now()));
        let head = Head::of(response.headers());
        let unchanged = status == StatusCode::NOT_MODIFIED;
        let body = if unchanged { Bytes::new() } else { self.body(response).await? };
        let accepted = status == StatusCode::ACCEPTED;
        let Head { known, next, location, kind } = head;
        Ok(Answer { body, unchanged, accepted, known, next, location, kind, asked })
    }

    /// Sends the request, also on to where the server says, and looks at the answer's status.
    async fn head(&self, ask: &Ask) -> Tried<Response> {
        let client = self.client.get_or_try_init(|| self.connect(&ask.url)).await?;
        let mut url = ask.url.clone();
        for _ in 0..=REDIRECTS {
            self.slot().await;
            let ours = url.origin() == ask.url.origin();
            let mut request = client.get(if ours { self.credentials.address(&url) } else { url.clone() });
            if ours {
                // Elsewhere nobody is told who we are.
                request = self.credentials.sign(request.headers(self.headers.clone()), client).await?;
            }
            request = request.header(ACCEPT, ask.accept);
            if let Some(prefer) = ask.prefer {
                request = request.header(HeaderName::from_static("prefer"), prefer);
            }
            if let Some(Known { etag, modified }) = &ask.known {
                for (name, value) in [(IF_NONE_MATCH, etag), (IF_MODIFIED_SINCE, modified)] {
                    if let Some(value) = value {
                        request = request.header(name, value);
                    }
                }
            }
            let response = request.send().await.map_err(|error| explain::transport(&error))?;
            let status = response.status();
            if status.is_success() || status == StatusCode::NOT_MODIFIED && ask.known.is_some() {
                return Ok(response);
            }
            let target = response.headers().get(LOCATION).and_then(|target| target.to_str().ok());
            let (true, Some(target)) = (status.is_redirection(), target) else {
                return Err(self.refused(ask, response).await);
            };
            let target = url.join(target).map_err(|_| explain::status(status, None))?;
            if target.scheme() != "https" && !(url.scheme() == "http" && target.scheme() == "http") {
                return Err(ConnectorError::source(say!(
                    "servern skickar oss vidare till en adress utan TLS",
                    "the server sends us on to an address without TLS"
                ))
                .hint(say!(
                    "skriv adressen där uppgifterna finns i `url`",
                    "write the address where the data is in `url`"
                ))
                .into());
            }
            url = target;
            self.credentials.strip(&mut url);
        }
        Err(ConnectorError::source(say!(
            "servern har skickat oss vidare {REDIRECTS} gånger",
            "the server has sent us on {REDIRECTS} times"
        ))
        .hint(say!("skriv adressen där uppgifterna finns i `url`", "write the address where the data is in `url`"))
        .into())
    }

    /// Why the server does not give what was asked for.
    async fn refused(&self, ask: &Ask, response: Response) -> Failed {
        let mut failed = explain::status(response.status(), retry::asked(response.headers(), self.io.clock.now()));
        if let Some(told) = ask.told
            && let Some(told) = told(&start(response).await)
        {
            failed.error.what = Message::from(told).after(&failed.error.what);
        }
        failed
    }

    /// Takes the whole answer in, if it is not too large.
    async fn body(&self, mut response: Response) -> Tried<Bytes> {
        let largest = usize::try_from(self.requests.largest_mib.saturating_mul(1 << 20)).unwrap_or(usize::MAX);
        let too_large = || {
            ConnectorError::configuration(say!(
                "svaret är större än {} MiB",
                "the answer is larger than {} MiB",
                self.requests.largest_mib
            ))
            .hint(say!(
                "be om mindre sidor, eller höj `requests.largest_mib`",
                "ask for smaller pages, or raise `requests.largest_mib`"
            ))
        };
        let announced = response.content_length().and_then(|length| usize::try_from(length).ok()).unwrap_or_default();
        if announced > largest {
            return Err(too_large().into());
        }
        let mut body = BytesMut::with_capacity(announced);
        while let Some(piece) = response.chunk().await.map_err(|error| explain::transport(&error))? {
            if body.len() + piece.len() > largest {
                return Err(too_large().into());
            }
            body.extend_from_slice(&piece);
        }
        Ok(body.freeze())
    }

    /// Waits until a request may be sent.
    async fn slot(&self) {
        let Some(per_minute) = self.requests.per_minute else { return };
        let mut free = self.free.lock().await;
        if let Some(free) = *free {
            sleep_until(free).await;
        }
        *free = Some(Instant::now() + Duration::from_mins(1) / per_minute.max(1));
    }

    async fn connect(&self, url: &Url) -> Result<Client> {
        let (options, io) = (self.tls.clone(), self.io.clone());
        let mut tls = Arc::unwrap_or_clone(blocking(move || options.client(&io)).await?);
        tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let mut client = Client::builder()
            .redirect(redirect::Policy::none())
            .connect_timeout(CONNECT)
            .read_timeout(Duration::from_secs(self.requests.silence_s.max(1)))
            .tls_backend_preconfigured(tls);
        if place::is_loopback(url) {
            client = client.no_proxy();
        }
        client.build().map_err(|_| {
            ConnectorError::configuration(say!(
                "anslutningens inställningar går inte ihop",
                "the connection's options do not fit together"
            ))
            .hint(say!("kontrollera filerna som `tls` anger", "check the files that `tls` names"))
        })
    }
}

/// The beginning of an error's answer.
async fn start(mut response: Response) -> Vec<u8> {
    let mut start = Vec::new();
    while let Ok(Some(piece)) = response.chunk().await {
        start.extend_from_slice(&piece);
        if start.len() > EXPLANATION {
            break;
        }
    }
    start
}
