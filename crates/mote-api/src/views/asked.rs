//! What connected devices were asked.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::header;
use mote_core::devices::Device;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// What a function returned (contract: Devices-PostV1DevicesDeviceidFunctionname).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CallView {
    /// The device.
    id: String,
    /// Its name.
    name: Option<String>,
    connected: bool,
    return_value: i32,
}

impl CallView {
    /// The answer: whole, or the bare value.
    pub(crate) fn answer((device, return_value): (Device, i32), raw: bool) -> Response {
        if raw {
            return bare(return_value.to_string());
        }
        let Device { id, name, .. } = device;
        Json(Self { id, name, connected: true, return_value }).into_response()
    }
}

/// The value of a variable (contract: Devices-GetDeviceVariable).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VariableView {
    /// The variable.
    name: String,
    #[schema(value_type = Object)]
    result: Value,
    #[serde(rename = "coreInfo")]
    core_info: CoreInfo,
}

#[derive(Debug, Serialize, ToSchema)]
struct CoreInfo {
    name: Option<String>,
    #[serde(rename = "deviceID")]
    device_id: String,
    connected: bool,
    /// ISO 8601.
    last_handshake_at: Option<String>,
}

impl VariableView {
    /// The answer: whole, or the bare value.
    pub(crate) fn answer(variable: String, (device, result): (Device, Value), raw: bool) -> Response {
        if raw {
            return bare(match result {
                Value::String(text) => text,
                other => other.to_string(),
            });
        }
        let core_info = CoreInfo {
            name: device.name,
            device_id: device.id,
            connected: true,
            last_handshake_at: device.last_handshake_at.map(mote_core::Moment::to_iso),
        };
        Json(Self { name: variable, result, core_info }).into_response()
    }
}

/// A value without anything around it.
fn bare(text: String) -> Response {
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
}
