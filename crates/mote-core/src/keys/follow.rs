//! Opening the keys of a database, and taking up what a rotation has made of them.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use mote_store::{Db, Store, meta};

use super::{KeySet, ServerKey, ServerKeys};
use crate::{Error, Moment, Mote};

/// Name of the fact that tells which server key a database is under.
pub(crate) const KEY_CHECK: &str = "key-check";
/// Name of the fact that tells which it was under before: the same of each, one behind the other.
pub(super) const FORMER_CHECKS: &str = "key-checks-former";
/// Name of the fact that the ring of keys is, sealed.
pub(super) const RING: &str = "keyring";

/// What a look at the database's keys came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Followed {
    /// Nothing has changed.
    Same,
    /// The keys were replaced, or those that were waiting are made with from now on: the number of their generation.
    Took(u16),
    /// The server key was replaced, and this server has not been given the new one: tokens that others make from now on
    /// are unknown to it.
    Behind,
}

/// What the database says of its keys.
struct Found {
    check: Option<Vec<u8>>,
    former: Option<Vec<u8>>,
    ring: Option<Vec<u8>>,
}

impl Found {
    fn read(db: &mut Db) -> Result<Self, Error> {
        Ok(Self {
            check: meta::get(db, KEY_CHECK)?,
            former: meta::get(db, FORMER_CHECKS)?,
            ring: meta::get(db, RING)?,
        })
    }

    /// Whichever of the keys the database is under.
    fn key<'a>(&self, known: &'a [ServerKey]) -> Result<&'a ServerKey, Error> {
        let fits = |check: &[u8]| known.iter().find(|key| key.key_check() == check);
        if let Some(key) = self.check.as_deref().and_then(fits) {
            return Ok(key);
        }
        let former = self.former.as_deref().unwrap_or_default().chunks(16).any(|check| fits(check).is_some());
        let text = if former {
            "this server key was replaced by `mote key rotate`: start with the new one, which is where that was run \
             (nothing was changed). A backup of an earlier time opens with the key of its time"
        } else {
            "this database was made with another server key: start with the key that belongs to it (nothing was changed)"
        };
        Err(Error::Forbidden(text.into()))
    }
}

/// Opens the keys of a database; one that has none yet takes the first of these from now on.
pub(crate) async fn open(store: &Store, known: &ServerKeys, now: Moment) -> Result<KeySet, Error> {
    let first = known.all().first().map(ServerKey::key_check).unwrap_or_default();
    let look = move |db: &mut Db| -> Result<Found, Error> {
        if crate::transfer::is_unfinished(db)? {
            return Err(Error::Forbidden(
                "an import into this database was not finished: run `mote import` again with the same file"
                    .into(),
            ));
        }
        let found = Found::read(db)?;
        if found.check.is_none() {
            meta::insert(db, KEY_CHECK, &first)?;
            return Ok(Found { check: Some(first.to_vec()), ..found });
        }
        Ok(found)
    };
    let found = match store.write(look).await {
        // Another node of a new database was first.
        Err(Error::Store(error)) if error.is_duplicate() => store.write(look).await?,
        found => found?,
    };
    KeySet::open(found.key(known.all())?.clone(), found.ring, now)
}

impl Mote {
    /// Looks whether the keys of the database were replaced, and takes up those that were: servers do once a second. The
    /// file of the server key is read again for it; a key that came by variable can only be another after a restart.
    pub async fn follow_server_key(&self) -> Result<Followed, Error> {
        let (keys, now) = (self.keys(), self.now());
        let found = self.store().read(Found::read).await?;
        if found.ring == keys.stored {
            if !keys.is_over(now) {
                return Ok(Followed::Same);
            }
            return self.take_up(keys.server_key.clone(), found.ring);
        }
        let known = self.server_keys().clone();
        let known = tokio::task::spawn_blocking(move || known.reload()).await;
        let known = known.map_err(|e| Error::Internal(e.to_string()))?;
        let key = match &known {
            Ok(known) => found.key(known.all()).ok().cloned(),
            Err(error) => {
                tracing::warn!(%error, "the server key was replaced, and the new one cannot be read");
                None
            }
        };
        // A backup of an earlier time that was put back is no matter of a running server; nor is another's database.
        self.key_progress().behind.store(key.is_none(), Ordering::Relaxed);
        let Some(key) = key else { return Ok(Followed::Behind) };
        self.take_up(key, found.ring)
    }

    /// The same, for whoever found something that these keys do not prove: whether there are others now.
    pub(crate) async fn has_other_keys(&self, than: &Arc<KeySet>) -> Result<bool, Error> {
        self.follow_server_key().await?;
        Ok(!Arc::ptr_eq(&self.keys(), than))
    }

    fn take_up(&self, key: ServerKey, ring: Option<Vec<u8>>) -> Result<Followed, Error> {
        let keys = KeySet::open(key, ring, self.now())?;
        let generation = keys.generation();
        let oldest = |keys: &KeySet| keys.ring.generations().first().map(|generation| generation.number);
        let is_one_gone = oldest(&keys) != oldest(&self.keys());
        self.set_keys(keys);
        if is_one_gone {
            // What memory has may have been made with it: tokens that end with it, secrets that were sealed anew meanwhile.
            self.forget_everything();
        }
        Ok(Followed::Took(generation))
    }
}
