//! Rows of `organizations`.

use diesel::prelude::*;

use crate::schema::organizations::{organization_members, organizations};
use crate::{Db, StoreError};

/// An organization.
#[derive(Clone, Queryable, Selectable, Insertable, Identifiable)]
#[diesel(table_name = organizations)]
pub struct OrganizationRow {
    /// Key.
    pub id: i64,
    /// The name as it stands in URLs, unique.
    pub slug: String,
    /// Name.
    pub name: String,
    /// Made.
    pub created_at: i64,
    /// Changed.
    pub updated_at: i64,
}

/// By key.
pub fn get(db: &mut Db, id: i64) -> Result<Option<OrganizationRow>, StoreError> {
    Ok(organizations::table.find(id).select(OrganizationRow::as_select()).first(db).optional()?)
}

/// By slug.
pub fn by_slug(db: &mut Db, slug: &str) -> Result<Option<OrganizationRow>, StoreError> {
    let query = organizations::table.filter(organizations::slug.eq(slug));
    Ok(query.select(OrganizationRow::as_select()).first(db).optional()?)
}

/// Adds one; a taken slug is [`StoreError::is_duplicate`].
pub fn insert(db: &mut Db, row: &OrganizationRow) -> Result<(), StoreError> {
    diesel::insert_into(organizations::table).values(row).execute(db)?;
    Ok(())
}

/// The organizations on whose team an account is, after `after` (a key; 0 from the start), oldest first.
pub fn of_member(
    db: &mut Db,
    account: i64,
    after: i64,
    limit: i64,
) -> Result<Vec<OrganizationRow>, StoreError> {
    let query = organization_members::table
        .inner_join(organizations::table.on(organizations::id.eq(organization_members::organization_id)))
        .filter(
            organization_members::account_id.eq(account).and(organization_members::organization_id.gt(after)),
        )
        .order(organization_members::organization_id)
        .limit(limit)
        .select(OrganizationRow::as_select());
    Ok(query.load(db)?)
}

/// Organizations after `after` (a key; 0 from the start), oldest first.
pub fn list(db: &mut Db, after: i64, limit: i64) -> Result<Vec<OrganizationRow>, StoreError> {
    let query = organizations::table.filter(organizations::id.gt(after)).order(organizations::id);
    Ok(query.limit(limit).select(OrganizationRow::as_select()).load(db)?)
}

/// Removes the row.
pub fn delete(db: &mut Db, id: i64) -> Result<(), StoreError> {
    diesel::delete(organizations::table.find(id)).execute(db)?;
    Ok(())
}
