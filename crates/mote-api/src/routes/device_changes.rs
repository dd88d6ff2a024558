//! What requests may change of a device.

use mote_core::devices::DeviceChange;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::ApiError;
use crate::body::lenient;

/// What can be changed of a device, as the request has it.
#[derive(Deserialize, ToSchema)]
pub(super) struct Change {
    /// New name.
    name: Option<String>,
    /// New notes; empty for none.
    notes: Option<String>,
    /// Whether it is made to take updates.
    #[serde(default, deserialize_with = "lenient::bool")]
    firmware_updates_forced: Option<bool>,
    /// 1 makes its LED flash, 0 stops that; the device must be connected.
    #[serde(default, deserialize_with = "lenient::integer")]
    signal: Option<i64>,
}

impl Change {
    /// The change, and whether the device's LED is to flash, if that is said.
    pub(super) fn checked(self) -> Result<(DeviceChange, Option<bool>), ApiError> {
        let signal = match self.signal {
            Some(1) => Some(true),
            Some(0) => Some(false),
            Some(_) => return Err(ApiError::bad_request("signal is 1 to start, or 0 to stop")),
            None => None,
        };
        let change = DeviceChange {
            name: self.name,
            notes: self.notes,
            firmware_updates_forced: self.firmware_updates_forced,
        };
        if change == DeviceChange::default() && signal.is_none() {
            return Err(ApiError::bad_request(
                "Nothing to change: send name, notes, firmware_updates_forced or signal",
            ));
        }
        Ok((change, signal))
    }
}
