//! Rows of `delivery_logs`.

use diesel::prelude::*;

use crate::schema::integrations::delivery_logs;
use crate::{Db, StoreError};

/// A request of an integration, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = delivery_logs)]
pub struct LogRow {
    /// Key, growing with time.
    pub id: i64,
    /// The integration.
    pub integration_id: i64,
    /// All of it, as JSON.
    pub entry: String,
    /// When.
    pub created_at: i64,
}

/// Adds one.
pub fn insert(db: &mut Db, row: &LogRow) -> Result<(), StoreError> {
    diesel::insert_into(delivery_logs::table).values(row).execute(db)?;
    Ok(())
}

/// Removes what is older than the newest `keep` of an integration.
pub fn trim(db: &mut Db, integration: i64, keep: i64) -> Result<(), StoreError> {
    let of = delivery_logs::table.filter(delivery_logs::integration_id.eq(integration));
    let newest = of.order(delivery_logs::id.desc()).offset(keep).limit(100).select(delivery_logs::id);
    let over: Vec<i64> = newest.load(db)?;
    if !over.is_empty() {
        diesel::delete(delivery_logs::table.filter(delivery_logs::id.eq_any(over))).execute(db)?;
    }
    Ok(())
}

/// The newest of an integration, newest first, the first `limit`.
pub fn list(db: &mut Db, integration: i64, limit: i64) -> Result<Vec<LogRow>, StoreError> {
    let of = delivery_logs::table.filter(delivery_logs::integration_id.eq(integration));
    Ok(of.order(delivery_logs::id.desc()).limit(limit).select(LogRow::as_select()).load(db)?)
}

/// The newest of each of these integrations, in no order.
pub fn latest(db: &mut Db, integrations: &[i64]) -> Result<Vec<LogRow>, StoreError> {
    let of = delivery_logs::table.filter(delivery_logs::integration_id.eq_any(integrations));
    let newest = of.group_by(delivery_logs::integration_id).select(diesel::dsl::max(delivery_logs::id));
    let newest: Vec<Option<i64>> = newest.load(db)?;
    let newest = delivery_logs::id.eq_any(newest.into_iter().flatten().collect::<Vec<_>>());
    Ok(delivery_logs::table.filter(newest).select(LogRow::as_select()).load(db)?)
}

/// Removes all of an integration: at most a few.
pub fn delete_of(db: &mut Db, integration: i64) -> Result<(), StoreError> {
    diesel::delete(delivery_logs::table.filter(delivery_logs::integration_id.eq(integration))).execute(db)?;
    Ok(())
}

/// Removes at most `limit` of those from before `before`; how many.
pub fn sweep(db: &mut Db, before: i64, limit: i64) -> Result<usize, StoreError> {
    let old = delivery_logs::table.filter(delivery_logs::created_at.lt(before)).select(delivery_logs::id);
    let old: Vec<i64> = old.order(delivery_logs::created_at).limit(limit).load(db)?;
    if !old.is_empty() {
        diesel::delete(delivery_logs::table.filter(delivery_logs::id.eq_any(&old))).execute(db)?;
    }
    Ok(old.len())
}
