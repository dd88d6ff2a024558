//! Forgotten passwords.

use std::net::IpAddr;

use mote_store::accounts as rows;
use mote_store::{Db, challenges, console_sessions};

use super::challenge::For;
use crate::audit::{Action, Actor, Entry, Recorder};
use crate::mail::Mail;
use crate::names::Username;
use crate::notices::Notice;
use crate::passwords::{Password, check_strength};
use crate::tokens::end_all;
use crate::{AccountId, Error, Mote};

impl Mote {
    /// Sends whoever has this address a way to set a new password. The answer comes before anything is looked up, and is
    /// the same whether or not there is such an account.
    pub fn request_password_reset(&self, username: &str) -> Result<(), Error> {
        let username = Username::parse(username)?;
        let mote = self.clone();
        tokio::spawn(async move {
            if let Err(error) = mote.send_reset(username).await {
                tracing::error!(%error, "a password reset was not sent");
            }
        });
        Ok(())
    }

    async fn send_reset(&self, username: Username) -> Result<(), Error> {
        let wanted = username.clone();
        let row = self.store().read(move |db| rows::by_username(db, wanted.as_str())).await?;
        let Some(row) = row else { return Ok(()) };
        let (secret, challenge, most) = self.new_challenge(For::Reset, AccountId(row.id), Vec::new());
        let (wanted, mote, key) = (username.clone(), self.clone(), challenge.digest_key);
        let insert = move |db: &mut Db| -> Result<bool, Error> {
            // It may have got another address meanwhile: then this mail is not for its owner any more.
            let same = rows::by_username(db, wanted.as_str())?.is_some_and(|now| now.id == row.id);
            Ok(same && mote.insert_link(db, &challenge, most)?)
        };
        if !self.store().write(insert).await? {
            return Ok(());
        }
        let url = &self.settings().public_url;
        let token = secret.expose();
        let text = format!(
            "Somebody asked for a new password for your account at {url}. If it was not you, there is nothing to do.\n\n\
             To set a new password within the next hour, follow this link:\n\n\
             {url}/reset-password?token={}\n\n\
             or:\n\n\
             curl -X PUT {url}/v1/user/password-reset -d token={} --data-urlencode password=YOUR-NEW-PASSWORD\n",
            *token, *token
        );
        self.mail_link(key, Mail { to: username, subject: "Your new password".into(), text }).await
    }

    /// Whether the link that this token came from still sets a new password. It stays as good as it is.
    pub async fn may_reset_password(&self, token: &str) -> Result<bool, Error> {
        let (token, mote) = (token.to_owned(), self.clone());
        let waiting = self.store().read(move |db| mote.find_challenge(db, For::Reset, &token)).await?;
        Ok(waiting.is_some())
    }

    /// Sets a new password with what [`Self::request_password_reset`] sent; every token of the account ends.
    pub async fn reset_password(
        &self,
        token: &str,
        password: Password,
        address: Option<IpAddr>,
    ) -> Result<(), Error> {
        let over = || Error::invalid("token", "is unknown, used or over; ask for a new one");
        let (token, mote) = (token.to_owned(), self.clone());
        let asked = token.clone();
        let waiting = self
            .store()
            .read(move |db| mote.find_challenge(db, For::Reset, &asked))
            .await?
            .ok_or_else(over)?;
        let row = self.account_row(AccountId(waiting.account_id)).await?;
        check_strength(&password, &row.username)?;
        let hash = self.hasher().hash(password).await?;
        let mote = self.clone();
        let id = AccountId(row.id);
        let recorder = self.recorder(Actor::account(id, address));
        let set = move |db: &mut Db| {
            // Two requests may bring the same link: one of them finds it spent.
            mote.find_challenge(db, For::Reset, &token)?.ok_or_else(over)?;
            mote.set_password(db, id, &hash, &recorder)
        };
        self.write_and_forget(set, move |()| [Notice::AccountSignedOut(id)]).await
    }

    /// Sets a new password for an operator; every token of the account ends, and its second factor stays.
    pub async fn set_password_for_operator(&self, username: &str, password: Password) -> Result<(), Error> {
        let id = self.account_by_username(username).await?;
        check_strength(&password, username)?;
        let hash = self.hasher().hash(password).await?;
        let (mote, recorder) = (self.clone(), self.recorder(Actor::operator()));
        let set = move |db: &mut Db| mote.set_password(db, id, &hash, &recorder);
        self.write_and_forget(set, move |()| [Notice::AccountSignedOut(id)]).await
    }

    fn set_password(&self, db: &mut Db, id: AccountId, hash: &str, recorder: &Recorder) -> Result<(), Error> {
        let mut row = rows::get(db, id.0)?.ok_or(Error::InvalidToken)?;
        let entry = Entry::of_account(db, Action::PasswordReset, id)?;
        recorder.record(db, entry)?;
        hash.clone_into(&mut row.password_hash);
        row.updated_at = self.now().0;
        rows::update(db, &row)?;
        challenges::delete_of_account(db, id.0)?;
        end_all(db, id, recorder)?;
        console_sessions::delete_of_account(db, id.0, None)?;
        Ok(())
    }
}
