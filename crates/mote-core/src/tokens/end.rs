//! Ending tokens: at once, for good, and no longer in memory when the answer goes out.

use std::net::IpAddr;

use mote_store::tokens as rows;
use mote_store::tokens::TokenRow;
use mote_store::{Db, api_users};

use super::find::by_access;
use super::{Grant, Holder};
use crate::audit::{Action, Actor, Entry, Recorder};
use crate::authorization::table::{TokenEnd, TokensEnd};
use crate::authorization::{AccountAccess, TokenAccess};
use crate::keys::{Purpose, TokenSecret};
use crate::notices::Notice;
use crate::teams::TeamId;
use crate::{AccountId, ClientKey, Error, Mote, TokenId};

impl Mote {
    /// Ends a token for whoever holds it: having it is the credential (RFC 7009 asks no more of a public client, and the
    /// Particle CLI sends nothing else).
    pub async fn end_token(&self, token: &str, address: Option<IpAddr>) -> Result<(), Error> {
        let unknown = || Error::NotFound("There is no such token; it may have ended already".into());
        let secret = TokenSecret::parse(token).ok_or_else(unknown)?;
        let in_memory = self.memory().digest(Purpose::AccessToken, secret.bytes());
        let digests = self.keys().digester.digests(Purpose::AccessToken, secret.bytes());
        let mote = self.clone();
        let end = move |db: &mut Db| -> Result<Option<TokenId>, Error> {
            let Some(row) = by_access(db, &digests)? else { return Ok(None) };
            let ended = ended(db, &row)?;
            mote.recorder(Actor::bearer(TokenId(row.id), address)).record(db, ended)?;
            rows::delete(db, row.id)?;
            Ok(Some(TokenId(row.id)))
        };
        let ended = self.write_and_forget(end, |ended| ended.map(Notice::TokenEnded)).await?;
        if ended.is_none() {
            // The row may just have been removed: memory is not to know it longer than the store.
            self.grants().drop_one(&in_memory);
        }
        ended.map(drop).ok_or_else(unknown)
    }

    /// Gives back the token in hand.
    pub async fn end_current_token(&self, access: &TokenAccess<TokenEnd>) -> Result<(), Error> {
        let (id, holder, recorder) =
            (access.grant().id, access.grant().holder, self.recorder(access.caller()));
        let end = move |db: &mut Db| -> Result<(), Error> {
            recorder.record(db, Entry::new(Action::TokenRevoked, id, "").of_holder(holder))?;
            Ok(rows::delete(db, id.0)?)
        };
        self.write_and_forget(end, move |()| [Notice::TokenEnded(id)]).await
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
        let (account, recorder) = (access.account(), self.recorder(access.caller()));
        let end = move |db: &mut Db| -> Result<bool, Error> {
            let ended = rows::delete_own(db, account.0, id.0)?;
            if ended {
                recorder.record(db, Entry::new(Action::TokenRevoked, id, "").of(account))?;
            }
            Ok(ended)
        };
        let forget = move |ended: &bool| ended.then_some(Notice::TokenEnded(id));
        let ended = self.write_and_forget(end, forget).await?;
        let unknown = || Error::NotFound("There is no such token; it may have ended already".into());
        if ended { Ok(()) } else { Err(unknown()) }
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

/// Ends every token of an account, with an entry of it; how many.
pub(crate) fn end_all(db: &mut Db, account: AccountId, recorder: &Recorder) -> Result<usize, Error> {
    let ended = rows::delete_of_account(db, account.0)?;
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
