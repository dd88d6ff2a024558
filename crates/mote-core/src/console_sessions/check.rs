//! Checking a session: from memory, or once from the store.

use std::sync::Arc;

use mote_store::Db;
use mote_store::console_sessions as rows;

use super::{IDLE_SECONDS, RENEW_SECONDS, end};
use crate::authorization::Limits;
use crate::keys::{Digest, Purpose, TokenSecret};
use crate::tokens::{Grant, Holder};
use crate::uses::Noted;
use crate::{AccountId, ClientKey, Error, Moment, Mote, TokenId};

impl Mote {
    /// What the secret in a cookie grants. Using a session puts its end off.
    ///
    /// Fails with [`Error::InvalidToken`] where it is malformed, unknown, ended or expired.
    pub async fn authenticate_console(&self, secret: &TokenSecret) -> Result<Arc<Grant>, Error> {
        let digest = self.digester().digest(Purpose::ConsoleSession, secret.bytes());
        self.living_console_session(digest).await
    }

    /// The same of a session whose digest is known already.
    pub(crate) async fn living_console_session(&self, digest: Digest) -> Result<Arc<Grant>, Error> {
        let now = self.now();
        let fresh = |grant: &Arc<Grant>| {
            let left = grant.expires_at.map_or(0, |end| end.0 - now.0);
            left > (IDLE_SECONDS - RENEW_SECONDS) * 1000
        };
        match self.grants().get(&digest).filter(|grant| fresh(grant)) {
            Some(grant) => Ok(grant),
            None => self.load_console_session(digest, now).await,
        }
    }

    async fn load_console_session(&self, digest: Digest, now: Moment) -> Result<Arc<Grant>, Error> {
        let epoch = self.grants().epoch();
        let row = self.store().read(move |db| rows::by_digest(db, digest.key)).await?;
        let row = row.into_iter().find(|row| digest.rest_is(&row.digest_rest) && row.expires_at > now.0);
        let row = row.ok_or(Error::InvalidToken)?;
        let mut expires_at = row.expires_at;
        if now.0 - row.used_at >= RENEW_SECONDS * 1000 {
            expires_at = end(Moment(row.created_at), now).0;
            let renew = move |db: &mut Db| rows::renew(db, row.id, now.0, expires_at);
            self.store().write(renew).await?;
        }
        let grant = Arc::new(Grant {
            id: TokenId(row.id),
            digest,
            family: TokenId(row.id),
            holder: Holder::Console(AccountId(row.account_id)),
            client: ClientKey::NONE,
            limits: Limits::None,
            expires_at: Some(Moment(expires_at)),
            noted: Noted::at(None),
        });
        self.grants().keep(digest, &grant, epoch);
        Ok(grant)
    }
}
