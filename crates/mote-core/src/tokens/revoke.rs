//! Token revocation (RFC 7009): a client gives back what was made with it.

use std::net::IpAddr;

use mote_store::Db;

use super::end::{Ended, end_chain, end_family, ended};
use super::find::{Either, TokenUse};
use crate::audit::Actor;
use crate::clients::Client;
use crate::notices::Notice;
use crate::{ClientKey, Error, Mote, OAuthError, TokenId};

impl Mote {
    /// Ends the grant of an access or refresh token that was made with this client; both of its tokens end with it, and with
    /// a refresh token every other of the same family (RFC 7009 section 2.1). One that is unknown has ended already (section 2.2); one of another client is refused with
    /// [`OAuthError::InvalidGrant`].
    pub async fn revoke(&self, client: &Client, token: &str, address: Option<IpAddr>) -> Result<(), Error> {
        let Some(either) = Either::parse(token, &self.keys().digester) else { return Ok(()) };
        let (key, client_id, mote) = (client.key, client.id.clone(), self.clone());
        let end = move |db: &mut Db| -> Result<Option<Ended>, Error> {
            let Some((row, token_use)) = either.find(db)? else { return Ok(None) };
            // What an API user has or made was made with no client, and is ended by its team.
            if ClientKey(row.client_id) != key {
                let text = "The token was made with another client; only that one may revoke it here";
                return Err(OAuthError::InvalidGrant(text.into()).into());
            }
            let ended = ended(db, &row)?.with("client", client_id.as_str());
            mote.recorder(Actor::bearer(TokenId(row.id), address)).record(db, ended)?;
            let ended = match token_use {
                TokenUse::Access => end_chain(db, &row, mote.now()),
                TokenUse::Refresh => end_family(db, &row),
            };
            ended.map(Some)
        };
        self.write_and_forget(end, |ended| ended.map(Notice::from)).await?;
        Ok(())
    }
}
