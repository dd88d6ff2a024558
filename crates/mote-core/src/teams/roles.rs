//! The roles in use, in memory, so that a team member's request costs no query for it.

use std::sync::Arc;

use mote_store::teams;

use super::TeamId;
use crate::authorization::Role;
use crate::cache::Kept;
use crate::events::EventHub;
use crate::nodes::Trust;
use crate::{AccountId, Error, Mote};

/// Roles kept at most.
const CAPACITY: usize = 10_000;

/// The role of an account in a team; none, kept too, where it is not on it.
#[derive(Debug)]
pub struct RoleCache(Kept<(TeamId, AccountId), Member>);

#[derive(Debug)]
struct Member {
    team: TeamId,
    account: AccountId,
    role: Option<Role>,
}

impl RoleCache {
    /// An empty one; streams that rest on roles hear of what it forgets.
    pub(crate) fn new(hub: EventHub, trust: &Arc<Trust>) -> Self {
        let forgotten = move |over: &dyn Fn(&(TeamId, AccountId), &Member) -> bool| {
            hub.roles_forgotten(&|team, account| {
                over(&(team, account), &Member { team, account, role: None })
            });
        };
        Self(Kept::watched(CAPACITY, Box::new(forgotten)).trusting(trust))
    }
}

impl Mote {
    /// The role of an account in a team.
    pub(crate) async fn role_in(&self, team: TeamId, account: AccountId) -> Result<Option<Role>, Error> {
        let roles = &self.roles().0;
        if let Some(member) = roles.get(&(team, account)) {
            return Ok(member.role);
        }
        let epoch = roles.epoch();
        let number = self.store().read(move |db| teams::role(db, team.rows(), account.0)).await?;
        let role = number.and_then(Role::from_number);
        roles.keep((team, account), &Arc::new(Member { team, account, role }), epoch);
        Ok(role)
    }

    /// Drops what memory holds of a member's role; after the commit that changed it, before the answer.
    pub(crate) fn forget_role(&self, team: TeamId, account: AccountId) {
        self.roles().0.drop_one(&(team, account));
    }

    /// Drops what memory holds of a team; after the commit that dissolved it.
    pub(crate) fn forget_team(&self, team: TeamId) {
        self.roles().0.drop_where(|member| member.team == team);
    }

    /// Drops all that memory holds of roles.
    pub(crate) fn forget_roles(&self) {
        self.roles().0.drop_where(|_| true);
    }

    /// Drops what memory holds of an account's roles; after the commit that ended it.
    pub(crate) fn forget_roles_of(&self, account: AccountId) {
        self.roles().0.drop_where(|member| member.account == account);
    }
}
