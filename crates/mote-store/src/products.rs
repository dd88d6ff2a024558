//! Rows of `products`.

use diesel::prelude::*;

use crate::schema::accounts::accounts;
use crate::schema::organizations::organizations;
use crate::schema::products::{gone_products, products, team_members};
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
    /// The account that answers for it; for an organization's product the one that made it.
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
    /// The organization that it belongs to; null for a product of its owner's own.
    pub organization_id: Option<i64>,
    /// The firmware version released to all of its devices.
    pub default_firmware: Option<i32>,
    /// Whether its owner came by it when another one went.
    pub handed_on: bool,
}

/// A product with its owner's address and its organization's name.
pub type Named = (ProductRow, Option<String>, Option<String>);

macro_rules! named {
    ($from:expr) => {
        $from
            .left_join(accounts::table.on(accounts::id.eq(products::owner_id)))
            .left_join(organizations::table.on(products::organization_id.eq(organizations::id.nullable())))
            .select((ProductRow::as_select(), accounts::username.nullable(), organizations::name.nullable()))
    };
}

/// By key.
pub fn get(db: &mut Db, id: i64) -> Result<Option<Named>, StoreError> {
    Ok(named!(products::table).filter(products::id.eq(id)).first(db).optional()?)
}

/// The key that a slug stands for.
pub fn id_of_slug(db: &mut Db, slug: &str) -> Result<Option<i64>, StoreError> {
    Ok(products::table.filter(products::slug.eq(slug)).select(products::id).first(db).optional()?)
}

/// The products on whose team an account is, after `after` (a key; 0 from the start), oldest first.
pub fn of_member(db: &mut Db, account: i64, after: i64, limit: i64) -> Result<Vec<Named>, StoreError> {
    let joined =
        team_members::table.inner_join(products::table.on(products::id.eq(team_members::product_id)));
    let query = named!(joined)
        .filter(team_members::account_id.eq(account).and(team_members::product_id.gt(after)))
        .order(team_members::product_id)
        .limit(limit);
    Ok(query.load(db)?)
}

/// The products of an organization, after `after` (a key; 0 from the start), oldest first.
pub fn of_organization(
    db: &mut Db,
    organization: i64,
    after: i64,
    limit: i64,
) -> Result<Vec<Named>, StoreError> {
    let query = named!(products::table)
        .filter(products::organization_id.eq(organization).and(products::id.gt(after)))
        .order(products::id)
        .limit(limit);
    Ok(query.load(db)?)
}

/// How many there are, for `mote check`.
pub fn count(db: &mut Db) -> Result<i64, StoreError> {
    Ok(products::table.count().get_result(db)?)
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

/// Hands one on to another account, since its owner goes.
pub fn hand_on(db: &mut Db, id: i64, owner: i64, now: i64) -> Result<(), StoreError> {
    diesel::update(products::table.find(id))
        .set((products::owner_id.eq(owner), products::handed_on.eq(true), products::updated_at.eq(now)))
        .execute(db)?;
    Ok(())
}

/// Releases a firmware version to all of its devices, or none.
pub fn release(db: &mut Db, id: i64, version: Option<i32>, now: i64) -> Result<(), StoreError> {
    diesel::update(products::table.find(id))
        .set((products::default_firmware.eq(version), products::updated_at.eq(now)))
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

/// Removes the row; [`gone`] names the product until what is many of it is swept.
pub fn delete(db: &mut Db, id: i64) -> Result<(), StoreError> {
    diesel::delete(products::table.find(id)).execute(db)?;
    diesel::insert_into(gone_products::table).values(gone_products::id.eq(id)).execute(db)?;
    Ok(())
}

/// A product that is gone and whose customers are still to be swept.
pub fn gone(db: &mut Db) -> Result<Option<i64>, StoreError> {
    Ok(gone_products::table.select(gone_products::id).first(db).optional()?)
}

/// Forgets a product that is gone: none of its customers are left.
pub fn forget_gone(db: &mut Db, id: i64) -> Result<(), StoreError> {
    diesel::delete(gone_products::table.find(id)).execute(db)?;
    Ok(())
}

/// How many an organization has.
pub fn count_of_organization(db: &mut Db, organization: i64) -> Result<i64, StoreError> {
    Ok(products::table.filter(products::organization_id.eq(organization)).count().get_result(db)?)
}

/// How many an account owns itself.
pub fn count_owned(db: &mut Db, account: i64) -> Result<i64, StoreError> {
    let own = products::owner_id.eq(account).and(products::organization_id.is_null());
    Ok(products::table.filter(own).count().get_result(db)?)
}
