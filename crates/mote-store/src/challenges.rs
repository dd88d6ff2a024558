//! Rows of `challenges`: secrets handed out to be brought back once and soon.

use diesel::prelude::*;

use crate::schema::accounts::challenges;
use crate::{Db, StoreError};

/// A secret that waits to be brought back.
#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = challenges)]
pub struct ChallengeRow {
    /// First part of the secret's digest.
    pub digest_key: i64,
    /// The rest of it.
    pub digest_rest: Vec<u8>,
    /// What it is for; the domain numbers them.
    pub purpose: i16,
    /// Whose it is: an account's, or a customer's, whose keys differ.
    pub account_id: i64,
    /// What is to happen when it comes back.
    pub payload: Vec<u8>,
    /// How many wrong answers it survives.
    pub attempts_left: i16,
    /// When it ends.
    pub expires_at: i64,
}

/// By the first part of the digest; the caller compares the rest.
pub fn get(db: &mut Db, key: i64) -> Result<Option<ChallengeRow>, StoreError> {
    Ok(challenges::table.find(key).select(ChallengeRow::as_select()).first(db).optional()?)
}

/// Adds one, in place of those of the same account and purpose beyond the newest `keep`.
pub fn insert(db: &mut Db, row: &ChallengeRow, keep: i64) -> Result<(), StoreError> {
    let old: Vec<i64> = challenges::table
        .filter(challenges::account_id.eq(row.account_id).and(challenges::purpose.eq(row.purpose)))
        .order(challenges::expires_at.desc())
        .select(challenges::digest_key)
        .offset(keep.max(1) - 1)
        .limit(1000)
        .load(db)?;
    diesel::delete(challenges::table.filter(challenges::digest_key.eq_any(old))).execute(db)?;
    diesel::insert_into(challenges::table).values(row).execute(db)?;
    Ok(())
}

/// How many an account or customer has for a purpose that have not ended.
pub fn count(db: &mut Db, account: i64, purpose: i16, now: i64) -> Result<i64, StoreError> {
    let own = challenges::account_id.eq(account).and(challenges::purpose.eq(purpose));
    Ok(challenges::table.filter(own.and(challenges::expires_at.gt(now))).count().get_result(db)?)
}

/// Takes note of a wrong answer.
pub fn set_attempts_left(db: &mut Db, key: i64, attempts_left: i16) -> Result<(), StoreError> {
    diesel::update(challenges::table.find(key))
        .set(challenges::attempts_left.eq(attempts_left))
        .execute(db)?;
    Ok(())
}

/// Changes what is to happen when one comes back.
pub fn set_payload(db: &mut Db, key: i64, payload: &[u8]) -> Result<(), StoreError> {
    diesel::update(challenges::table.find(key)).set(challenges::payload.eq(payload)).execute(db)?;
    Ok(())
}

/// Ends one.
pub fn delete(db: &mut Db, key: i64) -> Result<(), StoreError> {
    diesel::delete(challenges::table.find(key)).execute(db)?;
    Ok(())
}

/// Ends all of an account or customer for one purpose.
pub fn delete_for(db: &mut Db, account: i64, purpose: i16) -> Result<(), StoreError> {
    let own = challenges::account_id.eq(account).and(challenges::purpose.eq(purpose));
    diesel::delete(challenges::table.filter(own)).execute(db)?;
    Ok(())
}

/// Ends all of an account or customer.
pub fn delete_of_account(db: &mut Db, account: i64) -> Result<(), StoreError> {
    diesel::delete(challenges::table.filter(challenges::account_id.eq(account))).execute(db)?;
    Ok(())
}

/// Removes at most `limit` of those that ended before `now`; how many.
pub fn sweep(db: &mut Db, now: i64, limit: i64) -> Result<usize, StoreError> {
    let over: Vec<i64> = challenges::table
        .filter(challenges::expires_at.lt(now))
        .select(challenges::digest_key)
        .limit(limit)
        .load(db)?;
    Ok(diesel::delete(challenges::table.filter(challenges::digest_key.eq_any(over))).execute(db)?)
}
