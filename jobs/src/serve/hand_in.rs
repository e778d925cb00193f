//! `POST /v1/regions/{lanskod}/{table}`: a delivery is checked at the door, received, and run.

use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use bytes::Bytes;
use futures::{Stream, StreamExt, stream};
use sha2::{Digest, Sha256};
use sluss_pipeline::ledger::{Begun, HandedIn};
use sluss_schemas::region;
use sluss_schemas::rule::Language;
use sluss_schemas::say;

use super::problem::Problem;
use super::receipts;
use super::request::{self, Peer};
use super::senders::{Sender, hex};
use super::service::Service;
use crate::push::{self, Form, Incoming, NotReceived, Target};

/// What a delivery is called before its ending.
const STEM: &str = "leverans";

/// The handler.
pub(super) async fn hand_in(
    State(service): State<Arc<Service>>,
    Path((lanskod, table)): Path<(String, String)>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let language = request::language(&headers);
    match handed_in(&service, &lanskod, &table, &peer, &headers, body, language).await {
        Ok(answer) => answer,
        Err(problem) => {
            tracing::info!(status = problem.status.as_u16(), why = problem.kind, "a delivery was turned away");
            problem.answer(language)
        }
    }
}

async fn handed_in(
    service: &Service,
    lanskod: &str,
    table: &str,
    peer: &Peer,
    headers: &HeaderMap,
    body: Body,
    language: Language,
) -> Result<Response, Problem> {
    let sender = match request::sender(service, headers, peer) {
        Ok(sender) => sender,
        Err(problem) => {
            service.turned_away("-", "hand-in", problem.kind).await;
            return Err(problem);
        }
    };
    let target = match allowed(service, sender, lanskod, table) {
        Ok(target) => target,
        Err(problem) => {
            if problem.status == StatusCode::FORBIDDEN {
                // What the path says is the sender's own words: it is not repeated.
                service.turned_away(&sender.name, "hand-in", problem.kind).await;
            }
            return Err(problem);
        }
    };
    let form = form(&target, table, headers)?;
    let packed = packed(headers)?;
    let limit = service.settings.max_bytes;
    let length = request::text(headers, header::CONTENT_LENGTH).and_then(|text| text.parse::<u64>().ok());
    if length.is_some_and(|length| length > limit) {
        return Err(too_large(limit));
    }
    let key = request::key(headers)?;
    let patience = request::patience(headers, Duration::from_secs(service.settings.wait_seconds));
    // Held until the delivery has been answered.
    let _allowance = service.admit(sender)?;

    let incoming = Incoming { owner: lanskod, name: form.name(STEM), packed, limit };
    let idle = Duration::from_secs(service.settings.idle_seconds.max(1));
    let pieces = Box::pin(until_silent(body.into_data_stream(), idle));
    let received = push::receive(&service.engine, incoming, pieces).await.map_err(|why| not_received(why, limit))?;
    let (bytes, run) = (received.bytes, received.delivery.run().to_owned());
    tracing::info!(sender = sender.name, lanskod, table, run, bytes, "a delivery has landed");
    let place = format!("{table}\u{1f}{}\u{1f}{}", received.name, received.content);
    let handed = HandedIn {
        sender: sender.name.clone(),
        // Without a key of the sender's, every delivery is its own.
        key: hex(&Sha256::digest(key.as_deref().unwrap_or(&run))),
        digest: hex(&Sha256::digest(place)),
        name: received.name.clone(),
    };
    let begun = service.runs.begin(target, received, &handed).await.map_err(|error| {
        tracing::error!(run, "a delivery could not be begun: {error}");
        Problem::of(&error)
    })?;
    match begun {
        Begun::New { first_run } | Begun::Before { first_run, .. } => {
            service.runs.wait(&first_run, patience).await;
            receipts::after_hand_in(service, &first_run, request::wants_text(headers), language).await
        }
        Begun::Other { first_run } => Err(Problem::new(
            StatusCode::CONFLICT,
            "nyckeln-upptagen",
            say!("Nyckeln är redan använd", "The key has been used already"),
            say!(
                "samma Idempotency-Key kom tidigare med ett annat innehåll",
                "the same Idempotency-Key came before with another content"
            ),
            say!("skicka en ny leverans med en ny nyckel", "send a new delivery with a new key"),
        )
        .about(&first_run)),
    }
}

/// The target, if the sender may hand in to it.
fn allowed(service: &Service, sender: &Sender, lanskod: &str, table: &str) -> Result<Target, Problem> {
    if sender.is_national() {
        return Err(Problem::forbidden(
            say!(
                "avsändaren läser för hela landet och lämnar inget",
                "the sender reads for the whole country and hands in nothing"
            ),
            say!("använd regionens egen token", "use the region's own token"),
        ));
    }
    if sender.lanskod != lanskod {
        let (own, name) = (&sender.lanskod, region::by_lanskod(&sender.lanskod).map_or("", |r| r.name));
        return Err(Problem::forbidden(
            say!(
                "avsändaren lämnar för {name} ({own}) och ingen annan",
                "the sender hands in for {name} ({own}) and no other"
            ),
            say!("skicka till /v1/regions/{own}/…", "send to /v1/regions/{own}/…"),
        ));
    }
    let target = push::target(&service.engine.project, &service.jobs, lanskod, table).ok_or_else(|| {
        let names: Vec<&str> = push::own_tables(&service.engine.project.tables).map(|t| t.name.as_str()).collect();
        let near =
            names.iter().map(|name| (strsim::jaro_winkler(name, table), *name)).max_by(|(a, _), (b, _)| a.total_cmp(b));
        let hint = match near {
            Some((like, near)) if like > 0.85 => say!("menade ni `{near}`?", "did you mean `{near}`?"),
            _ => say!("det finns: {}", "there are: {}", names.join(", ")),
        };
        Problem::not_found(say!("ingen sådan tabell tas emot", "no such table is taken"), hint)
    })?;
    if !sender.may(table) {
        return Err(Problem::forbidden(
            say!("avsändaren får inte lämna {table}", "the sender may not hand in {table}"),
            say!("be mottagarens förvaltning om det", "ask the receiver's maintainers for it"),
        ));
    }
    Ok(target)
}

/// The delivery's form, if the target takes it.
fn form(target: &Target, table: &str, headers: &HeaderMap) -> Result<Form, Problem> {
    let said = request::text(headers, header::CONTENT_TYPE).unwrap_or_default();
    let found = Form::of_content_type(said).filter(|form| match target.format() {
        Some(wanted) => form.format == wanted,
        None => form.carries_own_columns(),
    });
    found.ok_or_else(|| {
        let taken = match target.format() {
            Some(wanted) => push::media(wanted).to_owned(),
            None => push::own_media().collect::<Vec<_>>().join(", "),
        };
        Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "okand-form",
            say!("Leveransens form tas inte emot", "The delivery's form is not taken"),
            say!(
                "{table} tas inte emot i den form som Content-Type säger",
                "{table} is not taken in the form that Content-Type says"
            ),
            say!(
                "skicka någon av: {taken} (csv med charset utf-8, iso-8859-1 eller windows-1252)",
                "send one of: {taken} (csv with charset utf-8, iso-8859-1 or windows-1252)"
            ),
        )
    })
}

/// Whether it is packed on its way.
fn packed(headers: &HeaderMap) -> Result<bool, Problem> {
    match request::text(headers, header::CONTENT_ENCODING).unwrap_or_default().to_ascii_lowercase().as_str() {
        "" | "identity" => Ok(false),
        "gzip" | "x-gzip" => Ok(true),
        _ => Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "okand-packning",
            say!("Leveransens packning tas inte emot", "The delivery's packing is not taken"),
            say!("Content-Encoding är varken gzip eller identity", "Content-Encoding is neither gzip nor identity"),
            say!("skicka opackat, eller packa med gzip", "send it plain, or pack it with gzip"),
        )),
    }
}

fn too_large(limit: u64) -> Problem {
    let limit = limit / 1024;
    Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "for-stor",
        say!("Leveransen är för stor", "The delivery is too large"),
        say!("en leverans får vara {limit} KiB, uppackad", "a delivery may be {limit} KiB, unpacked"),
        say!("dela upp den i flera leveranser", "split it into several deliveries"),
    )
}

fn not_received(why: NotReceived, limit: u64) -> Problem {
    match why {
        NotReceived::TooLarge => too_large(limit),
        NotReceived::Empty => Problem::bad_request(
            say!("leveransen är tom", "the delivery is empty"),
            say!("skicka rader, i någon av formerna", "send rows, in one of the forms"),
        ),
        NotReceived::BrokenOff => Problem::bad_request(
            say!(
                "leveransen bröts innan den var hel; inget av den är sparat",
                "the delivery broke off before it was whole; nothing of it is kept"
            ),
            say!("skicka den igen, med samma Idempotency-Key", "send it again, with the same Idempotency-Key"),
        ),
        NotReceived::Unpackable => Problem::bad_request(
            say!(
                "leveransen går inte att packa upp: den är inte hel gzip",
                "the delivery cannot be unpacked: it is not whole gzip"
            ),
            say!("packa om den, eller skicka den opackad", "pack it again, or send it plain"),
        ),
        NotReceived::NotKept(error) => {
            tracing::error!("a delivery could not be kept: {error}");
            Problem::later()
        }
    }
}

/// The body, until nothing comes for so long.
fn until_silent<E>(
    body: impl Stream<Item = Result<Bytes, E>> + Unpin,
    idle: Duration,
) -> impl Stream<Item = Result<Bytes, ()>> {
    stream::unfold(Some(body), move |body| async move {
        let mut body = body?;
        match tokio::time::timeout(idle, body.next()).await {
            Ok(Some(Ok(piece))) => Some((Ok(piece), Some(body))),
            Ok(None) => None,
            Ok(Some(Err(_))) | Err(_) => Some((Err(()), None)),
        }
    })
}
