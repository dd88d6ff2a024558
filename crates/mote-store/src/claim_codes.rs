//! Rows of `claim_codes`: what a device brings along to become its owner's.

use diesel::prelude::*;

use crate::schema::claim_codes::claim_codes;
use crate::{Db, StoreError};

/// A code that waits for its device.
#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = claim_codes)]
pub struct ClaimCodeRow {
    /// First part of the code's digest.
    pub digest_key: i64,
    /// The rest of it.
    pub digest_rest: Vec<u8>,
    /// The account or customer whose the device becomes.
    pub owner_id: i64,
    /// The product that the device must be in; null for any.
    pub product_id: Option<i64>,
    /// When it ends.
    pub expires_at: i64,
}

/// By the first part of the digest; the caller compares the rest.
pub fn get(db: &mut Db, key: i64) -> Result<Option<ClaimCodeRow>, StoreError> {
    Ok(claim_codes::table.find(key).select(ClaimCodeRow::as_select()).first(db).optional()?)
}

/// Adds one, in place of those of the same owner beyond the newest `keep`.
pub fn insert(db: &mut Db, row: &ClaimCodeRow, keep: i64) -> Result<(), StoreError> {
    let old: Vec<i64> = claim_codes::table
        .filter(claim_codes::owner_id.eq(row.owner_id))
        .order(claim_codes::expires_at.desc())
        .select(claim_codes::digest_key)
        .offset(keep.max(1) - 1)
        .limit(1000)
        .load(db)?;
    diesel::delete(claim_codes::table.filter(claim_codes::digest_key.eq_any(old))).execute(db)?;
    diesel::insert_into(claim_codes::table).values(row).execute(db)?;
    Ok(())
}

/// Ends one.
pub fn delete(db: &mut Db, key: i64) -> Result<(), StoreError> {
    diesel::delete(claim_codes::table.find(key)).execute(db)?;
    Ok(())
}

/// Ends all of an owner.
pub fn delete_of_owner(db: &mut Db, owner: i64) -> Result<(), StoreError> {
    diesel::delete(claim_codes::table.filter(claim_codes::owner_id.eq(owner))).execute(db)?;
    Ok(())
}

/// Removes at most `limit` of those that ended before `now`; how many.
pub fn sweep(db: &mut Db, now: i64, limit: i64) -> Result<usize, StoreError> {
    let over: Vec<i64> = claim_codes::table
        .filter(claim_codes::expires_at.lt(now))
        .select(claim_codes::digest_key)
        .limit(limit)
        .load(db)?;
    Ok(diesel::delete(claim_codes::table.filter(claim_codes::digest_key.eq_any(over))).execute(db)?)
}
