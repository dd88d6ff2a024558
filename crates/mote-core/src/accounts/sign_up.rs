//! Making accounts.

use std::net::IpAddr;

use mote_store::accounts as rows;
use mote_store::accounts::AccountRow;
use mote_store::{Db, StoreError};
use serde_json::{Map, Value};

use super::account::info_to_store;
use crate::audit::{Action, Actor, Entry, Recorder};
use crate::mail::Mail;
use crate::names::Username;
use crate::passwords::{Password, check_strength};
use crate::{AccountId, Error, Mote};

/// After how many seconds an owner is told once more that somebody wanted his address for another account.
pub(crate) const TOLD_AGAIN: i64 = 3600;

/// What a new account is to be.
#[derive(Debug)]
pub struct NewAccount {
    /// E-mail address.
    pub username: String,
    /// Password.
    pub password: Password,
    /// What its owner says of himself.
    pub info: Map<String, Value>,
}

impl Mote {
    /// Makes an account for whoever asks, where the operator lets them.
    ///
    /// An address that has an account already is answered the same: its owner gets a mail instead, so that nobody can ask
    /// this server who its users are.
    pub async fn sign_up(&self, new: NewAccount, address: Option<IpAddr>) -> Result<(), Error> {
        if !self.settings().open_signup {
            return Err(Error::Forbidden(
                "This server makes no accounts for strangers. Ask its operator (mote user create, or --signup open)".into(),
            ));
        }
        let username = new.username.clone();
        let row = self.new_account_row(new).await?;
        let actor = Actor::account(AccountId(row.id), address);
        match self.insert_account(row, actor).await {
            Ok(()) => Ok(()),
            Err(Error::Conflict(_)) => {
                let url = &self.settings().public_url;
                let text = format!(
                    "Somebody tried to make an account with your address at {url}, where you have one already.\n\
                     If it was you: sign in, or ask for a new password. Otherwise there is nothing to do.\n"
                );
                self.tell_owner(Username::parse(&username)?, text);
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// Makes an account for an operator. Fails with [`Error::Conflict`] where the address has one.
    pub async fn create_account(&self, new: NewAccount) -> Result<AccountId, Error> {
        let row = self.new_account_row(new).await?;
        let id = AccountId(row.id);
        self.insert_account(row, Actor::operator()).await?;
        Ok(id)
    }

    async fn insert_account(&self, row: AccountRow, actor: Actor) -> Result<(), Error> {
        let recorder = self.recorder(actor);
        self.store().write(move |db| insert(db, &row, &recorder)).await
    }

    /// The row of a new account, checked, its password hashed.
    pub(super) async fn new_account_row(&self, new: NewAccount) -> Result<AccountRow, Error> {
        let username = Username::parse(&new.username)?;
        check_strength(&new.password, username.as_str())?;
        let account_info = info_to_store(new.info)?;
        let password_hash = self.hasher().hash(new.password).await?;
        let now = self.now();
        Ok(AccountRow {
            id: self.new_key(now),
            username: username.as_str().to_owned(),
            password_hash,
            account_info,
            totp_secret: None,
            totp_last_step: None,
            created_at: now.0,
            updated_at: now.0,
        })
    }

    /// Mails whoever has an address that somebody else wanted one. Once in a while: anybody may want anybody's.
    pub(super) fn tell_owner(&self, to: Username, text: String) {
        let now = self.now();
        if self.told_owners().look(&to, now).is_err() {
            return;
        }
        self.told_owners().lock(to.clone(), now, TOLD_AGAIN);
        self.mailer().send_later(Mail { to, subject: "You have an account already".into(), text });
    }
}

/// Adds an account, with an entry of it.
pub(super) fn insert(db: &mut Db, row: &AccountRow, recorder: &Recorder) -> Result<(), Error> {
    rows::insert(db, row).map_err(taken)?;
    let entry = Entry::of_account(db, Action::AccountCreated, AccountId(row.id))?;
    recorder.record(db, entry)
}

pub(super) fn taken(error: StoreError) -> Error {
    if error.is_duplicate() {
        Error::Conflict("There is an account with this address already".into())
    } else {
        error.into()
    }
}
