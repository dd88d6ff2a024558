//! Rows of `api_users`.

use diesel::prelude::*;

use crate::schema::api_users::api_users;
use crate::schema::products::products;
use crate::teams::Team;
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

/// By name.
pub fn by_username(db: &mut Db, username: &str) -> Result<Option<ApiUserRow>, StoreError> {
    let query = api_users::table.filter(api_users::username.eq(username));
    Ok(query.select(ApiUserRow::as_select()).first(db).optional()?)
}

/// Those that work for a team itself, oldest first; the first `limit`.
pub fn list(db: &mut Db, team: Team, limit: i64) -> Result<Vec<ApiUserRow>, StoreError> {
    let query = api_users::table.order(api_users::id).limit(limit);
    let rows = match team {
        Team::Product(id) => {
            query.filter(api_users::product_id.eq(id)).select(ApiUserRow::as_select()).load(db)
        }
        Team::Organization(id) => {
            query.filter(api_users::organization_id.eq(id)).select(ApiUserRow::as_select()).load(db)
        }
    };
    Ok(rows?)
}

/// Those of an organization's products, oldest first; the first `limit`.
pub fn of_products(db: &mut Db, organization: i64, limit: i64) -> Result<Vec<ApiUserRow>, StoreError> {
    let query = api_users::table
        .inner_join(products::table.on(api_users::product_id.eq(products::id.nullable())))
        .filter(products::organization_id.eq(organization))
        .order(api_users::id)
        .limit(limit);
    Ok(query.select(ApiUserRow::as_select()).load(db)?)
}

/// How many work for a team itself.
pub fn count(db: &mut Db, team: Team) -> Result<i64, StoreError> {
    Ok(match team {
        Team::Product(id) => api_users::table.filter(api_users::product_id.eq(id)).count().get_result(db),
        Team::Organization(id) => {
            api_users::table.filter(api_users::organization_id.eq(id)).count().get_result(db)
        }
    }?)
}

/// How many work for an organization's products.
pub fn count_of_products(db: &mut Db, organization: i64) -> Result<i64, StoreError> {
    let query = api_users::table
        .inner_join(products::table.on(api_users::product_id.eq(products::id.nullable())))
        .filter(products::organization_id.eq(organization));
    Ok(query.count().get_result(db)?)
}

/// Adds one; a taken name is [`StoreError::is_duplicate`].
pub fn insert(db: &mut Db, row: &ApiUserRow) -> Result<(), StoreError> {
    diesel::insert_into(api_users::table).values(row).execute(db)?;
    Ok(())
}

/// Gives one other scopes.
pub fn set_scopes(db: &mut Db, id: i64, scopes: &str) -> Result<(), StoreError> {
    diesel::update(api_users::table.find(id)).set(api_users::scopes.eq(scopes)).execute(db)?;
    Ok(())
}

/// Removes one; its tokens are dead from here on.
pub fn delete(db: &mut Db, id: i64) -> Result<(), StoreError> {
    diesel::delete(api_users::table.find(id)).execute(db)?;
    Ok(())
}
