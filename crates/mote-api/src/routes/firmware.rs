//! Firmware of a product: uploaded, looked at, released.

use axum::Json;
use axum::extract::{FromRequest, Request, State};
use axum::response::Response;
use http::StatusCode;
use mote_core::Mote;
use mote_core::authorization::table::{
    FirmwareBinaryGet, FirmwareCreate, FirmwareGet, FirmwareList, FirmwareRelease, FirmwareRemove,
    FirmwareUpdate, GroupsImpact,
};
use mote_core::blobs::Turn;
use mote_core::firmware::{FirmwareChange, NewFirmware, Plan, Release};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::files::{BINARY, file};
use crate::ApiError;
use crate::access::OfProduct;
use crate::body::{Input, Path, Query, UploadForm, lenient};
use crate::frame::turn_to_upload;
use crate::views::{FirmwareView, ImpactAnswer};

/// A path to a version.
#[derive(Deserialize)]
pub(super) struct VersionPath {
    version: String,
}

impl VersionPath {
    /// The version; what is no number is no version of anything.
    fn number(&self) -> Result<i32, ApiError> {
        let text = "Firmware not found: versions are whole numbers";
        self.version.parse().map_err(|_| ApiError::new(StatusCode::NOT_FOUND, "not_found", text))
    }
}

/// List the product's firmware
///
/// The newest version first.
#[utoipa::path(
    get, path = "/v1/products/{productIdOrSlug}/firmware", tag = "ProductFirmware", security(("bearer" = [])),
    params(("productIdOrSlug" = String, Path)),
    responses((status = 200, body = [FirmwareView]), (status = 401), (status = 403))
)]
pub(super) async fn list(
    State(mote): State<Mote>,
    OfProduct(access): OfProduct<FirmwareList>,
) -> Result<Json<Vec<FirmwareView>>, ApiError> {
    Ok(Json(mote.list_firmware(&access).await?.into_iter().map(Into::into).collect()))
}

/// The fields of an upload beside its file.
#[derive(Deserialize, ToSchema)]
#[schema(as = FirmwareUploadFields)]
pub(super) struct UploadFields {
    /// The version that is in the binary (`PRODUCT_VERSION`).
    #[serde(default, deserialize_with = "lenient::integer")]
    version: Option<i64>,
    title: Option<String>,
    description: Option<String>,
    /// Whether updates that pass it are to stop at it.
    #[serde(default, deserialize_with = "lenient::bool")]
    mandatory: Option<bool>,
}

/// Firmware that a request brings, and its turn: a binary is in memory as a whole while it is checked, so not everybody's
/// may be at a time.
pub(super) struct Uploaded(NewFirmware, Turn);

impl FromRequest<Mote> for Uploaded {
    type Rejection = ApiError;

    async fn from_request(request: Request, mote: &Mote) -> Result<Self, ApiError> {
        let turn = turn_to_upload(mote, request.extensions()).await?;
        let form = UploadForm::<UploadFields>::read(request, &["file", "binary"]).await?;
        let needed =
            |field: &str, what: &str| ApiError::bad_request(format_args!("{field} is needed: {what}"));
        let file = form.file.ok_or_else(|| needed("file", "the binary, as a part of multipart/form-data"))?;
        if file.media_type.as_deref() == Some("application/zip") {
            return Err(ApiError::bad_request("Bundles (zip) are not taken: send the .bin alone"));
        }
        let fields = form.fields;
        let new = NewFirmware {
            version: fields.version.ok_or_else(|| needed("version", "the binary's PRODUCT_VERSION"))?,
            title: fields.title.ok_or_else(|| needed("title", "what to call this version"))?,
            description: fields.description,
            mandatory: fields.mandatory.unwrap_or(false),
            file_name: file.name,
            file: file.bytes,
        };
        Ok(Self(new, turn))
    }
}

/// Upload firmware
///
/// A Device OS binary (`multipart/form-data`, part `file`), built for the product's platform and this version; 10 MiB at
/// most.
#[utoipa::path(
    post, path = "/v1/products/{productIdOrSlug}/firmware", tag = "ProductFirmware", security(("bearer" = [])),
    request_body(content = UploadFields, content_type = "multipart/form-data"),
    params(("productIdOrSlug" = String, Path)),
    responses(
        (status = 201, body = FirmwareView), (status = 400), (status = 401), (status = 403),
        (status = 409, description = "There is firmware of this version"), (status = 413),
    )
)]
pub(super) async fn upload(
    State(mote): State<Mote>,
    OfProduct(access): OfProduct<FirmwareCreate>,
    Uploaded(new, _turn): Uploaded,
) -> Result<(StatusCode, Json<FirmwareView>), ApiError> {
    Ok((StatusCode::CREATED, Json(mote.upload_firmware(&access, new).await?.into())))
}

/// See a version of the product's firmware
#[utoipa::path(
    get, path = "/v1/products/{productIdOrSlug}/firmware/{version}", tag = "ProductFirmware",
    security(("bearer" = [])), params(("productIdOrSlug" = String, Path), ("version" = i32, Path)),
    responses((status = 200, body = FirmwareView), (status = 401), (status = 403), (status = 404))
)]
pub(super) async fn see(
    State(mote): State<Mote>,
    OfProduct(access): OfProduct<FirmwareGet>,
    Path(path): Path<VersionPath>,
) -> Result<Json<FirmwareView>, ApiError> {
    Ok(Json(mote.get_firmware(&access, path.number()?).await?.into()))
}

/// What can be changed of a version.
#[derive(Deserialize, ToSchema)]
#[schema(as = FirmwareChange)]
pub(super) struct Change {
    title: Option<String>,
    description: Option<String>,
    /// Whether updates that pass it are to stop at it.
    #[serde(default, deserialize_with = "lenient::bool")]
    mandatory: Option<bool>,
}

/// Change what is said of a version of the product's firmware
#[utoipa::path(
    put, path = "/v1/products/{productIdOrSlug}/firmware/{version}", tag = "ProductFirmware",
    security(("bearer" = [])), request_body = Change,
    params(("productIdOrSlug" = String, Path), ("version" = i32, Path)),
    responses((status = 200, body = FirmwareView), (status = 400), (status = 401), (status = 403), (status = 404))
)]
pub(super) async fn update(
    State(mote): State<Mote>,
    OfProduct(access): OfProduct<FirmwareUpdate>,
    Path(path): Path<VersionPath>,
    Input(body): Input<Change>,
) -> Result<Json<FirmwareView>, ApiError> {
    let change =
        FirmwareChange { title: body.title, description: body.description, mandatory: body.mandatory };
    Ok(Json(mote.update_firmware(&access, path.number()?, change).await?.into()))
}

/// Delete a version that was never released
#[utoipa::path(
    delete, path = "/v1/products/{productIdOrSlug}/firmware/{version}", tag = "ProductFirmware",
    security(("bearer" = [])), params(("productIdOrSlug" = String, Path), ("version" = i32, Path)),
    responses(
        (status = 204), (status = 401), (status = 403), (status = 404),
        (status = 409, description = "It was released, or devices are locked to it"),
    )
)]
pub(super) async fn remove(
    State(mote): State<Mote>,
    OfProduct(access): OfProduct<FirmwareRemove>,
    Path(path): Path<VersionPath>,
) -> Result<StatusCode, ApiError> {
    mote.delete_firmware(&access, path.number()?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Download the binary of a version
#[utoipa::path(
    get, path = "/v1/products/{productIdOrSlug}/firmware/{version}/binary", tag = "ProductFirmware",
    security(("bearer" = [])), params(("productIdOrSlug" = String, Path), ("version" = i32, Path)),
    responses(
        (status = 200, content_type = "application/octet-stream", description = "The bytes that were uploaded"),
        (status = 401), (status = 403), (status = 404),
    )
)]
pub(super) async fn download(
    State(mote): State<Mote>,
    OfProduct(access): OfProduct<FirmwareBinaryGet>,
    Path(path): Path<VersionPath>,
) -> Result<Response, ApiError> {
    let (name, reader) = mote.open_firmware(&access, path.number()?).await?;
    Ok(file(&name, BINARY, reader))
}

/// What is to be released to whom.
#[derive(Deserialize, ToSchema)]
pub(super) struct ReleaseBody {
    #[serde(default, deserialize_with = "lenient::integer")]
    version: Option<i64>,
    /// Whether it is to be the product's default; false takes that from it.
    #[serde(default, deserialize_with = "lenient::bool")]
    product_default: Option<bool>,
    /// The groups that it is to be released to, and no others.
    #[serde(default, deserialize_with = "lenient::some_texts")]
    groups: Option<Vec<String>>,
    /// Whether connected devices are to get it at once.
    #[serde(default, deserialize_with = "lenient::bool")]
    intelligent: Option<bool>,
}

/// Release a version of the product's firmware
///
/// To all devices (`product_default`), to groups, or both; what is not named stays as it is. Devices take it when they
/// connect, those in development and locked ones never.
#[utoipa::path(
    put, path = "/v1/products/{productIdOrSlug}/firmware/release", tag = "ProductFirmware",
    security(("bearer" = [])), request_body = ReleaseBody, params(("productIdOrSlug" = String, Path)),
    responses((status = 200, body = FirmwareView), (status = 400), (status = 401), (status = 403), (status = 404))
)]
pub(super) async fn release(
    State(mote): State<Mote>,
    OfProduct(access): OfProduct<FirmwareRelease>,
    Input(body): Input<ReleaseBody>,
) -> Result<Json<FirmwareView>, ApiError> {
    let needed = || ApiError::bad_request("version is needed: which to release");
    let release = Release {
        version: body.version.ok_or_else(needed)?,
        product_default: body.product_default,
        groups: body.groups,
        intelligent: body.intelligent.unwrap_or(false),
    };
    Ok(Json(mote.release_firmware(&access, release).await?.into()))
}

/// A release that is planned.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ImpactQuery {
    /// `edit_groups_for_firmware`
    action: Option<String>,
    /// The version that is to be released.
    #[serde(default, deserialize_with = "lenient::integer")]
    firmware_version: Option<i64>,
    /// The groups that it is to be released to, with commas between; none takes its release to groups back.
    #[serde(default, deserialize_with = "lenient::texts")]
    groups: Vec<String>,
    /// Whether it is to be the product's default; false takes that from it.
    #[serde(default, deserialize_with = "lenient::bool")]
    product_default: Option<bool>,
}

/// See how many devices a planned release would update
#[utoipa::path(
    get, path = "/v1/products/{productIdOrSlug}/impact", tag = "Groups", security(("bearer" = [])),
    params(("productIdOrSlug" = String, Path), ImpactQuery),
    responses((status = 200, body = ImpactAnswer), (status = 400), (status = 401), (status = 403))
)]
pub(super) async fn impact(
    State(mote): State<Mote>,
    OfProduct(access): OfProduct<GroupsImpact>,
    Query(query): Query<ImpactQuery>,
) -> Result<Json<ImpactAnswer>, ApiError> {
    if query.action.as_deref() != Some("edit_groups_for_firmware") {
        return Err(ApiError::bad_request("action is edit_groups_for_firmware: what is planned"));
    }
    let needed = || ApiError::bad_request("firmware_version is needed: which is to be released");
    let plan = Plan {
        version: query.firmware_version.ok_or_else(needed)?,
        groups: query.groups,
        product_default: query.product_default,
    };
    Ok(Json(mote.release_impact(&access, &plan).await?.into()))
}
