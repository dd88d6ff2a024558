//! What ledgers hold, and held.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use mote_core::authorization::table::{
    LedgerInstancesGet, LedgerInstancesList, LedgerInstancesRemove, LedgerInstancesSet, LedgerVersionsGet,
    LedgerVersionsList,
};
use mote_core::ledgers::{SetMode, VersionQuery};
use mote_core::{Moment, Mote};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::ApiError;
use crate::access::OfSpace;
use crate::body::{Input, Path, Query, lenient};
use crate::views::{InstanceAnswer, InstancesAnswer, VersionsAnswer};

#[derive(Deserialize)]
pub(super) struct InstancesPath {
    #[serde(rename = "ledgerName")]
    ledger: String,
}

#[derive(Deserialize)]
pub(super) struct InstancePath {
    #[serde(rename = "ledgerName")]
    ledger: String,
    #[serde(rename = "scopeValue")]
    scope_value: String,
}

#[derive(Deserialize)]
pub(super) struct VersionPath {
    #[serde(rename = "ledgerName")]
    ledger: String,
    #[serde(rename = "scopeValue")]
    scope_value: String,
    version: String,
}

#[derive(Deserialize)]
pub(super) struct Listing {
    #[serde(default, deserialize_with = "lenient::integer")]
    page: Option<i64>,
    #[serde(default, alias = "perPage", deserialize_with = "lenient::integer")]
    per_page: Option<i64>,
}

/// List what a ledger holds
#[utoipa::path(
    get, path = "/v1/ledgers/{ledgerName}/instances", tag = "Ledgers", security(("bearer" = [])),
    params(
        ("ledgerName" = String, Path), ("page" = Option<i64>, Query),
        ("per_page" = Option<i64>, Query, description = "100 at most; 10 of a ledger for the cloud alone"),
    ),
    responses((status = 200, body = InstancesAnswer), (status = 400), (status = 401), (status = 403), (status = 404))
)]
pub(super) async fn list(
    State(mote): State<Mote>,
    OfSpace(access): OfSpace<LedgerInstancesList>,
    Path(path): Path<InstancesPath>,
    Query(asked): Query<Listing>,
) -> Result<Json<InstancesAnswer>, ApiError> {
    let page = mote.list_ledger_instances(&access, &path.ledger, asked.page, asked.per_page).await?;
    Ok(Json(page.into()))
}

/// See what a ledger holds for one device, product or owner
#[utoipa::path(
    get, path = "/v1/ledgers/{ledgerName}/instances/{scopeValue}", tag = "Ledgers", security(("bearer" = [])),
    params(("ledgerName" = String, Path), ("scopeValue" = String, Path, description = "Its ID")),
    responses((status = 200, body = InstanceAnswer), (status = 400), (status = 401), (status = 403), (status = 404))
)]
pub(super) async fn see(
    State(mote): State<Mote>,
    OfSpace(access): OfSpace<LedgerInstancesGet>,
    Path(path): Path<InstancePath>,
) -> Result<Json<InstanceAnswer>, ApiError> {
    Ok(Json(mote.get_ledger_instance(&access, &path.ledger, &path.scope_value).await?.into()))
}

#[derive(Default, Deserialize, ToSchema)]
#[schema(as = LedgerInstanceFields)]
pub(super) struct Fields {
    /// A JSON object: 16 KiB at most, or 1 MiB in a ledger for the cloud alone.
    #[schema(value_type = Object)]
    data: Option<Value>,
}

/// The data of an instance, flat or within `instance`.
#[derive(Deserialize, ToSchema)]
#[schema(as = LedgerInstanceBody)]
pub(super) struct Body {
    instance: Option<Fields>,
    #[serde(flatten)]
    flat: Fields,
}

impl Body {
    fn data(self) -> Result<Map<String, Value>, ApiError> {
        match self.instance.unwrap_or(self.flat).data {
            Some(Value::Object(data)) => Ok(data),
            Some(_) => Err(ApiError::bad_request("data: is a JSON object")),
            None => Err(ApiError::bad_request("data is needed: a JSON object")),
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Setting {
    set_mode: Option<String>,
}

/// Write what a ledger holds for one device, product or owner
///
/// What was held becomes a version.
#[utoipa::path(
    put, path = "/v1/ledgers/{ledgerName}/instances/{scopeValue}", tag = "Ledgers", security(("bearer" = [])),
    request_body = Body,
    params(
        ("ledgerName" = String, Path), ("scopeValue" = String, Path, description = "Its ID"),
        ("set_mode" = Option<String>, Query, description = "`Replace`, or `Merge`: field by field at the top"),
    ),
    responses(
        (status = 201, body = InstanceAnswer), (status = 400), (status = 401), (status = 403), (status = 404),
        (status = 409, description = "The ledger is archived, or only devices write it"),
    )
)]
pub(super) async fn set(
    State(mote): State<Mote>,
    OfSpace(access): OfSpace<LedgerInstancesSet>,
    Path(path): Path<InstancePath>,
    Query(setting): Query<Setting>,
    Input(body): Input<Body>,
) -> Result<(StatusCode, Json<InstanceAnswer>), ApiError> {
    let (how, data) = (SetMode::parse(setting.set_mode.as_deref())?, body.data()?);
    let instance = mote.set_ledger_instance(&access, &path.ledger, &path.scope_value, how, data).await?;
    Ok((StatusCode::CREATED, Json(instance.into())))
}

/// Delete what a ledger holds for one device, product or owner, with its versions
#[utoipa::path(
    delete, path = "/v1/ledgers/{ledgerName}/instances/{scopeValue}", tag = "Ledgers", security(("bearer" = [])),
    params(("ledgerName" = String, Path), ("scopeValue" = String, Path, description = "Its ID")),
    responses(
        (status = 204), (status = 400), (status = 401), (status = 403), (status = 404),
        (status = 409, description = "The ledger is archived"),
    )
)]
pub(super) async fn delete(
    State(mote): State<Mote>,
    OfSpace(access): OfSpace<LedgerInstancesRemove>,
    Path(path): Path<InstancePath>,
) -> Result<StatusCode, ApiError> {
    mote.delete_ledger_instance(&access, &path.ledger, &path.scope_value).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
pub(super) struct Range {
    replaced_before: Option<String>,
    replaced_after: Option<String>,
}

impl TryFrom<Range> for VersionQuery {
    type Error = ApiError;

    fn try_from(asked: Range) -> Result<Self, ApiError> {
        Ok(Self {
            replaced_before: moment("replaced_before", asked.replaced_before)?,
            replaced_after: moment("replaced_after", asked.replaced_after)?,
        })
    }
}

/// A moment in ISO 8601; a day stands for its beginning in UTC.
fn moment(name: &str, text: Option<String>) -> Result<Option<Moment>, ApiError> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    let found = Moment::from_date(&text);
    let expected = || format!("{name}: is a moment in ISO 8601, such as 2027-01-15T08:00:00.000Z");
    found.map(Some).ok_or_else(|| ApiError::bad_request(expected()))
}

/// List what a ledger holds and held for one device, product or owner
///
/// The latest first, fifty at most. Of each instance the last hundred versions are kept for thirty days.
#[utoipa::path(
    get, path = "/v1/ledgers/{ledgerName}/instances/{scopeValue}/versions", tag = "Ledgers",
    security(("bearer" = [])),
    params(
        ("ledgerName" = String, Path), ("scopeValue" = String, Path, description = "Its ID"),
        ("replaced_before" = Option<String>, Query, description = "Only versions replaced before; ISO 8601"),
        ("replaced_after" = Option<String>, Query, description = "Only versions replaced after, and what is held now"),
    ),
    responses((status = 200, body = VersionsAnswer), (status = 400), (status = 401), (status = 403), (status = 404))
)]
pub(super) async fn list_versions(
    State(mote): State<Mote>,
    OfSpace(access): OfSpace<LedgerVersionsList>,
    Path(path): Path<InstancePath>,
    Query(range): Query<Range>,
) -> Result<Json<VersionsAnswer>, ApiError> {
    let query = range.try_into()?;
    Ok(Json(mote.list_ledger_versions(&access, &path.ledger, &path.scope_value, query).await?.into()))
}

/// See a version of what a ledger holds
#[utoipa::path(
    get, path = "/v1/ledgers/{ledgerName}/instances/{scopeValue}/versions/{version}", tag = "Ledgers",
    security(("bearer" = [])),
    params(
        ("ledgerName" = String, Path), ("scopeValue" = String, Path, description = "Its ID"),
        ("version" = String, Path, description = "When it was written: its `updated_at`, or milliseconds since 1970"),
    ),
    responses((status = 200, body = InstanceAnswer), (status = 400), (status = 401), (status = 403), (status = 404))
)]
pub(super) async fn see_version(
    State(mote): State<Mote>,
    OfSpace(access): OfSpace<LedgerVersionsGet>,
    Path(path): Path<VersionPath>,
) -> Result<Json<InstanceAnswer>, ApiError> {
    let written = path.version.parse().ok().map(Moment).or_else(|| Moment::from_iso(&path.version));
    let written = written.ok_or_else(|| {
        ApiError::bad_request("version: is when the version was written, its updated_at in ISO 8601")
    })?;
    Ok(Json(mote.get_ledger_version(&access, &path.ledger, &path.scope_value, written).await?.into()))
}
