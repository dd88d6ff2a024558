//! Vitals of devices.

use axum::response::Response;
use mote_core::diagnostics::{FIELDS, VitalsRecord};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::csv::{Cell, Csv};

/// What a device told of itself (contract: Diagnostics-getLastDeviceDiagnostics).
#[derive(Debug, Serialize, ToSchema)]
struct VitalsView {
    /// When it came; ISO 8601.
    updated_at: String,
    #[serde(rename = "deviceID")]
    device_id: String,
    /// The figures.
    #[schema(value_type = Object)]
    payload: Value,
}

impl From<VitalsRecord> for VitalsView {
    fn from(record: VitalsRecord) -> Self {
        Self { updated_at: record.at.to_iso(), device_id: record.device_id, payload: record.payload }
    }
}

/// What it told last.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LastVitalsView {
    diagnostics: VitalsView,
}

impl From<VitalsRecord> for LastVitalsView {
    fn from(record: VitalsRecord) -> Self {
        Self { diagnostics: record.into() }
    }
}

/// What it told, oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VitalsHistoryView {
    diagnostics: Vec<VitalsView>,
}

impl From<Vec<VitalsRecord>> for VitalsHistoryView {
    fn from(records: Vec<VitalsRecord>) -> Self {
        Self { diagnostics: records.into_iter().map(Into::into).collect() }
    }
}

/// The same as a table: a line for each record, a column for each documented figure.
pub(crate) fn vitals_table(records: &[VitalsRecord]) -> Response {
    let mut csv = Csv::default();
    let head = ["updated_at", "deviceID"].into_iter().chain(FIELDS.iter().map(|field| field.path));
    csv.row(head.map(Cell::Text));
    for record in records {
        let at = record.at.to_iso();
        let figures = FIELDS.iter().map(|field| match field.of(&record.payload) {
            Some(Value::String(text)) => Cell::Text(text),
            Some(value @ (Value::Number(_) | Value::Bool(_))) => Cell::Plain(value),
            _ => Cell::Empty,
        });
        csv.row([Cell::Text(&at), Cell::Text(&record.device_id)].into_iter().chain(figures));
    }
    csv.into_response("vitals.csv")
}
