//! Releases of Device OS that the operator registered.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use mote_core::Mote;
use mote_core::authorization::table::DeviceOsVersionsList;
use mote_core::device_os::ReleaseQuery;
use serde::Deserialize;
use utoipa::IntoParams;

use super::files::{BINARY, file};
use crate::ApiError;
use crate::access::OfToken;
use crate::body::{Path, Query, lenient};
use crate::views::{ReleaseView, ReleasesAnswer};

/// Which releases, which page.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Listing {
    /// Those with binaries for this kind of hardware.
    #[serde(default, deserialize_with = "lenient::integer")]
    platform_id: Option<i64>,
    /// Those whose parts call themselves this.
    #[serde(default, deserialize_with = "lenient::integer")]
    internal_version: Option<i64>,
    /// From 1.
    #[serde(default, deserialize_with = "lenient::integer")]
    page: Option<i64>,
    /// 25 if nothing is asked for, 1000 at most.
    #[serde(default, deserialize_with = "lenient::integer")]
    per_page: Option<i64>,
}

/// List releases of Device OS
///
/// Those that the operator of this server registered, the highest version first.
#[utoipa::path(
    get, path = "/v1/device-os/versions", tag = "DeviceOs", security(("bearer" = [])), params(Listing),
    responses((status = 200, body = ReleasesAnswer), (status = 400), (status = 401))
)]
pub(super) async fn list(
    State(mote): State<Mote>,
    OfToken(access): OfToken<DeviceOsVersionsList>,
    Query(listing): Query<Listing>,
) -> Result<Json<ReleasesAnswer>, ApiError> {
    let Listing { platform_id, internal_version, page, per_page } = listing;
    let query = ReleaseQuery { platform_id, internal_version, page, per_page };
    let page = mote.list_device_os(&access, query).await?;
    Ok(Json(ReleasesAnswer::new(page, &mote.settings().public_url)))
}

/// For which kind of hardware.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct PlatformQuery {
    /// The kind of hardware that binaries are wanted for; all if none is named.
    #[serde(default, deserialize_with = "lenient::integer")]
    platform_id: Option<i64>,
}

/// See a release of Device OS and its binaries
///
/// `version` is one, the number that its parts call themselves, or `latest`. A binary is at `base_url` and `/` and its
/// `filename`.
#[utoipa::path(
    get, path = "/v1/device-os/versions/{version}", tag = "DeviceOs", security(("bearer" = [])),
    params(("version" = String, Path), PlatformQuery),
    responses((status = 200, body = ReleaseView), (status = 400), (status = 401), (status = 404))
)]
pub(super) async fn see(
    State(mote): State<Mote>,
    OfToken(access): OfToken<DeviceOsVersionsList>,
    Path(version): Path<String>,
    Query(query): Query<PlatformQuery>,
) -> Result<Json<ReleaseView>, ApiError> {
    let (release, modules) = mote.device_os(&access, &version, query.platform_id).await?;
    Ok(Json(ReleaseView::new(release, Some(modules), &mote.settings().public_url)))
}

/// Download a binary of a release of Device OS
#[utoipa::path(
    get, path = "/v1/firmware/device-os/{release}/{file}", tag = "DeviceOs",
    params(("release" = String, Path, description = "`v` and the version"), ("file" = String, Path)),
    responses(
        (status = 200, content_type = "application/octet-stream", description = "The bytes that were registered"),
        (status = 404),
    )
)]
pub(super) async fn download(
    State(mote): State<Mote>,
    Path((release, name)): Path<(String, String)>,
) -> Result<Response, ApiError> {
    let unknown = || {
        let text = "There is no such release: an address has v and its version";
        ApiError::new(StatusCode::NOT_FOUND, "not_found", text)
    };
    let version = release.strip_prefix('v').ok_or_else(unknown)?;
    Ok(file(&name, BINARY, mote.open_device_os_binary(version, &name).await?))
}
