//! Rows of `ledger_versions`: what ledgers held before.

use diesel::prelude::*;

use super::instances::InstanceRow;
use crate::schema::ledgers::ledger_versions;
use crate::{Db, StoreError};

/// What a ledger held for one device, product or owner, until it was replaced.
#[derive(Clone, Queryable, Selectable)]
#[diesel(table_name = ledger_versions)]
pub struct VersionRow {
    /// The ledger.
    pub ledger_id: i64,
    /// For what.
    pub scope_value: String,
    /// When it was written, which names it among those of the same.
    pub updated_at: i64,
    /// JSON object.
    pub data: String,
    /// Bytes of it.
    pub size_bytes: i32,
    /// When the instance was made.
    pub created_at: i64,
    /// When the next took its place.
    pub replaced_at: i64,
}

macro_rules! of {
    ($ledger:expr, $scope_value:expr) => {
        ledger_versions::table
            .filter(ledger_versions::ledger_id.eq($ledger).and(ledger_versions::scope_value.eq($scope_value)))
    };
}

/// Keeps what an instance held, which the moment `replaced_at` puts an end to.
pub fn insert(db: &mut Db, held: &InstanceRow, replaced_at: i64) -> Result<(), StoreError> {
    let row = (
        ledger_versions::ledger_id.eq(held.ledger_id),
        ledger_versions::scope_value.eq(&held.scope_value),
        ledger_versions::updated_at.eq(held.updated_at),
        ledger_versions::data.eq(&held.data),
        ledger_versions::size_bytes.eq(held.size_bytes),
        ledger_versions::created_at.eq(held.created_at),
        ledger_versions::replaced_at.eq(replaced_at),
    );
    diesel::insert_into(ledger_versions::table).values(row).execute(db)?;
    Ok(())
}

/// The version that was written at `updated_at`.
pub fn get(
    db: &mut Db,
    ledger: i64,
    scope_value: &str,
    updated_at: i64,
) -> Result<Option<VersionRow>, StoreError> {
    let query = ledger_versions::table.find((ledger, scope_value, updated_at));
    Ok(query.select(VersionRow::as_select()).first(db).optional()?)
}

/// Those replaced after `after` and before `before`, the latest first.
pub fn list(
    db: &mut Db,
    ledger: i64,
    scope_value: &str,
    after: i64,
    before: i64,
    limit: i64,
) -> Result<Vec<VersionRow>, StoreError> {
    let replaced = ledger_versions::replaced_at.gt(after).and(ledger_versions::replaced_at.lt(before));
    let query = of!(ledger, scope_value).filter(replaced).order(ledger_versions::updated_at.desc());
    Ok(query.select(VersionRow::as_select()).limit(limit).load(db)?)
}

/// When the versions of an instance were written, and how large they are, the latest first.
pub fn sizes(db: &mut Db, ledger: i64, scope_value: &str) -> Result<Vec<(i64, i32)>, StoreError> {
    let query = of!(ledger, scope_value).order(ledger_versions::updated_at.desc());
    Ok(query.select((ledger_versions::updated_at, ledger_versions::size_bytes)).load(db)?)
}

/// Removes the versions of an instance that were written at `last` or before.
pub fn delete_until(db: &mut Db, ledger: i64, scope_value: &str, last: i64) -> Result<(), StoreError> {
    diesel::delete(of!(ledger, scope_value).filter(ledger_versions::updated_at.le(last))).execute(db)?;
    Ok(())
}

/// Removes at most `limit` of a ledger's; how many.
pub(super) fn delete_of_ledger(db: &mut Db, ledger: i64, limit: i64) -> Result<usize, StoreError> {
    let of_ledger = ledger_versions::table.filter(ledger_versions::ledger_id.eq(ledger));
    let some = of_ledger.select(KEY).limit(limit).load(db)?;
    delete_all(db, some)
}

/// Removes at most `limit` of those that were replaced before `before`; how many.
pub fn sweep(db: &mut Db, before: i64, limit: i64) -> Result<usize, StoreError> {
    let over = ledger_versions::table.filter(ledger_versions::replaced_at.lt(before));
    let some = over.order(ledger_versions::replaced_at).select(KEY).limit(limit).load(db)?;
    delete_all(db, some)
}

const KEY: (ledger_versions::ledger_id, ledger_versions::scope_value, ledger_versions::updated_at) =
    (ledger_versions::ledger_id, ledger_versions::scope_value, ledger_versions::updated_at);

fn delete_all(db: &mut Db, keys: Vec<(i64, String, i64)>) -> Result<usize, StoreError> {
    let mut deleted = 0;
    for key in keys {
        deleted += diesel::delete(ledger_versions::table.find(key)).execute(db)?;
    }
    Ok(deleted)
}
