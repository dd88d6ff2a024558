//! Rows of `tokens`: grants, each an access token and its refresh token.

use diesel::prelude::*;

use crate::schema::clients::clients;
use crate::schema::tokens::tokens;
use crate::{Db, StoreError};

/// A grant.
#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = tokens)]
pub struct TokenRow {
    /// Key, growing with time.
    pub id: i64,
    /// First part of the access token's digest.
    pub access_key: i64,
    /// The rest of it.
    pub access_rest: Vec<u8>,
    /// First part of the refresh token's digest.
    pub refresh_key: i64,
    /// The rest of it.
    pub refresh_rest: Vec<u8>,
    /// The client it was made with: a key of `clients`, or below zero for one that is built in.
    pub client_id: i64,
    /// The account that it speaks for, or
    pub account_id: Option<i64>,
    /// the product.
    pub product_id: Option<i64>,
    /// The access token under the server key, where its owner may list it.
    pub sealed: Option<Vec<u8>>,
    /// First grant of the chain of refreshes; null on that one.
    pub family: Option<i64>,
    /// The grant that this one replaced.
    pub parent: Option<i64>,
    /// Made.
    pub created_at: i64,
    /// End of the access token; null for never.
    pub expires_at: Option<i64>,
    /// End of the refresh token.
    pub refresh_expires_at: i64,
    /// When the refresh token was first traded.
    pub refresh_spent_at: Option<i64>,
    /// When the access token was first used; kept for grants that replaced another.
    pub used_at: Option<i64>,
    /// When nothing of it can be used any more; null for never.
    pub dead_at: Option<i64>,
    /// The customer that it speaks for; `product_id` is his product then.
    pub customer_id: Option<i64>,
    /// The API user that it belongs to.
    pub api_user_id: Option<i64>,
    /// Last used, to the minute.
    pub last_used_at: Option<i64>,
}

/// Grants whose access token's digest begins so; nearly always one or none. The caller compares the rest.
pub fn by_access(db: &mut Db, key: i64) -> Result<Vec<TokenRow>, StoreError> {
    Ok(tokens::table.filter(tokens::access_key.eq(key)).select(TokenRow::as_select()).limit(8).load(db)?)
}

/// The same for refresh tokens.
pub fn by_refresh(db: &mut Db, key: i64) -> Result<Vec<TokenRow>, StoreError> {
    Ok(tokens::table.filter(tokens::refresh_key.eq(key)).select(TokenRow::as_select()).limit(8).load(db)?)
}

/// One by its key.
pub fn get(db: &mut Db, id: i64) -> Result<Option<TokenRow>, StoreError> {
    Ok(tokens::table.find(id).select(TokenRow::as_select()).first(db).optional()?)
}

/// An account's newest grants that have not expired by `now`, newest first, with the client ID of those that were not made
/// with a built-in client.
pub fn of_account(
    db: &mut Db,
    account: i64,
    now: i64,
    offset: i64,
    limit: i64,
) -> Result<Vec<(TokenRow, Option<String>)>, StoreError> {
    let query = tokens::table
        .left_join(clients::table.on(clients::id.eq(tokens::client_id)))
        .filter(tokens::account_id.eq(account))
        .filter(tokens::expires_at.is_null().or(tokens::expires_at.gt(now)))
        .order(tokens::id.desc())
        .offset(offset)
        .limit(limit)
        .select((TokenRow::as_select(), clients::client_id.nullable()));
    Ok(query.load(db)?)
}

/// Adds one.
pub fn insert(db: &mut Db, row: &TokenRow) -> Result<(), StoreError> {
    diesel::insert_into(tokens::table).values(row).execute(db)?;
    Ok(())
}

/// Takes note of the first trade of a refresh token.
pub fn spend_refresh(db: &mut Db, id: i64, now: i64) -> Result<(), StoreError> {
    diesel::update(tokens::table.find(id)).set(tokens::refresh_spent_at.eq(now)).execute(db)?;
    Ok(())
}

/// Lets a refresh token be traded no more.
pub fn expire_refresh(db: &mut Db, id: i64, now: i64) -> Result<(), StoreError> {
    diesel::update(tokens::table.find(id)).set(tokens::refresh_expires_at.eq(now)).execute(db)?;
    Ok(())
}

/// Takes note of the first use of an access token.
pub fn mark_used(db: &mut Db, id: i64, now: i64) -> Result<(), StoreError> {
    diesel::update(tokens::table.find(id).filter(tokens::used_at.is_null()))
        .set(tokens::used_at.eq(now))
        .execute(db)?;
    Ok(())
}

/// Takes note of the last use of an access token.
pub fn mark_last_used(db: &mut Db, id: i64, at: i64) -> Result<(), StoreError> {
    diesel::update(tokens::table.find(id)).set(tokens::last_used_at.eq(at)).execute(db)?;
    Ok(())
}

/// When the tokens of some API users were last used, by the API user's key; those never used are left out.
pub fn last_uses_of_api_users(db: &mut Db, api_users: &[i64]) -> Result<Vec<(i64, i64)>, StoreError> {
    Ok(tokens::table
        .filter(tokens::api_user_id.eq_any(api_users))
        .filter(tokens::last_used_at.is_not_null())
        .select((tokens::api_user_id.assume_not_null(), tokens::last_used_at.assume_not_null()))
        .load(db)?)
}

/// When each successor of a grant was first used or traded on, the ones never used left out.
pub fn uses_of_successors(db: &mut Db, parent: i64) -> Result<Vec<i64>, StoreError> {
    let uses: Vec<(Option<i64>, Option<i64>)> = tokens::table
        .filter(tokens::parent.eq(parent))
        .filter(tokens::used_at.is_not_null().or(tokens::refresh_spent_at.is_not_null()))
        .select((tokens::used_at, tokens::refresh_spent_at))
        .limit(1000)
        .load(db)?;
    Ok(uses.into_iter().filter_map(|(used, spent)| [used, spent].into_iter().flatten().min()).collect())
}

/// Whether a successor of a grant, other than `but`, was used or traded on.
pub fn has_other_used_successor(db: &mut Db, parent: i64, but: i64) -> Result<bool, StoreError> {
    let used = tokens::table
        .filter(tokens::parent.eq(parent).and(tokens::id.ne(but)))
        .filter(tokens::used_at.is_not_null().or(tokens::refresh_spent_at.is_not_null()));
    Ok(diesel::select(diesel::dsl::exists(used)).get_result(db)?)
}

/// How many successors a grant has.
pub fn count_successors(db: &mut Db, parent: i64) -> Result<i64, StoreError> {
    Ok(tokens::table.filter(tokens::parent.eq(parent)).count().get_result(db)?)
}

/// Ends one grant.
pub fn delete(db: &mut Db, id: i64) -> Result<(), StoreError> {
    diesel::delete(tokens::table.find(id)).execute(db)?;
    Ok(())
}

/// Ends every grant of a chain of refreshes.
pub fn delete_family(db: &mut Db, family: i64) -> Result<usize, StoreError> {
    let successors = diesel::delete(tokens::table.filter(tokens::family.eq(family))).execute(db)?;
    Ok(successors + diesel::delete(tokens::table.find(family)).execute(db)?)
}

/// Ends every grant of an account.
pub fn delete_of_account(db: &mut Db, account: i64) -> Result<usize, StoreError> {
    Ok(diesel::delete(tokens::table.filter(tokens::account_id.eq(account))).execute(db)?)
}

/// Ends every grant of an API user.
pub fn delete_of_api_user(db: &mut Db, api_user: i64) -> Result<usize, StoreError> {
    Ok(diesel::delete(tokens::table.filter(tokens::api_user_id.eq(api_user))).execute(db)?)
}

/// Ends every grant of some customers.
pub fn delete_of_customers(db: &mut Db, customers: &[i64]) -> Result<usize, StoreError> {
    Ok(diesel::delete(tokens::table.filter(tokens::customer_id.eq_any(customers))).execute(db)?)
}

/// How many grants of a client have not expired by `now`, counted up to `most`.
pub fn count_of_client(db: &mut Db, client: i64, now: i64, most: i64) -> Result<usize, StoreError> {
    let living: Vec<i64> = tokens::table
        .filter(tokens::client_id.eq(client))
        .filter(tokens::expires_at.is_null().or(tokens::expires_at.gt(now)))
        .select(tokens::id)
        .limit(most)
        .load(db)?;
    Ok(living.len())
}

/// Removes at most `limit` grants of a client; how many.
pub fn delete_of_client(db: &mut Db, client: i64, limit: i64) -> Result<usize, StoreError> {
    let some: Vec<i64> =
        tokens::table.filter(tokens::client_id.eq(client)).select(tokens::id).limit(limit).load(db)?;
    Ok(diesel::delete(tokens::table.filter(tokens::id.eq_any(some))).execute(db)?)
}

/// Removes at most `limit` of the grants that died before `now`; how many.
pub fn sweep(db: &mut Db, now: i64, limit: i64) -> Result<usize, StoreError> {
    let over: Vec<i64> =
        tokens::table.filter(tokens::dead_at.lt(now)).select(tokens::id).limit(limit).load(db)?;
    Ok(diesel::delete(tokens::table.filter(tokens::id.eq_any(over))).execute(db)?)
}

/// How many there are, for `mote check`.
pub fn count(db: &mut Db) -> Result<i64, StoreError> {
    Ok(tokens::table.count().get_result(db)?)
}
