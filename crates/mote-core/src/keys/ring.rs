//! The keys that digests, seals and the audit trail have had, a generation for each server key.

use serde::{Deserialize, Serialize};
use zeroize::{ZeroizeOnDrop, Zeroizing};

use super::ServerKey;
use super::seal::{SealError, open_under, seal_under};
use crate::Moment;

/// Generations that are known at a time. Each costs whoever shows a token that is unknown another look for it.
pub(crate) const MOST: usize = 16;

/// Keys of one time.
#[derive(Clone, Debug)]
pub(crate) struct Generation {
    /// Counted from 1; what is sealed names it.
    pub(crate) number: u16,
    /// What its keys are derived from: of the first generation the first server key, of later ones 32 random bytes.
    pub(crate) root: ServerKey,
    /// From when on digests, seals and entries of the audit trail are made with it. It is known to every server before.
    pub(crate) active_from: Moment,
    /// The last place of the audit trail's chain when it was made: later places have hashes under its key.
    pub(crate) chain_after: i64,
}

/// All generations whose keys may still be needed, the oldest first; never empty.
#[derive(Clone, Debug)]
pub(crate) struct KeyRing {
    generations: Vec<Generation>,
}

/// What is sealed of a generation.
#[derive(Serialize, Deserialize, ZeroizeOnDrop)]
struct Written {
    number: u16,
    root: String,
    active_from: i64,
    chain_after: i64,
}

/// What the ring is sealed for, and where.
const PURPOSE: &str = "keyring";

impl KeyRing {
    /// The ring of a database whose key was never replaced.
    pub(crate) fn first(key: &ServerKey) -> Self {
        let first = Generation { number: 1, root: key.clone(), active_from: Moment(0), chain_after: 0 };
        Self { generations: vec![first] }
    }

    /// The oldest first.
    pub(crate) fn generations(&self) -> &[Generation] {
        &self.generations
    }

    /// Where in the ring what is made now has its keys.
    pub(crate) fn active(&self, now: Moment) -> usize {
        self.generations.iter().rposition(|one| one.active_from <= now).unwrap_or(0)
    }

    /// The newest, which may be active only in a while.
    pub(crate) fn newest(&self) -> &Generation {
        self.generations.last().expect("a ring has a generation")
    }

    /// When a generation ceased to be what is made with; none of the newest.
    pub(crate) fn ended_at(&self, place: usize) -> Option<Moment> {
        self.generations.get(place + 1).map(|next| next.active_from)
    }

    /// The same with one more, and without the oldest if that is to go.
    pub(crate) fn with(&self, newest: Generation, without_oldest: bool) -> Self {
        let kept = self.generations.iter().skip(usize::from(without_oldest)).cloned();
        Self { generations: kept.chain([newest]).collect() }
    }

    /// Sealed under a server key.
    pub(crate) fn seal(&self, key: &ServerKey) -> Vec<u8> {
        let written: Vec<Written> = self
            .generations
            .iter()
            .map(|one| Written {
                number: one.number,
                root: one.root.to_hex().to_string(),
                active_from: one.active_from.0,
                chain_after: one.chain_after,
            })
            .collect();
        let text = Zeroizing::new(serde_json::to_vec(&written).expect("numbers and text become JSON"));
        seal_under(&Zeroizing::new(key.derive("seal", PURPOSE)), PURPOSE.as_bytes(), &text)
    }

    /// Opens what [`Self::seal`] sealed under the same key.
    pub(crate) fn open(key: &ServerKey, sealed: &[u8]) -> Result<Self, SealError> {
        let text = open_under(&Zeroizing::new(key.derive("seal", PURPOSE)), PURPOSE.as_bytes(), sealed)?;
        let written: Vec<Written> = serde_json::from_slice(&text).map_err(|_| SealError)?;
        let read = |one: &Written| {
            Some(Generation {
                number: one.number,
                root: ServerKey::from_hex(&one.root)?,
                active_from: Moment(one.active_from),
                chain_after: one.chain_after,
            })
        };
        let generations: Vec<_> = written.iter().map(read).collect::<Option<_>>().ok_or(SealError)?;
        if generations.is_empty() { Err(SealError) } else { Ok(Self { generations }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(now: i64) -> Generation {
        Generation { number: 2, root: ServerKey::generate(), active_from: Moment(now), chain_after: 7 }
    }

    #[test]
    fn a_ring_opens_with_its_key_alone() {
        let (old, new) = (ServerKey::generate(), ServerKey::generate());
        let ring = KeyRing::first(&old).with(second(50), false);
        let sealed = ring.seal(&new);
        let opened = KeyRing::open(&new, &sealed).unwrap();
        assert_eq!(format!("{opened:?}"), format!("{ring:?}"));
        assert_eq!(*opened.generations()[0].root.to_hex(), *old.to_hex());
        assert_eq!(*opened.newest().root.to_hex(), *ring.newest().root.to_hex());
        assert!(KeyRing::open(&old, &sealed).is_err());
        assert!(KeyRing::open(&new, &sealed[1..]).is_err());
        assert!(!format!("{ring:?}").contains(&old.to_hex()[..8]));
    }

    #[test]
    fn the_newest_is_known_before_it_is_made_with() {
        let ring = KeyRing::first(&ServerKey::generate()).with(second(50), false);
        assert_eq!((ring.active(Moment(49)), ring.active(Moment(50))), (0, 1));
        assert_eq!((ring.ended_at(0), ring.ended_at(1)), (Some(Moment(50)), None));
        let third = Generation { number: 3, ..second(60) };
        let ring = ring.with(third, true);
        assert_eq!(ring.generations().iter().map(|one| one.number).collect::<Vec<_>>(), [2, 3]);
        // A clock that was set back makes with the oldest rather than with nothing.
        assert_eq!(ring.active(Moment(0)), 0);
    }
}
