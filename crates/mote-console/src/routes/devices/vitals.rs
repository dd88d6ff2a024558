//! What a device told of itself, for people.

use mote_core::diagnostics::VitalsRecord;
use serde_json::Value;

use crate::form::pretty;
use crate::page::{Shown, shown};

/// The last vitals of a device.
pub(super) struct Vitals {
    pub(super) at: Shown,
    /// The figures that one looks for first: what they are, and the figures with their units.
    pub(super) first: Vec<(&'static str, String)>,
    /// All that was told.
    pub(super) all: String,
}

/// What is looked for first, in words, with where it stands in a payload and the unit.
const FIRST: [(&str, &str, &str); 9] = [
    ("Signal strength", "/device/network/signal/strength", "%"),
    ("Signal quality", "/device/network/signal/quality", "%"),
    ("Radio", "/device/network/cellular/radio_access_technology", ""),
    ("Operator", "/device/network/cellular/operator", ""),
    ("Battery", "/device/power/battery/charge", "%"),
    ("Power", "/device/power/source", ""),
    ("Memory used", "/device/system/memory/used", " bytes"),
    ("Memory in all", "/device/system/memory/total", " bytes"),
    ("Uptime", "/device/system/uptime", " s"),
];

impl Vitals {
    pub(super) fn of(record: &VitalsRecord) -> Self {
        let figure = |(name, place, unit): (&'static str, &str, &str)| match record.payload.pointer(place)? {
            Value::Number(number) => Some((name, format!("{number}{unit}"))),
            Value::String(text) => Some((name, format!("{text}{unit}"))),
            // Device OS tells of figures that it could not take, too.
            _ => None,
        };
        Self {
            at: shown(record.at),
            first: FIRST.into_iter().filter_map(figure).collect(),
            all: pretty(&record.payload),
        }
    }
}
