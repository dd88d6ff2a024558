//! Devices of a product.

use axum::Json;
use axum::extract::{FromRequest, Request, State};
use http::StatusCode;
use mote_core::Mote;
use mote_core::authorization::table::{
    DevicesGet, DevicesImport, DevicesList, DevicesRelease, DevicesRemove, DevicesUpdate,
};
use mote_core::devices::{Import, ListQuery, SortBy};
use serde::Deserialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::device_changes::ProductsChange;
use crate::ApiError;
use crate::access::OfProduct;
use crate::body::{Input, Path, Query, Upload, is_multipart, lenient};
use crate::views::{ChangedView, DevicePageView, DeviceView, Done, ImportedView};

/// Which devices, in which order, which page.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(super) struct Listing {
    /// Names of groups, with commas between.
    #[serde(default, deserialize_with = "lenient::texts")]
    groups: Vec<String>,
    /// Part of the ID.
    device_id: Option<String>,
    /// Part of the name.
    device_name: Option<String>,
    /// Part of the serial number.
    serial_number: Option<String>,
    /// `deviceName`, `deviceId`, `firmwareVersion` or `lastConnection`.
    sort_attr: Option<String>,
    /// `asc` or `desc`.
    sort_dir: Option<String>,
    /// Only those in quarantine, or only the others.
    #[serde(default, deserialize_with = "lenient::bool")]
    quarantined: Option<bool>,
    /// From 1.
    #[serde(default, deserialize_with = "lenient::integer")]
    page: Option<i64>,
    /// Devices on a page: 25 unless asked otherwise, 1000 at most. Also as `per_page`.
    #[serde(default, alias = "per_page", deserialize_with = "lenient::integer")]
    per_page: Option<i64>,
}

impl TryFrom<Listing> for ListQuery {
    type Error = ApiError;

    fn try_from(asked: Listing) -> Result<Self, ApiError> {
        let sort_by = match asked.sort_attr.as_deref() {
            None | Some("" | "lastConnection") => SortBy::LastConnection,
            Some("deviceName") => SortBy::DeviceName,
            Some("deviceId") => SortBy::DeviceId,
            Some("firmwareVersion") => SortBy::FirmwareVersion,
            Some(_) => {
                let text = "sortAttr is deviceName, deviceId, firmwareVersion or lastConnection";
                return Err(ApiError::bad_request(text));
            }
        };
        let ascending = match asked.sort_dir.as_deref() {
            None | Some("") => None,
            Some("asc") => Some(true),
            Some("desc") => Some(false),
            Some(_) => return Err(ApiError::bad_request("sortDir is asc or desc")),
        };
        Ok(Self {
            groups: asked.groups,
            device_id: asked.device_id,
            device_name: asked.device_name,
            serial_number: asked.serial_number,
            quarantined: asked.quarantined,
            sort_by,
            ascending,
            page: asked.page,
            per_page: asked.per_page,
        })
    }
}

/// List the product's devices
#[utoipa::path(
    get, path = "/v1/products/{productIdOrSlug}/devices", tag = "Devices", security(("bearer" = [])),
    params(("productIdOrSlug" = String, Path), Listing),
    responses((status = 200, body = DevicePageView), (status = 400), (status = 401), (status = 403))
)]
pub(super) async fn list(
    State(mote): State<Mote>,
    OfProduct(access): OfProduct<DevicesList>,
    Query(listing): Query<Listing>,
) -> Result<Json<DevicePageView>, ApiError> {
    Ok(Json(mote.product_devices(&access, listing.try_into()?).await?.into()))
}

#[derive(Deserialize, ToSchema)]
#[schema(as = DeviceImportBody)]
pub(super) struct ImportBody {
    /// One device.
    id: Option<String>,
    /// Several.
    #[serde(default, deserialize_with = "lenient::texts")]
    ids: Vec<String>,
    /// Address of a team member who shall own them.
    claim_user: Option<String>,
    /// Whether the SIM cards that they have told of come along; for whoever may import those as well.
    #[serde(default, deserialize_with = "lenient::bool")]
    import_sims: Option<bool>,
}

/// What stands beside a file of devices.
#[derive(Deserialize)]
struct BesideFile {
    claim_user: Option<String>,
    #[serde(default, deserialize_with = "lenient::bool")]
    import_sims: Option<bool>,
}

/// A file of devices.
#[derive(ToSchema)]
#[expect(dead_code, reason = "says in the document what the parts of the body are")]
struct DeviceFile {
    /// Text, with one ID a line.
    #[schema(format = Binary)]
    file: String,
    /// Address of a team member who shall own them.
    claim_user: Option<String>,
    /// Whether the SIM cards that they have told of come along; for whoever may import those as well.
    import_sims: Option<bool>,
}

/// Devices to import, from JSON, a form or a file.
pub(super) struct Devices(ImportBody);

impl FromRequest<Mote> for Devices {
    type Rejection = ApiError;

    async fn from_request(request: Request, mote: &Mote) -> Result<Self, ApiError> {
        if !is_multipart(&request) {
            return Input::from_request(request, mote).await.map(|Input(body)| Self(body));
        }
        let upload: Upload<BesideFile> = Upload::from_request(request, mote).await?;
        let ids = upload.lines("device ID")?;
        let BesideFile { claim_user, import_sims } = upload.fields;
        Ok(Self(ImportBody { id: None, ids, claim_user, import_sims }))
    }
}

#[derive(Deserialize)]
pub(super) struct ImportQuery {
    claim_user: Option<String>,
}

/// Add devices to the product, or approve those that wait in quarantine
///
/// By JSON, or a text file (`multipart/form-data`, part `file`) with one ID a line; a hundred thousand at most.
#[utoipa::path(
    post, path = "/v1/products/{productIdOrSlug}/devices", tag = "Devices", security(("bearer" = [])),
    request_body(content(
        (ImportBody = "application/json"), (ImportBody = "application/x-www-form-urlencoded"), (DeviceFile = "multipart/form-data"),
    )),
    params(("productIdOrSlug" = String, Path), ("claim_user" = Option<String>, Query)),
    responses((status = 200, body = ImportedView), (status = 400), (status = 401), (status = 403), (status = 413))
)]
pub(super) async fn import(
    State(mote): State<Mote>,
    OfProduct(access): OfProduct<DevicesImport>,
    Query(query): Query<ImportQuery>,
    Devices(mut body): Devices,
) -> Result<Json<ImportedView>, ApiError> {
    body.ids.extend(body.id);
    let import = Import {
        ids: body.ids,
        claim_user: body.claim_user.or(query.claim_user),
        with_sims: body.import_sims == Some(true),
    };
    Ok(Json(mote.import_devices(&access, import).await?.into()))
}

/// See a device of the product
#[utoipa::path(
    get, path = "/v1/products/{productIdOrSlug}/devices/{deviceId}", tag = "Devices", security(("bearer" = [])),
    params(("productIdOrSlug" = String, Path), ("deviceId" = String, Path)),
    responses((status = 200, body = DeviceView), (status = 401), (status = 403), (status = 404))
)]
pub(super) async fn see(
    State(mote): State<Mote>,
    OfProduct(access): OfProduct<DevicesGet>,
    Path((_, device)): Path<(String, String)>,
) -> Result<Json<DeviceView>, ApiError> {
    Ok(Json(mote.product_device(&access, &device).await?.into()))
}

/// Change a device of the product: name, notes, groups, what it is for; or make its LED flash
#[utoipa::path(
    put, path = "/v1/products/{productIdOrSlug}/devices/{deviceId}", tag = "Devices", security(("bearer" = [])),
    request_body = ProductsChange, params(("productIdOrSlug" = String, Path), ("deviceId" = String, Path)),
    responses(
        (status = 200), (status = 400), (status = 401), (status = 403), (status = 404),
        (status = 408, description = "The device is not connected"),
    )
)]
pub(super) async fn update(
    State(mote): State<Mote>,
    OfProduct(access): OfProduct<DevicesUpdate>,
    Path((_, device)): Path<(String, String)>,
    Input(body): Input<ProductsChange>,
) -> Result<Json<Value>, ApiError> {
    let (change, signal) = body.checked(&mote)?;
    if let Some(on) = signal {
        mote.signal_product_device(&access, &device, on).await?;
    }
    let changed = mote.update_product_device(&access, &device, change.clone()).await?;
    Ok(ChangedView::answer(&changed, &change, signal))
}

#[derive(Deserialize, ToSchema)]
pub(super) struct Removal {
    /// Whether the device is to stay out: it waits in quarantine, and is refused.
    #[serde(default, deserialize_with = "lenient::bool")]
    deny: Option<bool>,
}

/// Take a device out of the product, or deny one that waits in quarantine
///
/// A device that is denied stays known, and is approved by importing it.
#[utoipa::path(
    delete, path = "/v1/products/{productIdOrSlug}/devices/{deviceId}", tag = "Devices", security(("bearer" = [])),
    request_body = Removal,
    params(("productIdOrSlug" = String, Path), ("deviceId" = String, Path)),
    responses((status = 204), (status = 401), (status = 403), (status = 404))
)]
pub(super) async fn remove(
    State(mote): State<Mote>,
    OfProduct(access): OfProduct<DevicesRemove>,
    Path((_, device)): Path<(String, String)>,
    Input(removal): Input<Removal>,
) -> Result<StatusCode, ApiError> {
    mote.remove_product_device(&access, &device, removal.deny.unwrap_or(false)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Take its owner from a device of the product
#[utoipa::path(
    delete, path = "/v1/products/{productIdOrSlug}/devices/{deviceId}/owner", tag = "Devices",
    security(("bearer" = [])), params(("productIdOrSlug" = String, Path), ("deviceId" = String, Path)),
    responses((status = 200, body = Done), (status = 401), (status = 403), (status = 404))
)]
pub(super) async fn release(
    State(mote): State<Mote>,
    OfProduct(access): OfProduct<DevicesRelease>,
    Path((_, device)): Path<(String, String)>,
) -> Result<Json<Done>, ApiError> {
    mote.release_product_device(&access, &device).await?;
    Ok(Json(Done::new()))
}
