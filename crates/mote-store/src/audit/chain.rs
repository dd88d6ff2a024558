//! The chain of entries: giving each its place, reading it in order, and taking its old end away.

use diesel::prelude::*;

use super::AuditRow;
use crate::schema::audit::{audit, audit_ends};
use crate::{Db, StoreError};

/// An end of the chain: where it begins, or the last of it.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = audit_ends)]
pub struct EndRow {
    /// Which.
    pub name: String,
    /// The number of the entry there.
    pub number: i64,
    /// Its hash.
    pub hash: Vec<u8>,
    /// What shows that the server wrote it.
    pub mac: Vec<u8>,
}

/// The place of an entry in the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Its number.
    pub number: i64,
    /// The hash of the entry before.
    pub previous_hash: Vec<u8>,
    /// Its own.
    pub hash: Vec<u8>,
}

/// The first `limit` of those without a place, oldest first.
pub fn unsealed(db: &mut Db, limit: i64) -> Result<Vec<AuditRow>, StoreError> {
    let query = audit::table.filter(audit::number.is_null()).order(audit::id).limit(limit);
    Ok(query.select(AuditRow::as_select()).load(db)?)
}

/// Gives an entry its place, once; whether it had none.
pub fn set_link(db: &mut Db, id: i64, link: &Link) -> Result<bool, StoreError> {
    let changed = diesel::update(audit::table.filter(audit::id.eq(id).and(audit::number.is_null())))
        .set((
            audit::number.eq(link.number),
            audit::previous_hash.eq(&link.previous_hash),
            audit::hash.eq(&link.hash),
        ))
        .execute(db)?;
    Ok(changed == 1)
}

/// The first `limit` of those beyond a number, in the order of the chain.
pub fn beyond(db: &mut Db, number: i64, limit: i64) -> Result<Vec<AuditRow>, StoreError> {
    let query = audit::table.filter(audit::number.gt(number)).order(audit::number).limit(limit);
    Ok(query.select(AuditRow::as_select()).load(db)?)
}

/// Removes all up to a number.
pub fn trim(db: &mut Db, number: i64) -> Result<usize, StoreError> {
    Ok(diesel::delete(audit::table.filter(audit::number.le(number))).execute(db)?)
}

/// An end of the chain; none before it was first written.
pub fn end(db: &mut Db, name: &str) -> Result<Option<EndRow>, StoreError> {
    Ok(audit_ends::table.find(name).select(EndRow::as_select()).first(db).optional()?)
}

/// Writes an end of the chain.
pub fn set_end(db: &mut Db, row: &EndRow) -> Result<(), StoreError> {
    let changed = diesel::update(audit_ends::table.find(&row.name)).set(row).execute(db)?;
    if changed == 0 {
        diesel::insert_into(audit_ends::table).values(row).execute(db)?;
    }
    Ok(())
}
