//! Rows of `team_members`: who works on which product, in which role.

use diesel::prelude::*;

use crate::schema::products::team_members;
use crate::{Db, StoreError};

/// The role of an account in a product's team; the domain numbers the roles.
pub fn role(db: &mut Db, product: i64, account: i64) -> Result<Option<i16>, StoreError> {
    let query = team_members::table.find((product, account)).select(team_members::role);
    Ok(query.first(db).optional()?)
}

/// Puts an account on a team.
pub fn insert(db: &mut Db, product: i64, account: i64, role: i16, now: i64) -> Result<(), StoreError> {
    let row = (
        team_members::product_id.eq(product),
        team_members::account_id.eq(account),
        team_members::role.eq(role),
        team_members::created_at.eq(now),
    );
    diesel::insert_into(team_members::table).values(row).execute(db)?;
    Ok(())
}

/// Takes an account off every team.
pub fn delete_of_account(db: &mut Db, account: i64) -> Result<(), StoreError> {
    diesel::delete(team_members::table.filter(team_members::account_id.eq(account))).execute(db)?;
    Ok(())
}

/// Dissolves a product's team.
pub fn delete_of_product(db: &mut Db, product: i64) -> Result<(), StoreError> {
    diesel::delete(team_members::table.filter(team_members::product_id.eq(product))).execute(db)?;
    Ok(())
}
