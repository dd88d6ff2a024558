//! Checking a session: from memory, or once from the store.

use std::sync::Arc;

use mote_store::Db;
use mote_store::console_sessions as rows;
use mote_store::console_sessions::ConsoleSessionRow;

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
        let in_memory = self.memory().digest(Purpose::ConsoleSession, secret.bytes());
        if let Some(grant) = self.fresh_console_session(&in_memory) {
            return Ok(grant);
        }
        let digests = self.keys().digester.digests(Purpose::ConsoleSession, secret.bytes());
        self.load_console_session(in_memory, digests).await
    }

    /// The same session, if it still lives, as it is now.
    pub(crate) async fn still_living_console_session(&self, known: &Grant) -> Result<Arc<Grant>, Error> {
        match self.fresh_console_session(&known.in_memory) {
            Some(grant) => Ok(grant),
            None => self.load_console_session(known.in_memory, vec![known.digest]).await,
        }
    }

    /// The session as memory has it, if its end needs not be put off.
    fn fresh_console_session(&self, in_memory: &Digest) -> Option<Arc<Grant>> {
        let now = self.now();
        let fresh = |grant: &Arc<Grant>| {
            let left = grant.expires_at.map_or(0, |end| end.0 - now.0);
            left > (IDLE_SECONDS - RENEW_SECONDS) * 1000
        };
        self.grants().get(in_memory).filter(|grant| fresh(grant))
    }

    async fn load_console_session(
        &self,
        in_memory: Digest,
        digests: Vec<Digest>,
    ) -> Result<Arc<Grant>, Error> {
        let (epoch, now) = (self.grants().epoch(), self.now());
        let found = self.store().read(move |db| find(db, &digests)).await?;
        let row = found.filter(|row| row.expires_at > now.0).ok_or(Error::InvalidToken)?;
        let digest = Digest::from_parts(row.digest_key, &row.digest_rest).ok_or(Error::InvalidToken)?;
        let mut expires_at = row.expires_at;
        if now.0 - row.used_at >= RENEW_SECONDS * 1000 {
            expires_at = end(Moment(row.created_at), now).0;
            let renew = move |db: &mut Db| rows::renew(db, row.id, now.0, expires_at);
            self.store().write(renew).await?;
        }
        let grant = Arc::new(Grant {
            id: TokenId(row.id),
            in_memory,
            digest,
            family: TokenId(row.id),
            holder: Holder::Console(AccountId(row.account_id)),
            client: ClientKey::NONE,
            limits: Limits::None,
            expires_at: Some(Moment(expires_at)),
            noted: Noted::at(None),
        });
        self.grants().keep(in_memory, &grant, epoch);
        Ok(grant)
    }
}

/// The session of which one of these digests is kept.
fn find(db: &mut Db, digests: &[Digest]) -> Result<Option<ConsoleSessionRow>, Error> {
    for digest in digests {
        let rows = rows::by_digest(db, digest.key)?;
        if let Some(row) = rows.into_iter().find(|row| digest.rest_is(&row.digest_rest)) {
            return Ok(Some(row));
        }
    }
    Ok(None)
}
