//! The keys of the chain, a generation for each server key that there was.

use mote_store::audit::AuditRow;

use super::ChainHash;
use super::chain::ChainKey;
use crate::Moment;
#[cfg(test)]
use crate::keys::ServerKey;
use crate::keys::{Generation, KeyRing};

/// How long after a replacement of the server key an entry under the former key is believed, in milliseconds: a day, in which
/// servers that have not been given the new one yet are given it.
const SLACK: i64 = 86_400_000;

/// The keys of the chain. Numbers and ends are given with the newest; what an entry says is proved by the key that was made
/// with at its time.
pub(crate) struct ChainKeys {
    /// The oldest first.
    generations: Vec<OfGeneration>,
    writing: usize,
}

struct OfGeneration {
    key: ChainKey,
    /// The last place whose hash is under the key before.
    after: i64,
    /// When the next was made with; none of the newest.
    ended_at: Option<Moment>,
}

impl ChainKeys {
    /// Of all generations, of which one is made with.
    pub(crate) fn of_ring(ring: &KeyRing, active: usize) -> Self {
        let of = |(place, one): (usize, &Generation)| OfGeneration {
            key: ChainKey::new(&one.root),
            after: one.chain_after,
            ended_at: ring.ended_at(place),
        };
        Self { generations: ring.generations().iter().enumerate().map(of).collect(), writing: active }
    }

    /// Of a server key that was never replaced.
    #[cfg(test)]
    pub(super) fn first(key: &ServerKey) -> Self {
        Self::of_ring(&KeyRing::first(key), 0)
    }

    /// What entries are written with.
    pub(super) fn writing(&self) -> &ChainKey {
        &self.generations[self.writing].key
    }

    /// What ends are written with.
    pub(super) fn newest(&self) -> &ChainKey {
        &self.generations[self.generations.len() - 1].key
    }

    /// What the hash of this place is made with.
    pub(super) fn of_place(&self, number: i64) -> &ChainKey {
        &self.generations[self.generation_of(number)].key
    }

    fn generation_of(&self, number: i64) -> usize {
        self.generations.iter().rposition(|one| one.after < number).unwrap_or(0)
    }

    /// Whether the server wrote this entry: under the key of its place in the chain, or, in the day after that came to be,
    /// under the key before, as one that waited for its place. `latest` is when the latest entry before it was written:
    /// whoever has a former key cannot put behind younger entries what he says is old.
    pub(super) fn wrote(&self, row: &AuditRow, latest: i64) -> bool {
        let Some(mac) = ChainHash::of_column(&row.mac) else { return false };
        let newest = row.number.map_or(self.generations.len() - 1, |number| self.generation_of(number));
        let may_be = |place: usize, one: &OfGeneration| {
            let lately = |end: Moment| row.at < end.0 + SLACK && latest < end.0 + SLACK;
            place == newest || one.ended_at.is_some_and(lately)
        };
        let mut candidates = self.generations.iter().enumerate().take(newest + 1).rev();
        candidates.any(|(place, one)| may_be(place, one) && one.key.mac(row) == mac)
    }
}

#[cfg(test)]
mod tests {
    use super::super::chain::tests::row;
    use super::*;

    /// Three generations: from the start, from place 10 at 1000, and from place 20 at 2000 days.
    fn keys() -> ChainKeys {
        let generation = |number, day: i64, chain_after| Generation {
            number,
            root: ServerKey::generate(),
            active_from: Moment(day * 86_400_000),
            chain_after,
        };
        let ring = KeyRing::first(&ServerKey::generate());
        ChainKeys::of_ring(&ring.with(generation(2, 1000, 10), false).with(generation(3, 2000, 20), false), 2)
    }

    #[test]
    fn an_entry_is_proved_by_the_key_of_its_time() {
        let keys = keys();
        let day = |day: i64| day * 86_400_000;
        let entry = |generation: usize, at: i64, number: Option<i64>| {
            let mut row = AuditRow { at, number, ..row() };
            row.mac = keys.generations[generation].key.mac(&row).0.to_vec();
            row
        };
        for (generation, at, number, latest, expected) in [
            (0, day(5), Some(10), day(5), true),
            // A later key made nothing of an earlier time.
            (1, day(5), Some(10), day(5), false),
            (1, day(1001), Some(11), day(1001), true),
            // It waited for its place while the key was replaced, or a server had not been given the new one yet.
            (0, day(1000), Some(11), day(1000), true),
            (0, day(1000) + SLACK - 1, Some(12), day(1000) + SLACK - 1, true),
            (0, day(1000) + SLACK, Some(13), day(1000), false),
            // It says that it is of that time, and stands behind younger ones.
            (0, day(1000), Some(13), day(1000) + SLACK, false),
            (0, day(1000), Some(21), day(2000), false),
            (1, day(2000), Some(21), day(2000), true),
            (2, day(2000), Some(21), day(2000), true),
            // Waiting ones.
            (2, day(3000), None, day(3000), true),
            (1, day(2000), None, day(2000), true),
            (1, day(2002), None, day(2000), false),
        ] {
            let row = entry(generation, at, number);
            assert_eq!(keys.wrote(&row, latest), expected, "{generation} {at} {number:?}");
            assert!(!keys.wrote(&AuditRow { action: "other".into(), ..row }, latest));
        }
        assert!(!keys.wrote(&AuditRow { mac: Vec::new(), ..row() }, 0));
    }

    #[test]
    fn places_have_the_key_that_was_the_newest_then() {
        let keys = keys();
        let is = |number, generation: usize| {
            std::ptr::eq(keys.of_place(number), &raw const keys.generations[generation].key)
        };
        assert!(is(1, 0) && is(10, 0) && is(11, 1) && is(20, 1) && is(21, 2) && is(i64::MAX, 2));
    }
}
