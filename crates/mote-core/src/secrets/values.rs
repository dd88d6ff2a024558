//! The values of secrets, for what uses them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mote_store::secrets as rows;

use super::SecretValue;
use super::secret::place;
use crate::cache::Kept;
use crate::keys::Purpose;
use crate::nodes::Trust;
use crate::{Error, Moment, Mote, SpaceKey};

/// Secrets kept in memory at most.
const CAPACITY: usize = 10_000;

type Key = (SpaceKey, String);

/// The secrets in use, sealed, and when those that were used since the last sweep were.
#[derive(Debug)]
pub struct SecretCache {
    sealed: Kept<Key, Sealed>,
    touched: Mutex<HashMap<Key, Moment>>,
}

#[derive(Debug)]
struct Sealed {
    space: SpaceKey,
    value: Vec<u8>,
}

impl SecretCache {
    /// An empty one.
    pub(crate) fn new(trust: &Arc<Trust>) -> Self {
        Self { sealed: Kept::new(CAPACITY).trusting(trust), touched: Mutex::default() }
    }

    /// Drops what memory holds of a secret; after the commit that changed or deleted it.
    pub(crate) fn forget(&self, space: SpaceKey, name: &str) {
        self.sealed.drop_one(&(space, name.to_owned()));
    }

    /// Drops what memory holds of a space's secrets; after the commit that ended it.
    pub(crate) fn forget_space(&self, space: SpaceKey) {
        self.sealed.drop_where(|sealed| sealed.space == space);
        self.lock().retain(|(of, _), _| *of != space);
    }

    /// Drops all that memory holds; where it is not known whether a write was committed.
    pub(crate) fn forget_all(&self) {
        self.sealed.drop_where(|_| true);
    }

    pub(crate) fn forget_touch(&self, space: SpaceKey, name: &str) {
        self.lock().remove(&(space, name.to_owned()));
    }

    pub(super) fn touched(&self, space: SpaceKey, name: &str) -> Option<Moment> {
        self.lock().get(&(space, name.to_owned())).copied()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Moment>> {
        self.touched.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Mote {
    /// The values of those of the named secrets that a space has, for an integration that uses them. Integrations of a
    /// product use the secrets of whoever owns it ([`crate::authorization::Space::owner_key`]).
    ///
    /// From memory where it can; that they were used is written with the next sweep.
    pub async fn secret_values(
        &self,
        space: SpaceKey,
        names: &[String],
    ) -> Result<HashMap<String, SecretValue>, Error> {
        let cache = self.secrets();
        let mut found = HashMap::with_capacity(names.len());
        let mut missing = Vec::new();
        for name in names {
            match cache.sealed.get(&(space, name.clone())) {
                Some(sealed) => drop(found.insert(name.clone(), sealed)),
                None => missing.push(name.clone()),
            }
        }
        if !missing.is_empty() {
            let epoch = cache.sealed.epoch();
            let loaded = self
                .store()
                .read(move |db| -> Result<Vec<_>, Error> {
                    let rows = missing.iter().map(|name| rows::get(db, space, name));
                    Ok(rows.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
                })
                .await?;
            for row in loaded {
                let sealed = Arc::new(Sealed { space, value: row.sealed });
                cache.sealed.keep((space, row.name.clone()), &sealed, epoch);
                found.insert(row.name, sealed);
            }
        }
        let now = self.now();
        let mut touched = cache.lock();
        found
            .into_iter()
            .map(|(name, sealed)| {
                let value = self.open_secret(space, &name, &sealed.value)?;
                touched.insert((space, name.clone()), now);
                Ok((name, value))
            })
            .collect()
    }

    fn open_secret(&self, space: SpaceKey, name: &str, sealed: &[u8]) -> Result<SecretValue, Error> {
        let broken = || Error::Internal(format!("the value of secret {name} of {space:?} does not open"));
        let opened = self.keys().sealer.open(Purpose::CloudSecret, &place(space, name), sealed);
        SecretValue::from_bytes(&opened.map_err(|_| broken())?).ok_or_else(broken)
    }

    /// Writes which secrets were used since the last time, all in one write.
    pub(crate) async fn write_secret_touches(&self) -> Result<(), Error> {
        let touched = std::mem::take(&mut *self.secrets().lock());
        if touched.is_empty() {
            return Ok(());
        }
        let touched = Arc::new(touched);
        let written = Arc::clone(&touched);
        let done = self
            .store()
            .write(move |db| -> Result<(), Error> {
                for ((space, name), at) in &*written {
                    rows::touch(db, *space, name, at.0)?;
                }
                Ok(())
            })
            .await;
        if done.is_err() {
            // Next time, then; whatever was used meanwhile is later.
            let mut kept = self.secrets().lock();
            for (key, at) in &*touched {
                kept.entry(key.clone()).or_insert(*at);
            }
        }
        done
    }
}
