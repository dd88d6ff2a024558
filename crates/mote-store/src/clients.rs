//! Rows of `clients`: OAuth clients of accounts and products.

use diesel::prelude::*;

use crate::schema::clients::{client_public_keys, client_secrets, clients, gone_clients};
use crate::{Db, StoreError};

/// An OAuth client.
#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = clients)]
pub struct ClientRow {
    /// Key; never shown.
    pub id: i64,
    /// The client ID that is shown, unique.
    pub client_id: String,
    /// The account it belongs to, or
    pub account_id: Option<i64>,
    /// the product.
    pub product_id: Option<i64>,
    /// What people call it.
    pub name: String,
    /// Its type; the domain numbers them.
    pub kind: i16,
    /// Where people land after signing in; type `web` only.
    pub redirect_uri: Option<String>,
    /// What its tokens are limited to; null for all.
    pub scope: Option<String>,
    /// Made.
    pub created_at: i64,
}

/// Whose clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// An account's.
    Account(i64),
    /// A product's.
    Product(i64),
}

/// By key.
pub fn get(db: &mut Db, id: i64) -> Result<Option<ClientRow>, StoreError> {
    Ok(clients::table.find(id).select(ClientRow::as_select()).first(db).optional()?)
}

/// By the client ID.
pub fn by_client_id(db: &mut Db, client_id: &str) -> Result<Option<ClientRow>, StoreError> {
    let query = clients::table.filter(clients::client_id.eq(client_id));
    Ok(query.select(ClientRow::as_select()).first(db).optional()?)
}

/// The owner's clients after `after` (a key; 0 from the start), oldest first.
pub fn list(db: &mut Db, owner: Owner, after: i64, limit: i64) -> Result<Vec<ClientRow>, StoreError> {
    let query = clients::table.filter(clients::id.gt(after)).order(clients::id).limit(limit);
    let rows = match owner {
        Owner::Account(id) => {
            query.filter(clients::account_id.eq(id)).select(ClientRow::as_select()).load(db)
        }
        Owner::Product(id) => {
            query.filter(clients::product_id.eq(id)).select(ClientRow::as_select()).load(db)
        }
    };
    Ok(rows?)
}

/// How many the owner has.
pub fn count(db: &mut Db, owner: Owner) -> Result<i64, StoreError> {
    Ok(match owner {
        Owner::Account(id) => clients::table.filter(clients::account_id.eq(id)).count().get_result(db),
        Owner::Product(id) => clients::table.filter(clients::product_id.eq(id)).count().get_result(db),
    }?)
}

/// Adds one; a taken client ID is [`StoreError::is_duplicate`].
pub fn insert(db: &mut Db, row: &ClientRow) -> Result<(), StoreError> {
    diesel::insert_into(clients::table).values(row).execute(db)?;
    Ok(())
}

/// Changes what can be changed.
pub fn update(
    db: &mut Db,
    id: i64,
    name: &str,
    scope: Option<&str>,
    redirect_uri: Option<&str>,
) -> Result<(), StoreError> {
    let changed = (clients::name.eq(name), clients::scope.eq(scope), clients::redirect_uri.eq(redirect_uri));
    diesel::update(clients::table.find(id)).set(changed).execute(db)?;
    Ok(())
}

/// Removes one with its secrets and public keys. Its tokens are dead from here on; [`gone`] names it until they are swept.
pub fn delete(db: &mut Db, id: i64) -> Result<(), StoreError> {
    diesel::delete(clients::table.find(id)).execute(db)?;
    diesel::delete(client_secrets::table.filter(client_secrets::client_id.eq(id))).execute(db)?;
    diesel::delete(client_public_keys::table.filter(client_public_keys::client_id.eq(id))).execute(db)?;
    diesel::insert_into(gone_clients::table).values(gone_clients::id.eq(id)).execute(db)?;
    Ok(())
}

/// A client that is gone and whose tokens are still to be swept.
pub fn gone(db: &mut Db) -> Result<Option<i64>, StoreError> {
    Ok(gone_clients::table.select(gone_clients::id).first(db).optional()?)
}

/// Forgets a client that is gone: none of its tokens are left.
pub fn forget_gone(db: &mut Db, id: i64) -> Result<(), StoreError> {
    diesel::delete(gone_clients::table.find(id)).execute(db)?;
    Ok(())
}
