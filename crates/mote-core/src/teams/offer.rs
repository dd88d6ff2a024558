//! What an invitation is to, for whoever is about to accept it.

use mote_store::{Db, accounts, organizations, products};

use super::TeamId;
use super::invitations::Living;
use crate::authorization::table::InvitationsAccept;
use crate::authorization::{AccountAccess, Role};
use crate::{Error, Mote};

/// An invitation, as whoever holds its token sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Whose team it is to.
    pub team: TeamId,
    /// What that product or organization is called.
    pub name: String,
    /// The role that comes with it.
    pub role: Role,
    /// The address that it went to.
    pub username: String,
    /// The address of the account that looks.
    pub account: String,
}

impl Offer {
    /// Whether the account that looks is the one that can accept it.
    #[must_use]
    pub fn is_mine(&self) -> bool {
        self.account == self.username
    }
}

impl Mote {
    /// What an invitation is to. Its token is the credential: nothing is told without it, and with it no more than what is
    /// in the mail that brought it, but for the name.
    ///
    /// Fails with [`Error::Invalid`] where it is unknown, used, withdrawn or over, or whoever sent it could not send it any
    /// more.
    pub async fn look_at_invitation(
        &self,
        access: &AccountAccess<InvitationsAccept>,
        token: &str,
    ) -> Result<Offer, Error> {
        let digests = self.digests_of_invitation(token)?;
        let (account, now) = (access.account(), self.now());
        let look = move |db: &mut Db| -> Result<Offer, Error> {
            let Living { row, team, role } = Living::find(db, &digests, now)?;
            let account = accounts::get(db, account.0)?.ok_or(Error::InvalidToken)?.username;
            Ok(Offer { team, name: name_of(db, team)?, role, username: row.username, account })
        };
        self.store().read(look).await
    }
}

/// What a product or organization is called. With it end the invitations to its team.
fn name_of(db: &mut Db, team: TeamId) -> Result<String, Error> {
    let name = match team {
        TeamId::Product(id) => products::get(db, id.0)?.map(|(row, ..)| row.name),
        TeamId::Organization(id) => organizations::get(db, id.0)?.map(|row| row.name),
    };
    name.ok_or_else(|| Error::Internal("an invitation is to the team of nothing".into()))
}
