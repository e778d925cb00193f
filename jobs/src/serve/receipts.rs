//! What became of a delivery: told when it is handed in, and to whoever of its region asks later.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde_json::{Value, json};
use sluss_pipeline::ledger::{Act, Note, Run, RunState};
use sluss_pipeline::receipt::{self, Receipt};
use sluss_schemas::rule::Language;
use sluss_schemas::say;

use super::problem::{self, Problem, receipt_path};
use super::request::{self, Peer};
use super::service::Service;

/// Seconds after which one who asks for a receipt should ask again.
const AGAIN: u64 = 2;

/// The signature over the answer's body: `key=1; ed25519=<base64>`.
const SIGNATURE: HeaderName = HeaderName::from_static("sluss-signature");

/// `GET /v1/receipts/{run}`.
pub(super) async fn receipt(
    State(service): State<Arc<Service>>,
    Path(run): Path<String>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
) -> Response {
    let language = request::language(&headers);
    let text = request::wants_text(&headers);
    let found = async {
        let sender = match request::sender(&service, &headers, &peer) {
            Ok(sender) => sender,
            Err(problem) => {
                service.turned_away("-", "receipts", problem.kind).await;
                return Err(problem);
            }
        };
        let known = find(&service, &run).await?;
        if known.as_ref().is_some_and(|(latest, _)| latest.owner != sender.lanskod) {
            service.turned_away(&sender.name, "receipts", "another region's run").await;
        }
        // Another region's run is no more there than one that never was.
        let own = |(latest, _): &(Run, Option<Value>)| latest.owner == sender.lanskod && !sender.is_national();
        let (latest, answer) = known.filter(own).ok_or_else(|| {
            Problem::not_found(
                say!("det finns ingen sådan körning", "there is no such run"),
                say!(
                    "kontrollera körningens id i svaret på leveransen",
                    "check the run's id in the answer to the delivery"
                ),
            )
        })?;
        if latest.state != RunState::Running {
            let (who, object, run) = (Some(sender.name.as_str()), latest.job.as_str(), Some(latest.id.as_str()));
            service.note(&Note { who, act: Act::Receipt, object, outcome: "done", run }).await;
        }
        tell(&service, &run, &latest, answer.as_ref(), StatusCode::OK, text, language).await
    };
    found.await.unwrap_or_else(|problem| problem.answer(language))
}

/// The answer to a delivery: as much as is known of its run by now.
pub(super) async fn after_hand_in(
    service: &Service,
    first_run: &str,
    text: bool,
    language: Language,
) -> Result<Response, Problem> {
    let (latest, answer) = find(service, first_run).await?.ok_or_else(Problem::ours)?;
    tell(service, first_run, &latest, answer.as_ref(), StatusCode::ACCEPTED, text, language).await
}

/// A run by the id that a sender was told, or by its own; and why it cannot be read, where that is known.
async fn find(service: &Service, id: &str) -> Result<Option<(Run, Option<Value>)>, Problem> {
    let register = &service.engine.register;
    let unreadable = |error: sluss_pipeline::register::RegisterError| {
        tracing::error!(run = id, "the ledger cannot be read: {error}");
        Problem::later()
    };
    let handed = register.handed_in(id).await.map_err(unreadable)?;
    let (latest, answer) = match handed {
        Some(kept) => (kept.run, kept.answer),
        None => (id.to_owned(), None),
    };
    Ok(register.run(&latest).await.map_err(unreadable)?.map(|run| (run, answer)))
}

async fn tell(
    service: &Service,
    told: &str,
    run: &Run,
    answer: Option<&Value>,
    status: StatusCode,
    text: bool,
    language: Language,
) -> Result<Response, Problem> {
    if let Some(answer) = answer {
        return Ok(problem::again(answer, language));
    }
    let register = &service.engine.register;
    let kept = register.receipt(&run.id).await.map_err(|_| Problem::later())?;
    // The run may have ended between the two questions: then this is how.
    let ended = register.run(&run.id).await.map_err(|_| Problem::later())?;
    let run = ended.as_ref().unwrap_or(run);
    let kept = kept.filter(|_| run.state != RunState::Running);
    let place = receipt_path(told);
    let Some(kept) = kept else {
        return match run.state {
            RunState::Failed => Err(Problem::later().about(told)),
            _ => Ok(running(told, &place, text, language)),
        };
    };
    let receipt: Receipt = serde_json::from_value(kept.document).map_err(|_| Problem::ours())?;
    let (kind, body) = if text {
        ("text/plain; charset=utf-8", receipt::text(&receipt, language).into_bytes())
    } else {
        let report = receipt::json(&receipt, language).ok().and_then(|json| serde_json::from_str(&json).ok());
        let report: Value = report.ok_or_else(Problem::ours)?;
        let state = if run.state == RunState::Planned { "tested" } else { run.state.name() };
        let answer = json!({ "run": told, "state": state, "receipt": place, "report": report });
        ("application/json", serde_json::to_vec(&answer).map_err(|_| Problem::ours())?)
    };
    let signature = service.engine.signer.as_ref().and_then(|signer| signer.header(&body).parse().ok());
    let mut response = (status, [(header::CONTENT_TYPE, kind)], body).into_response();
    if let Some(signature) = signature {
        response.headers_mut().insert(SIGNATURE, signature);
    }
    head(&mut response, &place, language);
    Ok(response)
}

/// The run goes on.
fn running(told: &str, place: &str, text: bool, language: Language) -> Response {
    let mut response = if text {
        let sentence = say!(
            "Leveransen är mottagen och prövas. Kvittot finns snart på {place}.\n",
            "The delivery has been received and is being judged. Its receipt will be at {place}.\n"
        );
        (StatusCode::ACCEPTED, sentence.told(language).to_owned()).into_response()
    } else {
        let body = json!({ "run": told, "state": "running", "receipt": place, "report": null });
        (StatusCode::ACCEPTED, Json(body)).into_response()
    };
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(AGAIN));
    head(&mut response, place, language);
    response
}

fn head(response: &mut Response, place: &str, language: Language) {
    let headers = response.headers_mut();
    if let Ok(place) = HeaderValue::from_str(place) {
        headers.insert(header::LOCATION, place);
    }
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(problem::code(language)));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::VARY, HeaderValue::from_static("accept, accept-language"));
}
