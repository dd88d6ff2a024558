//! Rows of `accounts` and `recovery_codes`.

use diesel::prelude::*;

use crate::schema::accounts::{accounts, recovery_codes};
use crate::{Db, StoreError};

/// An account.
#[derive(Clone, Queryable, Selectable, Insertable, Identifiable, AsChangeset)]
#[diesel(table_name = accounts, treat_none_as_null = true)]
pub struct AccountRow {
    /// Key.
    pub id: i64,
    /// E-mail address, lower case.
    pub username: String,
    /// PHC string.
    pub password_hash: String,
    /// JSON object.
    pub account_info: String,
    /// Sealed secret of the second factor; null while it is off.
    pub totp_secret: Option<Vec<u8>>,
    /// The last time step whose code was taken.
    pub totp_last_step: Option<i64>,
    /// Made.
    pub created_at: i64,
    /// Changed.
    pub updated_at: i64,
}

/// By key.
pub fn get(db: &mut Db, id: i64) -> Result<Option<AccountRow>, StoreError> {
    Ok(accounts::table.find(id).select(AccountRow::as_select()).first(db).optional()?)
}

/// By address, in lower case.
pub fn by_username(db: &mut Db, username: &str) -> Result<Option<AccountRow>, StoreError> {
    let query = accounts::table.filter(accounts::username.eq(username));
    Ok(query.select(AccountRow::as_select()).first(db).optional()?)
}

/// Keys and addresses of those accounts, of some keys, that there are.
pub fn usernames(db: &mut Db, ids: &[i64]) -> Result<Vec<(i64, String)>, StoreError> {
    let query = accounts::table.filter(accounts::id.eq_any(ids));
    Ok(query.select((accounts::id, accounts::username)).load(db)?)
}

/// How many there are.
pub fn count(db: &mut Db) -> Result<i64, StoreError> {
    Ok(accounts::table.count().get_result(db)?)
}

/// Whether there is one.
pub fn any(db: &mut Db) -> Result<bool, StoreError> {
    Ok(accounts::table.select(accounts::id).first::<i64>(db).optional()?.is_some())
}

/// Adds one; a taken address is [`StoreError::is_duplicate`].
pub fn insert(db: &mut Db, row: &AccountRow) -> Result<(), StoreError> {
    diesel::insert_into(accounts::table).values(row).execute(db)?;
    Ok(())
}

/// Writes every column of a row that exists.
pub fn update(db: &mut Db, row: &AccountRow) -> Result<(), StoreError> {
    diesel::update(row).set(row).execute(db)?;
    Ok(())
}

/// Removes the account and its recovery codes.
pub fn delete(db: &mut Db, id: i64) -> Result<(), StoreError> {
    delete_recovery_codes(db, id)?;
    diesel::delete(accounts::table.find(id)).execute(db)?;
    Ok(())
}

/// Adds the digest of a recovery code.
pub fn insert_recovery_code(db: &mut Db, account: i64, key: i64, rest: &[u8]) -> Result<(), StoreError> {
    let row = (
        recovery_codes::account_id.eq(account),
        recovery_codes::digest_key.eq(key),
        recovery_codes::digest_rest.eq(rest),
    );
    diesel::insert_into(recovery_codes::table).values(row).execute(db)?;
    Ok(())
}

/// The rest of the digest of the code with this key.
pub fn recovery_code(db: &mut Db, account: i64, key: i64) -> Result<Option<Vec<u8>>, StoreError> {
    let query = recovery_codes::table.find((account, key)).select(recovery_codes::digest_rest);
    Ok(query.first(db).optional()?)
}

/// Spends one recovery code.
pub fn delete_recovery_code(db: &mut Db, account: i64, key: i64) -> Result<(), StoreError> {
    diesel::delete(recovery_codes::table.find((account, key))).execute(db)?;
    Ok(())
}

/// Removes all recovery codes of an account.
pub fn delete_recovery_codes(db: &mut Db, account: i64) -> Result<(), StoreError> {
    diesel::delete(recovery_codes::table.filter(recovery_codes::account_id.eq(account))).execute(db)?;
    Ok(())
}
