//! An account's sessions: seen and ended by their owner.

use mote_store::Db;
use mote_store::console_sessions as rows;

use super::MOST;
use crate::audit::{Action, Entry, Recorder};
use crate::authorization::table::{TokensEnd, TokensList};
use crate::authorization::{AccountAccess, Caller};
use crate::notices::Notice;
use crate::tokens::Holder;
use crate::{AccountId, Error, Moment, Mote, TokenId};

/// A session in its owner's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsoleSession {
    /// Key.
    pub id: TokenId,
    /// What the browser called itself.
    pub agent: String,
    /// Signed in.
    pub created_at: Moment,
    /// Last used, to the hour.
    pub used_at: Moment,
    /// Its end, unless it is used before.
    pub expires_at: Moment,
    /// Whether it is the one in hand.
    pub current: bool,
}

impl Mote {
    /// The account's living sessions, newest first.
    pub async fn console_sessions(
        &self,
        access: &AccountAccess<TokensList>,
    ) -> Result<Vec<ConsoleSession>, Error> {
        let (account, now, in_hand) = (access.account(), self.now(), access.grant().console_session());
        let found = self.store().read(move |db| rows::of_account(db, account.0, now.0, MOST)).await?;
        let show = |row: rows::ConsoleSessionRow| ConsoleSession {
            id: TokenId(row.id),
            agent: row.agent,
            created_at: Moment(row.created_at),
            used_at: Moment(row.used_at),
            expires_at: Moment(row.expires_at),
            current: in_hand == Some(row.id),
        };
        Ok(found.into_iter().map(show).collect())
    }

    /// Signs one of the account's sessions out.
    pub async fn end_console_session(
        &self,
        access: &AccountAccess<TokensEnd>,
        id: TokenId,
    ) -> Result<(), Error> {
        let (account, recorder) = (access.account(), self.recorder(access.caller()));
        let end = move |db: &mut Db| end_session(db, account, id, &recorder);
        let ended = self.write_and_forget(end, move |_| [Notice::TokenEnded(id)]).await?;
        let unknown = || Error::NotFound("There is no such session; it may have ended already".into());
        if ended { Ok(()) } else { Err(unknown()) }
    }

    /// Signs every session of the account out but the one in hand.
    pub async fn end_other_console_sessions(&self, access: &AccountAccess<TokensEnd>) -> Result<(), Error> {
        let (account, in_hand) = (access.account(), access.grant().console_session());
        let recorder = self.recorder(access.caller());
        let end = move |db: &mut Db| -> Result<(), Error> {
            rows::delete_of_account(db, account.0, in_hand)?;
            let entry = Entry::of_account(db, Action::ConsoleOthersSignedOut, account)?;
            recorder.record(db, entry)
        };
        self.write_and_forget(end, move |()| [Notice::AccountSignedOut(account)]).await?;
        Ok(())
    }

    /// Signs the session in hand out.
    pub async fn sign_out(&self, caller: &Caller) -> Result<(), Error> {
        let Holder::Console(account) = caller.grant().holder() else { return Err(Error::InvalidToken) };
        let (id, recorder) = (caller.grant().id(), self.recorder(caller));
        let end = move |db: &mut Db| end_session(db, account, id, &recorder);
        self.write_and_forget(end, move |_| [Notice::TokenEnded(id)]).await?;
        Ok(())
    }
}

/// Ends a session of the account, with an entry of it; whether there was one.
fn end_session(db: &mut Db, account: AccountId, id: TokenId, recorder: &Recorder) -> Result<bool, Error> {
    let ended = rows::delete(db, account.0, id.0)?;
    if ended {
        recorder.record(db, Entry::new(Action::ConsoleSignedOut, id, "").of(account))?;
    }
    Ok(ended)
}
