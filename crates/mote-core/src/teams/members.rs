//! Listing a team, giving its members other roles, and taking them off it.

use mote_store::{Db, api_users, invitations, teams as rows};

use super::api_users::{self as of_api_users, ApiUser};
use super::invitations::Invitation;
use super::manager::Manager;
use super::{MOST_API_USERS, MOST_INVITATIONS, MOST_MEMBERS, TeamId, owners};
use crate::audit::{Action, Entry};
use crate::authorization::table::{TeamList, TeamRemove, TeamUpdate};
use crate::authorization::{Right, Role, Scopes, TeamAccess};
use crate::names::{ApiUsername, Username};
use crate::notices::Notice;
use crate::{AccountId, ApiUserId, Error, Mote};

/// A member of a team.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TeamMember {
    /// The account.
    pub account: AccountId,
    /// Its address.
    pub username: String,
    /// Its role.
    pub role: Role,
    /// Whether it has a second factor.
    pub mfa: bool,
}

/// All of a team.
#[derive(Debug)]
pub struct TeamListing {
    /// People.
    pub members: Vec<TeamMember>,
    /// The one of them who can neither leave nor become less, since there is no other Owner.
    pub last_owner: Option<AccountId>,
    /// API users; an organization's are followed by those of its products.
    pub api_users: Vec<ApiUser>,
    /// Who has been invited and has not come yet.
    pub invitations: Vec<Invitation>,
}

/// Who was taken off a team.
enum Removed {
    Member(AccountId),
    ApiUser(ApiUserId),
    Invitation,
}

impl Mote {
    /// The team: its members, its API users, and who is invited.
    pub async fn list_team(&self, access: &TeamAccess<TeamList>) -> Result<TeamListing, Error> {
        let (whose, now) = (access.team().clone(), self.now());
        self.store()
            .read(move |db| -> Result<TeamListing, Error> {
                let team = whose.id();
                let invited = invitations::list(db, team.rows(), now.0, MOST_INVITATIONS)?;
                let mut working = api_users::list(db, team.rows(), MOST_API_USERS)?;
                if let TeamId::Organization(id) = team {
                    working.extend(api_users::of_products(db, id.0, MOST_API_USERS)?);
                }
                let members = members(db, team)?;
                Ok(TeamListing {
                    last_owner: owners::last(db, &whose, &members)?,
                    members,
                    api_users: of_api_users::listed(db, working)?,
                    invitations: invited.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?,
                })
            })
            .await
    }

    /// Gives a member another role, at once. Whoever is made Owner of a product may do all in it; the account that it belongs to
    /// stays the same until that goes.
    pub async fn change_role(
        &self,
        access: &TeamAccess<TeamUpdate>,
        username: &str,
        role: Role,
    ) -> Result<TeamMember, Error> {
        let username = Username::parse(username).map_err(|_| unknown())?;
        let (team, grant, now) = (access.team().clone(), access.grant().clone(), self.now());
        let (of, recorder) = (team.id(), self.recorder(access.caller()));
        let change = move |db: &mut Db| -> Result<TeamMember, Error> {
            let manager = Manager::of(db, &grant, &team, TeamUpdate::ROW)?;
            let (account, present) = member(db, team.id(), &username)?.ok_or_else(unknown)?;
            manager.may_change(present)?;
            if role > present {
                manager.may_give(role)?;
            }
            if present == Role::Owner && role < Role::Owner {
                owners::steps_down(db, &team, account, (now, &recorder))?;
            }
            rows::set_role(db, team.id().rows(), account.0, role.number())?;
            let entry = entry(Action::TeamRoleChanged, team.id(), username.as_str(), role);
            recorder.record(db, entry.with("role_before", present.name()))?;
            let listed = mote_store::accounts::get(db, account.0)?.ok_or_else(unknown)?;
            let mfa = listed.totp_secret.is_some();
            Ok(TeamMember { account, username: listed.username, role, mfa })
        };
        self.write_and_forget(change, move |member| changed(of, member.account)).await
    }

    /// Takes a member or an API user off the team, or an invitation back; whatever it is ends at once.
    pub async fn remove_from_team(
        &self,
        access: &TeamAccess<TeamRemove>,
        username: &str,
    ) -> Result<(), Error> {
        let (team, grant, now) = (access.team().clone(), access.grant().clone(), self.now());
        let named = match ApiUsername::parse(username) {
            Some(api_user) => Ok(api_user),
            None => Err(Username::parse(username).map_err(|_| unknown())?),
        };
        let (of, recorder) = (team.id(), self.recorder(access.caller()));
        let remove = move |db: &mut Db| -> Result<Removed, Error> {
            let manager = Manager::of(db, &grant, &team, TeamRemove::ROW)?;
            let username = match &named {
                Ok(api_user) => {
                    let row = of_api_users::find(db, team.id(), api_user)?;
                    manager.may_take(Scopes::from_store(&row.scopes))?;
                    recorder.record(db, of_api_users::entry(Action::ApiUserDeleted, &row, of))?;
                    of_api_users::end(db, ApiUserId(row.id))?;
                    return Ok(Removed::ApiUser(ApiUserId(row.id)));
                }
                Err(username) => username,
            };
            if let Some((account, role)) = member(db, team.id(), username)? {
                manager.may_change(role)?;
                if role == Role::Owner {
                    owners::steps_down(db, &team, account, (now, &recorder))?;
                }
                recorder.record(db, entry(Action::TeamMemberRemoved, of, username.as_str(), role))?;
                rows::remove(db, team.id().rows(), account.0)?;
                return Ok(Removed::Member(account));
            }
            let role = invitations::withdraw(db, team.id().rows(), username.as_str(), now.0)?;
            let role = role.and_then(Role::from_number).ok_or_else(unknown)?;
            manager.may_change(role)?;
            recorder.record(db, entry(Action::TeamInvitationWithdrawn, of, username.as_str(), role))?;
            Ok(Removed::Invitation)
        };
        let forget = move |removed: &Removed| match removed {
            Removed::Member(account) => changed(of, *account),
            Removed::ApiUser(id) => vec![Notice::ApiUserSignedOut(*id)],
            Removed::Invitation => Vec::new(),
        };
        self.write_and_forget(remove, forget).await?;
        Ok(())
    }
}

/// What a change of a member makes wrong: of the product too, which may have been handed on.
fn changed(team: TeamId, account: AccountId) -> Vec<Notice> {
    let product = match team {
        TeamId::Product(product) => Some(Notice::ProductHandedOn(product)),
        TeamId::Organization(_) => None,
    };
    std::iter::once(Notice::RoleChanged(team, account)).chain(product).collect()
}

/// That something was done to whoever has this address, in this role.
pub(super) fn entry(action: Action, team: TeamId, username: &str, role: Role) -> Entry {
    Entry::new(action, username, username).of(team).with("role", role.name())
}

/// The member of this address: the account and its role.
pub(super) fn member(
    db: &mut Db,
    team: TeamId,
    username: &Username,
) -> Result<Option<(AccountId, Role)>, Error> {
    let found = rows::by_username(db, team.rows(), username.as_str())?;
    found.map(|(account, role)| Ok((AccountId(account), known_role(role)?))).transpose()
}

fn members(db: &mut Db, team: TeamId) -> Result<Vec<TeamMember>, Error> {
    let found = rows::list(db, team.rows(), MOST_MEMBERS)?;
    let member = |row: rows::MemberRow| {
        Ok(TeamMember {
            account: AccountId(row.account_id),
            username: row.username,
            role: known_role(row.role)?,
            mfa: row.mfa,
        })
    };
    found.into_iter().map(member).collect()
}

pub(super) fn known_role(number: i16) -> Result<Role, Error> {
    Role::from_number(number).ok_or_else(|| Error::Internal(format!("a team has a role {number}")))
}

/// There is nobody of this name here, whatever there is elsewhere.
pub(super) fn unknown() -> Error {
    Error::NotFound("There is nobody of this name on this team".into())
}
