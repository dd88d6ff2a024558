//! Signing in to the web console: password, second factor, and the session that comes of them; and how the first account
//! is made there.

use std::net::IpAddr;

use mote_store::console_sessions::ConsoleSessionRow;
use mote_store::{Db, console_sessions};

use super::challenge::{For, Judged};
use super::sign_in::{TriedCode, wrong_code};
use super::{NewAccount, sign_up};
use crate::audit::{Action, Actor, Entry, Recorder};
use crate::console_sessions::MOST;
use crate::keys::{Purpose, TokenSecret};
use crate::notices::Notice;
use crate::passwords::Password;
use crate::{AccountId, Error, Mote, OAuthError};

/// What comes of a right password.
#[derive(Debug)]
pub enum ConsoleSignIn {
    /// A session: its secret, for the cookie.
    Done(TokenSecret),
    /// A second factor is on: to be brought back with its code.
    CodeNeeded(TokenSecret),
}

impl Mote {
    /// A session of the console for a username and password; `agent` is what the browser calls itself.
    ///
    /// Fails with [`Error::WrongCredentials`] after the same work whether or not there is such an account.
    pub async fn console_sign_in(
        &self,
        username: &str,
        password: Password,
        agent: &str,
        address: Option<IpAddr>,
    ) -> Result<ConsoleSignIn, Error> {
        let proof = self.check_password(username, password).await?;
        if proof.has_second_factor() {
            let secret = self.wait_for_code(For::ConsoleSignIn, proof, Vec::new()).await?;
            return Ok(ConsoleSignIn::CodeNeeded(secret));
        }
        let account = proof.account();
        let (secret, session) = self.new_console_session(account, agent);
        let recorder = self.recorder(Actor::account(account, address));
        let begin = move |db: &mut Db| -> Result<usize, Error> {
            proof.renew(db)?;
            begin_session(db, &session, &recorder)
        };
        self.write_and_forget(begin, move |gone| oldest_ended(account, *gone)).await?;
        Ok(ConsoleSignIn::Done(secret))
    }

    /// The session that waits for a one-time code, or a recovery code.
    pub async fn console_sign_in_with_code(
        &self,
        waiting: &str,
        code: &str,
        agent: &str,
        address: Option<IpAddr>,
    ) -> Result<TokenSecret, Error> {
        let over = || {
            let text = "The sign-in is over or was not begun; start again with your password";
            Error::OAuth(OAuthError::InvalidGrant(text.into()))
        };
        let (waiting, code, agent, mote) =
            (waiting.to_owned(), code.to_owned(), agent.to_owned(), self.clone());
        let begin = move |db: &mut Db| -> Result<(Judged<TokenSecret>, TriedCode, AccountId, usize), Error> {
            let challenge = mote.find_challenge(db, For::ConsoleSignIn, &waiting)?.ok_or_else(over)?;
            let account = AccountId(challenge.account_id);
            let tried = mote.spend_code(db, account, &code)?;
            let (secret, gone) = if tried.fits {
                let (secret, session) = mote.new_console_session(account, &agent);
                let recorder = mote.recorder(Actor::account(account, address));
                (Some(secret), begin_session(db, &session, &recorder)?)
            } else {
                (None, 0)
            };
            Ok((Self::judge(db, &challenge, secret)?, tried, account, gone))
        };
        let forget = |(_, _, account, gone): &(_, _, AccountId, usize)| oldest_ended(*account, *gone);
        let (judged, tried, ..) = self.write_and_forget(begin, forget).await?;
        self.count_code(&tried)?;
        match judged {
            Judged::Right(secret) => Ok(secret),
            Judged::Wrong => Err(Error::OAuth(wrong_code())),
        }
    }

    /// The secret of the link by which the first account is made, while there is none; a new one ends the one before.
    pub async fn begin_set_up(&self) -> Result<Option<TokenSecret>, Error> {
        if self.has_accounts().await? {
            return Ok(None);
        }
        let secret = TokenSecret::generate();
        *self.set_up().lock().unwrap_or_else(std::sync::PoisonError::into_inner) =
            Some(self.memory().digest(Purpose::SetUp, secret.bytes()));
        Ok(Some(secret))
    }

    /// Whether the link that this secret came from still makes the first account.
    pub async fn may_set_up(&self, secret: &str) -> Result<bool, Error> {
        let Some(secret) = TokenSecret::parse(secret) else { return Ok(false) };
        let shown = self.memory().digest(Purpose::SetUp, secret.bytes());
        let known = *self.set_up().lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        Ok(known == Some(shown) && !self.has_accounts().await?)
    }

    /// Makes the first account, once.
    pub async fn set_up_first_account(
        &self,
        secret: &str,
        new: NewAccount,
        address: Option<IpAddr>,
    ) -> Result<AccountId, Error> {
        if !self.may_set_up(secret).await? {
            let text = "This link is over: an account has been made, or the server was started anew. Its log has the new link";
            return Err(Error::Forbidden(text.into()));
        }
        let row = self.new_account_row(new).await?;
        let id = AccountId(row.id);
        let recorder = self.recorder(Actor::account(id, address));
        self.store()
            .write(move |db| -> Result<(), Error> {
                if mote_store::accounts::any(db)? {
                    return Err(Error::Forbidden("An account has been made meanwhile: sign in".into()));
                }
                sign_up::insert(db, &row, &recorder)
            })
            .await?;
        Ok(id)
    }
}

/// Adds a session, with an entry of it; how many older ones had to make room.
fn begin_session(db: &mut Db, session: &ConsoleSessionRow, recorder: &Recorder) -> Result<usize, Error> {
    let gone = console_sessions::insert(db, session, MOST)?;
    let entry = Entry::new(Action::ConsoleSignedIn, session.id, &session.agent);
    recorder.record(db, entry.of(AccountId(session.account_id)))?;
    Ok(gone)
}

/// A sign-in beyond the most ended the oldest sessions: what memory has of the account is wrong.
fn oldest_ended(account: AccountId, gone: usize) -> Option<Notice> {
    (gone > 0).then_some(Notice::AccountSignedOut(account))
}
