//! Teams: who works on which product, or in which organization, in which role; the API users that work for it; and those
//! who are invited.
//!
//! The rules, in one place: `manager` says what somebody may hand out and whom he may change, `owners` keeps a last
//! Owner everywhere.

mod api_users;
mod invitations;
mod manager;
mod members;
mod offer;
mod owners;
mod roles;

pub use api_users::{ApiUser, NewApiUserToken};
pub use invitations::{Invitation, Joined};
pub(crate) use manager::{rights_at_products, role_in_store};
pub use members::{TeamListing, TeamMember};
pub use offer::Offer;
pub use owners::LAST_OWNER;
pub(crate) use owners::leave_all;
pub use roles::RoleCache;

use std::sync::Arc;

use mote_store::api_users::ApiUserRow;
use mote_store::{Db, products, teams as rows};
use serde::{Deserialize, Serialize};

use crate::audit::{Action, Actor};
use crate::authorization::Role;
use crate::notices::Notice;
use crate::organizations::Organization;
use crate::products::Product;
use crate::tokens::Holder;
use crate::{AccountId, ApiUserId, Error, Mote, OrganizationId, ProductId, SpaceKey};

/// Members of a team and invitations to it at most, together: bounds the list, which the API gives whole.
const MOST_MEMBERS: i64 = 1000;
/// Invitations to a team that wait at a time: each of them was a mail.
const MOST_INVITATIONS: i64 = 100;
/// API users of a product, or of an organization and all of its products together: bounds the same list.
const MOST_API_USERS: i64 = 1000;

/// What has a team.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum TeamId {
    /// A product.
    Product(ProductId),
    /// An organization.
    Organization(OrganizationId),
}

impl TeamId {
    /// Whom an API user works for.
    pub(crate) fn of_api_user(row: &ApiUserRow) -> Result<Self, Error> {
        Self::of_columns(row.product_id, row.organization_id)
            .ok_or_else(|| Error::Internal(format!("the row of API user {} makes no sense", row.id)))
    }

    /// Of the two columns of which one says whose a row is.
    fn of_columns(product: Option<i64>, organization: Option<i64>) -> Option<Self> {
        match (product, organization) {
            (Some(product), None) => Some(Self::Product(ProductId(product))),
            (None, Some(organization)) => Some(Self::Organization(OrganizationId(organization))),
            _ => None,
        }
    }

    /// Those two columns.
    fn columns(self) -> (Option<i64>, Option<i64>) {
        match self {
            Self::Product(id) => (Some(id.0), None),
            Self::Organization(id) => (None, Some(id.0)),
        }
    }

    /// As the store names it.
    pub(crate) fn rows(self) -> rows::Team {
        match self {
            Self::Product(id) => rows::Team::Product(id.0),
            Self::Organization(id) => rows::Team::Organization(id.0),
        }
    }
}

impl From<TeamId> for SpaceKey {
    fn from(team: TeamId) -> Self {
        match team {
            TeamId::Product(id) => id.into(),
            TeamId::Organization(id) => id.into(),
        }
    }
}

/// A product or an organization, as whose team is meant.
#[derive(Clone, Debug)]
pub enum Team {
    /// A product's.
    Product(Arc<Product>),
    /// An organization's.
    Organization(Arc<Organization>),
}

impl Team {
    /// Whose.
    #[must_use]
    pub fn id(&self) -> TeamId {
        match self {
            Self::Product(product) => TeamId::Product(product.id),
            Self::Organization(organization) => TeamId::Organization(organization.id),
        }
    }

    /// The organization that the product belongs to, if it is a product's team; a product stays where it was made.
    pub(crate) fn organization_of_product(&self) -> Option<OrganizationId> {
        match self {
            Self::Product(product) => product.organization.as_ref().map(|organization| organization.id),
            Self::Organization(_) => None,
        }
    }
}

impl Mote {
    /// Puts an account on a team, for an operator.
    pub async fn put_on_team(&self, team: TeamId, username: &str, role: Role) -> Result<(), Error> {
        let (account, now) = (self.account_by_username(username).await?, self.now());
        let (recorder, username) = (self.recorder(Actor::operator()), username.to_owned());
        let insert = move |db: &mut Db| -> Result<(), Error> {
            if !exists(db, team)? {
                return Err(Error::NotFound("There is no such product or organization".into()));
            }
            recorder.record(db, members::entry(Action::TeamMemberAdded, team, &username, role))?;
            Ok(rows::insert(db, team.rows(), account.0, role.number(), now.0)?)
        };
        self.write_and_forget(insert, move |()| [Notice::RoleChanged(team, account)]).await
    }
}

/// Whether an account is on a product's team, or on that of its organization.
pub(crate) fn is_on_team(db: &mut Db, product: ProductId, account: AccountId) -> Result<bool, Error> {
    let team = TeamId::Product(product);
    if rows::role(db, team.rows(), account.0)?.is_some() {
        return Ok(true);
    }
    let Some(organization) = manager::organization_in_store(db, team)? else { return Ok(false) };
    Ok(rows::role(db, TeamId::Organization(organization).rows(), account.0)?.is_some())
}

fn exists(db: &mut Db, team: TeamId) -> Result<bool, Error> {
    Ok(match team {
        TeamId::Product(id) => products::get(db, id.0)?.is_some(),
        TeamId::Organization(id) => mote_store::organizations::get(db, id.0)?.is_some(),
    })
}

/// Dissolves a team with its invitations, and its API users with their tokens; [`Mote::forget_dissolved`] is to follow.
pub(crate) fn dissolve(db: &mut Db, team: TeamId) -> Result<(), Error> {
    for api_user in mote_store::api_users::list(db, team.rows(), i64::MAX)? {
        api_users::end(db, ApiUserId(api_user.id))?;
    }
    mote_store::invitations::delete_of_team(db, team.rows())?;
    Ok(rows::dissolve(db, team.rows())?)
}

impl Mote {
    /// Drops what memory holds of a team and its API users; after the commit that dissolved it.
    pub(crate) fn forget_dissolved(&self, team: TeamId) {
        self.forget_team(team);
        self.grants().drop_where(|grant| matches!(grant.holder, Holder::ApiUser(_, of) if of == team));
    }
}
