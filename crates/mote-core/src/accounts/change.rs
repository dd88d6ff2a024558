//! Changing and ending an account.

use mote_store::accounts as rows;
use mote_store::{Db, challenges, clients, console_sessions, sims, tokens};
use serde_json::{Map, Value};

use super::account::info_to_store;
use super::sign_up::taken;
use crate::audit::{Action, Entry, Recorder};
use crate::authorization::AccountAccess;
use crate::authorization::table::AccountChange as Right;
use crate::devices::release_all;
use crate::names::Username;
use crate::notices::Notice;
use crate::passwords::{Password, check_strength};
use crate::teams;
use crate::tokens::end_all;
use crate::{AccountId, ClientKey, Error, Moment, Mote, SpaceKey, libraries, spaces};

/// What is to be changed of an account.
#[derive(Debug, Default)]
pub struct AccountChange {
    /// New address.
    pub username: Option<String>,
    /// New password.
    pub password: Option<Password>,
    /// New words about oneself, in place of the old.
    pub info: Option<Map<String, Value>>,
    /// The present password; needed for a new address or password.
    pub current_password: Option<Password>,
    /// Whether to end every token of the account, the one in hand too.
    pub end_tokens: bool,
}

/// What was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    /// The password.
    Password,
    /// The address.
    Username,
    /// The words about oneself.
    Info,
    /// Tokens were ended, no more.
    Tokens,
}

impl Mote {
    /// Changes the account. A new password or address also ends the links that reset the password; a new password every
    /// session of the console but the one in hand.
    pub async fn update_account(
        &self,
        access: &AccountAccess<Right>,
        change: AccountChange,
    ) -> Result<Changed, Error> {
        let changed = match (&change.password, &change.username, &change.info) {
            (Some(_), _, _) => Changed::Password,
            (None, Some(_), _) => Changed::Username,
            (None, None, Some(_)) => Changed::Info,
            (None, None, None) if change.end_tokens => Changed::Tokens,
            (None, None, None) => {
                return Err(Error::invalid(
                    "username, password, account_info",
                    "are missing: name what shall change",
                ));
            }
        };
        let username = change.username.as_deref().map(Username::parse).transpose()?;
        let info = change.info.map(info_to_store).transpose()?;
        let sensitive = username.is_some() || change.password.is_some();
        let proof = if sensitive {
            Some(self.confirm_password(access, change.current_password, "current_password").await?)
        } else {
            None
        };
        if let (Some(password), Some(proof)) = (&change.password, &proof) {
            check_strength(password, username.as_ref().map_or(proof.username(), Username::as_str))?;
        }
        let password_hash = match change.password {
            Some(password) => Some(self.hasher().hash(password).await?),
            None => None,
        };
        let (id, now, end_tokens) = (access.account(), self.now(), change.end_tokens);
        let (in_hand, recorder) = (access.grant().console_session(), self.recorder(access.caller()));
        let write = move |db: &mut Db| -> Result<(), Error> {
            let mut row = match &proof {
                Some(proof) => proof.renew(db)?,
                None => rows::get(db, id.0)?.ok_or(Error::InvalidToken)?,
            };
            if let Some(username) = &username {
                let entry = Entry::of_account(db, Action::AccountRenamed, id)?;
                recorder.record(db, entry.with("username", username.as_str()))?;
                username.as_str().clone_into(&mut row.username);
            }
            if let Some(hash) = &password_hash {
                let entry = Entry::of_account(db, Action::PasswordChanged, id)?;
                recorder.record(db, entry)?;
                row.password_hash.clone_from(hash);
            }
            if sensitive {
                // Also of another address: who reads the mail of the old one must not set a password by a link sent there.
                challenges::delete_of_account(db, id.0)?;
            }
            if password_hash.is_some() || end_tokens {
                console_sessions::delete_of_account(db, id.0, in_hand)?;
            }
            if let Some(info) = &info {
                row.account_info.clone_from(info);
            }
            row.updated_at = now.0;
            rows::update(db, &row).map_err(taken)?;
            if end_tokens {
                end_all(db, id, &recorder)?;
            }
            Ok(())
        };
        let forget = move |(): &()| {
            let signed_out = end_tokens || changed == Changed::Password;
            let signed_out = signed_out.then_some(Notice::AccountSignedOut(id));
            // Products show their owner's address.
            let renamed = (changed != Changed::Info).then_some(Notice::ProductsOfOwnerChanged(id));
            signed_out.into_iter().chain(renamed).collect::<Vec<_>>()
        };
        self.write_and_forget(write, forget).await?;
        Ok(changed)
    }

    /// Ends the account with its tokens, clients, memberships and private libraries; its devices are free for others to
    /// claim, and its public libraries stay. Products and organizations of which it is the last Owner must be handed over,
    /// or gone, first.
    pub async fn delete_account(
        &self,
        access: &AccountAccess<Right>,
        password: Option<Password>,
    ) -> Result<(), Error> {
        let proof = self.confirm_password(access, password, "password").await?;
        let (id, now) = (access.account(), self.now());
        let forget = move |clients: &Vec<i64>| {
            let ended = [
                Notice::AccountSignedOut(id),
                Notice::LeftAllTeams(id),
                // Products show their owner's address.
                Notice::ProductsOfOwnerChanged(id),
                Notice::SpaceEnded(SpaceKey::Account(id.0)),
            ];
            let clients = clients.iter().map(|client| Notice::ClientChanged(ClientKey(*client)));
            ended.into_iter().chain(clients).collect::<Vec<_>>()
        };
        let recorder = self.recorder(access.caller());
        let delete = move |db: &mut Db| {
            proof.renew(db)?;
            let entry = Entry::of_account(db, Action::AccountDeleted, id)?;
            recorder.record(db, entry)?;
            delete_rows(db, id, (now, &recorder))
        };
        self.write_and_forget(delete, forget).await?;
        Ok(())
    }
}

fn delete_rows(db: &mut Db, id: AccountId, (now, recorder): (Moment, &Recorder)) -> Result<Vec<i64>, Error> {
    teams::leave_all(db, id, (now, recorder))?;
    let ended: Vec<i64> = clients::list(db, clients::Owner::Account(id.0), 0, i64::MAX)?
        .iter()
        .map(|client| client.id)
        .collect();
    for client in &ended {
        clients::delete(db, *client)?;
    }
    tokens::delete_of_account(db, id.0)?;
    console_sessions::delete_of_account(db, id.0, None)?;
    challenges::delete_of_account(db, id.0)?;
    release_all(db, id.into(), recorder)?;
    spaces::end(db, SpaceKey::Account(id.0))?;
    sims::delete_of_account(db, id.0)?;
    libraries::leave(db, id, now)?;
    rows::delete(db, id.0)?;
    Ok(ended)
}
