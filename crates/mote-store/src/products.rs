//! Rows of `products`.

use diesel::prelude::*;

use crate::schema::{accounts, products, team_members};
use crate::{Db, StoreError};

/// A product.
#[derive(Clone, Queryable, Selectable, Insertable, Identifiable, AsChangeset)]
#[diesel(table_name = products)]
pub struct ProductRow {
    /// The product ID, above 1000, never reused.
    pub id: i64,
    /// The name as it stands in URLs, unique.
    pub slug: String,
    /// Name.
    pub name: String,
    /// Description.
    pub description: String,
    /// The kind of hardware.
    pub platform_id: i32,
    /// The account that answers for it.
    pub owner_id: i64,
    /// JSON object.
    pub settings: String,
    /// How many devices are in it; kept with each change.
    pub device_count: i64,
    /// Changes whenever a listing of its devices may.
    pub devices_version: i64,
    /// Made.
    pub created_at: i64,
    /// Changed.
    pub updated_at: i64,
}

/// By key, with the owner's address.
pub fn get(db: &mut Db, id: i64) -> Result<Option<(ProductRow, String)>, StoreError> {
    let query = products::table.inner_join(accounts::table.on(accounts::id.eq(products::owner_id)));
    let query = query.filter(products::id.eq(id)).select((ProductRow::as_select(), accounts::username));
    Ok(query.first(db).optional()?)
}

/// The key that a slug stands for.
pub fn id_of_slug(db: &mut Db, slug: &str) -> Result<Option<i64>, StoreError> {
    Ok(products::table.filter(products::slug.eq(slug)).select(products::id).first(db).optional()?)
}

/// The products on whose team an account is, after `after` (a key; 0 from the start), oldest first.
pub fn of_member(
    db: &mut Db,
    account: i64,
    after: i64,
    limit: i64,
) -> Result<Vec<(ProductRow, String)>, StoreError> {
    let query = team_members::table
        .inner_join(products::table.on(products::id.eq(team_members::product_id)))
        .inner_join(accounts::table.on(accounts::id.eq(products::owner_id)))
        .filter(team_members::account_id.eq(account).and(team_members::product_id.gt(after)))
        .order(team_members::product_id)
        .limit(limit)
        .select((ProductRow::as_select(), accounts::username));
    Ok(query.load(db)?)
}

/// How many there are, for `mote check`.
pub fn count(db: &mut Db) -> Result<i64, StoreError> {
    Ok(products::table.count().get_result(db)?)
}

/// Names of products that an account owns; the first `limit`.
pub fn owned_slugs(db: &mut Db, account: i64, limit: i64) -> Result<Vec<String>, StoreError> {
    let query = products::table.filter(products::owner_id.eq(account)).order(products::id).limit(limit);
    Ok(query.select(products::slug).load(db)?)
}

/// Adds one; a taken slug is [`StoreError::is_duplicate`].
pub fn insert(db: &mut Db, row: &ProductRow) -> Result<(), StoreError> {
    diesel::insert_into(products::table).values(row).execute(db)?;
    Ok(())
}

/// Writes what people can change of a product: never its devices' count and version, which others write meanwhile.
pub fn update(db: &mut Db, row: &ProductRow) -> Result<(), StoreError> {
    diesel::update(products::table.find(row.id))
        .set((
            products::name.eq(&row.name),
            products::slug.eq(&row.slug),
            products::description.eq(&row.description),
            products::settings.eq(&row.settings),
            products::updated_at.eq(row.updated_at),
        ))
        .execute(db)?;
    Ok(())
}

/// Takes note that `added` devices came (or went, below zero).
pub fn devices_changed(db: &mut Db, id: i64, added: i64) -> Result<(), StoreError> {
    diesel::update(products::table.find(id))
        .set((
            products::device_count.eq(products::device_count + added),
            products::devices_version.eq(products::devices_version + 1),
        ))
        .execute(db)?;
    Ok(())
}

/// How many devices a product has, and the version of their listing.
pub fn devices_state(db: &mut Db, id: i64) -> Result<Option<(i64, i64)>, StoreError> {
    let query = products::table.find(id).select((products::device_count, products::devices_version));
    Ok(query.first(db).optional()?)
}

/// Removes the row.
pub fn delete(db: &mut Db, id: i64) -> Result<(), StoreError> {
    diesel::delete(products::table.find(id)).execute(db)?;
    Ok(())
}

/// How many an account owns.
pub fn count_owned(db: &mut Db, account: i64) -> Result<i64, StoreError> {
    Ok(products::table.filter(products::owner_id.eq(account)).count().get_result(db)?)
}
