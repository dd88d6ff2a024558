//! Replacing the server key.

use mote_store::{Db, audit, meta};

use super::follow::{FORMER_CHECKS, KEY_CHECK, RING};
use super::ring::{Generation, KeyRing, MOST};
use super::{KeySet, ServerKey};
use crate::audit::{Action, Actor, ChainKeys, ChainPlace, Entry, LAST, START};
use crate::{Error, Moment, Mote};

/// How long every server has to take up a new generation before it is made with, in seconds: they look once a second.
const NOTICE: i64 = 10;

/// How a database stands with its keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyState {
    /// The generation that is made with; 1 where the server key was never replaced.
    pub generation: u16,
    /// The newest, which is made with in a moment where it is another.
    pub newest: u16,
    /// When the server key was replaced; none where it never was.
    pub replaced_at: Option<Moment>,
    /// Values that are still sealed with an older one than is made with.
    pub left: i64,
}

impl Mote {
    /// Puts the database under `next`, in one transaction, and adds a generation of keys, which is made with ten seconds
    /// later: by then every server has taken it up. Who calls this has put `next` where the servers find it. Gives the
    /// number of the generation.
    ///
    /// Fails with [`Error::Conflict`] where `next` was used before, where somebody else was first, or where no more
    /// generations can be known; `end_oldest` makes room then. With the oldest all tokens and secrets end that were made with
    /// it: it goes only where no seal and no entry of the audit trail needs it.
    pub async fn rotate_server_key(&self, next: &ServerKey, end_oldest: bool) -> Result<u16, Error> {
        let (keys, now) = (self.keys(), self.now());
        let full = keys.ring.generations().len() >= MOST;
        if full && !end_oldest {
            return Err(Error::Conflict(format!(
                "the keys of {MOST} generations are known, and no more can be. Of those, the oldest can be ended \
                 (--end-oldest), and with it all tokens and secrets that were made with it"
            )));
        }
        if full && self.key_state().await?.left > 0 {
            return Err(Error::Conflict(
                "there are values that are not re-sealed yet: wait until `mote check` tells of none".into(),
            ));
        }
        let generation = Generation {
            number: keys.ring.newest().number + 1,
            root: ServerKey::generate(),
            active_from: now.plus_seconds(NOTICE),
            chain_after: 0,
        };
        let (number, next, recorder) = (generation.number, next.clone(), self.recorder(Actor::operator()));
        self.store()
            .write(move |db| -> Result<(), Error> {
                is_unchanged(db, &keys)?;
                let (start, last) = (end(db, START, &keys.chain)?, end(db, LAST, &keys.chain)?);
                if full && keys.ring.generations()[1].chain_after > start.number {
                    return Err(Error::Conflict(
                        "the audit trail has entries of the oldest generation, which would not be provable any more"
                            .into(),
                    ));
                }
                let newest = Generation { chain_after: last.number, ..generation.clone() };
                let ring = keys.ring.with(newest, full);
                replace(db, &keys, &ring, &next)?;
                let chain = ChainKeys::of_ring(&ring, ring.active(now));
                // Also where there was none yet: a server that has not heard of this would take that for its own beginning.
                for (name, place) in [(START, start), (LAST, last)] {
                    audit::set_end(db, &place.to_end(name, &chain))?;
                }
                recorder.record(db, Entry::new(Action::ServerKeyRotated, number, ""))
            })
            .await?;
        self.follow_server_key().await?;
        Ok(number)
    }

    /// How the database stands with its keys. Counts row by row: for the command line.
    pub async fn key_state(&self) -> Result<KeyState, Error> {
        let keys = self.keys();
        let newest = keys.ring.newest();
        Ok(KeyState {
            generation: keys.generation(),
            newest: newest.number,
            replaced_at: keys.stored.is_some().then_some(newest.active_from),
            left: self.count_left_to_reseal().await?,
        })
    }

    /// Whether the database is under this server key.
    #[must_use]
    pub fn is_under(&self, key: &ServerKey) -> bool {
        self.keys().server_key.key_check() == key.key_check()
    }
}

/// That nobody else has replaced the key meanwhile.
fn is_unchanged(db: &mut Db, keys: &KeySet) -> Result<(), Error> {
    let same = meta::get(db, KEY_CHECK)?.as_deref() == Some(&keys.server_key.key_check()[..])
        && meta::get(db, RING)? == keys.stored;
    let text = "the server key was just replaced by somebody else (nothing was changed here)";
    if same { Ok(()) } else { Err(Error::Conflict(text.into())) }
}

/// An end of the audit trail, as the server wrote it.
fn end(db: &mut Db, name: &str, chain: &ChainKeys) -> Result<ChainPlace, Error> {
    ChainPlace::of_end(audit::end(db, name)?.as_ref(), chain).ok_or_else(|| {
        Error::Conflict(format!(
            "the recorded {name} of the audit trail was tampered with: run `mote audit verify` (nothing was changed)"
        ))
    })
}

fn replace(db: &mut Db, keys: &KeySet, ring: &KeyRing, next: &ServerKey) -> Result<(), Error> {
    let (check, present) = (next.key_check(), keys.server_key.key_check());
    let mut former = meta::get(db, FORMER_CHECKS)?.unwrap_or_default();
    former.extend_from_slice(&present);
    if former.chunks(check.len()).any(|used| used == check) {
        return Err(Error::Conflict("the next server key was used before: name a new one".into()));
    }
    meta::set(db, FORMER_CHECKS, &former)?;
    meta::set(db, RING, &ring.seal(next))?;
    Ok(meta::set(db, KEY_CHECK, &check)?)
}
