//! What holds the chain together: keyed hashes that nobody can make without the server's key.

use std::fmt;
use std::str::FromStr;

use mote_store::audit::{AuditRow, EndRow, Link};
use subtle::ConstantTimeEq;

use super::ChainKeys;
use crate::Error;
use crate::keys::ServerKey;

/// A key of the chain, derived from the server's.
#[derive(Clone)]
pub(crate) struct ChainKey([u8; 32]);

/// A hash of the chain.
#[derive(Clone, Copy, Debug, Eq)]
pub struct ChainHash(pub(super) [u8; 32]);

impl PartialEq for ChainHash {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl ChainHash {
    /// What stands before the first entry.
    pub(super) const NONE: Self = Self([0; 32]);

    /// From the column of a row.
    pub(super) fn of_column(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }
}

impl fmt::Display for ChainHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

/// A place in the chain: the number of an entry, and its hash. The chain begins after place 0. Written `NUMBER:HASH`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChainPlace {
    /// The number.
    pub number: i64,
    /// The hash.
    pub hash: ChainHash,
}

impl ChainPlace {
    /// Before the first entry there ever was.
    pub(crate) const BEGINNING: Self = Self { number: 0, hash: ChainHash::NONE };

    /// From the row of an end; the beginning where there is none yet. None where the server did not write it.
    pub(crate) fn of_end(row: Option<&EndRow>, keys: &ChainKeys) -> Option<Self> {
        let Some(row) = row else { return Some(Self::BEGINNING) };
        let place = Self { number: row.number, hash: ChainHash::of_column(&row.hash)? };
        let mac = ChainHash::of_column(&row.mac)?;
        (keys.newest().mac_of_end(&row.name, place) == mac).then_some(place)
    }

    /// The row of an end.
    pub(crate) fn to_end(self, name: &str, keys: &ChainKeys) -> EndRow {
        EndRow {
            name: name.to_owned(),
            number: self.number,
            hash: self.hash.0.to_vec(),
            mac: keys.newest().mac_of_end(name, self).0.to_vec(),
        }
    }

    /// The next place, for an entry with this MAC.
    pub(super) fn next(self, mac: &[u8], keys: &ChainKeys) -> Self {
        let number = self.number + 1;
        let mut hasher = keys.of_place(number).hasher(TAG_LINK);
        hasher.update(&self.hash.0).update(&number.to_be_bytes()).update(mac);
        Self { number, hash: ChainHash(hasher.finalize().into()) }
    }

    /// The columns of the entry at this place, which follows another.
    pub(super) fn to_link(self, previous: Self) -> Link {
        Link { number: self.number, previous_hash: previous.hash.0.to_vec(), hash: self.hash.0.to_vec() }
    }
}

impl fmt::Display for ChainPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.number, self.hash)
    }
}

impl FromStr for ChainPlace {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let place = text.trim().split_once(':').and_then(|(number, hash)| {
            let number = number.parse().ok().filter(|number| *number >= 0)?;
            let mut bytes = [0; 32];
            hex::decode_to_slice(hash, &mut bytes).ok()?;
            Some(Self { number, hash: ChainHash(bytes) })
        });
        place.ok_or_else(|| {
            Error::invalid(
                "place",
                "is NUMBER:HASH, as `mote audit verify` printed it: a number and 64 hex digits",
            )
        })
    }
}

/// What is hashed, so that nothing of one kind is ever taken for another.
const TAG_ENTRY: u8 = 1;
const TAG_LINK: u8 = 2;
const TAG_END: u8 = 3;

impl ChainKey {
    pub(crate) fn new(key: &ServerKey) -> Self {
        Self(key.derive("audit", "chain"))
    }

    fn hasher(&self, tag: u8) -> blake3::Hasher {
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        hasher.update(&[tag]);
        hasher
    }

    /// What shows that the server wrote an entry. Every field is there, with its length before it.
    pub(super) fn mac(&self, row: &AuditRow) -> ChainHash {
        let mut hasher = self.hasher(TAG_ENTRY);
        let mut field = |bytes: Option<&[u8]>| {
            let length = bytes.map_or(u64::MAX, |bytes| bytes.len() as u64);
            hasher.update(&length.to_be_bytes()).update(bytes.unwrap_or_default());
        };
        for number in [
            Some(row.id),
            Some(row.at),
            row.actor_id,
            row.token_id,
            row.account_id,
            row.product_id,
            row.organization_id,
        ] {
            field(number.map(i64::to_be_bytes).as_ref().map(|bytes| &bytes[..]));
        }
        for text in [
            Some(&row.actor_kind),
            Some(&row.actor_name),
            row.address.as_ref(),
            Some(&row.action),
            Some(&row.target_id),
            Some(&row.target_name),
            Some(&row.details),
        ] {
            field(text.map(String::as_bytes));
        }
        ChainHash(hasher.finalize().into())
    }

    fn mac_of_end(&self, name: &str, place: ChainPlace) -> ChainHash {
        let mut hasher = self.hasher(TAG_END);
        hasher.update(&place.number.to_be_bytes()).update(&place.hash.0).update(name.as_bytes());
        ChainHash(hasher.finalize().into())
    }
}

impl Drop for ChainKey {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.0);
    }
}

/// The name of the place after which the chain begins.
pub(crate) const START: &str = "start";
/// The name of the last place.
pub(crate) const LAST: &str = "last";

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::audit) fn row() -> AuditRow {
        AuditRow {
            id: 1,
            at: 2,
            actor_kind: "user".into(),
            actor_id: Some(3),
            actor_name: "me@example.com".into(),
            token_id: None,
            address: None,
            action: "token.created".into(),
            target_id: "4".into(),
            target_name: String::new(),
            account_id: Some(3),
            product_id: None,
            organization_id: None,
            details: "{}".into(),
            mac: Vec::new(),
            number: None,
            previous_hash: None,
            hash: None,
        }
    }

    /// What an earlier release wrote must go on being provable: these may never change.
    #[test]
    fn hashes_stay_the_same() {
        let key = ChainKeys::first(&ServerKey::from_hex(&"01".repeat(32)).unwrap());
        let mac = key.writing().mac(&row());
        let place = ChainPlace::BEGINNING.next(&mac.0, &key);
        assert_eq!(mac.to_string(), "c9fcd828d5055705d2021f5f54f5736589a817ba4dd9b61f64bf09e3b98c40b3");
        assert_eq!(place.to_string(), "1:6298b394f742f2fff70a39311aa5f3af848fe144102c7b37c2249e2e1052ec1a");
        let other = ChainKeys::first(&ServerKey::from_hex(&"02".repeat(32)).unwrap());
        assert_ne!(other.writing().mac(&row()), mac);
        let end = place.to_end(LAST, &key);
        assert_eq!(ChainPlace::of_end(Some(&end), &key), Some(place));
        assert_eq!(ChainPlace::of_end(Some(&end), &other), None);
    }

    #[test]
    fn no_text_moves_from_one_field_to_the_next() {
        let key = ChainKey::new(&ServerKey::generate());
        let moved = AuditRow { target_id: String::new(), target_name: "4".into(), ..row() };
        let empty = AuditRow { address: Some(String::new()), ..row() };
        let shifted = AuditRow { account_id: None, product_id: Some(3), ..row() };
        for other in [moved, empty, shifted] {
            assert_ne!(key.mac(&other), key.mac(&row()));
        }
    }

    proptest::proptest! {
        #[test]
        fn places_are_read_as_they_are_written(number in 0..i64::MAX, hash: [u8; 32], text in ".*") {
            let place = ChainPlace { number, hash: ChainHash(hash) };
            proptest::prop_assert_eq!(place.to_string().parse::<ChainPlace>().unwrap(), place);
            let _ = text.parse::<ChainPlace>();
        }
    }
}
