//! The interface's addresses.

use std::any::Any;
use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router, middleware};
use sluss_pipeline::receipt::Signer;
use sluss_schemas::say;
use tower_http::catch_panic::CatchPanicLayer;

use super::events::events;
use super::hand_in::hand_in;
use super::problem::Problem;
use super::receipts::receipt;
use super::request;
use super::service::Service;
use super::watched;
use crate::openapi;

/// All of them.
pub(super) fn router(service: &Arc<Service>) -> Router {
    Router::new()
        .route("/v1/regions/{lanskod}/{table}", post(hand_in))
        .route("/v1/receipts/{run}", get(receipt))
        .route("/v1/receipt-keys", get(receipt_keys))
        .route("/v1/events", get(events))
        .route("/v1/openapi.json", get(description))
        .route("/v1/schemas/{file}", get(schema))
        .with_state(Arc::clone(service))
        .merge(watched::router(Arc::clone(&service.watched)))
        .fallback(nowhere)
        .method_not_allowed_fallback(not_so)
        .layer(middleware::map_response(guarded))
        .layer(CatchPanicLayer::custom(|_: Box<dyn Any + Send + 'static>| {
            tracing::error!("a request made the program panic");
            Problem::ours().answer(sluss_schemas::rule::Language::Swedish)
        }))
}

/// Answers are for the one who asked, and are what they say that they are.
async fn guarded(mut response: Response) -> Response {
    response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

async fn description(State(service): State<Arc<Service>>) -> Response {
    Json(openapi::description(&service.engine.project.tables)).into_response()
}

async fn schema(State(service): State<Arc<Service>>, Path(file): Path<String>, headers: HeaderMap) -> Response {
    let table = file.strip_suffix(".json").and_then(|name| service.engine.project.tables.get(name));
    match table {
        Some(table) => {
            let media = [(header::CONTENT_TYPE, "application/schema+json")];
            (media, table.row_schema().to_string()).into_response()
        }
        None => Problem::not_found(
            say!("det finns ingen sådan tabell", "there is no such table"),
            say!("/v1/openapi.json visar tabellerna", "/v1/openapi.json shows the tables"),
        )
        .answer(request::language(&headers)),
    }
}

/// The public keys that signatures of receipts are checked with, newest first.
async fn receipt_keys(State(service): State<Arc<Service>>) -> Response {
    let keys = service.engine.signer.as_ref().map(Signer::public_keys).unwrap_or_default();
    let pems: String = keys.into_iter().map(|(_, pem)| pem).collect();
    ([(header::CONTENT_TYPE, "application/x-pem-file")], pems).into_response()
}

async fn nowhere(request: Request) -> Response {
    Problem::not_found(
        say!("adressen finns inte", "there is no such address"),
        say!("/v1/openapi.json visar gränssnittet", "/v1/openapi.json shows the interface"),
    )
    .answer(request::language(request.headers()))
}

async fn not_so(request: Request) -> Response {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "fel-metod",
        say!("Adressen används inte så", "The address is not used like that"),
        say!(
            "leveranser skickas med POST, kvitton och händelser hämtas med GET",
            "deliveries are sent with POST, receipts and events fetched with GET"
        ),
        say!("/v1/openapi.json visar gränssnittet", "/v1/openapi.json shows the interface"),
    )
    .answer(request::language(request.headers()))
}
