//! Rows of `secrets` and `secret_uses`.

use diesel::prelude::*;

use crate::schema::secrets::{secret_uses, secrets};
use crate::{Db, SpaceKey, StoreError};

/// A secret of an account or an organization.
#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = secrets)]
pub struct SecretRow {
    /// [`SpaceKey::kind`] of whose it is.
    pub space_kind: i16,
    /// [`SpaceKey::id`] of whose it is.
    pub space_id: i64,
    /// Name, unique there.
    pub name: String,
    /// The value under the server key.
    pub sealed: Vec<u8>,
    /// Made.
    pub created_at: i64,
    /// Last given a value.
    pub updated_at: i64,
    /// Last used.
    pub last_accessed_at: Option<i64>,
}

/// What uses a secret.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = secret_uses)]
pub struct SecretUseRow {
    /// The secret.
    pub name: String,
    /// [`UserKind`] of the user.
    pub user_kind: i16,
    /// Its key.
    pub user_id: i64,
    /// What people call it.
    pub user_name: String,
}

/// The kinds of what uses secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserKind {
    /// An integration.
    Integration = 1,
    /// A logic function.
    LogicFunction = 2,
}

macro_rules! of {
    ($table:ident, $space:expr) => {
        $table::table.filter($table::space_kind.eq($space.kind()).and($table::space_id.eq($space.id())))
    };
}

/// By name.
pub fn get(db: &mut Db, space: SpaceKey, name: &str) -> Result<Option<SecretRow>, StoreError> {
    let query = secrets::table.find((space.kind(), space.id(), name));
    Ok(query.select(SecretRow::as_select()).first(db).optional()?)
}

/// Those of a space, by name, the first `limit`.
pub fn list(db: &mut Db, space: SpaceKey, limit: i64) -> Result<Vec<SecretRow>, StoreError> {
    let query = of!(secrets, space).order(secrets::name).limit(limit);
    Ok(query.select(SecretRow::as_select()).load(db)?)
}

/// How many a space has.
pub fn count(db: &mut Db, space: SpaceKey) -> Result<i64, StoreError> {
    Ok(of!(secrets, space).count().get_result(db)?)
}

/// Adds one; a taken name is [`StoreError::is_duplicate`].
pub fn insert(db: &mut Db, row: &SecretRow) -> Result<(), StoreError> {
    diesel::insert_into(secrets::table).values(row).execute(db)?;
    Ok(())
}

/// Gives one another value.
pub fn update(
    db: &mut Db,
    space: SpaceKey,
    name: &str,
    sealed: &[u8],
    updated_at: i64,
) -> Result<(), StoreError> {
    diesel::update(secrets::table.find((space.kind(), space.id(), name)))
        .set((secrets::sealed.eq(sealed), secrets::updated_at.eq(updated_at)))
        .execute(db)?;
    Ok(())
}

/// Takes note of when one was last used; an earlier moment than is known changes nothing.
pub fn touch(db: &mut Db, space: SpaceKey, name: &str, at: i64) -> Result<(), StoreError> {
    let earlier = secrets::last_accessed_at.is_null().or(secrets::last_accessed_at.lt(at));
    diesel::update(secrets::table.find((space.kind(), space.id(), name)).filter(earlier))
        .set(secrets::last_accessed_at.eq(at))
        .execute(db)?;
    Ok(())
}

/// Removes one.
pub fn delete(db: &mut Db, space: SpaceKey, name: &str) -> Result<(), StoreError> {
    diesel::delete(secrets::table.find((space.kind(), space.id(), name))).execute(db)?;
    Ok(())
}

/// Removes all of a space, and what is known of their use.
pub fn delete_of_space(db: &mut Db, space: SpaceKey) -> Result<(), StoreError> {
    diesel::delete(of!(secret_uses, space)).execute(db)?;
    diesel::delete(of!(secrets, space)).execute(db)?;
    Ok(())
}

/// Notes which secrets a user uses, in place of what was noted before; none for one that is gone or uses none. To be called
/// wherever an integration is made, changed or deleted, in the same transaction.
pub fn set_uses(
    db: &mut Db,
    space: SpaceKey,
    user: (UserKind, i64),
    user_name: &str,
    names: &[String],
) -> Result<(), StoreError> {
    let (kind, id) = (user.0 as i16, user.1);
    let before = secret_uses::table.filter(secret_uses::user_kind.eq(kind).and(secret_uses::user_id.eq(id)));
    diesel::delete(before).execute(db)?;
    let mut names: Vec<&String> = names.iter().collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        let row = (
            secret_uses::space_kind.eq(space.kind()),
            secret_uses::space_id.eq(space.id()),
            secret_uses::name.eq(name),
            secret_uses::user_kind.eq(kind),
            secret_uses::user_id.eq(id),
            secret_uses::user_name.eq(user_name),
        );
        diesel::insert_into(secret_uses::table).values(row).execute(db)?;
    }
    Ok(())
}

/// The secrets that a user uses: the space that each was chosen in, and its name.
pub fn uses_of(db: &mut Db, user: (UserKind, i64)) -> Result<Vec<(SpaceKey, String)>, StoreError> {
    let of = secret_uses::table
        .filter(secret_uses::user_kind.eq(user.0 as i16).and(secret_uses::user_id.eq(user.1)))
        .select((secret_uses::space_kind, secret_uses::space_id, secret_uses::name));
    let found: Vec<(i16, i64, String)> = of.load(db)?;
    let key = |(kind, id, name)| Some((SpaceKey::from_parts(kind, id)?, name));
    Ok(found.into_iter().filter_map(key).collect())
}

/// What uses a secret, oldest first, the first `limit`.
pub fn uses(db: &mut Db, space: SpaceKey, name: &str, limit: i64) -> Result<Vec<SecretUseRow>, StoreError> {
    let query = of!(secret_uses, space).filter(secret_uses::name.eq(name));
    let query = query.order((secret_uses::user_kind, secret_uses::user_id)).limit(limit);
    Ok(query.select(SecretUseRow::as_select()).load(db)?)
}

/// What uses any secret of a space, by the secret's name, the first `limit`.
pub fn all_uses(db: &mut Db, space: SpaceKey, limit: i64) -> Result<Vec<SecretUseRow>, StoreError> {
    let query = of!(secret_uses, space);
    let query = query.order((secret_uses::name, secret_uses::user_kind, secret_uses::user_id)).limit(limit);
    Ok(query.select(SecretUseRow::as_select()).load(db)?)
}
