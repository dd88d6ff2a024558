//! Rows of `notices`: what one process has done that others on this store must hear of.

use diesel::prelude::*;

use crate::schema::notices::notices;
use crate::{Db, StoreError};

/// A notice.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = notices)]
pub struct NoticeRow {
    /// Key.
    pub id: i64,
    /// What was done.
    pub kind: i16,
    /// To whom or what.
    pub subject: String,
    /// When.
    pub created_at: i64,
}

/// Those since a moment; the first `limit`.
pub fn since(db: &mut Db, moment: i64, limit: i64) -> Result<Vec<NoticeRow>, StoreError> {
    let query = notices::table.filter(notices::created_at.ge(moment)).order(notices::created_at).limit(limit);
    Ok(query.select(NoticeRow::as_select()).load(db)?)
}

/// Adds one.
pub fn insert(db: &mut Db, row: &NoticeRow) -> Result<(), StoreError> {
    diesel::insert_into(notices::table).values(row).execute(db)?;
    Ok(())
}

/// Removes at most `limit` of those from before a moment; how many.
pub fn sweep(db: &mut Db, before: i64, limit: i64) -> Result<usize, StoreError> {
    let over: Vec<i64> =
        notices::table.filter(notices::created_at.lt(before)).select(notices::id).limit(limit).load(db)?;
    Ok(diesel::delete(notices::table.filter(notices::id.eq_any(over))).execute(db)?)
}
