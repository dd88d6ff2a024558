//! Rows of `ledger_instances`: what ledgers hold now.

use diesel::prelude::*;

use crate::schema::ledgers::ledger_instances;
use crate::{Db, StoreError};

/// What a ledger holds for one device, product or owner.
#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = ledger_instances)]
pub struct InstanceRow {
    /// The ledger.
    pub ledger_id: i64,
    /// For what: the ID of a device, a product or an owner.
    pub scope_value: String,
    /// JSON object.
    pub data: String,
    /// Bytes of it.
    pub size_bytes: i32,
    /// Made.
    pub created_at: i64,
    /// Written; later with each time.
    pub updated_at: i64,
}

/// The one for `scope_value`.
pub fn get(db: &mut Db, ledger: i64, scope_value: &str) -> Result<Option<InstanceRow>, StoreError> {
    let query = ledger_instances::table.find((ledger, scope_value));
    Ok(query.select(InstanceRow::as_select()).first(db).optional()?)
}

/// A page of a ledger's, in the order of what they are for.
pub fn page(db: &mut Db, ledger: i64, offset: i64, limit: i64) -> Result<Vec<InstanceRow>, StoreError> {
    let query = ledger_instances::table.filter(ledger_instances::ledger_id.eq(ledger));
    let query = query.order(ledger_instances::scope_value).offset(offset).limit(limit);
    Ok(query.select(InstanceRow::as_select()).load(db)?)
}

/// Adds one.
pub fn insert(db: &mut Db, row: &InstanceRow) -> Result<(), StoreError> {
    diesel::insert_into(ledger_instances::table).values(row).execute(db)?;
    Ok(())
}

/// Writes the data of one that exists.
pub fn update(db: &mut Db, row: &InstanceRow) -> Result<(), StoreError> {
    diesel::update(ledger_instances::table.find((row.ledger_id, &row.scope_value)))
        .set((
            ledger_instances::data.eq(&row.data),
            ledger_instances::size_bytes.eq(row.size_bytes),
            ledger_instances::updated_at.eq(row.updated_at),
        ))
        .execute(db)?;
    Ok(())
}

/// Removes one; whether it was there.
pub fn delete(db: &mut Db, ledger: i64, scope_value: &str) -> Result<bool, StoreError> {
    Ok(diesel::delete(ledger_instances::table.find((ledger, scope_value))).execute(db)? > 0)
}

/// Removes at most `limit` of a ledger's; how many.
pub(super) fn delete_of_ledger(db: &mut Db, ledger: i64, limit: i64) -> Result<usize, StoreError> {
    let of_ledger = ledger_instances::ledger_id.eq(ledger);
    let some: Vec<String> = ledger_instances::table
        .filter(of_ledger)
        .order(ledger_instances::scope_value)
        .select(ledger_instances::scope_value)
        .limit(limit)
        .load(db)?;
    let some = ledger_instances::table.filter(of_ledger.and(ledger_instances::scope_value.eq_any(some)));
    Ok(diesel::delete(some).execute(db)?)
}
