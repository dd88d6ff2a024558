//! Sealing anew what was sealed with an older generation of keys, beside the traffic.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};

use mote_store::Db;
use mote_store::seals::{self, Room, SealedRow};

use super::{KeySet, Purpose};
use crate::secrets::place_of_secret;
use crate::{Error, Mote};

/// Values that one write seals anew: a few milliseconds of the writer.
const BATCH: i64 = 200;

/// How a server keeps up with the keys, for metrics.
#[derive(Debug, Default)]
pub struct KeyProgress {
    done: AtomicU64,
    left: AtomicI64,
    pub(super) behind: AtomicBool,
}

impl KeyProgress {
    /// Whether the server key was replaced and this server has not been given the new one.
    #[must_use]
    pub fn is_behind(&self) -> bool {
        self.behind.load(Ordering::Relaxed)
    }

    /// Values that this server has sealed anew since it started.
    #[must_use]
    pub fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    /// Values that were still to be sealed anew when it last looked.
    #[must_use]
    pub fn left(&self) -> i64 {
        self.left.load(Ordering::Relaxed)
    }
}

impl Mote {
    /// Goes once through everything sealed, and seals anew what is of an older generation than is made with now, in small
    /// writes; how many there were. Several servers may do this at a time. What does not open is told in the log, and left.
    pub async fn reseal(&self) -> Result<u64, Error> {
        let keys = self.keys();
        if keys.stored.is_none() {
            return Ok(0);
        }
        let left = self.count_left_to_reseal().await?;
        self.key_progress().left.store(left, Ordering::Relaxed);
        if left == 0 {
            return Ok(0);
        }
        tracing::info!(left, generation = keys.generation(), "sealing anew what an older server key sealed");
        let mut done = 0;
        for room in Room::ALL {
            let mut after = None;
            loop {
                let bound = keys.sealer.bound();
                let found = self.store().read(move |db| seals::older(db, room, after, &bound, BATCH)).await?;
                let Some(last) = found.last() else { break };
                after = Some(last.place.clone());
                let sealed = self.reseal_rows(Arc::clone(&keys), room, found).await?;
                done += sealed;
                self.key_progress().done.fetch_add(sealed, Ordering::Relaxed);
                let left = left - i64::try_from(done).unwrap_or(i64::MAX);
                self.key_progress().left.store(left.max(0), Ordering::Relaxed);
                tracing::debug!(done, left, "values were sealed anew");
                // Whoever waits for the writer comes first.
                tokio::task::yield_now().await;
            }
        }
        let left = self.count_left_to_reseal().await?;
        self.key_progress().left.store(left, Ordering::Relaxed);
        tracing::info!(
            done,
            left,
            generation = keys.generation(),
            "what an older server key sealed is sealed anew"
        );
        Ok(done)
    }

    async fn reseal_rows(&self, keys: Arc<KeySet>, room: Room, rows: Vec<SealedRow>) -> Result<u64, Error> {
        let anew = move || -> Vec<(SealedRow, Vec<u8>)> {
            let mut changed = Vec::new();
            for row in rows {
                let (purpose, place) = purpose_and_place(&row);
                match keys.sealer.open(purpose, &place, &row.sealed) {
                    Ok(plain) => {
                        let sealed = keys.sealer.seal(purpose, &place, &plain);
                        changed.push((row, sealed));
                    }
                    Err(error) => tracing::error!(?room, place = ?row.place, %error, "left as it is"),
                }
            }
            changed
        };
        let changed = tokio::task::spawn_blocking(anew).await.map_err(|e| Error::Internal(e.to_string()))?;
        self.store()
            .write(move |db: &mut Db| -> Result<u64, Error> {
                let mut done = 0;
                for (row, sealed) in &changed {
                    // What was changed meanwhile was sealed anew by that.
                    done += u64::from(seals::replace(db, row, sealed)?);
                }
                Ok(done)
            })
            .await
    }

    /// How many values are sealed with an older generation than is made with. Counts row by row.
    pub(super) async fn count_left_to_reseal(&self) -> Result<i64, Error> {
        let bound = self.keys().sealer.bound();
        self.store()
            .read(move |db| -> Result<i64, Error> {
                Room::ALL.iter().map(|room| Ok(seals::count_older(db, *room, &bound)?)).sum()
            })
            .await
    }
}

/// What a sealed value is for, and the place that it is bound to.
fn purpose_and_place(row: &SealedRow) -> (Purpose, Vec<u8>) {
    use mote_store::seals::Place;
    match (&row.place, row.room) {
        (Place::Key(id), Room::Accounts) => (Purpose::Totp, id.to_be_bytes().into()),
        (Place::Key(id), Room::Integrations) => (Purpose::Integration, id.to_be_bytes().into()),
        (Place::Key(id), _) => (Purpose::AccessToken, id.to_be_bytes().into()),
        (Place::Secret(space, name), _) => (Purpose::CloudSecret, place_of_secret(*space, name)),
        (Place::Fact(name), _) => (Purpose::DeviceServerKey, name.as_bytes().into()),
    }
}
