//! Rows of `invitations`: people who were asked to join a team, by their address.

use diesel::prelude::*;

use crate::schema::invitations::invitations;
use crate::teams::Team;
use crate::{Db, StoreError};

/// An invitation.
#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = invitations)]
pub struct InvitationRow {
    /// Key.
    pub id: i64,
    /// The product whose team it is to, or
    pub product_id: Option<i64>,
    /// the organization.
    pub organization_id: Option<i64>,
    /// The address that it went to, in lower case; one invitation each.
    pub username: String,
    /// The role that comes with it; the domain numbers the roles.
    pub role: i16,
    /// The account that invited, or
    pub invited_by: Option<i64>,
    /// First part of the secret's digest.
    pub digest_key: i64,
    /// The rest of it.
    pub digest_rest: Vec<u8>,
    /// Made.
    pub created_at: i64,
    /// When it ends.
    pub expires_at: i64,
    /// the client whose token did, or
    pub invited_by_client: Option<i64>,
    /// the API user.
    pub invited_by_api_user: Option<i64>,
}

/// Over the invitations to a team.
macro_rules! to_team {
    ($team:expr, |$own:ident| $query:expr) => {
        match $team {
            Team::Product(id) => {
                let $own = invitations::product_id.eq(id);
                $query
            }
            Team::Organization(id) => {
                let $own = invitations::organization_id.eq(id);
                $query
            }
        }
    };
}

/// Invitations whose secret's digest begins so; nearly always one or none. The caller compares the rest.
pub fn by_digest(db: &mut Db, key: i64) -> Result<Vec<InvitationRow>, StoreError> {
    let query = invitations::table.filter(invitations::digest_key.eq(key)).limit(8);
    Ok(query.select(InvitationRow::as_select()).load(db)?)
}

/// The invitations to a team that have not ended by `now`, by address; the first `limit`.
pub fn list(db: &mut Db, team: Team, now: i64, limit: i64) -> Result<Vec<InvitationRow>, StoreError> {
    to_team!(team, |own| {
        let query = invitations::table
            .filter(own)
            .filter(invitations::expires_at.gt(now))
            .order(invitations::username)
            .limit(limit);
        Ok(query.select(InvitationRow::as_select()).load(db)?)
    })
}

/// How many there are to a team, those that ended and are not swept yet among them.
pub fn count(db: &mut Db, team: Team) -> Result<i64, StoreError> {
    to_team!(team, |own| Ok(invitations::table.filter(own).count().get_result(db)?))
}

/// Adds one; a second to the same team and address is [`StoreError::is_duplicate`].
pub fn insert(db: &mut Db, row: &InvitationRow) -> Result<(), StoreError> {
    diesel::insert_into(invitations::table).values(row).execute(db)?;
    Ok(())
}

/// Ends the one to a team for an address; its role, if there was one that had not ended by `now`.
pub fn withdraw(db: &mut Db, team: Team, username: &str, now: i64) -> Result<Option<i16>, StoreError> {
    let found: Option<(i64, i16, i64)> = to_team!(team, |own| {
        let query = invitations::table.filter(own).filter(invitations::username.eq(username));
        let columns = (invitations::id, invitations::role, invitations::expires_at);
        query.select(columns).first(db).optional()?
    });
    let Some((id, role, expires_at)) = found else { return Ok(None) };
    delete(db, id)?;
    Ok((expires_at > now).then_some(role))
}

/// Ends one.
pub fn delete(db: &mut Db, id: i64) -> Result<(), StoreError> {
    diesel::delete(invitations::table.find(id)).execute(db)?;
    Ok(())
}

/// Ends all to a team.
pub fn delete_of_team(db: &mut Db, team: Team) -> Result<(), StoreError> {
    to_team!(team, |own| diesel::delete(invitations::table.filter(own)).execute(db)?);
    Ok(())
}

/// Removes at most `limit` of those that ended before `now`; how many.
pub fn sweep(db: &mut Db, now: i64, limit: i64) -> Result<usize, StoreError> {
    let over: Vec<i64> = invitations::table
        .filter(invitations::expires_at.lt(now))
        .select(invitations::id)
        .limit(limit)
        .load(db)?;
    Ok(diesel::delete(invitations::table.filter(invitations::id.eq_any(over))).execute(db)?)
}
