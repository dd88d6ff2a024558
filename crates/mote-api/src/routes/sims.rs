//! SIM cards of accounts and products.

use axum::Json;
use axum::extract::{FromRequest, Request, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use mote_core::Mote;
use mote_core::authorization::table::{
    SimsCheck, SimsFleetUsage, SimsGet, SimsImport, SimsList, SimsRemove, SimsStatus, SimsUpdate, SimsUsage,
};
use mote_core::sims::{SimAction, SimChange, SimQuery, TaskState};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::ApiError;
use crate::access::{OfAccount, OfProduct, OfSpace};
use crate::body::{FileOfLines, Input, Path, Query, Upload, is_multipart, lenient};
use crate::views::{
    Done, FleetUsageView, ImportedSimsView, NetworkStatusView, SimAnswer, SimPageView, SimUsageView,
};

/// The card that a path names; a product before it is for the extractor of the right.
#[derive(Deserialize)]
pub(super) struct SimPath {
    iccid: String,
}

/// Which cards, which page.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(super) struct Listing {
    /// Part of the ICCID.
    iccid: Option<String>,
    /// Part of the ID of the device that has the card.
    device_id: Option<String>,
    /// Part of that device's name.
    device_name: Option<String>,
    /// From 1.
    #[serde(default, deserialize_with = "lenient::integer")]
    page: Option<i64>,
    /// Cards on a page, 1000 at most: of a product 25 unless asked otherwise, of an account all. Also as `per_page`.
    #[serde(default, alias = "per_page", deserialize_with = "lenient::integer")]
    per_page: Option<i64>,
}

/// List SIM cards
///
/// In the order of their numbers. The device shown with a card is the one of yours that last told of having it.
#[utoipa::path(
    get, path = "/v1/sims", tag = "SIM cards", security(("bearer" = [])), params(Listing),
    responses((status = 200, body = SimPageView), (status = 400), (status = 401), (status = 403))
)]
pub(super) async fn list(
    State(mote): State<Mote>,
    OfSpace(access): OfSpace<SimsList>,
    Query(asked): Query<Listing>,
) -> Result<Json<SimPageView>, ApiError> {
    let query = SimQuery {
        iccid: asked.iccid,
        device_id: asked.device_id,
        device_name: asked.device_name,
        page: asked.page,
        per_page: asked.per_page,
    };
    Ok(Json(mote.list_sims(&access, query).await?.into()))
}

#[derive(Default, Deserialize, ToSchema)]
#[schema(as = SimImportBody)]
pub(super) struct ImportBody {
    /// ICCIDs.
    #[serde(default, deserialize_with = "lenient::texts")]
    sims: Vec<String>,
}

/// Nothing stands beside a file of cards.
#[derive(Deserialize)]
struct NoFields {}

/// ICCIDs to import, from JSON, a form or a file.
pub(super) struct Cards(Vec<String>);

impl FromRequest<Mote> for Cards {
    type Rejection = ApiError;

    async fn from_request(request: Request, mote: &Mote) -> Result<Self, ApiError> {
        if is_multipart(&request) {
            let upload: Upload<NoFields> = Upload::from_request(request, mote).await?;
            return Ok(Self(upload.lines("ICCID")?));
        }
        let Input(ImportBody { sims }) = Input::from_request(request, mote).await?;
        Ok(Self(sims))
    }
}

/// Import SIM cards into the product and activate them
///
/// By JSON or form (`sims[]`), or a text file (`multipart/form-data`, part `file`) with one ICCID a line; a hundred thousand
/// at most. It is done when the answer comes: instead of a mail, the answer names what was not imported. The device that
/// has a card comes into the product with it, where it could be imported by itself.
#[utoipa::path(
    post, path = "/v1/products/{productIdOrSlug}/sims", tag = "SIM cards", security(("bearer" = [])),
    request_body(content(
        (ImportBody = "application/json"), (ImportBody = "application/x-www-form-urlencoded"), (FileOfLines = "multipart/form-data"),
    )), params(("productIdOrSlug" = String, Path)),
    responses(
        (status = 200, body = ImportedSimsView), (status = 400), (status = 401), (status = 403), (status = 413),
    )
)]
pub(super) async fn import(
    State(mote): State<Mote>,
    OfProduct(access): OfProduct<SimsImport>,
    Cards(iccids): Cards,
) -> Result<Json<ImportedSimsView>, ApiError> {
    Ok(Json(mote.import_sims(&access, iccids).await?.into()))
}

/// See what the product's SIM cards used this month
///
/// As it was recorded: days of which nothing was recorded are days of nothing. Months are the calendar's (UTC).
#[utoipa::path(
    get, path = "/v1/products/{productIdOrSlug}/sims/data_usage", tag = "SIM cards", security(("bearer" = [])),
    params(("productIdOrSlug" = String, Path)),
    responses((status = 200, body = FleetUsageView), (status = 401), (status = 403))
)]
pub(super) async fn fleet_usage(
    State(mote): State<Mote>,
    OfProduct(access): OfProduct<SimsFleetUsage>,
) -> Result<Json<FleetUsageView>, ApiError> {
    Ok(Json(mote.fleet_usage(&access).await?.into()))
}

/// Ask whether the account could take a SIM card, or has it
#[utoipa::path(
    head, path = "/v1/sims/{iccid}", tag = "SIM cards", security(("bearer" = [])), params(("iccid" = String, Path)),
    responses(
        (status = 204), (status = 401), (status = 403, description = "Somebody else's"),
        (status = 404, description = "No number of a SIM card"),
    )
)]
pub(super) async fn check(
    State(mote): State<Mote>,
    OfAccount(access): OfAccount<SimsCheck>,
    Path(SimPath { iccid }): Path<SimPath>,
) -> Result<StatusCode, ApiError> {
    mote.check_sim(&access, &iccid).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// See a SIM card
#[utoipa::path(
    get, path = "/v1/sims/{iccid}", tag = "SIM cards", security(("bearer" = [])), params(("iccid" = String, Path)),
    responses((status = 200, body = SimAnswer), (status = 401), (status = 403), (status = 404))
)]
pub(super) async fn see(
    State(mote): State<Mote>,
    OfSpace(access): OfSpace<SimsGet>,
    Path(SimPath { iccid }): Path<SimPath>,
) -> Result<Json<SimAnswer>, ApiError> {
    let (sim, owner) = mote.sim(&access, &iccid).await?;
    Ok(Json(SimAnswer::new(sim, owner)))
}

#[derive(Deserialize, ToSchema)]
#[schema(as = SimChange)]
pub(super) struct Change {
    /// `activate` (of an account's cards, the first time only; takes a card that is nobody's), `deactivate` or `reactivate`.
    action: Option<String>,
    /// MB that the card may use a month; 0 for no limit. It is paused when it has.
    #[serde(default, deserialize_with = "lenient::integer")]
    mb_limit: Option<i64>,
}

/// Activate, deactivate, reactivate or limit a SIM card
#[utoipa::path(
    put, path = "/v1/sims/{iccid}", tag = "SIM cards", security(("bearer" = [])), request_body = Change,
    params(("iccid" = String, Path)),
    responses(
        (status = 200, body = Done), (status = 400), (status = 401), (status = 403), (status = 404),
        (status = 409, description = "Not in this state, or its data limit is used up"),
    )
)]
pub(super) async fn update(
    State(mote): State<Mote>,
    OfSpace(access): OfSpace<SimsUpdate>,
    Path(SimPath { iccid }): Path<SimPath>,
    Input(body): Input<Change>,
) -> Result<Json<Done>, ApiError> {
    let action = match body.action.as_deref() {
        None => None,
        Some("activate") => Some(SimAction::Activate),
        Some("deactivate") => Some(SimAction::Deactivate),
        Some("reactivate") => Some(SimAction::Reactivate),
        Some(_) => return Err(ApiError::bad_request("action is activate, deactivate or reactivate")),
    };
    mote.update_sim(&access, &iccid, SimChange { action, mb_limit: body.mb_limit }).await?;
    Ok(Json(Done::new()))
}

/// Let a SIM card go
///
/// It is nobody's then: anybody may take or import it.
#[utoipa::path(
    delete, path = "/v1/sims/{iccid}", tag = "SIM cards", security(("bearer" = [])), params(("iccid" = String, Path)),
    responses((status = 204), (status = 401), (status = 403), (status = 404))
)]
pub(super) async fn release(
    State(mote): State<Mote>,
    OfSpace(access): OfSpace<SimsRemove>,
    Path(SimPath { iccid }): Path<SimPath>,
) -> Result<StatusCode, ApiError> {
    mote.release_sim(&access, &iccid).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// See what a SIM card used this month
///
/// As it was recorded: days of which nothing was recorded are days of nothing. Months are the calendar's (UTC).
#[utoipa::path(
    get, path = "/v1/sims/{iccid}/data_usage", tag = "SIM cards", security(("bearer" = [])),
    params(("iccid" = String, Path)),
    responses((status = 200, body = SimUsageView), (status = 401), (status = 403), (status = 404))
)]
pub(super) async fn usage(
    State(mote): State<Mote>,
    OfSpace(access): OfSpace<SimsUsage>,
    Path(SimPath { iccid }): Path<SimPath>,
) -> Result<Json<SimUsageView>, ApiError> {
    Ok(Json(mote.sim_usage(&access, &iccid).await?.into()))
}

/// Ask whether a SIM card is connected
///
/// The first request asks, and is answered with 202; the next ones say what came of it for three minutes. No carrier is
/// connected to this server, which is what comes of it: the states stay null, and `info` says so.
#[utoipa::path(
    get, path = "/v1/sims/{iccid}/status", tag = "SIM cards", security(("bearer" = [])),
    params(("iccid" = String, Path)),
    responses(
        (status = 200, body = NetworkStatusView), (status = 202, body = NetworkStatusView), (status = 401),
        (status = 403), (status = 404),
    )
)]
pub(super) async fn network_status(
    State(mote): State<Mote>,
    OfSpace(access): OfSpace<SimsStatus>,
    Path(SimPath { iccid }): Path<SimPath>,
) -> Result<Response, ApiError> {
    let asked = mote.network_status(&access, &iccid).await?;
    let status = match asked.state {
        TaskState::Pending => StatusCode::ACCEPTED,
        TaskState::Complete => StatusCode::OK,
    };
    Ok((status, Json(NetworkStatusView::from(asked))).into_response())
}
