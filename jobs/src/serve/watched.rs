//! What those who run this ask a serving process: is it alive, is it ready, and its figures.
//!
//! The same addresses whatever is served. `/metrics` is for whoever shows the token of `[metrics]`, or, where there
//! is none, for the machine itself.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Json, Router};
use serde::Serialize;
use sha2::{Digest, Sha256};
use sluss_pipeline::error::{PipelineError, Result};
use sluss_pipeline::job::Job;
use sluss_pipeline::run::Engine;
use sluss_schemas::say;
use subtle::ConstantTimeEq;
use tokio::time::Instant;

use super::problem::Problem;
use super::request::{self, Remote};
use crate::watch::{Watch, metrics};

/// A token that is shorter could be guessed.
const SHORTEST: usize = 24;
/// Beats that a scheduler may miss before it is taken for hung.
const MISSED: u32 = 3;
/// The form that Prometheus reads.
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// What there is to ask about.
pub(crate) struct Watched {
    engine: Arc<Engine>,
    watch: Arc<Watch>,
    jobs: Mutex<Arc<Vec<Job>>>,
    token: Option<[u8; 32]>,
    scheduler: Beat,
}

/// When the scheduler last beat, and how often it does: nothing where there is no scheduler.
#[derive(Default)]
struct Beat(Mutex<Option<(Instant, Duration)>>);

impl Beat {
    fn now(&self, every: Duration) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), every));
    }

    fn is_regular(&self) -> Option<bool> {
        let beat = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        beat.map(|(last, every)| last.elapsed() <= every * MISSED)
    }
}

/// What is ready.
#[derive(Debug, Serialize)]
struct Ready {
    register: bool,
    migrations: bool,
    lake: bool,
    /// None: there is no scheduler here.
    #[serde(skip_serializing_if = "Option::is_none")]
    scheduler: Option<bool>,
}

impl Watched {
    /// # Errors
    ///
    /// A token that is not set, or too short.
    pub(crate) fn new(engine: Arc<Engine>, jobs: Arc<Vec<Job>>, watch: Arc<Watch>) -> Result<Self> {
        let token = match &engine.project.file.metrics.token {
            None => None,
            Some(reference) => {
                let name = &reference.secret;
                let wrong = |what| PipelineError::configuration(what).at("sluss.toml, [metrics]");
                let secret = engine.secrets.get(name).ok_or_else(|| {
                    wrong(say!("hemligheten `{name}` är inte satt", "the secret `{name}` is not set"))
                })?;
                let token = secret.expose().trim();
                if token.len() < SHORTEST {
                    return Err(wrong(say!(
                        "token är kortare än {SHORTEST} tecken",
                        "the token is shorter than {SHORTEST} characters"
                    ))
                    .hint(say!("gör en ny med `openssl rand -hex 32`", "make a new one with `openssl rand -hex 32`")));
                }
                Some(Sha256::digest(token.as_bytes()).into())
            }
        };
        Ok(Self { engine, watch, jobs: Mutex::new(jobs), token, scheduler: Beat::default() })
    }

    /// The jobs are these from now on.
    pub(crate) fn jobs_are(&self, jobs: Arc<Vec<Job>>) {
        *self.jobs.lock().unwrap_or_else(PoisonError::into_inner) = jobs;
    }

    /// The scheduler is at work, and will be again after `every`.
    pub(crate) fn beats(&self, every: Duration) {
        self.scheduler.now(every);
    }

    async fn ready(&self) -> Ready {
        let register = self.engine.register.base().await;
        if let Err(error) = &register {
            tracing::error!("the register does not answer: {error}");
        }
        Ready {
            register: register.is_ok(),
            migrations: self.engine.register.is_current().await.unwrap_or_default(),
            lake: self.engine.lake.is_reachable(&self.engine.project.tables).await,
            scheduler: self.scheduler.is_regular(),
        }
    }

    /// Whether whoever asks may see the figures.
    fn may_see(&self, headers: &HeaderMap, remote: Option<Remote>) -> bool {
        if let Some(expected) = &self.token {
            let shown = request::text(headers, header::AUTHORIZATION).unwrap_or_default();
            let token = shown.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
            let hash: [u8; 32] = Sha256::digest(token.map_or("", |(_, token)| token.trim()).as_bytes()).into();
            return bool::from(hash.ct_eq(expected));
        }
        // What a proxy passes on comes from somewhere else.
        let passed_on = ["forwarded", "x-forwarded-for", "via"].iter().any(|name| headers.contains_key(*name));
        !passed_on && remote.is_some_and(|remote| remote.0.ip().is_loopback())
    }
}

/// The addresses.
pub(crate) fn router(watched: Arc<Watched>) -> Router {
    Router::new()
        .route("/healthz", get(alive))
        .route("/readyz", get(ready))
        .route("/metrics", get(figures))
        .with_state(watched)
}

/// A process that answers is alive: whoever finds that it is not starts it anew, which mends no database.
async fn alive() -> Response {
    Json(serde_json::json!({ "status": "ok" })).into_response()
}

async fn ready(State(watched): State<Arc<Watched>>) -> Response {
    let ready = watched.ready().await;
    let all = ready.register && ready.migrations && ready.lake && ready.scheduler.unwrap_or(true);
    let status = if all { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(ready)).into_response()
}

async fn figures(
    State(watched): State<Arc<Watched>>,
    remote: Option<Extension<Remote>>,
    headers: HeaderMap,
) -> Response {
    let language = request::language(&headers);
    if !watched.may_see(&headers, remote.map(|Extension(remote)| remote)) {
        let told = say!(
            "mätvärdena är till för den som visar token i [metrics], eller för den egna datorn",
            "the figures are for whoever shows the token of [metrics], or for the machine itself"
        );
        return Problem::unauthorized(told).answer(language);
    }
    let jobs = Arc::clone(&watched.jobs.lock().unwrap_or_else(PoisonError::into_inner));
    match metrics::scrape(watched.watch.metrics(), &watched.engine, &jobs).await {
        Ok(text) => ([(header::CONTENT_TYPE, TEXT)], text).into_response(),
        Err(error) => {
            tracing::error!("the figures cannot be computed: {error}");
            Problem::ours().answer(language)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scheduler_that_misses_its_beats_is_not_ready() {
        let beat = Beat::default();
        assert_eq!(beat.is_regular(), None, "there is none");
        beat.now(Duration::from_hours(1));
        assert_eq!(beat.is_regular(), Some(true));
        // Due at once, again and again: whatever the machine is at, it has missed some.
        beat.now(Duration::ZERO);
        std::thread::sleep(Duration::from_millis(2));
        assert_eq!(beat.is_regular(), Some(false));
    }
}
