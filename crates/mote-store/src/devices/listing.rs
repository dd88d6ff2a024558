//! Pages of a product's devices.
//!
//! An unfiltered page must cost the same whether it is the first or the last of a million devices. An `OFFSET` would walk
//! the index from its start; so the domain keeps anchors, the place of every so-many-th device in an order, and a page is
//! read from the anchor before it.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Integer, Text};

use super::DeviceRow;
use crate::schema::devices::devices;
use crate::{Db, StoreError};

/// What a listing is ordered by; ties by ID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Order {
    /// Last connection.
    LastConnection,
    /// Name.
    Name,
    /// ID.
    Id,
    /// Product firmware version.
    FirmwareVersion,
}

/// The place of a device in an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// Where the order goes by a number: that, and the ID.
    Number(i64, String),
    /// Where it goes by text: that, and the ID.
    Text(String, String),
}

/// One query per column that listings are ordered by: `$key` reads the column from an anchor.
macro_rules! by_column {
    ($name:ident, $column:ident, $sql_type:ty, $place:literal, $key:expr, $anchor:expr) => {
        mod $name {
            use super::*;

            pub(super) fn anchors(
                db: &mut Db,
                product: i64,
                from: Option<&Anchor>,
                step: i64,
                count: usize,
            ) -> Result<Vec<Anchor>, StoreError> {
                let mut found = Vec::new();
                let mut last = from.cloned();
                while found.len() < count {
                    let query = devices::table
                        .filter(devices::product_id.eq(product))
                        .order((devices::$column.asc(), devices::id.asc()))
                        .select((devices::$column, devices::id))
                        .limit(1);
                    let next = match &last {
                        None => query.first(db).optional()?,
                        Some(anchor) => {
                            let (key, id) = $key(anchor);
                            let after = sql::<Bool>(concat!("(", $place, ", devices.id) >= ("))
                                .bind::<$sql_type, _>(key)
                                .sql(", ")
                                .bind::<Text, _>(id)
                                .sql(")");
                            query.filter(after).offset(step).first(db).optional()?
                        }
                    };
                    let Some((key, id)) = next else { break };
                    let anchor: Anchor = $anchor(key, id);
                    found.push(anchor.clone());
                    last = Some(anchor);
                }
                Ok(found)
            }

            pub(super) fn page(
                db: &mut Db,
                product: i64,
                from: &Anchor,
                skip: i64,
                limit: i64,
            ) -> Result<Vec<DeviceRow>, StoreError> {
                // The devices that are skipped are counted in the index alone; the page's own query would look each of them up.
                let first = if skip == 0 { None } else { anchors(db, product, Some(from), skip, 1)?.pop() };
                let from = match &first {
                    Some(first) => first,
                    None if skip == 0 => from,
                    None => return Ok(Vec::new()),
                };
                let (key, id) = $key(from);
                let query = devices::table
                    .filter(devices::product_id.eq(product))
                    .filter(
                        sql::<Bool>(concat!("(", $place, ", devices.id) >= ("))
                            .bind::<$sql_type, _>(key)
                            .sql(", ")
                            .bind::<Text, _>(id)
                            .sql(")"),
                    )
                    .order((devices::$column.asc(), devices::id.asc()))
                    .limit(limit)
                    .select(DeviceRow::as_select());
                Ok(query.load(db)?)
            }
        }
    };
}

fn number(anchor: &Anchor) -> (i64, &str) {
    match anchor {
        Anchor::Number(key, id) => (*key, id),
        Anchor::Text(_, id) => (0, id),
    }
}

fn small_number(anchor: &Anchor) -> (i32, &str) {
    let (key, id) = number(anchor);
    (i32::try_from(key).unwrap_or(i32::MAX), id)
}

fn text(anchor: &Anchor) -> (&str, &str) {
    match anchor {
        Anchor::Number(_, id) => ("", id),
        Anchor::Text(key, id) => (key, id),
    }
}

by_column!(by_connection, last_handshake_at, BigInt, "devices.last_handshake_at", number, |key: i64, id| {
    Anchor::Number(key, id)
});
by_column!(by_name, name, Text, "devices.name", text, |key: String, id| Anchor::Text(key, id));
by_column!(by_id, id, Text, "devices.id", text, |key: String, id| Anchor::Text(key, id));
by_column!(
    by_firmware,
    firmware_version,
    Integer,
    "devices.firmware_version",
    small_number,
    |key: i32, id| { Anchor::Number(key.into(), id) }
);

/// At most `count` anchors, `step` devices apart: from the first device, or beyond the anchor `from`.
pub fn anchors_from(
    db: &mut Db,
    product: i64,
    order: Order,
    from: Option<&Anchor>,
    step: i64,
    count: usize,
) -> Result<Vec<Anchor>, StoreError> {
    match order {
        Order::LastConnection => by_connection::anchors(db, product, from, step, count),
        Order::Name => by_name::anchors(db, product, from, step, count),
        Order::Id => by_id::anchors(db, product, from, step, count),
        Order::FirmwareVersion => by_firmware::anchors(db, product, from, step, count),
    }
}

/// `limit` devices in ascending order, `skip` after the anchor `from`.
pub fn page_from(
    db: &mut Db,
    product: i64,
    order: Order,
    from: &Anchor,
    skip: i64,
    limit: i64,
) -> Result<Vec<DeviceRow>, StoreError> {
    match order {
        Order::LastConnection => by_connection::page(db, product, from, skip, limit),
        Order::Name => by_name::page(db, product, from, skip, limit),
        Order::Id => by_id::page(db, product, from, skip, limit),
        Order::FirmwareVersion => by_firmware::page(db, product, from, skip, limit),
    }
}
