//! Lines of the file.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mote_store::transfer::{Cell, Column, Kind, Table};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::VERSION;

/// The first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Head {
    pub(super) mote_export: u32,
    pub(super) schema: Vec<String>,
    pub(super) tables: Vec<HeadTable>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct HeadTable {
    name: String,
    columns: Vec<HeadColumn>,
    key: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct HeadColumn {
    name: String,
    r#type: String,
}

impl Head {
    pub(super) fn new(schema: Vec<String>, tables: &[Table]) -> Self {
        let tables = tables.iter().map(|table| HeadTable {
            name: table.name.clone(),
            columns: table
                .columns
                .iter()
                .map(|column| HeadColumn { name: column.name.clone(), r#type: column.kind.word().into() })
                .collect(),
            key: table.key().map(|column| column.name.clone()).collect(),
        });
        Self { mote_export: VERSION, schema, tables: tables.collect() }
    }
}

/// What stands behind the rows of a table, and at the end of all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Total {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) table: Option<String>,
    pub(super) rows: u64,
    pub(super) digest: String,
}

/// Any line as JSON, with its end.
pub(super) fn written(line: &impl Serialize) -> Vec<u8> {
    let mut text = serde_json::to_vec(line).expect("numbers and text become JSON");
    text.push(b'\n');
    text
}

/// A row as a line.
pub(super) fn of_row(row: &[Cell]) -> Vec<u8> {
    written(&row.iter().map(to_value).collect::<Vec<_>>())
}

fn to_value(cell: &Cell) -> Value {
    match cell {
        Cell::Null => Value::Null,
        Cell::Integer(number) => (*number).into(),
        Cell::Boolean(value) => (*value).into(),
        Cell::Text(text) => text.as_str().into(),
        Cell::Bytes(bytes) => STANDARD.encode(bytes).into(),
        Cell::Real(number) => format!("{:016x}", number.to_bits()).into(),
    }
}

/// A row of a line; none where it is none of this table.
pub(super) fn to_row(line: &[u8], table: &Table) -> Option<Vec<Cell>> {
    let values: Vec<Value> = serde_json::from_slice(line).ok()?;
    if values.len() != table.columns.len() {
        return None;
    }
    table.columns.iter().zip(values).map(|(column, value)| to_cell(column, value)).collect()
}

fn to_cell(column: &Column, value: Value) -> Option<Cell> {
    Some(match (column.kind, value) {
        (_, Value::Null) => return column.nullable.then_some(Cell::Null),
        (Kind::Integer, Value::Number(number)) => Cell::Integer(number.as_i64()?),
        (Kind::Boolean, Value::Bool(value)) => Cell::Boolean(value),
        (Kind::Text, Value::String(text)) => Cell::Text(text),
        (Kind::Bytes, Value::String(text)) => Cell::Bytes(STANDARD.decode(text).ok()?),
        (Kind::Real, Value::String(text)) if text.len() == 16 => {
            Cell::Real(f64::from_bits(u64::from_str_radix(&text, 16).ok()?))
        }
        _ => return None,
    })
}
