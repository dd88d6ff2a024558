//! Devices of the account. A device's name serves as its ID, as the Particle CLI has it.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use mote_core::Mote;
use mote_core::authorization::table::{
    DevicesProvision, OwnDevicesClaim, OwnDevicesGet, OwnDevicesList, OwnDevicesRelease, OwnDevicesUpdate,
    SerialNumbersLookUp,
};
use mote_core::devices::{Claim, Registration};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::device_changes::Change;
use super::pages::{Page, next_page};
use crate::ApiError;
use crate::access::{OfAccount, OfOwner, OfToken};
use crate::body::{Input, Path, Query, lenient};
use crate::views::{ChangedView, DeviceView, Done};

/// List the account's devices
///
/// The last connected first: all of them up to a thousand, or a page. Where there may be more, the header `Link` has the next
/// page (RFC 8288).
#[utoipa::path(
    get, path = "/v1/devices", tag = "Devices", security(("bearer" = [])),
    params(("page" = Option<i64>, Query), ("per_page" = Option<i64>, Query)),
    responses((status = 200, body = [DeviceView]), (status = 401), (status = 403))
)]
pub(super) async fn list(
    State(mote): State<Mote>,
    OfOwner(access): OfOwner<OwnDevicesList>,
    Query(paging): Query<Page>,
) -> Result<impl IntoResponse, ApiError> {
    let found = mote.account_devices(&access, paging.page, paging.per_page).await?;
    let link = next_page("/v1/devices", found.page, found.per_page, found.has_more);
    Ok((link, Json(found.devices.into_iter().map(DeviceView::from).collect::<Vec<_>>())))
}

#[derive(Deserialize, ToSchema)]
pub(super) struct ClaimBody {
    /// Device ID.
    id: Option<String>,
    /// In place of an ID: the product in which a device of a new ID is to be made. Its setting `self_provisioning` must be
    /// on.
    #[serde(default, deserialize_with = "lenient::text")]
    #[schema(value_type = Option<String>)]
    product_id: Option<String>,
    /// Ask the present owner for it.
    #[serde(default, deserialize_with = "lenient::bool")]
    request_transfer: Option<bool>,
}

/// Claim a device, or make one
///
/// One that is claimed must be known here: imported, registered, or once connected. With `product_id` and no `id` one of a
/// new ID is made in a product that lets everybody do so.
#[utoipa::path(
    post, path = "/v1/devices", tag = "Devices", security(("bearer" = [])), request_body = ClaimBody,
    responses((status = 200, body = Done), (status = 400), (status = 401), (status = 403), (status = 404))
)]
pub(super) async fn claim(
    State(mote): State<Mote>,
    OfOwner(access): OfOwner<OwnDevicesClaim>,
    Input(body): Input<ClaimBody>,
) -> Result<Json<Value>, ApiError> {
    let claimed =
        |id: String| json!({"ok": true, "id": id, "deviceID": id, "claimed": true, "connected": false});
    let id = match (body.id, body.product_id) {
        (Some(id), _) => id,
        (None, Some(product)) => {
            let made = mote.provision_new_device(&access, &product).await?;
            return Ok(Json(claimed(made.to_string())));
        }
        (None, None) => return Err(ApiError::bad_request("id is needed: the ID of the device to claim")),
    };
    Ok(Json(match mote.claim_device(&access, &id, body.request_transfer.unwrap_or(false)).await? {
        Claim::Claimed { device_id } => claimed(device_id),
        Claim::TransferAsked { transfer_id } => json!({"ok": true, "transfer_id": transfer_id}),
    }))
}

/// See a device of the account
#[utoipa::path(
    get, path = "/v1/devices/{deviceId}", tag = "Devices", security(("bearer" = [])),
    params(("deviceId" = String, Path, description = "ID or name")),
    responses((status = 200, body = DeviceView), (status = 401), (status = 403), (status = 404))
)]
pub(super) async fn see(
    State(mote): State<Mote>,
    OfOwner(access): OfOwner<OwnDevicesGet>,
    Path(device): Path<String>,
) -> Result<Json<DeviceView>, ApiError> {
    Ok(Json(mote.account_device(&access, &device).await?.into()))
}

/// Change a device of the account: name, notes, forced updates; or make its LED flash
#[utoipa::path(
    put, path = "/v1/devices/{deviceId}", tag = "Devices", security(("bearer" = [])), request_body = Change,
    params(("deviceId" = String, Path, description = "ID or name")),
    responses(
        (status = 200), (status = 400), (status = 401), (status = 403), (status = 404),
        (status = 408, description = "The device is not connected"),
    )
)]
pub(super) async fn update(
    State(mote): State<Mote>,
    OfOwner(access): OfOwner<OwnDevicesUpdate>,
    Path(device): Path<String>,
    Input(body): Input<Change>,
) -> Result<Json<Value>, ApiError> {
    let (change, signal) = body.checked()?;
    if let Some(on) = signal {
        mote.signal_account_device(&access, &device, on).await?;
    }
    let changed = mote.update_account_device(&access, &device, change.clone()).await?;
    Ok(ChangedView::answer(&changed, &change, signal))
}

/// Let a device of the account go
#[utoipa::path(
    delete, path = "/v1/devices/{deviceId}", tag = "Devices", security(("bearer" = [])),
    params(("deviceId" = String, Path, description = "ID or name")),
    responses((status = 200, body = Done), (status = 401), (status = 403), (status = 404))
)]
pub(super) async fn release(
    State(mote): State<Mote>,
    OfOwner(access): OfOwner<OwnDevicesRelease>,
    Path(device): Path<String>,
) -> Result<Json<Done>, ApiError> {
    mote.release_account_device(&access, &device).await?;
    Ok(Json(Done::new()))
}

#[derive(Deserialize, ToSchema)]
pub(super) struct Provision {
    /// Public key in PEM.
    #[serde(rename = "publicKey")]
    public_key: String,
    /// `rsa` or `ecc`.
    algorithm: Option<String>,
    /// Platform of the device.
    #[serde(default, deserialize_with = "lenient::integer")]
    product_id: Option<i64>,
    /// The same, by the name that other endpoints have for it.
    #[serde(default, deserialize_with = "lenient::integer")]
    platform_id: Option<i64>,
}

/// Register a device with its public key
#[utoipa::path(
    post, path = "/v1/provisioning/{deviceId}", tag = "Devices", security(("bearer" = [])), request_body = Provision,
    params(("deviceId" = String, Path)),
    responses((status = 200, body = Done), (status = 400), (status = 401), (status = 403))
)]
pub(super) async fn provision(
    State(mote): State<Mote>,
    OfAccount(access): OfAccount<DevicesProvision>,
    Path(device_id): Path<String>,
    Input(body): Input<Provision>,
) -> Result<Json<Done>, ApiError> {
    let registration = Registration {
        device_id,
        public_key: body.public_key,
        algorithm: body.algorithm,
        product_id: body.product_id.or(body.platform_id),
    };
    mote.provision_device(&access, registration).await?;
    Ok(Json(Done::new()))
}

/// Find a device by its serial number
#[utoipa::path(
    get, path = "/v1/serial_numbers/{serialNumber}", tag = "Devices", security(("bearer" = [])),
    params(("serialNumber" = String, Path)),
    responses((status = 200, description = "`deviceID`, and `iccid` where it has a SIM"), (status = 401), (status = 404))
)]
pub(super) async fn look_up_serial_number(
    State(mote): State<Mote>,
    OfToken(access): OfToken<SerialNumbersLookUp>,
    Path(number): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let found = mote.look_up_serial_number(&access, &number).await?;
    let mut answer = json!({"ok": true, "deviceID": found.device_id});
    if let Some(iccid) = found.iccid {
        answer["iccid"] = iccid.into();
    }
    Ok(Json(answer))
}
