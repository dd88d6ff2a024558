//! Ending tokens: at once, for good, and no longer in memory when the answer goes out.
//!
//! The newest of a chain of refreshes takes the whole chain along: what came before it, and what came beside it and was
//! never used. One that has been replaced ends alone, and its successors go on. What an ended one was made of is never traded
//! again: a spent refresh token must not come back to life with the end of what came of it.

use std::net::IpAddr;

use mote_store::tokens as rows;
use mote_store::tokens::TokenRow;
use mote_store::{Db, api_users, challenges};

use super::find::by_access;
use super::{Grant, Holder};
use crate::accounts::For;
use crate::audit::{Action, Actor, Entry, Recorder};
use crate::authorization::table::{TokenEnd, TokensEnd};
use crate::authorization::{AccountAccess, TokenAccess};
use crate::keys::{Purpose, TokenSecret};
use crate::notices::Notice;
use crate::teams::TeamId;
use crate::{AccountId, ClientKey, Error, Moment, Mote, TokenId};

impl Mote {
    /// Ends a token for whoever holds it: having it is the credential (RFC 7009 asks no more of a public client, and the
    /// Particle CLI sends nothing else).
    pub async fn end_token(&self, token: &str, address: Option<IpAddr>) -> Result<(), Error> {
        let secret = TokenSecret::parse(token).ok_or_else(unknown)?;
        let in_memory = self.memory().digest(Purpose::AccessToken, secret.bytes());
        let digests = self.keys().digester.digests(Purpose::AccessToken, secret.bytes());
        let mote = self.clone();
        let end = move |db: &mut Db| -> Result<Option<Ended>, Error> {
            let Some(row) = by_access(db, &digests)? else { return Ok(None) };
            let ended = ended(db, &row)?;
            mote.recorder(Actor::bearer(TokenId(row.id), address)).record(db, ended)?;
            end_chain(db, &row, mote.now()).map(Some)
        };
        let ended = self.write_and_forget(end, |ended| ended.map(Notice::from)).await?;
        if ended.is_none() {
            // The row may just have been removed: memory is not to know it longer than the store.
            self.grants().drop_one(&in_memory);
        }
        ended.map(drop).ok_or_else(unknown)
    }

    /// Gives back the token in hand.
    pub async fn end_current_token(&self, access: &TokenAccess<TokenEnd>) -> Result<(), Error> {
        let (id, holder, now) = (access.grant().id, access.grant().holder, self.now());
        let recorder = self.recorder(access.caller());
        let end = move |db: &mut Db| -> Result<Option<Ended>, Error> {
            // Two requests may bring the same one: the other has ended it.
            let Some(row) = rows::get(db, id.0)? else { return Ok(None) };
            recorder.record(db, Entry::new(Action::TokenRevoked, id, "").of_holder(holder))?;
            end_chain(db, &row, now).map(Some)
        };
        let forget = move |ended: &Option<Ended>| [ended.map_or(Notice::TokenEnded(id), Notice::from)];
        self.write_and_forget(end, forget).await?;
        Ok(())
    }

    /// Ends every token of the account, the one in hand too.
    pub async fn end_all_tokens(&self, access: &AccountAccess<TokensEnd>) -> Result<(), Error> {
        let (account, recorder) = (access.account(), self.recorder(access.caller()));
        let end = move |db: &mut Db| end_all(db, account, &recorder);
        self.write_and_forget(end, move |_| [Notice::AccountSignedOut(account)]).await?;
        Ok(())
    }

    /// Ends one token of the account, by its key.
    pub async fn end_account_token(
        &self,
        access: &AccountAccess<TokensEnd>,
        id: TokenId,
    ) -> Result<(), Error> {
        let (account, now, recorder) = (access.account(), self.now(), self.recorder(access.caller()));
        let end = move |db: &mut Db| -> Result<Ended, Error> {
            let own = rows::get(db, id.0)?.filter(|row| row.account_id == Some(account.0));
            let row = own.ok_or_else(unknown)?;
            recorder.record(db, Entry::new(Action::TokenRevoked, id, "").of(account))?;
            end_chain(db, &row, now)
        };
        self.write_and_forget(end, |ended| [Notice::from(*ended)]).await?;
        Ok(())
    }

    /// Drops what memory holds of an account's grants; after the commit that ended them.
    pub(crate) fn forget_grants_of_account(&self, account: AccountId) {
        self.grants().drop_where(|grant| grant.holder.account() == Some(account));
    }

    /// Drops what memory holds of a client's grants; after the commit that ended or changed it.
    pub(crate) fn forget_grants_of_client(&self, client: ClientKey) {
        self.grants().drop_where(|grant: &Grant| grant.client == client);
    }
}

fn unknown() -> Error {
    Error::NotFound("There is no such token; it may have ended already".into())
}

/// What memory has to forget.
#[derive(Clone, Copy)]
pub(super) enum Ended {
    /// One grant.
    One(TokenId),
    /// All of a family.
    Family(TokenId),
}

impl From<Ended> for Notice {
    fn from(ended: Ended) -> Self {
        match ended {
            Ended::One(id) => Self::TokenEnded(id),
            Ended::Family(family) => Self::FamilyEnded(family),
        }
    }
}

/// Ends a grant, and all of its family if it is the newest of it.
pub(super) fn end_chain(db: &mut Db, row: &TokenRow, now: Moment) -> Result<Ended, Error> {
    let passed = match row.parent {
        Some(parent) => rows::has_other_used_successor(db, parent, row.id)?,
        None => false,
    };
    if row.refresh_spent_at.is_none() && !passed {
        return end_family(db, row);
    }
    rows::delete(db, row.id)?;
    if let Some(parent) = row.parent {
        rows::expire_refresh(db, parent, now.0)?;
    }
    Ok(Ended::One(TokenId(row.id)))
}

/// Ends a grant with all that it came of and all that came of it.
pub(super) fn end_family(db: &mut Db, row: &TokenRow) -> Result<Ended, Error> {
    let family = row.family.unwrap_or(row.id);
    rows::delete_family(db, family)?;
    Ok(Ended::Family(TokenId(family)))
}

/// Ends every token of an account, and every code that one could still be had for, with an entry of it; how many tokens.
pub(crate) fn end_all(db: &mut Db, account: AccountId, recorder: &Recorder) -> Result<usize, Error> {
    let ended = rows::delete_of_account(db, account.0)?;
    challenges::delete_for(db, account.0, For::Code as i16)?;
    let entry = Entry::of_account(db, Action::TokensRevoked, account)?;
    recorder.record(db, entry.with("tokens", ended))?;
    Ok(ended)
}

/// That this grant was ended, for whoever it concerns.
pub(super) fn ended(db: &mut Db, row: &TokenRow) -> Result<Entry, Error> {
    let api_user = row.api_user_id.map(|id| api_users::get(db, id)).transpose()?.flatten();
    let team = api_user.map(|row| TeamId::of_api_user(&row)).transpose()?;
    let entry = Entry::new(Action::TokenRevoked, row.id, "");
    Ok(match Holder::of_row(row, team) {
        Some(holder) => entry.of_holder(holder),
        None => entry,
    })
}
