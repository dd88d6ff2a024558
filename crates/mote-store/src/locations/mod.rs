//! Rows of `locations` and `last_locations`: where devices were, and where they were last.

mod listing;

use diesel::prelude::*;

use crate::schema::locations::{last_locations, locations};
use crate::{Db, StoreError};

pub use listing::{Area, Filter, Located, Span, page, points};

macro_rules! rows {
    ($($(#[$doc:meta])* $name:ident of $table:ident ($($key:ident),+);)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Queryable, Selectable, Insertable, Identifiable, AsChangeset)]
        #[diesel(table_name = $table, primary_key($($key),+))]
        pub struct $name {
            /// The product that the device was in.
            pub product_id: i64,
            /// The device.
            pub device_id: String,
            /// When it was there.
            pub at: i64,
            /// Degrees north.
            pub lat: f64,
            /// Degrees east.
            pub lon: f64,
            /// Whether satellites said so.
            pub gps_lock: bool,
            /// What else it told; a JSON object.
            pub properties: String,
        }
    )+};
}

rows! {
    /// Where a device was at a time.
    LocationRow of locations (product_id, device_id, at);
    /// Where it was last.
    LastLocationRow of last_locations (product_id, device_id);
}

impl From<LocationRow> for LastLocationRow {
    fn from(row: LocationRow) -> Self {
        let LocationRow { product_id, device_id, at, lat, lon, gps_lock, properties } = row;
        Self { product_id, device_id, at, lat, lon, gps_lock, properties }
    }
}

impl From<LastLocationRow> for LocationRow {
    fn from(row: LastLocationRow) -> Self {
        let LastLocationRow { product_id, device_id, at, lat, lon, gps_lock, properties } = row;
        Self { product_id, device_id, at, lat, lon, gps_lock, properties }
    }
}

/// Writes where a device was; in place of what was known of that moment.
pub fn put(db: &mut Db, row: &LocationRow) -> Result<(), StoreError> {
    if diesel::update(row).set(row).execute(db)? == 0 {
        diesel::insert_into(locations::table).values(row).execute(db)?;
    }
    Ok(())
}

/// Where a device was last.
pub fn last(db: &mut Db, product: i64, device: &str) -> Result<Option<LastLocationRow>, StoreError> {
    let query = last_locations::table.find((product, device)).select(LastLocationRow::as_select());
    Ok(query.first(db).optional()?)
}

/// Writes where a device was last, unless it was somewhere later.
pub fn put_last(db: &mut Db, row: &LastLocationRow) -> Result<(), StoreError> {
    match last(db, row.product_id, &row.device_id)? {
        None => {
            diesel::insert_into(last_locations::table).values(row).execute(db)?;
        }
        Some(known) if known.at <= row.at => {
            diesel::update(row).set(row).execute(db)?;
        }
        Some(_) => {}
    }
    Ok(())
}

/// Removes at most `limit` points from before `at`, and as many last ones; how many.
pub fn sweep(db: &mut Db, at: i64, limit: i64) -> Result<usize, StoreError> {
    let points: Vec<(i64, String, i64)> = locations::table
        .filter(locations::at.lt(at))
        .order(locations::at)
        .select((locations::product_id, locations::device_id, locations::at))
        .limit(limit)
        .load(db)?;
    for (product, device, at) in &points {
        diesel::delete(locations::table.find((product, device, at))).execute(db)?;
    }
    let last: Vec<(i64, String)> = last_locations::table
        .filter(last_locations::at.lt(at))
        .order(last_locations::at)
        .select((last_locations::product_id, last_locations::device_id))
        .limit(limit)
        .load(db)?;
    for (product, device) in &last {
        diesel::delete(last_locations::table.find((product, device))).execute(db)?;
    }
    Ok(points.len() + last.len())
}
