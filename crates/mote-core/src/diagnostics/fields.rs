//! The documented figures (contract: Diagnostics-deviceVitals).

use serde_json::Value;

/// A figure: where it stands in a payload, and what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// The way to it, with dots between.
    pub path: &'static str,
    /// What it is.
    pub kind: Kind,
}

/// What a figure is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A number.
    Number,
    /// Text.
    Text,
}

impl Field {
    /// What stands at its place in a payload.
    #[must_use]
    pub fn of<'a>(&self, payload: &'a Value) -> Option<&'a Value> {
        self.path.split('.').try_fold(payload, |place, key| place.get(key))
    }
}

macro_rules! fields {
    ($($kind:ident $path:literal)+) => {
        /// Every documented figure. Devices leave out what their hardware does not have, and may tell more.
        pub const FIELDS: &[Field] = &[$(Field { path: $path, kind: Kind::$kind }),+];
    };
}

fields! {
    Text "device.network.cellular.radio_access_technology"
    Text "device.network.cellular.operator"
    Number "device.network.cellular.cell_global_identity.mobile_country_code"
    Text "device.network.cellular.cell_global_identity.mobile_network_code"
    Number "device.network.cellular.cell_global_identity.location_area_code"
    Number "device.network.cellular.cell_global_identity.cell_id"
    Text "device.network.signal.at"
    Number "device.network.signal.strength"
    Text "device.network.signal.strength_units"
    Number "device.network.signal.strengthv"
    Text "device.network.signal.strengthv_units"
    Text "device.network.signal.strengthv_type"
    Number "device.network.signal.quality"
    Text "device.network.signal.quality_units"
    Number "device.network.signal.qualityv"
    Text "device.network.signal.qualityv_units"
    Text "device.network.signal.qualityv_type"
    Text "device.network.connection.status"
    Number "device.network.connection.error"
    Number "device.network.connection.disconnects"
    Number "device.network.connection.attempts"
    Text "device.network.connection.disconnect_reason"
    Text "device.cloud.connection.status"
    Number "device.cloud.connection.error"
    Number "device.cloud.connection.attempts"
    Number "device.cloud.connection.disconnects"
    Text "device.cloud.connection.disconnect_reason"
    Number "device.cloud.disconnects"
    Number "device.cloud.coap.transmit"
    Number "device.cloud.coap.retransmit"
    Number "device.cloud.coap.unack"
    Number "device.cloud.coap.round_trip"
    Number "device.cloud.publish.rate_limited"
    Number "device.power.battery.charge"
    Text "device.power.battery.state"
    Text "device.power.source"
    Number "device.system.uptime"
    Number "device.system.memory.used"
    Number "device.system.memory.total"
    Text "service.device.status"
    Number "service.cloud.uptime"
    Number "service.cloud.publish.sent"
    Number "service.coap.round_trip"
}
