//! What was changed of a device.

use axum::Json;
use mote_core::devices::{Device, DeviceChange};
use serde_json::{Map, Value};

/// What was changed of a device, and no more: the entries of the contract that share this endpoint each show their own
/// field (Devices-updateDeviceName, Devices-forceUpdates, Devices-signalDevice and their neighbours).
pub(crate) struct ChangedView;

impl ChangedView {
    pub(crate) fn answer(device: &Device, change: &DeviceChange, signal: Option<bool>) -> Json<Value> {
        let mut answer = Map::new();
        let mut put = |name: &str, value: Value| {
            answer.insert(name.into(), value);
        };
        put("id", device.id.clone().into());
        if let Some(on) = signal {
            put("connected", device.online.into());
            put("signaling", on.into());
        }
        if change.firmware_updates_forced.is_some() {
            put("firmware_updates_forced", device.firmware_updates_forced.into());
        }
        let more = [
            ("name", change.name.is_some(), device.name.clone().into()),
            ("notes", change.notes.is_some(), device.notes.clone().into()),
            ("groups", change.groups.is_some(), device.groups.clone().into()),
            (
                "desired_firmware_version",
                change.desired_firmware_version.is_some(),
                device.desired_firmware_version.into(),
            ),
            ("development", change.development.is_some(), device.development.into()),
        ];
        for (name, _, value) in more.into_iter().filter(|(_, named, _)| *named) {
            put(name, value);
            put("updated_at", device.updated_at.to_iso().into());
        }
        Json(Value::Object(answer))
    }
}
