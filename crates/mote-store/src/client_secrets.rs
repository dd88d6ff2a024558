//! Rows of `client_secrets`: what OAuth clients prove themselves by.

use diesel::prelude::*;

use crate::schema::clients::client_secrets;
use crate::{Db, StoreError};

/// A secret of a client.
#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = client_secrets)]
pub struct ClientSecretRow {
    /// Key, growing with time.
    pub id: i64,
    /// Key of the client.
    pub client_id: i64,
    /// What people call it.
    pub name: String,
    /// First part of its digest.
    pub digest_key: i64,
    /// The rest of it.
    pub digest_rest: Vec<u8>,
    /// Made.
    pub created_at: i64,
    /// Its end; null for never.
    pub expires_at: Option<i64>,
    /// Last used, to the minute.
    pub last_used_at: Option<i64>,
}

/// The secrets of some clients, oldest first; the first `limit`.
pub fn of_clients(db: &mut Db, clients: &[i64], limit: i64) -> Result<Vec<ClientSecretRow>, StoreError> {
    let query = client_secrets::table.filter(client_secrets::client_id.eq_any(clients));
    Ok(query.order(client_secrets::id).limit(limit).select(ClientSecretRow::as_select()).load(db)?)
}

/// Adds one.
pub fn insert(db: &mut Db, row: &ClientSecretRow) -> Result<(), StoreError> {
    diesel::insert_into(client_secrets::table).values(row).execute(db)?;
    Ok(())
}

/// Ends one.
pub fn delete(db: &mut Db, id: i64) -> Result<(), StoreError> {
    diesel::delete(client_secrets::table.find(id)).execute(db)?;
    Ok(())
}

/// Takes note of when one was last used.
pub fn mark_used(db: &mut Db, id: i64, at: i64) -> Result<(), StoreError> {
    diesel::update(client_secrets::table.find(id)).set(client_secrets::last_used_at.eq(at)).execute(db)?;
    Ok(())
}
