//! When credentials were last used: noted in memory as they are, and written in batches, never on a request's path.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};

use mote_store::{Db, client_keys, client_secrets, tokens};

use crate::{ClientPublicKeyId, ClientSecretId, Error, Moment, Mote, TokenId};

/// How exact it is, in milliseconds: a credential that is used all the time is noted once in as long.
const EXACT: i64 = 60_000;
/// Credentials whose use one write takes note of.
const BATCH: usize = 500;

/// A credential whose use is noted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Credential {
    /// An access token.
    Token(TokenId),
    /// A client's secret.
    Secret(ClientSecretId),
    /// A client's public key.
    PublicKey(ClientPublicKeyId),
}

/// When a credential was last noted; stands beside it in memory.
#[derive(Debug)]
pub(crate) struct Noted(AtomicI64);

impl Clone for Noted {
    fn clone(&self) -> Self {
        Self(AtomicI64::new(self.0.load(Ordering::Relaxed)))
    }
}

impl Noted {
    /// As the store has it.
    pub(crate) fn at(moment: Option<i64>) -> Self {
        Self(AtomicI64::new(moment.unwrap_or(0)))
    }

    /// Whether a use is to be noted: the first one since a minute, of all that come at once.
    fn is_due(&self, now: Moment) -> bool {
        let before = self.0.load(Ordering::Relaxed);
        // Of a clock that was set back the difference is large too.
        now.0.abs_diff(before) >= EXACT.unsigned_abs()
            && self.0.compare_exchange(before, now.0, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }
}

/// Uses that wait to be written. There are as many as there are credentials in use, at most.
#[derive(Debug, Default)]
pub(crate) struct Uses {
    pending: Mutex<HashMap<Credential, Moment>>,
}

impl Uses {
    /// Takes note of a use.
    pub(crate) fn note(&self, credential: Credential, noted: &Noted, now: Moment) {
        if noted.is_due(now) {
            self.lock().insert(credential, now);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Credential, Moment>> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Mote {
    /// Writes when credentials were last used, as far as it is not written yet. A crash loses what was noted since.
    pub async fn flush_uses(&self) -> Result<(), Error> {
        let pending: Vec<_> = std::mem::take(&mut *self.uses().lock()).into_iter().collect();
        for batch in pending.chunks(BATCH) {
            let batch = batch.to_vec();
            self.store()
                .write(move |db| batch.iter().try_for_each(|(used, at)| write(db, *used, *at)))
                .await?;
        }
        Ok(())
    }
}

fn write(db: &mut Db, credential: Credential, at: Moment) -> Result<(), Error> {
    match credential {
        Credential::Token(id) => tokens::mark_last_used(db, id.0, at.0)?,
        Credential::PublicKey(id) => client_keys::mark_used(db, id.0, at.0)?,
        Credential::Secret(id) => client_secrets::mark_used(db, id.0, at.0)?,
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_use_is_noted_once_a_minute() {
        let (uses, noted) = (Uses::default(), Noted::at(None));
        let credential = Credential::Token(TokenId(1));
        let note = |seconds: i64| {
            uses.note(credential, &noted, Moment(seconds * 1000));
            uses.lock().drain().next().map(|(_, at)| at.0 / 1000)
        };
        assert_eq!(note(1000), Some(1000));
        assert_eq!(note(1059), None);
        assert_eq!(note(1060), Some(1060));
        assert_eq!(note(500), Some(500), "a clock that was set back");
    }
}
