//! Changing and ending an account.

use std::sync::Arc;

use mote_store::accounts as rows;
use mote_store::{Db, challenges, clients, console_sessions, sims, tokens};
use serde_json::{Map, Value};

use super::account::info_to_store;
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
    /// New address; it is the account's once the link is followed that is mailed to it.
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

/// What became of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Updated {
    /// What was changed at once.
    pub changed: Option<Changed>,
    /// Whether another address was asked for, too.
    pub address_asked: bool,
}

/// What was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    /// The password.
    Password,
    /// The words about oneself.
    Info,
    /// Tokens were ended, no more.
    Tokens,
}

impl Mote {
    /// Changes the account. A new password also ends the links that were mailed, and every session of the console but the one
    /// in hand.
    ///
    /// Another address only gets a mail with a link, which [`Self::confirm_address`] takes; what is answered does not tell
    /// whether somebody has it. Fails with [`Error::TooMany`] where three such links are out.
    pub async fn update_account(
        &self,
        access: &AccountAccess<Right>,
        change: AccountChange,
    ) -> Result<Updated, Error> {
        let changed = match (&change.password, &change.info) {
            (Some(_), _) => Some(Changed::Password),
            (None, Some(_)) => Some(Changed::Info),
            (None, None) => change.end_tokens.then_some(Changed::Tokens),
        };
        let address_asked = change.username.is_some();
        if changed.is_none() && !address_asked {
            return Err(Error::invalid(
                "username, password, account_info",
                "are missing: name what shall change",
            ));
        }
        let username = change.username.as_deref().map(Username::parse).transpose()?;
        let info = change.info.map(info_to_store).transpose()?;
        let proof = if address_asked || change.password.is_some() {
            Some(self.confirm_password(access, change.current_password, "current_password").await?)
        } else {
            None
        };
        if let (Some(password), Some(proof)) = (&change.password, &proof) {
            check_strength(password, proof.username())?;
            if let Some(username) = &username {
                check_strength(password, username.as_str())?;
            }
        }
        let (id, now, end_tokens) = (access.account(), self.now(), change.end_tokens);
        let asked = match (username, &proof) {
            (Some(to), Some(proof)) => Some(Arc::new(self.ask_address(id, proof.username(), to)?)),
            _ => None,
        };
        let password_hash = match change.password {
            Some(password) => Some(self.hasher().hash(password).await?),
            None => None,
        };
        let (in_hand, recorder) = (access.grant().console_session(), self.recorder(access.caller()));
        let asks = asked.clone();
        let write = move |db: &mut Db| -> Result<bool, Error> {
            let mut row = match &proof {
                Some(proof) => proof.renew(db)?,
                None => rows::get(db, id.0)?.ok_or(Error::InvalidToken)?,
            };
            if let Some(hash) = &password_hash {
                let entry = Entry::of_account(db, Action::PasswordChanged, id)?;
                recorder.record(db, entry)?;
                row.password_hash.clone_from(hash);
                challenges::delete_of_account(db, id.0)?;
            }
            if password_hash.is_some() || end_tokens {
                console_sessions::delete_of_account(db, id.0, in_hand)?;
            }
            if let Some(info) = &info {
                row.account_info.clone_from(info);
            }
            if changed.is_some() {
                row.updated_at = now.0;
                rows::update(db, &row)?;
            }
            if end_tokens {
                end_all(db, id, &recorder)?;
            }
            asks.as_ref().map_or(Ok(false), |asks| asks.insert(db, now))
        };
        let forget = move |_: &bool| {
            let signed_out = end_tokens || changed == Some(Changed::Password);
            signed_out.then_some(Notice::AccountSignedOut(id))
        };
        let is_taken = self.write_and_forget(write, forget).await?;
        if let Some(asked) = asked {
            self.mail_address(&asked, is_taken);
        }
        Ok(Updated { changed, address_asked })
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
