//! Rows of `team_members` and `organization_members`: who works on which product, or in which organization, in which role.

use diesel::prelude::*;

use crate::schema::accounts::accounts;
use crate::schema::organizations::{organization_members, organizations};
use crate::schema::products::{products, team_members};
use crate::{Db, StoreError};

/// What has a team.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Team {
    /// A product.
    Product(i64),
    /// An organization.
    Organization(i64),
}

/// A member of a team.
#[derive(Clone, Debug, Queryable)]
pub struct MemberRow {
    /// The account.
    pub account_id: i64,
    /// Its address.
    pub username: String,
    /// Whether it has a second factor.
    pub mfa: bool,
    /// Its role; the domain numbers the roles.
    pub role: i16,
}

/// The same query over the table of the team's kind.
macro_rules! in_table {
    ($team:expr, |$members:ident, $team_id:ident, $id:ident| $query:expr) => {
        match $team {
            Team::Product($id) => {
                use team_members as $members;
                use team_members::product_id as $team_id;
                $query
            }
            Team::Organization($id) => {
                use organization_members as $members;
                use organization_members::organization_id as $team_id;
                $query
            }
        }
    };
}

/// The role of an account in a team.
pub fn role(db: &mut Db, team: Team, account: i64) -> Result<Option<i16>, StoreError> {
    in_table!(team, |members, team_id, id| {
        let row = members::table.filter(team_id.eq(id).and(members::account_id.eq(account)));
        Ok(row.select(members::role).first(db).optional()?)
    })
}

/// A team's members, the accounts in the order of their keys; the first `limit`.
pub fn list(db: &mut Db, team: Team, limit: i64) -> Result<Vec<MemberRow>, StoreError> {
    in_table!(team, |members, team_id, id| {
        let query = members::table
            .inner_join(accounts::table.on(accounts::id.eq(members::account_id)))
            .filter(team_id.eq(id))
            .order(members::account_id)
            .limit(limit);
        let columns =
            (members::account_id, accounts::username, accounts::totp_secret.is_not_null(), members::role);
        Ok(query.select(columns).load(db)?)
    })
}

/// The member of a team whose account has this address: the account and its role.
pub fn by_username(db: &mut Db, team: Team, username: &str) -> Result<Option<(i64, i16)>, StoreError> {
    in_table!(team, |members, team_id, id| {
        let query = members::table
            .inner_join(accounts::table.on(accounts::id.eq(members::account_id)))
            .filter(accounts::username.eq(username).and(team_id.eq(id)));
        Ok(query.select((members::account_id, members::role)).first(db).optional()?)
    })
}

/// How many members a team has.
pub fn count(db: &mut Db, team: Team) -> Result<i64, StoreError> {
    in_table!(team, |members, team_id, id| {
        Ok(members::table.filter(team_id.eq(id)).count().get_result(db)?)
    })
}

/// Somebody of this role in a team, other than `but`: the oldest account.
pub fn another(db: &mut Db, team: Team, role: i16, but: i64) -> Result<Option<i64>, StoreError> {
    in_table!(team, |members, team_id, id| {
        let query = members::table
            .filter(team_id.eq(id).and(members::role.eq(role)).and(members::account_id.ne(but)))
            .order(members::account_id);
        Ok(query.select(members::account_id).first(db).optional()?)
    })
}

/// The teams of organizations, and of products that belong to none, in which an account has this role, with their slugs.
pub fn of_account(db: &mut Db, account: i64, role: i16) -> Result<Vec<(Team, String)>, StoreError> {
    let own: Vec<(i64, String)> = team_members::table
        .inner_join(products::table.on(products::id.eq(team_members::product_id)))
        .filter(team_members::account_id.eq(account).and(team_members::role.eq(role)))
        .filter(products::organization_id.is_null())
        .order(team_members::product_id)
        .select((products::id, products::slug))
        .load(db)?;
    let shared: Vec<(i64, String)> = organization_members::table
        .inner_join(organizations::table.on(organizations::id.eq(organization_members::organization_id)))
        .filter(organization_members::account_id.eq(account).and(organization_members::role.eq(role)))
        .order(organization_members::organization_id)
        .select((organizations::id, organizations::slug))
        .load(db)?;
    let own = own.into_iter().map(|(id, slug)| (Team::Product(id), slug));
    Ok(own.chain(shared.into_iter().map(|(id, slug)| (Team::Organization(id), slug))).collect())
}

/// Every team that an account is on, and its role there.
pub fn memberships(db: &mut Db, account: i64) -> Result<Vec<(Team, i16)>, StoreError> {
    let own: Vec<(i64, i16)> = team_members::table
        .filter(team_members::account_id.eq(account))
        .order(team_members::product_id)
        .select((team_members::product_id, team_members::role))
        .load(db)?;
    let shared: Vec<(i64, i16)> = organization_members::table
        .filter(organization_members::account_id.eq(account))
        .order(organization_members::organization_id)
        .select((organization_members::organization_id, organization_members::role))
        .load(db)?;
    let own = own.into_iter().map(|(id, role)| (Team::Product(id), role));
    Ok(own.chain(shared.into_iter().map(|(id, role)| (Team::Organization(id), role))).collect())
}

/// On how many teams of products, and of organizations, an account is.
pub fn count_of_account(db: &mut Db, account: i64) -> Result<(i64, i64), StoreError> {
    let products = team_members::table.filter(team_members::account_id.eq(account)).count();
    let organizations =
        organization_members::table.filter(organization_members::account_id.eq(account)).count();
    Ok((products.get_result(db)?, organizations.get_result(db)?))
}

/// Puts an account on a team.
pub fn insert(db: &mut Db, team: Team, account: i64, role: i16, now: i64) -> Result<(), StoreError> {
    in_table!(team, |members, team_id, id| {
        let row = (
            team_id.eq(id),
            members::account_id.eq(account),
            members::role.eq(role),
            members::created_at.eq(now),
        );
        diesel::insert_into(members::table).values(row).execute(db)?;
        Ok(())
    })
}

/// Gives a member another role.
pub fn set_role(db: &mut Db, team: Team, account: i64, role: i16) -> Result<(), StoreError> {
    in_table!(team, |members, team_id, id| {
        let row = members::table.filter(team_id.eq(id).and(members::account_id.eq(account)));
        diesel::update(row).set(members::role.eq(role)).execute(db)?;
        Ok(())
    })
}

/// Takes an account off a team.
pub fn remove(db: &mut Db, team: Team, account: i64) -> Result<(), StoreError> {
    in_table!(team, |members, team_id, id| {
        let row = members::table.filter(team_id.eq(id).and(members::account_id.eq(account)));
        diesel::delete(row).execute(db)?;
        Ok(())
    })
}

/// Takes an account off every team.
pub fn delete_of_account(db: &mut Db, account: i64) -> Result<(), StoreError> {
    diesel::delete(team_members::table.filter(team_members::account_id.eq(account))).execute(db)?;
    let of_organizations = organization_members::table.filter(organization_members::account_id.eq(account));
    diesel::delete(of_organizations).execute(db)?;
    Ok(())
}

/// Dissolves a team.
pub fn dissolve(db: &mut Db, team: Team) -> Result<(), StoreError> {
    in_table!(team, |members, team_id, id| {
        diesel::delete(members::table.filter(team_id.eq(id))).execute(db)?;
        Ok(())
    })
}
