//! Keyed digests: how the store knows a secret that it does not have.

use std::hash::{Hash, Hasher};

use subtle::ConstantTimeEq;

use super::ring::KeyRing;
use super::{Purpose, ServerKey};
use crate::Moment;

/// 20 bytes of keyed BLAKE3. The first 8 are a number, by which rows are found; the rest is compared in constant time.
#[derive(Clone, Copy, Debug, Eq)]
pub struct Digest {
    /// First 8 bytes.
    pub key: i64,
    /// The other 12.
    pub rest: [u8; 12],
}

impl Digest {
    /// From the columns of a row.
    #[must_use]
    pub fn from_parts(key: i64, rest: &[u8]) -> Option<Self> {
        Some(Self { key, rest: rest.try_into().ok()? })
    }

    /// As hex digits, for a link that proves itself.
    #[must_use]
    pub fn to_hex(&self) -> String {
        hex::encode(self.to_bytes())
    }

    /// Its 20 bytes.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; 20] {
        let mut bytes = [0; 20];
        bytes[..8].copy_from_slice(&self.key.to_le_bytes());
        bytes[8..].copy_from_slice(&self.rest);
        bytes
    }

    /// From its 20 bytes; none where there are more or fewer.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (key, rest) = bytes.split_first_chunk()?;
        Self::from_parts(i64::from_le_bytes(*key), rest)
    }

    /// From hex digits; none where they make none.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        let mut bytes = [0; 20];
        hex::decode_to_slice(text, &mut bytes).ok()?;
        Self::from_bytes(&bytes)
    }

    /// Whether a row that was found by the key is the one.
    #[must_use]
    pub fn rest_is(&self, rest: &[u8]) -> bool {
        self.rest.ct_eq(rest).into()
    }
}

impl PartialEq for Digest {
    fn eq(&self, other: &Self) -> bool {
        (self.key.ct_eq(&other.key) & self.rest.ct_eq(&other.rest)).into()
    }
}

impl Hash for Digest {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // The key alone is 64 random bits.
        state.write_i64(self.key);
    }
}

/// How long what was made with the generation before goes on being believed where it is not kept: links to archives, forms
/// of the console and nonces, in milliseconds.
const GRACE: i64 = 3_600_000;

/// Makes digests. Cheap to use: the keys are derived once.
#[derive(Clone)]
pub struct Digester {
    /// The one that digests are made with first, then from the newest to the oldest.
    generations: Vec<DigestKeys>,
}

#[derive(Clone)]
struct DigestKeys {
    keys: [[u8; 32]; Purpose::ALL.len()],
    ended_at: Option<Moment>,
}

impl DigestKeys {
    fn new(root: &ServerKey, ended_at: Option<Moment>) -> Self {
        Self { keys: Purpose::ALL.map(|purpose| root.derive("digest", purpose.word())), ended_at }
    }

    fn digest(&self, purpose: Purpose, secret: &[u8]) -> Digest {
        let hash = blake3::keyed_hash(&self.keys[purpose as usize], secret);
        let bytes = hash.as_bytes();
        let (mut key, mut rest) = ([0; 8], [0; 12]);
        key.copy_from_slice(&bytes[..8]);
        rest.copy_from_slice(&bytes[8..20]);
        Digest { key: i64::from_le_bytes(key), rest }
    }
}

impl Digester {
    /// From a server key that was never replaced.
    #[must_use]
    pub fn new(key: &ServerKey) -> Self {
        Self { generations: vec![DigestKeys::new(key, None)] }
    }

    /// From all generations, of which one is made with.
    pub(crate) fn of_ring(ring: &KeyRing, active: usize) -> Self {
        let keys = |place: usize| DigestKeys::new(&ring.generations()[place].root, ring.ended_at(place));
        let others = (0..ring.generations().len()).rev().filter(|place| *place != active);
        Self { generations: std::iter::once(active).chain(others).map(keys).collect() }
    }

    /// The digest of `secret` for this purpose, to be kept.
    #[must_use]
    pub fn digest(&self, purpose: Purpose, secret: &[u8]) -> Digest {
        self.generations[0].digest(purpose, secret)
    }

    /// The digests that may be kept of `secret`: one of each generation, the likeliest first.
    pub(crate) fn digests(&self, purpose: Purpose, secret: &[u8]) -> Vec<Digest> {
        self.generations.iter().map(|keys| keys.digest(purpose, secret)).collect()
    }

    /// Whether `shown` was made of `secret` by this server a short while ago, or by another that runs on the same database:
    /// what is not kept is believed for an hour after its generation ended.
    pub(crate) fn made(&self, purpose: Purpose, secret: &[u8], shown: &Digest, now: Moment) -> bool {
        let recent =
            self.generations.iter().filter(|keys| keys.ended_at.is_none_or(|at| now.0 < at.0 + GRACE));
        recent.map(|keys| keys.digest(purpose, secret)).any(|known| known == *shown)
    }
}

impl Drop for DigestKeys {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.keys);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::ring::Generation;

    #[test]
    fn digests_differ_by_secret_purpose_and_key() {
        let (one, other) =
            (ServerKey::from_hex(&"01".repeat(32)).unwrap(), ServerKey::from_hex(&"02".repeat(32)).unwrap());
        let digester = Digester::new(&one);
        let digest = digester.digest(Purpose::AccessToken, b"secret");
        assert_eq!(digest, digester.digest(Purpose::AccessToken, b"secret"));
        assert_ne!(digest, digester.digest(Purpose::AccessToken, b"secreu"));
        assert_ne!(digest, digester.digest(Purpose::RefreshToken, b"secret"));
        assert_ne!(digest, Digester::new(&other).digest(Purpose::AccessToken, b"secret"));
        assert_eq!(Digest::from_parts(digest.key, &digest.rest), Some(digest));
        assert_eq!(Digest::from_parts(digest.key, b"short"), None);
        assert_eq!(Digest::from_hex(&digest.to_hex()), Some(digest));
        for bad in ["", "00", &digest.to_hex()[1..], &"zz".repeat(20), &"00".repeat(21)] {
            assert_eq!(Digest::from_hex(bad), None);
        }
        assert!(digest.rest_is(&digest.rest) && !digest.rest_is(b"short") && !digest.rest_is(&[0; 12]));
    }

    #[test]
    fn no_two_purposes_share_a_key() {
        let digester = Digester::new(&ServerKey::from_hex(&"01".repeat(32)).unwrap());
        for (place, purpose) in Purpose::ALL.into_iter().enumerate() {
            assert_eq!(purpose as usize, place, "the keys are found by the number of the purpose");
            for other in &Purpose::ALL[place + 1..] {
                assert_ne!(digester.digest(purpose, b"secret"), digester.digest(*other, b"secret"));
            }
        }
    }

    #[test]
    fn older_generations_are_found_and_no_longer_made() {
        let key = ServerKey::generate();
        let root = ServerKey::generate();
        let second = Generation { number: 2, root, active_from: Moment(5000), chain_after: 0 };
        let ring = KeyRing::first(&key).with(second, false);
        let digest = |digester: &Digester| digester.digest(Purpose::LibraryArchive, b"secret");
        let (first, waiting, after) =
            (Digester::new(&key), Digester::of_ring(&ring, 0), Digester::of_ring(&ring, 1));
        assert_eq!(digest(&first), digest(&waiting));
        assert_ne!(digest(&first), digest(&after));
        let both = after.digests(Purpose::LibraryArchive, b"secret");
        assert_eq!(both, [digest(&after), digest(&first)]);
        let both = waiting.digests(Purpose::LibraryArchive, b"secret");
        assert_eq!(both, [digest(&first), digest(&after)]);
        let made = |shown: &Digest, now| after.made(Purpose::LibraryArchive, b"secret", shown, Moment(now));
        assert!(made(&digest(&first), 5000 + GRACE - 1) && !made(&digest(&first), 5000 + GRACE));
        assert!(made(&digest(&after), 5000 + GRACE) && !made(&Digest { key: 1, rest: [0; 12] }, 0));
    }

    /// The tokens of an earlier release must go on being found: this may never change.
    #[test]
    fn a_digest_stays_the_same() {
        let digester = Digester::new(&ServerKey::from_hex(&"01".repeat(32)).unwrap());
        let digest = digester.digest(Purpose::AccessToken, &[7; 20]);
        assert_eq!(
            (digest.key, hex::encode(digest.rest).as_str()),
            (-2_128_314_905_347_551_241, "09279aa67649c15e55f5c85b")
        );
    }
}
