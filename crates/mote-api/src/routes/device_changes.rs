//! What requests may change of a device.

use mote_core::Mote;
use mote_core::devices::DeviceChange;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::ApiError;
use crate::body::lenient;

/// What can be changed of a device, as the request has it.
#[derive(Deserialize, ToSchema)]
#[schema(as = DeviceChange)]
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

/// What a product can change besides of its device.
#[derive(Deserialize, ToSchema)]
pub(super) struct ProductsChange {
    #[serde(flatten)]
    change: Change,
    /// Names of the groups that it is to be in, and no others; made where they do not exist.
    #[serde(default, deserialize_with = "lenient::some_texts")]
    groups: Option<Vec<String>>,
    /// Whether it is for development: such a device gets no product firmware.
    #[serde(default, deserialize_with = "lenient::bool")]
    development: Option<bool>,
    /// The firmware version that it is to be locked to; null unlocks it.
    #[serde(default, deserialize_with = "lenient::integer_or_none")]
    #[schema(value_type = Option<i64>)]
    #[expect(clippy::option_option, reason = "left out, none and a number are three things")]
    desired_firmware_version: Option<Option<i64>>,
    /// Whether it is to take that version at once, if it is connected; else it does when it connects.
    #[serde(default, deserialize_with = "lenient::bool")]
    flash: Option<bool>,
}

impl ProductsChange {
    /// The change, and whether the device's LED is to flash, if that is said.
    pub(super) fn checked(self, mote: &Mote) -> Result<(DeviceChange, Option<bool>), ApiError> {
        let groups = self.groups.map(|names| mote.assignment("groups", &names)).transpose()?;
        let (change, signal) = self.change.read()?;
        let locked = self.desired_firmware_version;
        let flash = self.flash.unwrap_or(false) && locked.is_some_and(|version| version.is_some());
        let change = DeviceChange {
            groups,
            development: self.development,
            desired_firmware_version: locked,
            flash,
            ..change
        };
        let known =
            "name, notes, groups, development, desired_firmware_version, firmware_updates_forced or signal";
        something(change, signal, known)
    }
}

/// Refuses a change of nothing.
fn something(
    change: DeviceChange,
    signal: Option<bool>,
    known: &str,
) -> Result<(DeviceChange, Option<bool>), ApiError> {
    if change == DeviceChange::default() && signal.is_none() {
        return Err(ApiError::bad_request(format_args!("Nothing to change: send {known}")));
    }
    Ok((change, signal))
}

impl Change {
    /// The change, and whether the device's LED is to flash, if that is said.
    pub(super) fn checked(self) -> Result<(DeviceChange, Option<bool>), ApiError> {
        let (change, signal) = self.read()?;
        something(change, signal, "name, notes, firmware_updates_forced or signal")
    }

    fn read(self) -> Result<(DeviceChange, Option<bool>), ApiError> {
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
            ..DeviceChange::default()
        };
        Ok((change, signal))
    }
}
