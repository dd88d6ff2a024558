//! Ending tokens: at once, for good, and no longer in memory when the answer goes out.

use mote_store::Db;
use mote_store::tokens as rows;

use super::Grant;
use super::find::by_access;
use crate::authorization::table::{TokenEnd, TokensEnd};
use crate::authorization::{AccountAccess, TokenAccess};
use crate::keys::{Purpose, TokenSecret};
use crate::{AccountId, ClientKey, Error, Mote, TokenId};

impl Mote {
    /// Ends a token for whoever holds it: having it is the credential (RFC 7009 asks no more of a public client, and the
    /// Particle CLI sends nothing else).
    pub async fn end_token(&self, token: &str) -> Result<(), Error> {
        let unknown = || Error::NotFound("There is no such token; it may have ended already".into());
        let secret = TokenSecret::parse(token).ok_or_else(unknown)?;
        let digest = self.digester().digest(Purpose::AccessToken, secret.bytes());
        let end = move |db: &mut Db| -> Result<bool, Error> {
            let Some(row) = by_access(db, digest)? else { return Ok(false) };
            rows::delete(db, row.id)?;
            Ok(true)
        };
        let ended = self.write_and_forget(end, move |mote, _| mote.grants().drop_one(&digest)).await?;
        if ended { Ok(()) } else { Err(unknown()) }
    }

    /// Gives back the token in hand.
    pub async fn end_current_token(&self, access: &TokenAccess<TokenEnd>) -> Result<(), Error> {
        let id = access.grant().id;
        let end = move |db: &mut Db| -> Result<(), Error> { Ok(rows::delete(db, id.0)?) };
        self.write_and_forget(end, move |mote, ()| mote.grants().drop_where(|grant| grant.id == id)).await
    }

    /// Ends every token of the account, the one in hand too.
    pub async fn end_all_tokens(&self, access: &AccountAccess<TokensEnd>) -> Result<(), Error> {
        let account = access.account();
        let end = move |db: &mut Db| -> Result<usize, Error> { Ok(rows::delete_of_account(db, account.0)?) };
        self.write_and_forget(end, move |mote, _| mote.forget_grants_of_account(account)).await?;
        Ok(())
    }

    /// Ends one token of the account, by its key.
    pub async fn end_account_token(
        &self,
        access: &AccountAccess<TokensEnd>,
        id: TokenId,
    ) -> Result<(), Error> {
        let account = access.account();
        let end = move |db: &mut Db| rows::delete_own(db, account.0, id.0).map_err(Error::from);
        let forget = move |mote: &Self, _: &bool| mote.grants().drop_where(|grant| grant.id == id);
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
