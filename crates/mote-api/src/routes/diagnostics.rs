//! What devices told of themselves.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use mote_core::Mote;
use mote_core::authorization::table::{
    DiagnosticsGet, DiagnosticsUpdate, OwnDiagnosticsGet, OwnDiagnosticsUpdate,
};
use mote_core::diagnostics::{VitalsRange, VitalsRecord, WrongRange};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::ApiError;
use crate::access::{OfOwner, OfProduct};
use crate::body::{Path, Query};
use crate::csv;
use crate::views::{Done, LastVitalsView, VitalsHistoryView, vitals_table};

/// Which records.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Dates {
    /// The oldest, ISO 8601; thirty days ago at most, which it is where it is left out.
    start_date: Option<String>,
    /// What the newest are before, ISO 8601.
    end_date: Option<String>,
}

impl Dates {
    fn range(&self, mote: &Mote) -> Result<VitalsRange, ApiError> {
        let range = VitalsRange::parse(
            self.start_date.as_deref(),
            self.end_date.as_deref(),
            mote.now(),
            mote.settings().history_days,
        );
        range.map_err(|wrong: WrongRange| {
            let error = ApiError::new(StatusCode::BAD_REQUEST, "bad_request", wrong);
            error.with_field("description", wrong.to_string().into())
        })
    }
}

fn shown(headers: &HeaderMap, records: Vec<VitalsRecord>) -> Response {
    if csv::is_preferred(headers) {
        vitals_table(&records)
    } else {
        Json(VitalsHistoryView::from(records)).into_response()
    }
}

/// See what a device of the account told of itself
///
/// Oldest first; as a table where the caller accepts `text/csv`. Vitals are kept for thirty days, the last 5000 of a
/// device, and belong to whom the device belonged to when it told them.
#[utoipa::path(
    get, path = "/v1/diagnostics/{deviceId}", tag = "Diagnostics", security(("bearer" = [])),
    params(("deviceId" = String, Path, description = "ID or name"), Dates),
    responses(
        (status = 200, content((VitalsHistoryView = "application/json"), (String = "text/csv"))),
        (status = 400), (status = 401), (status = 403), (status = 404),
    )
)]
pub(super) async fn history_of_own(
    State(mote): State<Mote>,
    OfOwner(access): OfOwner<OwnDiagnosticsGet>,
    Path(device): Path<String>,
    Query(dates): Query<Dates>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let range = dates.range(&mote)?;
    Ok(shown(&headers, mote.account_device_vitals(&access, &device, range).await?))
}

/// See what a device of the product told of itself
///
/// As for a device of an account.
#[utoipa::path(
    get, path = "/v1/products/{productIdOrSlug}/diagnostics/{deviceId}", tag = "Diagnostics",
    security(("bearer" = [])), params(("productIdOrSlug" = String, Path), ("deviceId" = String, Path), Dates),
    responses(
        (status = 200, content((VitalsHistoryView = "application/json"), (String = "text/csv"))),
        (status = 400), (status = 401), (status = 403), (status = 404),
    )
)]
pub(super) async fn history(
    State(mote): State<Mote>,
    OfProduct(access): OfProduct<DiagnosticsGet>,
    Path((_, device)): Path<(String, String)>,
    Query(dates): Query<Dates>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let range = dates.range(&mote)?;
    Ok(shown(&headers, mote.product_device_vitals(&access, &device, range).await?))
}

/// See what a device of the account told of itself last
#[utoipa::path(
    get, path = "/v1/diagnostics/{deviceId}/last", tag = "Diagnostics", security(("bearer" = [])),
    params(("deviceId" = String, Path, description = "ID or name")),
    responses((status = 200, body = LastVitalsView), (status = 401), (status = 403), (status = 404))
)]
pub(super) async fn last_of_own(
    State(mote): State<Mote>,
    OfOwner(access): OfOwner<OwnDiagnosticsGet>,
    Path(device): Path<String>,
) -> Result<Json<LastVitalsView>, ApiError> {
    Ok(Json(mote.last_account_device_vitals(&access, &device).await?.into()))
}

/// See what a device of the product told of itself last
#[utoipa::path(
    get, path = "/v1/products/{productIdOrSlug}/diagnostics/{deviceId}/last", tag = "Diagnostics",
    security(("bearer" = [])), params(("productIdOrSlug" = String, Path), ("deviceId" = String, Path)),
    responses((status = 200, body = LastVitalsView), (status = 401), (status = 403), (status = 404))
)]
pub(super) async fn last(
    State(mote): State<Mote>,
    OfProduct(access): OfProduct<DiagnosticsGet>,
    Path((_, device)): Path<(String, String)>,
) -> Result<Json<LastVitalsView>, ApiError> {
    Ok(Json(mote.last_product_device_vitals(&access, &device).await?.into()))
}

/// Ask a device of the account for its vitals
///
/// It must be connected, and brings them as the event `spark/device/diagnostics/update`.
#[utoipa::path(
    post, path = "/v1/diagnostics/{deviceId}/update", tag = "Diagnostics", security(("bearer" = [])),
    params(("deviceId" = String, Path, description = "ID or name")),
    responses(
        (status = 202, body = Done), (status = 401), (status = 403), (status = 404),
        (status = 408, description = "The device is not connected, or does not answer"),
    )
)]
pub(super) async fn refresh_own(
    State(mote): State<Mote>,
    OfOwner(access): OfOwner<OwnDiagnosticsUpdate>,
    Path(device): Path<String>,
) -> Result<(StatusCode, Json<Done>), ApiError> {
    mote.refresh_account_device_vitals(&access, &device).await?;
    Ok((StatusCode::ACCEPTED, Json(Done::new())))
}

/// Ask a device of the product for its vitals
///
/// It must be connected, and brings them as the event `spark/device/diagnostics/update`.
#[utoipa::path(
    post, path = "/v1/products/{productIdOrSlug}/diagnostics/{deviceId}/update", tag = "Diagnostics",
    security(("bearer" = [])), params(("productIdOrSlug" = String, Path), ("deviceId" = String, Path)),
    responses(
        (status = 202, body = Done), (status = 401), (status = 403), (status = 404),
        (status = 408, description = "The device is not connected, or does not answer"),
    )
)]
pub(super) async fn refresh(
    State(mote): State<Mote>,
    OfProduct(access): OfProduct<DiagnosticsUpdate>,
    Path((_, device)): Path<(String, String)>,
) -> Result<(StatusCode, Json<Done>), ApiError> {
    mote.refresh_product_device_vitals(&access, &device).await?;
    Ok((StatusCode::ACCEPTED, Json(Done::new())))
}
