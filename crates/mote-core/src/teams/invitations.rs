//! Inviting people to a team, and their coming.
//!
//! An invitation goes to an address, and nothing about it tells whether there is an account with it. It takes both to
//! accept: what the mail brought, and being signed in to an account with that address.

use mote_store::invitations as rows;
use mote_store::invitations::InvitationRow;
use mote_store::{Db, accounts, api_users, clients, teams};

use super::manager::{Manager, organization_in_store, role_in_store};
use super::members::{entry, known_role, member};
use super::{MOST_INVITATIONS, MOST_MEMBERS, Team, TeamId};
use crate::audit::Action;
use crate::authorization::table::{InvitationsAccept, TeamInvite};
use crate::authorization::{AccountAccess, Limits, Right, Role, Scopes, TeamAccess};
use crate::clients::Client;
use crate::keys::{Digest, Purpose, TokenSecret};
use crate::mail::Mail;
use crate::names::Username;
use crate::notices::Notice;
use crate::organizations::MOST_ORGANIZATIONS;
use crate::products::MOST_PRODUCTS;
use crate::tokens::Holder;
use crate::{AccountId, Error, Moment, Mote};

/// Life of an invitation: a week.
const SECONDS: i64 = 7 * 86_400;

/// An invitation that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// The address that it went to.
    pub username: String,
    /// The role that comes with it.
    pub role: Role,
    /// Its end.
    pub expires_at: Moment,
}

impl TryFrom<InvitationRow> for Invitation {
    type Error = Error;

    fn try_from(row: InvitationRow) -> Result<Self, Error> {
        Ok(Self { username: row.username, role: known_role(row.role)?, expires_at: Moment(row.expires_at) })
    }
}

/// The team that somebody has joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Joined {
    /// Which.
    pub team: TeamId,
    /// In which role.
    pub role: Role,
}

impl Mote {
    /// Invites whoever has this address to the team, by mail; one who was invited before is invited anew, and the first mail
    /// is worth nothing any more. The answer is the same whether or not there is such an account.
    pub async fn invite(
        &self,
        access: &TeamAccess<TeamInvite>,
        username: &str,
        role: Role,
    ) -> Result<Username, Error> {
        let username = Username::parse(username)?;
        if role == Role::Owner {
            let text =
                "is Administrator, Developer, Support or View-only; an Owner is made of somebody on the team";
            return Err(Error::invalid("role", text));
        }
        let (team, grant, now) = (access.team().clone(), access.grant().clone(), self.now());
        let secret = TokenSecret::generate();
        let digest = self.keys().digester.digest(Purpose::Invitation, secret.bytes());
        let (product_id, organization_id) = team.id().columns();
        let row = InvitationRow {
            id: self.new_key(now),
            product_id,
            organization_id,
            username: username.as_str().to_owned(),
            role: role.number(),
            invited_by: grant.holder().account().map(|account| account.0),
            digest_key: digest.key,
            digest_rest: digest.rest.to_vec(),
            created_at: now.0,
            expires_at: now.plus_seconds(SECONDS).0,
            invited_by_client: matches!(grant.holder(), Holder::Product(_)).then_some(grant.client().0),
            invited_by_api_user: match grant.holder() {
                Holder::ApiUser(id, _) => Some(id.0),
                _ => None,
            },
        };
        let (invited, recorder) = (username.clone(), self.recorder(access.caller()));
        self.store()
            .write(move |db| -> Result<(), Error> {
                let manager = Manager::of(db, &grant, &team, TeamInvite::ROW)?;
                manager.may_give(role)?;
                if member(db, team.id(), &invited)?.is_some() {
                    return Err(Error::Conflict("Whoever has this address is on this team already".into()));
                }
                let before = rows::withdraw(db, team.id().rows(), invited.as_str(), now.0)?;
                if let Some(before) = before {
                    manager.may_change(known_role(before)?)?;
                }
                has_room(db, team.id())?;
                recorder.record(db, entry(Action::TeamInvited, team.id(), invited.as_str(), role))?;
                Ok(rows::insert(db, &row)?)
            })
            .await?;
        self.send_invitation(access.team(), &username, role, &secret);
        Ok(username)
    }

    fn send_invitation(&self, team: &Team, to: &Username, role: Role, secret: &TokenSecret) {
        let url = &self.settings().public_url;
        // By its slug: a name is anybody's text, and this is a mail to anybody.
        let of = match team {
            Team::Product(product) => format!("product {}", product.slug),
            Team::Organization(organization) => format!("organization {}", organization.slug),
        };
        let text = format!(
            "You are invited to the team of the {of} at {url}, as {}. If you do not want to join, there is nothing to do.\n\n\
             To join within the next seven days, follow this link, and sign in with the account of this address (make one \
             with it first if you have none):\n\n\
             {url}/join?token={}\n\n\
             or, without a browser:\n\n\
             curl {url}/oauth/token -u particle:particle -d grant_type=password \\\n  \
             --data-urlencode username=YOUR-ADDRESS --data-urlencode password=YOUR-PASSWORD\n\n\
             and send this with the access_token that you get:\n\n\
             curl {url}/v1/user/invitations -H 'Authorization: Bearer YOUR-TOKEN' -d token={}\n\n\
             Without an account, make one with this address first:\n\n\
             curl {url}/v1/users --data-urlencode username=YOUR-ADDRESS --data-urlencode password=YOUR-NEW-PASSWORD\n",
            role.name(),
            *secret.expose(),
            *secret.expose()
        );
        self.mailer().send_later(Mail { to: to.clone(), subject: "You are invited to a team".into(), text });
    }

    /// Joins the team that an invitation is to.
    ///
    /// Fails with [`Error::Invalid`] where it is unknown, used, withdrawn or over, or whoever sent it could not send it any
    /// more; with [`Error::Forbidden`] where it went to another address than the account's, whose it stays.
    pub async fn accept_invitation(
        &self,
        access: &AccountAccess<InvitationsAccept>,
        token: &str,
    ) -> Result<Joined, Error> {
        let digests = self.digests_of_invitation(token)?;
        let (account, now, recorder) = (access.account(), self.now(), self.recorder(access.caller()));
        let join = move |db: &mut Db| -> Result<Joined, Error> {
            let Living { row, team, role } = Living::find(db, &digests, now)?;
            let username = accounts::get(db, account.0)?.ok_or(Error::InvalidToken)?.username;
            if username != row.username {
                return Err(Error::Forbidden(
                    "This invitation went to another address; sign in with the account of that address"
                        .into(),
                ));
            }
            if teams::role(db, team.rows(), account.0)?.is_some() {
                return Err(Error::Conflict("You are on this team already".into()));
            }
            may_join_one_more(db, account, team)?;
            rows::delete(db, row.id)?;
            has_room(db, team)?;
            teams::insert(db, team.rows(), account.0, row.role, now.0)?;
            recorder.record(db, entry(Action::TeamMemberAdded, team, &username, role))?;
            Ok(Joined { team, role })
        };
        self.write_and_forget(join, move |joined| [Notice::RoleChanged(joined.team, account)]).await
    }

    /// What of the invitation's secret is kept, if this could be one's.
    pub(super) fn digests_of_invitation(&self, token: &str) -> Result<Vec<Digest>, Error> {
        let secret = TokenSecret::parse(token.trim()).ok_or_else(over)?;
        Ok(self.keys().digester.digests(Purpose::Invitation, secret.bytes()).into_iter().collect())
    }
}

fn over() -> Error {
    Error::invalid("token", "is unknown, used or over; ask for a new invitation")
}

/// An invitation that can be accepted.
pub(super) struct Living {
    pub(super) row: InvitationRow,
    pub(super) team: TeamId,
    pub(super) role: Role,
}

impl Living {
    /// The one of which one of these digests is kept, if it is good still.
    pub(super) fn find(db: &mut Db, digests: &[Digest], now: Moment) -> Result<Self, Error> {
        let row = find(db, digests)?.ok_or_else(over)?;
        let team = TeamId::of_columns(row.product_id, row.organization_id)
            .ok_or_else(|| Error::Internal(format!("the row of invitation {} makes no sense", row.id)))?;
        let role = known_role(row.role)?;
        if Moment(row.expires_at) <= now || !still_given(db, team, role, &row)? {
            return Err(over());
        }
        Ok(Self { row, team, role })
    }
}

/// The invitation of which one of these digests is kept.
fn find(db: &mut Db, digests: &[Digest]) -> Result<Option<InvitationRow>, Error> {
    for digest in digests {
        let rows = rows::by_digest(db, digest.key)?;
        if let Some(row) = rows.into_iter().find(|row| digest.rest_is(&row.digest_rest)) {
            return Ok(Some(row));
        }
    }
    Ok(None)
}

/// Whether whoever invited could still give this role: not if he was taken off the team since, has a lesser one, or is a
/// program that is gone or was limited.
fn still_given(db: &mut Db, team: TeamId, role: Role, row: &InvitationRow) -> Result<bool, Error> {
    if let Some(account) = row.invited_by {
        let organization = organization_in_store(db, team)?;
        let own = role_in_store(db, team, organization, AccountId(account))?;
        return Ok(own.is_some_and(|own| own >= role.max(TeamInvite::ROW.least)));
    }
    if let Some(client) = row.invited_by_client {
        let client = clients::get(db, client)?.map(Client::try_from).transpose()?;
        return Ok(client.is_some_and(|client| client.scope.limits().allow(TeamInvite::ROW.scope)));
    }
    let Some(api_user) = row.invited_by_api_user else { return Ok(true) };
    let Some(api_user) = api_users::get(db, api_user)? else { return Ok(false) };
    let scopes = Scopes::from_store(&api_user.scopes);
    let invites = Limits::Only(scopes).allow(TeamInvite::ROW.scope);
    Ok(invites && Manager::of_api_user(team, scopes).may_give(role).is_ok())
}

/// Whether there is room for one more, invited or come.
fn has_room(db: &mut Db, team: TeamId) -> Result<(), Error> {
    let invited = rows::count(db, team.rows())?;
    if invited >= MOST_INVITATIONS {
        return Err(Error::Conflict(format!(
            "{MOST_INVITATIONS} people are invited already; wait for them, or withdraw some"
        )));
    }
    if teams::count(db, team.rows())? + invited >= MOST_MEMBERS {
        return Err(Error::Conflict(format!("A team has {MOST_MEMBERS} members at most")));
    }
    Ok(())
}

/// Whether an account can be on one more team: bounds the lists of its products and organizations.
fn may_join_one_more(db: &mut Db, account: AccountId, team: TeamId) -> Result<(), Error> {
    let (products, organizations) = teams::count_of_account(db, account.0)?;
    let (present, most, what) = match team {
        TeamId::Product(_) => (products, MOST_PRODUCTS, "products"),
        TeamId::Organization(_) => (organizations, MOST_ORGANIZATIONS, "organizations"),
    };
    if present < most {
        return Ok(());
    }
    Err(Error::Conflict(format!("An account is on the teams of {most} {what} at most; leave one first")))
}
