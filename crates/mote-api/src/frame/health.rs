//! For those who watch the server: `/healthz`, `/readyz`, `/metrics`.

use axum::Router;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::routing::get;
use http::{StatusCode, header};
use mote_core::Mote;
use serde_json::json;

use super::Metrics;

/// The routes for watchers. They need no credential and tell nothing about anybody.
pub fn health_routes(metrics: Metrics) -> Router<Mote> {
    let scrape = move |State(mote): State<Mote>| async move {
        let kind = [(header::CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")];
        (kind, metrics.text(&mote))
    };
    Router::new()
        .route("/healthz", get(async || axum::Json(json!({"ok": true}))))
        .route("/readyz", get(ready))
        .route("/metrics", get(scrape))
}

async fn ready(State(mote): State<Mote>) -> impl IntoResponse {
    let ready = mote.is_ready().await;
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, axum::Json(json!({"ok": ready})))
}
