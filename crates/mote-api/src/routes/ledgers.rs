//! Ledgers: their definitions.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use mote_core::Mote;
use mote_core::authorization::table::{
    LedgersArchive, LedgersCreate, LedgersGet, LedgersList, LedgersUpdate,
};
use mote_core::ledgers::{LedgerChange, LedgerQuery, NewLedger};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::ApiError;
use crate::access::OfSpace;
use crate::body::{Input, Path, Query, lenient};
use crate::views::{LedgerAnswer, LedgersAnswer};

#[derive(Deserialize)]
pub(super) struct LedgerPath {
    #[serde(rename = "ledgerName")]
    name: String,
}

/// The fields of a ledger's definition, flat or within `ledger`.
#[derive(Default, Deserialize, ToSchema)]
#[schema(as = LedgerFields)]
pub(super) struct Fields {
    /// Lower-case letters, digits and hyphens, 32 at most.
    name: Option<String>,
    description: Option<String>,
    /// What there is one instance for each of: `Device`, `Product` or `Owner`.
    scope: Option<String>,
    /// `Downstream` (to devices), `Upstream` (from devices) or `None` (for the cloud alone), which it is unless said.
    direction: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[schema(as = LedgerBody)]
pub(super) struct Body {
    /// The definition; also as `definition`.
    #[serde(alias = "definition")]
    ledger: Option<Fields>,
    #[serde(flatten)]
    flat: Fields,
}

impl Body {
    fn fields(self) -> Fields {
        self.ledger.unwrap_or(self.flat)
    }
}

#[derive(Deserialize)]
pub(super) struct Listing {
    scope: Option<String>,
    #[serde(default, deserialize_with = "lenient::bool")]
    archived: Option<bool>,
    #[serde(default, deserialize_with = "lenient::integer")]
    page: Option<i64>,
    #[serde(default, alias = "perPage", deserialize_with = "lenient::integer")]
    per_page: Option<i64>,
}

/// List ledgers
#[utoipa::path(
    get, path = "/v1/ledgers", tag = "Ledgers", security(("bearer" = [])),
    params(
        ("scope" = Option<String>, Query, description = "Only those of this scope"),
        ("archived" = Option<bool>, Query, description = "The archived ones, instead of those in use"),
        ("page" = Option<i64>, Query), ("per_page" = Option<i64>, Query),
    ),
    responses((status = 200, body = LedgersAnswer), (status = 400), (status = 401), (status = 403))
)]
pub(super) async fn list(
    State(mote): State<Mote>,
    OfSpace(access): OfSpace<LedgersList>,
    Query(asked): Query<Listing>,
) -> Result<Json<LedgersAnswer>, ApiError> {
    let query = LedgerQuery {
        scope: asked.scope.filter(|scope| !scope.is_empty()),
        archived: asked.archived.unwrap_or(false),
        page: asked.page,
        per_page: asked.per_page,
    };
    Ok(Json(mote.list_ledgers(&access, query).await?.into()))
}

/// Make a ledger
///
/// Its instances come into being when they are first written.
#[utoipa::path(
    post, path = "/v1/ledgers", tag = "Ledgers", security(("bearer" = [])), request_body = Body,
    responses(
        (status = 201, body = LedgerAnswer), (status = 400), (status = 401), (status = 403),
        (status = 409, description = "The name is taken"),
    )
)]
pub(super) async fn create(
    State(mote): State<Mote>,
    OfSpace(access): OfSpace<LedgersCreate>,
    Input(body): Input<Body>,
) -> Result<(StatusCode, Json<LedgerAnswer>), ApiError> {
    let Fields { name, description, scope, direction } = body.fields();
    let needed = |what: &str| ApiError::bad_request(format_args!("{what} is needed to make a ledger"));
    let new = NewLedger {
        name: name.ok_or_else(|| needed("name"))?,
        scope: scope.ok_or_else(|| needed("scope"))?,
        description,
        direction,
    };
    Ok((StatusCode::CREATED, Json(mote.create_ledger(&access, new).await?.into())))
}

/// See a ledger's definition
#[utoipa::path(
    get, path = "/v1/ledgers/{ledgerName}", tag = "Ledgers", security(("bearer" = [])),
    params(("ledgerName" = String, Path)),
    responses((status = 200, body = LedgerAnswer), (status = 401), (status = 403), (status = 404))
)]
pub(super) async fn see(
    State(mote): State<Mote>,
    OfSpace(access): OfSpace<LedgersGet>,
    Path(path): Path<LedgerPath>,
) -> Result<Json<LedgerAnswer>, ApiError> {
    Ok(Json(mote.get_ledger(&access, &path.name).await?.into()))
}

/// Change a ledger's description; or its direction, while it holds nothing
///
/// Its name and scope stay as they are.
#[utoipa::path(
    put, path = "/v1/ledgers/{ledgerName}", tag = "Ledgers", security(("bearer" = [])), request_body = Body,
    params(("ledgerName" = String, Path)),
    responses(
        (status = 201, body = LedgerAnswer), (status = 400), (status = 401), (status = 403), (status = 404),
        (status = 409, description = "It is archived, or holds something"),
    )
)]
pub(super) async fn update(
    State(mote): State<Mote>,
    OfSpace(access): OfSpace<LedgersUpdate>,
    Path(path): Path<LedgerPath>,
    Input(body): Input<Body>,
) -> Result<(StatusCode, Json<LedgerAnswer>), ApiError> {
    let Fields { name, description, scope, direction } = body.fields();
    if name.is_some_and(|name| name != path.name) {
        return Err(ApiError::bad_request("name: a ledger's name stays as it is; make another ledger"));
    }
    let change = LedgerChange { description, direction, scope };
    Ok((StatusCode::CREATED, Json(mote.update_ledger(&access, &path.name, change).await?.into())))
}

/// Archive a ledger
///
/// What it holds can be read from then on, and not be changed.
#[utoipa::path(
    delete, path = "/v1/ledgers/{ledgerName}", tag = "Ledgers", security(("bearer" = [])),
    params(("ledgerName" = String, Path)),
    responses((status = 204), (status = 401), (status = 403), (status = 404))
)]
pub(super) async fn archive(
    State(mote): State<Mote>,
    OfSpace(access): OfSpace<LedgersArchive>,
    Path(path): Path<LedgerPath>,
) -> Result<StatusCode, ApiError> {
    mote.archive_ledger(&access, &path.name).await?;
    Ok(StatusCode::NO_CONTENT)
}
