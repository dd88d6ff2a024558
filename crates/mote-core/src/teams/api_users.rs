//! API users: programs that work for a product or an organization, each with one token that never ends.

use std::collections::HashMap;

use mote_store::api_users as rows;
use mote_store::api_users::ApiUserRow;
use mote_store::{Db, tokens};

use super::manager::Manager;
use super::members::unknown;
use super::{MOST_API_USERS, Team, TeamId};
use crate::audit::{Action, Entry};
use crate::authorization::table::{TeamInvite, TeamUpdate};
use crate::authorization::{Right, Scopes, TeamAccess};
use crate::keys::TokenSecret;
use crate::names::{ApiUsername, FriendlyName};
use crate::notices::Notice;
use crate::tokens::{Holder, Lifetime, Seed};
use crate::{ApiUserId, ClientKey, Error, Moment, Mote, ProductId};

/// An API user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiUser {
    /// Its name.
    pub username: String,
    /// What people call it.
    pub friendly_name: String,
    /// What it may do.
    pub scopes: Scopes,
    /// The product that it works for, if it is one's.
    pub product: Option<ProductId>,
    /// Its token last used, to the minute; none if never.
    pub last_used_at: Option<Moment>,
}

impl ApiUser {
    fn new(row: ApiUserRow, last_used_at: Option<i64>) -> Self {
        Self {
            scopes: Scopes::from_store(&row.scopes),
            username: row.username,
            friendly_name: row.friendly_name,
            product: row.product_id.map(ProductId),
            last_used_at: last_used_at.map(Moment),
        }
    }
}

/// These, with the last uses of their tokens.
pub(super) fn listed(db: &mut Db, rows: Vec<ApiUserRow>) -> Result<Vec<ApiUser>, Error> {
    let keys: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let last: HashMap<_, _> = tokens::last_uses_of_api_users(db, &keys)?.into_iter().collect();
    let show = |row: ApiUserRow| {
        let used = last.get(&row.id).copied();
        ApiUser::new(row, used)
    };
    Ok(rows.into_iter().map(show).collect())
}

/// An API user with its new token: the one moment at which that can be seen.
#[derive(Debug)]
pub struct NewApiUserToken {
    /// The API user.
    pub api_user: ApiUser,
    /// Its token.
    pub token: TokenSecret,
}

impl Mote {
    /// Makes an API user with its token.
    pub async fn create_api_user(
        &self,
        access: &TeamAccess<TeamInvite>,
        friendly_name: &str,
        scopes: Scopes,
    ) -> Result<NewApiUserToken, Error> {
        let name = FriendlyName::parse(friendly_name)?;
        let (team, grant, now) = (access.team().clone(), access.grant().clone(), self.now());
        let (product_id, organization_id) = team.id().columns();
        let row = ApiUserRow {
            id: self.new_key(now),
            username: ApiUsername::new(&name, random()).to_string(),
            friendly_name: name.to_string(),
            product_id,
            organization_id,
            scopes: scopes.to_store(),
            created_at: now.0,
        };
        let api_user = ApiUser::new(row.clone(), None);
        let (minted, token) = self.new_grant(seed(ApiUserId(row.id), team.id()), now);
        let recorder = self.recorder(access.caller());
        self.store()
            .write(move |db| -> Result<(), Error> {
                Manager::of(db, &grant, &team, TeamInvite::ROW)?.may_hand_out(scopes)?;
                has_room(db, &team)?;
                rows::insert(db, &row)?;
                recorder.record(db, entry(Action::ApiUserCreated, &row, team.id()))?;
                Ok(tokens::insert(db, &token)?)
            })
            .await?;
        Ok(NewApiUserToken { api_user, token: minted.access })
    }

    /// Gives an API user other scopes, and a new token with them; the old token is dead at once.
    pub async fn change_scopes(
        &self,
        access: &TeamAccess<TeamUpdate>,
        username: &str,
        scopes: Scopes,
    ) -> Result<NewApiUserToken, Error> {
        self.renew(access, username, Some(scopes)).await
    }

    /// Gives an API user a new token; the old one is dead at once.
    pub async fn regenerate_token(
        &self,
        access: &TeamAccess<TeamUpdate>,
        username: &str,
    ) -> Result<NewApiUserToken, Error> {
        self.renew(access, username, None).await
    }

    async fn renew(
        &self,
        access: &TeamAccess<TeamUpdate>,
        username: &str,
        scopes: Option<Scopes>,
    ) -> Result<NewApiUserToken, Error> {
        let username = ApiUsername::parse(username).ok_or_else(unknown)?;
        let (team, grant, now) = (access.team().clone(), access.grant().clone(), self.now());
        let (of, named, recorder) = (team.id(), username.clone(), self.recorder(access.caller()));
        let found = self.store().read(move |db| find(db, of, &named)).await?;
        let id = ApiUserId(found.id);
        let (minted, token) = self.new_grant(seed(id, team.id()), now);
        let renew = move |db: &mut Db| -> Result<ApiUser, Error> {
            let manager = Manager::of(db, &grant, &team, TeamUpdate::ROW)?;
            // It may be gone since it was looked for.
            let mut row = find(db, team.id(), &username)?;
            manager.may_take(Scopes::from_store(&row.scopes))?;
            if let Some(scopes) = scopes {
                row.scopes = scopes.to_store();
                rows::set_scopes(db, row.id, &row.scopes)?;
            }
            let action = match scopes {
                Some(_) => Action::ApiUserScopesChanged,
                None => Action::ApiUserTokenRegenerated,
            };
            recorder.record(db, entry(action, &row, team.id()))?;
            let api_user = ApiUser::new(row, None);
            // Whoever sees the token has what it opens.
            manager.may_hand_out(api_user.scopes)?;
            tokens::delete_of_api_user(db, id.0)?;
            tokens::insert(db, &token)?;
            Ok(api_user)
        };
        let api_user = self.write_and_forget(renew, move |_| [Notice::ApiUserSignedOut(id)]).await?;
        Ok(NewApiUserToken { api_user, token: minted.access })
    }

    /// Drops what memory holds of an API user's grants; after the commit that changed or ended it.
    pub(crate) fn forget_grants_of_api_user(&self, id: ApiUserId) {
        self.grants().drop_where(|grant| matches!(grant.holder, Holder::ApiUser(one, _) if one == id));
    }
}

/// The API user of this name that works for the team itself.
pub(super) fn find(db: &mut Db, team: TeamId, username: &ApiUsername) -> Result<ApiUserRow, Error> {
    let found = rows::by_username(db, username.as_str())?;
    let own = |row: &ApiUserRow| TeamId::of_api_user(row).is_ok_and(|of| of == team);
    found.filter(own).ok_or_else(unknown)
}

/// That something was done to an API user, with the scopes that it has then.
pub(super) fn entry(action: Action, row: &ApiUserRow, team: TeamId) -> Entry {
    Entry::new(action, &row.username, &row.friendly_name).of(team).with("scopes", row.scopes.as_str())
}

/// Ends an API user and its token.
pub(super) fn end(db: &mut Db, id: ApiUserId) -> Result<(), Error> {
    tokens::delete_of_api_user(db, id.0)?;
    Ok(rows::delete(db, id.0)?)
}

fn seed(id: ApiUserId, team: TeamId) -> Seed {
    Seed { client: ClientKey::NONE, holder: Holder::ApiUser(id, team), lifetime: Lifetime::Never }
}

/// Whether there is room for one more.
fn has_room(db: &mut Db, team: &Team) -> Result<(), Error> {
    let organization = match team {
        Team::Organization(organization) => Some(organization.id),
        Team::Product(_) => team.organization_of_product(),
    };
    let present = match organization {
        Some(id) => rows::count(db, TeamId::Organization(id).rows())? + rows::count_of_products(db, id.0)?,
        None => rows::count(db, team.id().rows())?,
    };
    if present < MOST_API_USERS {
        return Ok(());
    }
    Err(Error::Conflict(format!("There are {MOST_API_USERS} API users already; delete unused ones")))
}

fn random() -> u64 {
    let mut bytes = [0; 8];
    crate::keys::random::fill(&mut bytes);
    u64::from_le_bytes(bytes)
}
