//! Rows of `customers`: people who use a product.

use diesel::prelude::*;

use crate::schema::customers::customers;
use crate::schema::products::products;
use crate::{Db, StoreError, meta};

/// A customer.
#[derive(Clone, Queryable, Selectable, Insertable, Identifiable)]
#[diesel(table_name = customers)]
pub struct CustomerRow {
    /// Key: never one of an account.
    pub id: i64,
    /// The product that he uses.
    pub product_id: i64,
    /// E-mail address or another name, lower case; unique within the product.
    pub username: String,
    /// PHC string; null for one whom only the product's server signs in.
    pub password_hash: Option<String>,
    /// Made.
    pub created_at: i64,
    /// Changed.
    pub updated_at: i64,
}

/// By key. None, too, where his product is gone.
pub fn get(db: &mut Db, id: i64) -> Result<Option<CustomerRow>, StoreError> {
    let query = customers::table.inner_join(products::table.on(products::id.eq(customers::product_id)));
    Ok(query.filter(customers::id.eq(id)).select(CustomerRow::as_select()).first(db).optional()?)
}

/// By product and name, in lower case.
pub fn by_username(db: &mut Db, product: i64, username: &str) -> Result<Option<CustomerRow>, StoreError> {
    let query =
        customers::table.filter(customers::product_id.eq(product).and(customers::username.eq(username)));
    Ok(query.select(CustomerRow::as_select()).first(db).optional()?)
}

/// Keys and names of those customers, of some keys, that there are.
pub fn usernames(db: &mut Db, ids: &[i64]) -> Result<Vec<(i64, String)>, StoreError> {
    let query = customers::table.filter(customers::id.eq_any(ids));
    Ok(query.select((customers::id, customers::username)).load(db)?)
}

/// A product's customers, the first first.
pub fn of_product(
    db: &mut Db,
    product: i64,
    offset: i64,
    limit: i64,
) -> Result<Vec<CustomerRow>, StoreError> {
    // Those that are skipped are counted in the index alone; the rows' own query would look each of them up.
    let all = customers::table.filter(customers::product_id.eq(product)).order(customers::id);
    let page: Vec<i64> = all.select(customers::id).offset(offset).limit(limit).load(db)?;
    let query = customers::table.filter(customers::id.eq_any(page)).order(customers::id);
    Ok(query.select(CustomerRow::as_select()).load(db)?)
}

/// How many a product has; kept with each change.
pub fn count_of_product(db: &mut Db, product: i64) -> Result<i64, StoreError> {
    meta::count(db, &counter(product))
}

/// Forgets how many a product had; after it is gone, and they are.
pub fn forget_count(db: &mut Db, product: i64) -> Result<(), StoreError> {
    meta::forget_count(db, &counter(product))
}

fn counter(product: i64) -> String {
    format!("customers-of-{product}")
}

/// Adds one; a name that is taken in the product is [`StoreError::is_duplicate`].
pub fn insert(db: &mut Db, row: &CustomerRow) -> Result<(), StoreError> {
    diesel::insert_into(customers::table).values(row).execute(db)?;
    meta::add_to_count(db, &counter(row.product_id), 1)
}

/// Writes another password's hash.
pub fn set_password(db: &mut Db, id: i64, hash: &str, now: i64) -> Result<(), StoreError> {
    diesel::update(customers::table.find(id))
        .set((customers::password_hash.eq(hash), customers::updated_at.eq(now)))
        .execute(db)?;
    Ok(())
}

/// Removes some of a product's.
pub fn delete(db: &mut Db, product: i64, ids: &[i64]) -> Result<(), StoreError> {
    let some = customers::product_id.eq(product).and(customers::id.eq_any(ids));
    let removed = diesel::delete(customers::table.filter(some)).execute(db)?;
    meta::add_to_count(db, &counter(product), -i64::try_from(removed).unwrap_or(0))
}
