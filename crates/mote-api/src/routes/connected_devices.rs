//! What needs a device to be connected: calling its functions, reading its variables, seeing whether it answers.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use mote_core::Mote;
use mote_core::authorization::table::{
    DevicesCall, DevicesPing, DevicesRead, OwnDevicesCall, OwnDevicesPing, OwnDevicesRead,
};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::ApiError;
use crate::access::{OfOwner, OfProduct};
use crate::body::{Input, Path, Query, lenient};
use crate::views::{CallView, VariableView};

/// How an answer is to look.
#[derive(Deserialize)]
pub(super) struct Form {
    format: Option<String>,
}

/// A function's call.
#[derive(Deserialize, ToSchema)]
pub(super) struct Call {
    /// Argument; also as `args`.
    #[serde(default, alias = "args", deserialize_with = "lenient::text")]
    arg: Option<String>,
    /// `raw` for the bare return value.
    format: Option<String>,
}

/// Whether the bare value is wanted.
fn is_raw(format: Option<&str>) -> Result<bool, ApiError> {
    match format {
        None | Some("") => Ok(false),
        Some("raw") => Ok(true),
        Some(_) => Err(ApiError::bad_request("format is raw, or left out")),
    }
}

fn pinged(online: bool) -> Json<Value> {
    Json(json!({"ok": true, "online": online}))
}

/// Ask whether a device of the account is connected
#[utoipa::path(
    put, path = "/v1/devices/{deviceId}/ping", tag = "Devices", security(("bearer" = [])),
    params(("deviceId" = String, Path, description = "ID or name")),
    responses((status = 200, description = "`ok` and `online`"), (status = 401), (status = 403), (status = 404))
)]
pub(super) async fn ping_own(
    State(mote): State<Mote>,
    OfOwner(access): OfOwner<OwnDevicesPing>,
    Path(device): Path<String>,
) -> Result<Json<Value>, ApiError> {
    Ok(pinged(mote.ping_account_device(&access, &device).await?))
}

/// Read a variable of a device of the account
///
/// The device must be connected.
#[utoipa::path(
    get, path = "/v1/devices/{deviceId}/{name}", tag = "Devices", security(("bearer" = [])),
    params(
        ("deviceId" = String, Path, description = "ID or name"),
        ("name" = String, Path, description = "Variable"),
        ("format" = Option<String>, Query, description = "`raw` for the bare value"),
    ),
    responses(
        (status = 200, body = VariableView), (status = 401), (status = 403), (status = 404),
        (status = 408, description = "The device is not connected, or does not answer"),
    )
)]
pub(super) async fn read_own(
    State(mote): State<Mote>,
    OfOwner(access): OfOwner<OwnDevicesRead>,
    Path((device, name)): Path<(String, String)>,
    Query(form): Query<Form>,
) -> Result<Response, ApiError> {
    let raw = is_raw(form.format.as_deref())?;
    let read = mote.read_account_device(&access, &device, &name).await?;
    Ok(VariableView::answer(name, read, raw))
}

/// Call a function on a device of the account
///
/// The device must be connected.
#[utoipa::path(
    post, path = "/v1/devices/{deviceId}/{name}", tag = "Devices", security(("bearer" = [])), request_body = Call,
    params(
        ("deviceId" = String, Path, description = "ID or name"),
        ("name" = String, Path, description = "Function"),
    ),
    responses(
        (status = 200, body = CallView), (status = 400), (status = 401), (status = 403), (status = 404),
        (status = 408, description = "The device is not connected, or does not answer"),
    )
)]
pub(super) async fn call_own(
    State(mote): State<Mote>,
    OfOwner(access): OfOwner<OwnDevicesCall>,
    Path((device, name)): Path<(String, String)>,
    Input(call): Input<Call>,
) -> Result<Response, ApiError> {
    let raw = is_raw(call.format.as_deref())?;
    let argument = call.arg.unwrap_or_default();
    Ok(CallView::answer(mote.call_account_device(&access, &device, &name, &argument).await?, raw))
}

/// Ask whether a device of the product is connected
#[utoipa::path(
    put, path = "/v1/products/{productIdOrSlug}/devices/{deviceId}/ping", tag = "Devices", security(("bearer" = [])),
    params(("productIdOrSlug" = String, Path), ("deviceId" = String, Path)),
    responses((status = 200, description = "`ok` and `online`"), (status = 401), (status = 403), (status = 404))
)]
pub(super) async fn ping(
    State(mote): State<Mote>,
    OfProduct(access): OfProduct<DevicesPing>,
    Path((_, device)): Path<(String, String)>,
) -> Result<Json<Value>, ApiError> {
    Ok(pinged(mote.ping_product_device(&access, &device).await?))
}

/// Read a variable of a device of the product
///
/// The device must be connected.
#[utoipa::path(
    get, path = "/v1/products/{productIdOrSlug}/devices/{deviceId}/{name}", tag = "Devices", security(("bearer" = [])),
    params(
        ("productIdOrSlug" = String, Path),
        ("deviceId" = String, Path),
        ("name" = String, Path, description = "Variable"),
        ("format" = Option<String>, Query, description = "`raw` for the bare value"),
    ),
    responses(
        (status = 200, body = VariableView), (status = 401), (status = 403), (status = 404),
        (status = 408, description = "The device is not connected, or does not answer"),
    )
)]
pub(super) async fn read(
    State(mote): State<Mote>,
    OfProduct(access): OfProduct<DevicesRead>,
    Path((_, device, name)): Path<(String, String, String)>,
    Query(form): Query<Form>,
) -> Result<Response, ApiError> {
    let raw = is_raw(form.format.as_deref())?;
    let read = mote.read_product_device(&access, &device, &name).await?;
    Ok(VariableView::answer(name, read, raw))
}

/// Call a function on a device of the product
///
/// The device must be connected.
#[utoipa::path(
    post, path = "/v1/products/{productIdOrSlug}/devices/{deviceId}/{name}", tag = "Devices", security(("bearer" = [])),
    request_body = Call,
    params(
        ("productIdOrSlug" = String, Path),
        ("deviceId" = String, Path),
        ("name" = String, Path, description = "Function"),
    ),
    responses(
        (status = 200, body = CallView), (status = 400), (status = 401), (status = 403), (status = 404),
        (status = 408, description = "The device is not connected, or does not answer"),
    )
)]
pub(super) async fn call(
    State(mote): State<Mote>,
    OfProduct(access): OfProduct<DevicesCall>,
    Path((_, device, name)): Path<(String, String, String)>,
    Input(call): Input<Call>,
) -> Result<Response, ApiError> {
    let raw = is_raw(call.format.as_deref())?;
    let argument = call.arg.unwrap_or_default();
    Ok(CallView::answer(mote.call_product_device(&access, &device, &name, &argument).await?, raw))
}
