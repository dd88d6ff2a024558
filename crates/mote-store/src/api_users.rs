//! Rows of `api_users`.

use diesel::prelude::*;

use crate::schema::api_users::api_users;
use crate::{Db, StoreError};

/// An API user: of a product, or of an organization.
#[derive(Clone, Queryable, Selectable, Insertable, Identifiable)]
#[diesel(table_name = api_users)]
pub struct ApiUserRow {
    /// Key.
    pub id: i64,
    /// Its name, of the form of an address; unique.
    pub username: String,
    /// What people call it.
    pub friendly_name: String,
    /// The product it works for, or
    pub product_id: Option<i64>,
    /// the organization.
    pub organization_id: Option<i64>,
    /// Names of its scopes, with spaces between.
    pub scopes: String,
    /// Made.
    pub created_at: i64,
}

/// By key.
pub fn get(db: &mut Db, id: i64) -> Result<Option<ApiUserRow>, StoreError> {
    Ok(api_users::table.find(id).select(ApiUserRow::as_select()).first(db).optional()?)
}
