//! A product and an organization always have somebody who answers for them.

use mote_store::{Db, SpaceKey, products, teams as rows};

use super::Team;
use crate::authorization::Role;
use crate::{AccountId, Error, Moment, integrations};

/// Names of teams in a refusal at most.
const MOST_NAMED: usize = 5;

/// A member, who is an Owner, becomes less or leaves: somebody else must be one. A product then is another Owner's.
///
/// A product of an organization is answered for by the organization's Owners; it may have none of its own.
pub(super) fn steps_down(db: &mut Db, team: &Team, account: AccountId, now: Moment) -> Result<(), Error> {
    if team.organization_of_product().is_some() {
        return Ok(());
    }
    let rows_of = team.id().rows();
    let heir = rows::another(db, rows_of, Role::Owner.number(), account.0)?.ok_or_else(|| {
        Error::Conflict("The last Owner cannot leave or become less: make another member Owner first".into())
    })?;
    inherit(db, rows_of, account, AccountId(heir), now)
}

/// Somebody must be the owner of a product: where he goes, another of its Owners. He was not asked, so nothing of his account's
/// comes along, and what the product's integrations used of the former owner's ends.
fn inherit(
    db: &mut Db,
    team: rows::Team,
    from: AccountId,
    heir: AccountId,
    now: Moment,
) -> Result<(), Error> {
    let rows::Team::Product(id) = team else { return Ok(()) };
    if products::get(db, id)?.is_some_and(|(row, ..)| row.owner_id == from.0) {
        products::hand_on(db, id, heir.0, now.0)?;
        integrations::leave_secrets(db, SpaceKey::Product(id))?;
    }
    Ok(())
}

/// Takes an account off every team, its products going to other Owners. Fails with [`Error::Conflict`], which names them,
/// where it is the last Owner of any.
pub(crate) fn leave_all(db: &mut Db, account: AccountId, now: Moment) -> Result<(), Error> {
    let mut alone = Vec::new();
    for (team, slug) in rows::of_account(db, account.0, Role::Owner.number())? {
        match rows::another(db, team, Role::Owner.number(), account.0)? {
            None => alone.push(match team {
                rows::Team::Product(_) => format!("product {slug}"),
                rows::Team::Organization(_) => format!("organization {slug}"),
            }),
            Some(heir) => inherit(db, team, account, AccountId(heir), now)?,
        }
    }
    if alone.is_empty() {
        return Ok(rows::delete_of_account(db, account.0)?);
    }
    let more = if alone.len() > MOST_NAMED { " and more" } else { "" };
    alone.truncate(MOST_NAMED);
    Err(Error::Conflict(format!(
        "This account is the last Owner of {}{more}: make another member Owner there, or delete it, first",
        alone.join(", ")
    )))
}
