//! Rows of `client_public_keys` and `used_assertions`: what OAuth clients prove themselves by, where it is no secret.

use diesel::prelude::*;

use crate::schema::clients::{client_public_keys, used_assertions};
use crate::{Db, StoreError};

/// A public key of a client.
#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = client_public_keys)]
pub struct ClientPublicKeyRow {
    /// Key, growing with time.
    pub id: i64,
    /// Key of the client.
    pub client_id: i64,
    /// What people call it.
    pub name: String,
    /// What the client calls it.
    pub kid: Option<String>,
    /// Its algorithm; the domain numbers them.
    pub algorithm: i16,
    /// Itself, in the form of its algorithm.
    pub public_key: Vec<u8>,
    /// Made known.
    pub created_at: i64,
    /// Its end; null for never.
    pub expires_at: Option<i64>,
    /// Last used, to the minute.
    pub last_used_at: Option<i64>,
}

/// The keys of some clients, oldest first; the first `limit`.
pub fn of_clients(db: &mut Db, clients: &[i64], limit: i64) -> Result<Vec<ClientPublicKeyRow>, StoreError> {
    let query = client_public_keys::table.filter(client_public_keys::client_id.eq_any(clients));
    let query = query.order(client_public_keys::id).limit(limit);
    Ok(query.select(ClientPublicKeyRow::as_select()).load(db)?)
}

/// Adds one.
pub fn insert(db: &mut Db, row: &ClientPublicKeyRow) -> Result<(), StoreError> {
    diesel::insert_into(client_public_keys::table).values(row).execute(db)?;
    Ok(())
}

/// Ends one.
pub fn delete(db: &mut Db, id: i64) -> Result<(), StoreError> {
    diesel::delete(client_public_keys::table.find(id)).execute(db)?;
    Ok(())
}

/// Takes note of when one was last used.
pub fn mark_used(db: &mut Db, id: i64, at: i64) -> Result<(), StoreError> {
    diesel::update(client_public_keys::table.find(id))
        .set(client_public_keys::last_used_at.eq(at))
        .execute(db)?;
    Ok(())
}

/// Takes note that an assertion was used; one that was used before is [`StoreError::is_duplicate`].
pub fn use_assertion(db: &mut Db, digest: &[u8], expires_at: i64) -> Result<(), StoreError> {
    let row = (used_assertions::digest.eq(digest), used_assertions::expires_at.eq(expires_at));
    diesel::insert_into(used_assertions::table).values(row).execute(db)?;
    Ok(())
}

/// Removes at most `limit` assertions that were over before `now`; how many.
pub fn sweep_assertions(db: &mut Db, now: i64, limit: i64) -> Result<usize, StoreError> {
    let over: Vec<Vec<u8>> = used_assertions::table
        .filter(used_assertions::expires_at.lt(now))
        .select(used_assertions::digest)
        .limit(limit)
        .load(db)?;
    Ok(diesel::delete(used_assertions::table.filter(used_assertions::digest.eq_any(over))).execute(db)?)
}
