//! `GET /v1/events`: what has changed in the register, in order and once each, for those who follow it.
//!
//! A reader keeps the number of the last event that it has seen to, and asks for what comes after.
//! Numbers are given under one lock and appear in their order, so nothing is ever added before a
//! number that has been read. An event says which key changed and how, never a value beside the key.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde_json::json;
use sluss_pipeline::ledger::{Event, EventFilter};
use sluss_schemas::say;
use tokio::time::Instant;

use super::problem::Problem;
use super::request::{self, Peer};
use super::service::Service;

/// Events in an answer where nothing else is asked for, and the most.
const USUAL: u32 = 100;
const MOST: u32 = 1000;
/// Longest wait for an event, in seconds.
const LONGEST: u64 = 60;
/// How often a waiting request looks.
const LOOK: Duration = Duration::from_millis(500);

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Wanted {
    after: u64,
    limit: u32,
    wait: u64,
}

/// The handler.
pub(super) async fn events(
    State(service): State<Arc<Service>>,
    Extension(peer): Extension<Peer>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let language = request::language(&headers);
    match answer(&service, &peer, &uri, &headers).await {
        Ok(response) => response,
        Err(problem) => problem.answer(language),
    }
}

async fn answer(service: &Service, peer: &Peer, uri: &Uri, headers: &HeaderMap) -> Result<Response, Problem> {
    let sender = request::sender(service, headers, peer)?;
    let wanted = wanted(uri.query().unwrap_or_default())?;
    // Held until the answer has been given.
    let _allowance = service.admit_reader(sender)?;
    let filter = EventFilter {
        after: wanted.after,
        limit: wanted.limit + 1,
        owner: (!sender.is_national()).then(|| sender.lanskod.clone()),
        tables: sender.tables().to_vec(),
        // A region's own events are no secret to it.
        cleared: sender.is_national(),
    };
    let patience = Instant::now() + Duration::from_secs(wanted.wait);
    let mut events = loop {
        let events = service.engine.register.events_of(&filter).await.map_err(|error| {
            tracing::error!("events cannot be read: {error}");
            Problem::later()
        })?;
        if !events.is_empty() || Instant::now() >= patience {
            break events;
        }
        tokio::time::sleep_until(patience.min(Instant::now() + LOOK)).await;
    };
    let limit = usize::try_from(wanted.limit).unwrap_or(usize::MAX);
    let more = events.len() > limit;
    events.truncate(limit);
    let next = events.last().map_or(wanted.after, |event| event.no);
    let events: Vec<_> = events.iter().map(told).collect();
    let mut response = Json(json!({ "events": events, "next": next, "more": more })).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

fn told(event: &Event) -> serde_json::Value {
    json!({
        "no": event.no,
        "table": event.table,
        "key": event.key,
        "kind": event.kind,
        "owner": event.owner,
        "seq": event.seq,
        "recorded": event.recorded,
        "run": event.run,
    })
}

/// Reads the question's numbers.
fn wanted(query: &str) -> Result<Wanted, Problem> {
    let mut wanted = Wanted { after: 0, limit: USUAL, wait: 0 };
    for part in query.split('&').filter(|part| !part.is_empty()) {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let number = value.parse::<u64>().ok().filter(|_| value.bytes().all(|b| b.is_ascii_digit()));
        match (name, number) {
            ("after", Some(after)) if i64::try_from(after).is_ok() => wanted.after = after,
            ("limit", Some(limit @ 1..)) => wanted.limit = u32::try_from(limit).unwrap_or(MOST).min(MOST),
            ("wait", Some(seconds)) => wanted.wait = seconds.min(LONGEST),
            ("after" | "limit" | "wait", _) => {
                // One of three fixed words: nothing that came from outside is repeated.
                let name = ["after", "limit", "wait"].into_iter().find(|known| *known == name).unwrap_or_default();
                return Err(Problem::bad_request(
                    say!("{name} är inget tal som går att använda", "{name} is no number that can be used"),
                    say!("skriv till exempel ?after=0&limit=100", "write for instance ?after=0&limit=100"),
                ));
            }
            _ => {
                return Err(Problem::bad_request(
                    say!("frågan har en okänd del", "the question has an unknown part"),
                    say!(
                        "händelser frågas efter med after, limit och wait",
                        "events are asked for with after, limit and wait"
                    ),
                ));
            }
        }
    }
    Ok(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_question_is_three_numbers() {
        let of = |query: &str| wanted(query).ok().map(|w| (w.after, w.limit, w.wait));
        assert_eq!(of(""), Some((0, 100, 0)));
        assert_eq!(of("after=17&limit=5&wait=20"), Some((17, 5, 20)));
        assert_eq!(of("limit=99999999999&wait=9999"), Some((0, 1000, 60)));
        for wrong in
            ["after=-1", "after=+1", "after=x", "limit=0", "after=", "after", "efter=1", "after=18446744073709551615"]
        {
            assert_eq!(of(wrong), None, "{wrong}");
        }
    }
}
