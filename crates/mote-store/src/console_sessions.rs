//! Rows of `console_sessions`: people who are signed in to the web console.

use diesel::prelude::*;

use crate::schema::console_sessions::console_sessions;
use crate::{Db, StoreError};

/// A session.
#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = console_sessions)]
pub struct ConsoleSessionRow {
    /// Key, growing with time.
    pub id: i64,
    /// Who is signed in.
    pub account_id: i64,
    /// First part of the secret's digest.
    pub digest_key: i64,
    /// The rest of it.
    pub digest_rest: Vec<u8>,
    /// What the browser called itself.
    pub agent: String,
    /// Signed in.
    pub created_at: i64,
    /// Last used, to the hour.
    pub used_at: i64,
    /// When it ends, unless it is used before.
    pub expires_at: i64,
}

/// Sessions whose secret's digest begins so; nearly always one or none. The caller compares the rest.
pub fn by_digest(db: &mut Db, key: i64) -> Result<Vec<ConsoleSessionRow>, StoreError> {
    let query = console_sessions::table.filter(console_sessions::digest_key.eq(key)).limit(8);
    Ok(query.select(ConsoleSessionRow::as_select()).load(db)?)
}

/// Whether there is one with this key.
pub fn exists(db: &mut Db, id: i64) -> Result<bool, StoreError> {
    Ok(diesel::select(diesel::dsl::exists(console_sessions::table.find(id))).get_result(db)?)
}

/// An account's sessions that have not ended by `now`, newest first; the first `limit`.
pub fn of_account(
    db: &mut Db,
    account: i64,
    now: i64,
    limit: i64,
) -> Result<Vec<ConsoleSessionRow>, StoreError> {
    let query = console_sessions::table
        .filter(console_sessions::account_id.eq(account).and(console_sessions::expires_at.gt(now)))
        .order(console_sessions::id.desc())
        .limit(limit);
    Ok(query.select(ConsoleSessionRow::as_select()).load(db)?)
}

/// Adds one; of those of the account the oldest goes, so that there are `most`; how many went.
pub fn insert(db: &mut Db, row: &ConsoleSessionRow, most: i64) -> Result<usize, StoreError> {
    let beyond: Vec<i64> = console_sessions::table
        .filter(console_sessions::account_id.eq(row.account_id))
        .order(console_sessions::id.desc())
        .offset(most - 1)
        .limit(100)
        .select(console_sessions::id)
        .load(db)?;
    let gone =
        diesel::delete(console_sessions::table.filter(console_sessions::id.eq_any(beyond))).execute(db)?;
    diesel::insert_into(console_sessions::table).values(row).execute(db)?;
    Ok(gone)
}

/// Takes note of its use; nothing where it has ended meanwhile.
pub fn renew(db: &mut Db, id: i64, used_at: i64, expires_at: i64) -> Result<(), StoreError> {
    diesel::update(console_sessions::table.find(id))
        .set((console_sessions::used_at.eq(used_at), console_sessions::expires_at.eq(expires_at)))
        .execute(db)?;
    Ok(())
}

/// Ends a session of the account; whether there was one.
pub fn delete(db: &mut Db, account: i64, id: i64) -> Result<bool, StoreError> {
    let own = console_sessions::table.find(id).filter(console_sessions::account_id.eq(account));
    Ok(diesel::delete(own).execute(db)? > 0)
}

/// Ends every session of the account but one, if one is to be kept.
pub fn delete_of_account(db: &mut Db, account: i64, but: Option<i64>) -> Result<usize, StoreError> {
    // Keys are above zero.
    let others = console_sessions::account_id.eq(account).and(console_sessions::id.ne(but.unwrap_or(0)));
    Ok(diesel::delete(console_sessions::table.filter(others)).execute(db)?)
}

/// Removes at most `limit` of those that ended before `now`; how many.
pub fn sweep(db: &mut Db, now: i64, limit: i64) -> Result<usize, StoreError> {
    let over: Vec<i64> = console_sessions::table
        .filter(console_sessions::expires_at.lt(now))
        .select(console_sessions::id)
        .limit(limit)
        .load(db)?;
    Ok(diesel::delete(console_sessions::table.filter(console_sessions::id.eq_any(over))).execute(db)?)
}
