//! What is wrong with a request, as RFC 9457 says it: what happened, and the one next step.

use axum::Json;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use sluss_pipeline::error::{Actor, PipelineError};
use sluss_schemas::message::Message;
use sluss_schemas::rule::Language;
use sluss_schemas::say;

/// A problem, in both languages until it is known who asks.
#[derive(Clone, Debug)]
pub(super) struct Problem {
    pub(super) status: StatusCode,
    /// What tells this problem from others, for programs.
    pub(super) kind: &'static str,
    title: Message,
    detail: Message,
    hint: Message,
    /// The run that it is about.
    run: Option<String>,
    retry_after: Option<u64>,
    challenge: bool,
}

impl Problem {
    pub(super) fn new(status: StatusCode, kind: &'static str, title: Message, detail: Message, hint: Message) -> Self {
        Self { status, kind, title, detail, hint, run: None, retry_after: None, challenge: false }
    }

    /// The one who asks is not known.
    pub(super) fn unauthorized(detail: Message) -> Self {
        let hint = say!(
            "skicka huvudet `Authorization: Bearer …` med er token, eller visa ert klientcertifikat",
            "send the header `Authorization: Bearer …` with your token, or show your client certificate"
        );
        let title = say!("Avsändaren är inte känd", "The sender is not known");
        Self { challenge: true, ..Self::new(StatusCode::UNAUTHORIZED, "okand-avsandare", title, detail, hint) }
    }

    pub(super) fn forbidden(detail: Message, hint: Message) -> Self {
        let title = say!("Avsändaren får inte göra det här", "The sender may not do this");
        Self::new(StatusCode::FORBIDDEN, "inte-tillatet", title, detail, hint)
    }

    pub(super) fn not_found(detail: Message, hint: Message) -> Self {
        let title = say!("Det som söks finns inte", "There is no such thing");
        Self::new(StatusCode::NOT_FOUND, "finns-inte", title, detail, hint)
    }

    pub(super) fn bad_request(detail: Message, hint: Message) -> Self {
        let title = say!("Anropet går inte att förstå", "The request cannot be understood");
        Self::new(StatusCode::BAD_REQUEST, "felaktigt-anrop", title, detail, hint)
    }

    pub(super) fn too_many(detail: Message, seconds: u64) -> Self {
        let hint = say!(
            "vänta {seconds} sekunder och skicka igen, med samma Idempotency-Key",
            "wait {seconds} seconds and send it again, with the same Idempotency-Key"
        );
        let title = say!("För många leveranser på en gång", "Too many deliveries at once");
        Self::new(StatusCode::TOO_MANY_REQUESTS, "for-manga", title, detail, hint).after(seconds)
    }

    /// What stopped a run, or kept one from beginning.
    pub(super) fn of(error: &PipelineError) -> Self {
        let detail = match &error.place {
            Some(place) => Message::join([&error.what, &Message::join([&"(".into(), place, &")".into()], "")], " "),
            None => error.what.clone(),
        };
        match error.actor {
            Actor::Source => {
                let title = say!("Leveransen går inte att läsa", "The delivery cannot be read");
                let hint = error.hint.clone().unwrap_or_else(|| {
                    say!("rätta leveransen och skicka den igen", "mend the delivery and send it again")
                });
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "olasbar-leverans", title, detail, hint)
            }
            _ if error.retry || error.actor == Actor::Operator => Self::later(),
            _ => Self::ours(),
        }
    }

    /// Something is the matter here that is not the sender's business: the log has it.
    pub(super) fn ours() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "fel-hos-oss",
            say!("Något är fel hos mottagaren", "Something is wrong at the receiver"),
            say!(
                "leveransen kunde inte tas hand om; inget är publicerat",
                "the delivery could not be dealt with; nothing is published"
            ),
            say!(
                "kontakta mottagarens förvaltning och ange körningen; skicka sedan igen med samma Idempotency-Key",
                "contact the receiver's maintainers and name the run; then send again with the same Idempotency-Key"
            ),
        )
    }

    /// It will probably pass.
    pub(super) fn later() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "tillfalligt-fel",
            say!("Mottagaren kan inte ta emot just nu", "The receiver cannot take it just now"),
            say!(
                "leveransen kunde inte tas hand om just nu; inget är publicerat",
                "the delivery could not be dealt with just now; nothing is published"
            ),
            say!(
                "skicka igen om en stund, med samma Idempotency-Key",
                "send again in a while, with the same Idempotency-Key"
            ),
        )
        .after(30)
    }

    #[must_use]
    pub(super) fn after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    #[must_use]
    pub(super) fn about(mut self, run: &str) -> Self {
        self.run = Some(run.to_owned());
        self
    }

    /// As the ledger keeps it: both languages, so that it can be told again to anyone.
    pub(super) fn kept(&self) -> Value {
        json!({
            "status": self.status.as_u16(),
            "sv": self.body(Language::Swedish),
            "en": self.body(Language::English),
        })
    }

    fn body(&self, language: Language) -> Value {
        let told = |message: &Message| message.told(language).to_owned();
        let mut body = json!({
            "type": format!("urn:sluss:problem:{}", self.kind),
            "title": told(&self.title),
            "status": self.status.as_u16(),
            "detail": told(&self.detail),
            "hint": told(&self.hint),
        });
        if let (Some(run), Some(body)) = (&self.run, body.as_object_mut()) {
            body.insert("run".into(), run.as_str().into());
            body.insert("instance".into(), receipt_path(run).into());
        }
        body
    }

    /// The answer to one who reads that language.
    pub(super) fn answer(&self, language: Language) -> Response {
        let mut answer = respond(self.status, self.body(language), language);
        let mut set = |name: HeaderName, value: &str| {
            if let Ok(value) = HeaderValue::from_str(value) {
                answer.headers_mut().insert(name, value);
            }
        };
        if let Some(seconds) = self.retry_after {
            set(header::RETRY_AFTER, &seconds.to_string());
        }
        if self.challenge {
            set(header::WWW_AUTHENTICATE, "Bearer realm=\"sluss\"");
        }
        answer
    }
}

/// A problem that the ledger kept, told again.
pub(super) fn again(kept: &Value, language: Language) -> Response {
    let words = match language {
        Language::Swedish => "sv",
        Language::English => "en",
    };
    let status = kept.get("status").and_then(Value::as_u64).and_then(|status| u16::try_from(status).ok());
    let status = status.and_then(|status| StatusCode::from_u16(status).ok());
    match kept.get(words) {
        Some(body) => respond(status.unwrap_or(StatusCode::UNPROCESSABLE_ENTITY), body.clone(), language),
        None => Problem::ours().answer(language),
    }
}

fn respond(status: StatusCode, body: Value, language: Language) -> Response {
    let mut answer = (status, Json(body)).into_response();
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(code(language)));
    answer
}

/// A language's code.
pub(super) fn code(language: Language) -> &'static str {
    match language {
        Language::Swedish => "sv",
        Language::English => "en",
    }
}

/// Where a run's receipt is found.
pub(super) fn receipt_path(run: &str) -> String {
    format!("/v1/receipts/{run}")
}
