//! Who we are: put into each request, and a token fetched anew when it is no longer taken.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue};
use reqwest::{Client, RequestBuilder};
use serde::Deserialize;
use sluss_schemas::clock::Clock;
use sluss_schemas::say;
use sluss_schemas::secret::Secret;
use tokio::sync::Mutex;
use url::{Url, form_urlencoded};

use super::explain::{self, Tried};
use super::options::{Auth, Oauth2};
use super::place;
use crate::connect::Io;
use crate::error::{ConnectorError, Result};
use crate::secret::{resolve, resolve_value};

/// A token is not used in the last half minute of its life.
const MARGIN: TimeDelta = TimeDelta::seconds(30);
/// An answer with a token is not larger than this.
const TOKEN_BYTES: usize = 64 << 10;

/// Credentials, resolved.
pub(super) enum Credentials {
    /// None.
    Nobody,
    /// The same header with every request.
    Header(HeaderName, HeaderValue),
    /// A parameter of the address, added when the request is sent and nowhere else.
    Parameter(String, Secret),
    /// A token that expires.
    Token(Box<Tokens>),
}

impl Credentials {
    /// Resolves the secrets. No I/O.
    pub(super) fn new(auth: Option<&Auth>, io: &Io, allow_http: bool) -> Result<Self> {
        Ok(match auth {
            None => Self::Nobody,
            Some(Auth::ApiKey(key)) => {
                let value = resolve(&key.value, io)?;
                match (&key.header, &key.parameter) {
                    (Some(_), Some(_)) => {
                        return Err(ConnectorError::configuration(say!(
                            "nyckeln ska stå både i ett huvud och i adressen",
                            "the key is to go both in a header and in the address"
                        ))
                        .hint(say!(
                            "ange `header` eller `parameter`, en av dem",
                            "give `header` or `parameter`, one of them"
                        )));
                    }
                    (None, Some(parameter)) => Self::Parameter(parameter.clone(), value),
                    (header, None) => {
                        Self::Header(name(header.as_deref().unwrap_or("X-API-Key"))?, secret(value.expose())?)
                    }
                }
            }
            Some(Auth::Basic(basic)) => {
                let user = resolve_value(&basic.user, io)?;
                Self::Header(AUTHORIZATION, basic_header(&user, &resolve(&basic.password, io)?)?)
            }
            Some(Auth::Bearer(bearer)) => {
                Self::Header(AUTHORIZATION, bearer_header(resolve(&bearer.token, io)?.expose())?)
            }
            Some(Auth::Oauth2(oauth2)) => Self::Token(Box::new(Tokens::new(oauth2, io, allow_http)?)),
        })
    }

    /// Puts the credentials into a request.
    pub(super) async fn sign(&self, request: RequestBuilder, client: &Client) -> Tried<RequestBuilder> {
        Ok(match self {
            Self::Nobody | Self::Parameter(..) => request,
            Self::Header(name, value) => request.header(name, value.clone()),
            Self::Token(tokens) => request.header(AUTHORIZATION, tokens.current(client).await?),
        })
    }

    /// The address with the key in it, for sending.
    pub(super) fn address(&self, url: &Url) -> Url {
        let mut url = url.clone();
        if let Self::Parameter(name, value) = self {
            url.query_pairs_mut().append_pair(name, value.expose());
        }
        url
    }

    /// The address without our key, where the server has put it into one that it gives.
    pub(super) fn strip(&self, url: &mut Url) {
        let Self::Parameter(name, _) = self else { return };
        let kept: Vec<(String, String)> = url
            .query_pairs()
            .filter(|(known, _)| known != name)
            .map(|(k, v)| (k.into_owned(), v.into_owned()))
            .collect();
        url.set_query(None);
        if !kept.is_empty() {
            url.query_pairs_mut().extend_pairs(kept);
        }
    }

    /// The server does not take the token any longer. Says whether a new one can be had.
    pub(super) async fn expired(&self) -> bool {
        let Self::Token(tokens) = self else { return false };
        tokens.current.lock().await.take();
        true
    }
}

/// A header's name.
pub(super) fn name(text: &str) -> Result<HeaderName> {
    HeaderName::try_from(text).map_err(|_| {
        ConnectorError::configuration(say!("{text:?} kan inte vara ett huvud", "{text:?} cannot be a header"))
            .hint(say!("använd bokstäver och bindestreck", "use letters and hyphens"))
    })
}

/// A header's value that is not shown.
pub(super) fn secret(text: &str) -> Result<HeaderValue> {
    let mut value = HeaderValue::try_from(text).map_err(|_| {
        ConnectorError::configuration(say!(
            "en hemlighet innehåller tecken som inget huvud kan bära",
            "a secret holds characters that no header can carry"
        ))
        .hint(say!(
            "kontrollera att hemligheten inte slutar med en radbrytning",
            "check that the secret has no line break at its end"
        ))
    })?;
    value.set_sensitive(true);
    Ok(value)
}

fn basic_header(user: &Secret, password: &Secret) -> Result<HeaderValue> {
    secret(&format!("Basic {}", STANDARD.encode(format!("{}:{}", user.expose(), password.expose()))))
}

fn bearer_header(token: &str) -> Result<HeaderValue> {
    secret(&format!("Bearer {token}"))
}

/// Tokens by client credentials.
pub(super) struct Tokens {
    url: Url,
    id: Secret,
    secret: Secret,
    scope: Option<String>,
    audience: Option<String>,
    in_body: bool,
    clock: Arc<dyn Clock>,
    current: Mutex<Option<Token>>,
}

struct Token {
    header: HeaderValue,
    until: Option<DateTime<Utc>>,
}

#[derive(Deserialize)]
struct Granted {
    access_token: String,
    expires_in: Option<i64>,
}

impl Tokens {
    fn new(oauth2: &Oauth2, io: &Io, allow_http: bool) -> Result<Self> {
        Ok(Self {
            url: place::parse(&oauth2.token_url, "token_url", allow_http)?,
            id: resolve_value(&oauth2.client_id, io)?,
            secret: resolve(&oauth2.client_secret, io)?,
            scope: oauth2.scope.clone(),
            audience: oauth2.audience.clone(),
            in_body: oauth2.in_body,
            clock: Arc::clone(&io.clock),
            current: Mutex::new(None),
        })
    }

    /// The token, or a new one. Others wait for the one request.
    async fn current(&self, client: &Client) -> Tried<HeaderValue> {
        let mut current = self.current.lock().await;
        let now = self.clock.now();
        if let Some(token) = current.as_ref().filter(|token| token.until.is_none_or(|until| now < until)) {
            return Ok(token.header.clone());
        }
        let granted = self.fetch(client).await.map_err(|failed| failed.at(&place::of(&self.url)))?;
        let header = bearer_header(&granted.access_token)?;
        let until = granted.expires_in.and_then(TimeDelta::try_seconds).map(|life| now + life - MARGIN);
        *current = Some(Token { header: header.clone(), until });
        Ok(header)
    }

    /// The request for a token.
    fn request(&self, client: &Client) -> Result<RequestBuilder> {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "client_credentials");
        for (name, value) in [("scope", &self.scope), ("audience", &self.audience)] {
            if let Some(value) = value {
                form.append_pair(name, value);
            }
        }
        let mut request = client.post(self.url.clone());
        if self.in_body {
            form.append_pair("client_id", self.id.expose()).append_pair("client_secret", self.secret.expose());
        } else {
            let encode =
                |text: &Secret| Secret::new(form_urlencoded::byte_serialize(text.expose().as_bytes()).collect());
            request = request.header(AUTHORIZATION, basic_header(&encode(&self.id), &encode(&self.secret))?);
        }
        Ok(request
            .header(reqwest::header::ACCEPT, "application/json")
            .header(reqwest::header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form.finish()))
    }

    async fn fetch(&self, client: &Client) -> Tried<Granted> {
        let request = self.request(client)?;
        let mut response = request.send().await.map_err(|error| explain::transport(&error))?;
        let status = response.status();
        if status.is_client_error() && !matches!(status.as_u16(), 408 | 429) {
            return Err(ConnectorError::configuration(say!(
                "servern ger ingen token ({})",
                "the server gives no token ({})",
                status.as_u16()
            ))
            .hint(say!(
                "kontrollera hemligheterna i `auth.oauth2`, och `scope`",
                "check the secrets of `auth.oauth2`, and `scope`"
            ))
            .into());
        }
        if !status.is_success() {
            return Err(explain::status(status, super::retry::asked(response.headers(), self.clock.now())));
        }
        let mut body = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(|error| explain::transport(&error))? {
            body.extend_from_slice(&piece);
            if body.len() > TOKEN_BYTES {
                break;
            }
        }
        // The parser's words may quote the token.
        serde_json::from_slice(&body).map_err(|_| {
            ConnectorError::source(say!(
                "svaret där det ska finnas en token innehåller ingen",
                "the answer where a token should be holds none"
            ))
            .hint(say!("kontrollera `auth.oauth2.token_url`", "check `auth.oauth2.token_url`"))
            .into()
        })
    }
}
