//! Rows of `vitals`: what devices told of themselves, by time.

use diesel::prelude::*;

use crate::schema::vitals::vitals;
use crate::{Db, StoreError};

/// A record.
#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = vitals)]
pub struct VitalsRow {
    /// Key.
    pub id: i64,
    /// The device that told them.
    pub device_id: String,
    /// When the server got them.
    pub at: i64,
    /// The product that the device was in.
    pub product_id: Option<i64>,
    /// Whose device it was.
    pub owner_id: Option<i64>,
    /// JSON object.
    pub payload: String,
}

/// Whose records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// Those of the time when the device was this owner's.
    Owner(i64),
    /// Those of the time when it was in this product.
    Product(i64),
}

/// Adds one.
pub fn insert(db: &mut Db, row: &VitalsRow) -> Result<(), StoreError> {
    diesel::insert_into(vitals::table).values(row).execute(db)?;
    Ok(())
}

/// The latest of a device.
pub fn last(db: &mut Db, of: Of, device: &str) -> Result<Option<VitalsRow>, StoreError> {
    let query = vitals::table
        .filter(vitals::device_id.eq(device))
        .order((vitals::at.desc(), vitals::id.desc()))
        .select(VitalsRow::as_select());
    Ok(match of {
        Of::Owner(id) => query.filter(vitals::owner_id.eq(id)).first(db).optional(),
        Of::Product(id) => query.filter(vitals::product_id.eq(id)).first(db).optional(),
    }?)
}

/// Those of a device from `start` to before `end`, oldest first; a device has a bounded number of them.
pub fn between(
    db: &mut Db,
    of: Of,
    device: &str,
    start: i64,
    end: i64,
) -> Result<Vec<VitalsRow>, StoreError> {
    let query = vitals::table
        .filter(vitals::device_id.eq(device).and(vitals::at.ge(start)).and(vitals::at.lt(end)))
        .order((vitals::at, vitals::id))
        .select(VitalsRow::as_select());
    Ok(match of {
        Of::Owner(id) => query.filter(vitals::owner_id.eq(id)).load(db),
        Of::Product(id) => query.filter(vitals::product_id.eq(id)).load(db),
    }?)
}

/// Removes the oldest of a device's beyond `most`, at most `limit` of them.
pub fn trim(db: &mut Db, device: &str, most: i64, limit: i64) -> Result<(), StoreError> {
    let beyond: Vec<i64> = vitals::table
        .filter(vitals::device_id.eq(device))
        .order(vitals::at.desc())
        .offset(most)
        .limit(limit)
        .select(vitals::id)
        .load(db)?;
    if !beyond.is_empty() {
        diesel::delete(vitals::table.filter(vitals::id.eq_any(beyond))).execute(db)?;
    }
    Ok(())
}

/// Removes at most `limit` of those from before `at`; how many.
pub fn sweep(db: &mut Db, at: i64, limit: i64) -> Result<usize, StoreError> {
    let over: Vec<i64> =
        vitals::table.filter(vitals::at.lt(at)).order(vitals::at).select(vitals::id).limit(limit).load(db)?;
    Ok(diesel::delete(vitals::table.filter(vitals::id.eq_any(over))).execute(db)?)
}
