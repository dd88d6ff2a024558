//! A product and an organization always have somebody who answers for them.

use mote_store::{Db, SpaceKey, products, teams as rows};

use super::members::entry;
use super::{Team, TeamId, TeamMember};
use crate::audit::{Action, Entry, Recorder};
use crate::authorization::Role;
use crate::{AccountId, Error, Moment, OrganizationId, ProductId, integrations};

/// Names of teams in a refusal at most.
const MOST_NAMED: usize = 5;

/// Why the last Owner stays what he is.
pub const LAST_OWNER: &str = "The last Owner cannot leave or become less: make another member Owner first";

/// Who of these members could not leave or become less, as [`steps_down`] would have it.
pub(super) fn last(db: &mut Db, team: &Team, members: &[TeamMember]) -> Result<Option<AccountId>, Error> {
    let owner = members.iter().find(|member| member.role == Role::Owner);
    let Some(owner) = owner.filter(|_| team.organization_of_product().is_none()) else { return Ok(None) };
    let another = rows::another(db, team.id().rows(), Role::Owner.number(), owner.account.0)?;
    Ok(another.is_none().then_some(owner.account))
}

/// A member, who is an Owner, becomes less or leaves: somebody else must be one. A product then is another Owner's.
///
/// A product of an organization is answered for by the organization's Owners; it may have none of its own.
pub(super) fn steps_down(
    db: &mut Db,
    team: &Team,
    account: AccountId,
    (now, recorder): (Moment, &Recorder),
) -> Result<(), Error> {
    if team.organization_of_product().is_some() {
        return Ok(());
    }
    let rows_of = team.id().rows();
    let heir = rows::another(db, rows_of, Role::Owner.number(), account.0)?
        .ok_or_else(|| Error::Conflict(LAST_OWNER.into()))?;
    inherit(db, rows_of, account, AccountId(heir), (now, recorder))
}

/// Somebody must be the owner of a product: where he goes, another of its Owners. He was not asked, so nothing of his account's
/// comes along, and what the product's integrations used of the former owner's ends.
fn inherit(
    db: &mut Db,
    team: rows::Team,
    from: AccountId,
    heir: AccountId,
    (now, recorder): (Moment, &Recorder),
) -> Result<(), Error> {
    let rows::Team::Product(id) = team else { return Ok(()) };
    let Some((row, ..)) = products::get(db, id)?.filter(|(row, ..)| row.owner_id == from.0) else {
        return Ok(());
    };
    let entry = Entry::new(Action::ProductHandedOn, id, &row.name).of(ProductId(id)).of(heir);
    let (before, after) = (username(db, from)?, username(db, heir)?);
    recorder.record(db, entry.with("owner_before", before).with("owner", after))?;
    products::hand_on(db, id, heir.0, now.0)?;
    integrations::leave_secrets(db, SpaceKey::Product(id))
}

fn username(db: &mut Db, account: AccountId) -> Result<String, Error> {
    Ok(mote_store::accounts::get(db, account.0)?.map(|row| row.username).unwrap_or_default())
}

/// Takes an account off every team, its products going to other Owners, which their trails tell. Fails with [`Error::Conflict`], which names them,
/// where it is the last Owner of any.
pub(crate) fn leave_all(
    db: &mut Db,
    account: AccountId,
    (now, recorder): (Moment, &Recorder),
) -> Result<(), Error> {
    let mut alone = Vec::new();
    for (team, slug) in rows::of_account(db, account.0, Role::Owner.number())? {
        match rows::another(db, team, Role::Owner.number(), account.0)? {
            None => alone.push(match team {
                rows::Team::Product(_) => format!("product {slug}"),
                rows::Team::Organization(_) => format!("organization {slug}"),
            }),
            Some(heir) => inherit(db, team, account, AccountId(heir), (now, recorder))?,
        }
    }
    if alone.is_empty() {
        let name = username(db, account)?;
        for (team, role) in rows::memberships(db, account.0)? {
            let team = match team {
                rows::Team::Product(id) => TeamId::Product(ProductId(id)),
                rows::Team::Organization(id) => TeamId::Organization(OrganizationId(id)),
            };
            let role = Role::from_number(role).unwrap_or(Role::ViewOnly);
            recorder.record(db, entry(Action::TeamMemberRemoved, team, &name, role))?;
        }
        return Ok(rows::delete_of_account(db, account.0)?);
    }
    let more = if alone.len() > MOST_NAMED { " and more" } else { "" };
    alone.truncate(MOST_NAMED);
    Err(Error::Conflict(format!(
        "This account is the last Owner of {}{more}: make another member Owner there, or delete it, first",
        alone.join(", ")
    )))
}
