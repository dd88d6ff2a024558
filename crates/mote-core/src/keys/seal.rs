//! Sealing: how the store keeps a secret that must be shown or used again.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Nonce};
use zeroize::Zeroizing;

use super::ring::KeyRing;
use super::{Purpose, ServerKey};

/// First byte of what is sealed with the first generation of keys, which stands for its number.
const FIRST: u8 = 1;
/// First byte of what is sealed with a later one: its number follows, two bytes with the greater first. So of two seals the
/// one with an older generation is the lesser, as the store compares bytes.
const NUMBERED: u8 = 2;
const NONCE: usize = 12;

/// What was to be opened was not sealed by this key for this purpose and place, or was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a sealed value does not open")]
pub struct SealError;

/// Seals with ChaCha20-Poly1305 (RFC 8439) under keys derived from the server's.
#[derive(Clone)]
pub struct Sealer {
    generations: Vec<SealKeys>,
    active: usize,
}

#[derive(Clone)]
struct SealKeys {
    number: u16,
    ciphers: [ChaCha20Poly1305; Purpose::ALL.len()],
}

impl SealKeys {
    fn new(number: u16, root: &ServerKey) -> Self {
        Self {
            number,
            ciphers: Purpose::ALL.map(|purpose| cipher(&Zeroizing::new(root.derive("seal", purpose.word())))),
        }
    }
}

impl Sealer {
    /// From a server key that was never replaced.
    #[must_use]
    pub fn new(key: &ServerKey) -> Self {
        Self { generations: vec![SealKeys::new(1, key)], active: 0 }
    }

    /// From all generations, of which one is made with.
    pub(crate) fn of_ring(ring: &KeyRing, active: usize) -> Self {
        let generations = ring.generations().iter().map(|one| SealKeys::new(one.number, &one.root));
        Self { generations: generations.collect(), active }
    }

    /// Seals `plain` for a purpose and a place (the key of the row it will stand in): elsewhere it does not open.
    ///
    /// What comes of it is 29 bytes longer, generation, nonce and tag, and 31 of a later generation than the first.
    ///
    /// # Panics
    /// Where `plain` has more than 256 GiB, which no value in memory here has: better than to keep what never opens.
    #[must_use]
    pub fn seal(&self, purpose: Purpose, place: &[u8], plain: &[u8]) -> Vec<u8> {
        let keys = &self.generations[self.active];
        let mut sealed = head(keys.number);
        encrypt(&keys.ciphers[purpose as usize], place, plain, &mut sealed);
        sealed
    }

    /// Opens what [`Self::seal`] sealed for the same purpose and place, with any generation that is known.
    pub fn open(
        &self,
        purpose: Purpose,
        place: &[u8],
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let (number, rest) = match sealed {
            [FIRST, rest @ ..] => (1, rest),
            [NUMBERED, high, low, rest @ ..] => (u16::from_be_bytes([*high, *low]), rest),
            _ => return Err(SealError),
        };
        let keys = self.generations.iter().find(|keys| keys.number == number).ok_or(SealError)?;
        decrypt(&keys.ciphers[purpose as usize], place, rest)
    }

    /// What everything that is sealed with an older generation than is made with is less than, and nothing else.
    pub(crate) fn bound(&self) -> Vec<u8> {
        head(self.generations[self.active].number)
    }
}

fn head(number: u16) -> Vec<u8> {
    let [high, low] = number.to_be_bytes();
    if number == 1 { vec![FIRST] } else { vec![NUMBERED, high, low] }
}

fn cipher(key: &[u8; 32]) -> ChaCha20Poly1305 {
    ChaCha20Poly1305::new(&(*key).into())
}

fn encrypt(cipher: &ChaCha20Poly1305, place: &[u8], plain: &[u8], into: &mut Vec<u8>) {
    let mut nonce = [0; NONCE];
    crate::keys::random::fill(&mut nonce);
    let text = cipher.encrypt(&Nonce::from(nonce), Payload { msg: plain, aad: place });
    into.extend_from_slice(&nonce);
    into.extend(text.expect("ChaCha20-Poly1305 takes 256 GiB, and this is less"));
}

fn decrypt(cipher: &ChaCha20Poly1305, place: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let (nonce, text) = sealed.split_first_chunk::<NONCE>().ok_or(SealError)?;
    let plain = cipher.decrypt(&Nonce::from(*nonce), Payload { msg: text, aad: place });
    plain.map(Zeroizing::new).map_err(|_| SealError)
}

/// Seals under one key: what is not of a generation.
pub(super) fn seal_under(key: &[u8; 32], place: &[u8], plain: &[u8]) -> Vec<u8> {
    let mut sealed = Vec::new();
    encrypt(&cipher(key), place, plain, &mut sealed);
    sealed
}

/// Opens what [`seal_under`] sealed.
pub(super) fn open_under(
    key: &[u8; 32],
    place: &[u8],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, SealError> {
    decrypt(&cipher(key), place, sealed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Moment;
    use crate::keys::ring::Generation;

    #[test]
    fn older_generations_open_and_are_told_apart() {
        let (key, root) = (ServerKey::generate(), ServerKey::generate());
        let ring = KeyRing::first(&key);
        let first = Sealer::of_ring(&ring, 0);
        let old = first.seal(Purpose::Totp, b"7", b"plain");
        assert!(old >= first.bound());
        let later =
            |number| Generation { number, root: root.clone(), active_from: Moment(0), chain_after: 0 };
        let ring = ring.with(later(2), false).with(later(300), false);
        let (second, last) = (Sealer::of_ring(&ring, 1), Sealer::of_ring(&ring, 2));
        let between = second.seal(Purpose::Totp, b"7", b"plain");
        let new = last.seal(Purpose::Totp, b"7", b"plain");
        assert_eq!(new.len(), 5 + 31);
        for sealed in [&old, &between, &new] {
            assert_eq!(last.open(Purpose::Totp, b"7", sealed).unwrap().as_slice(), b"plain");
        }
        assert!(old < second.bound() && between >= second.bound() && between < last.bound());
        assert!(new >= last.bound());
        assert!(first.open(Purpose::Totp, b"7", &new).is_err());
    }

    #[test]
    fn opens_only_as_it_was_sealed() {
        let sealer = Sealer::new(&ServerKey::from_hex(&"01".repeat(32)).unwrap());
        let kept = sealer.seal(Purpose::Totp, b"7", b"plain");
        assert_eq!(sealer.open(Purpose::Totp, b"7", &kept).unwrap().as_slice(), b"plain");
        assert!(sealer.open(Purpose::Totp, b"8", &kept).is_err());
        assert!(sealer.open(Purpose::AccessToken, b"7", &kept).is_err());
        let other = Sealer::new(&ServerKey::from_hex(&"02".repeat(32)).unwrap());
        assert!(other.open(Purpose::Totp, b"7", &kept).is_err());
        assert_ne!(kept, sealer.seal(Purpose::Totp, b"7", b"plain"));
    }

    /// What an earlier release kept must go on opening: cipher, keys and layout may never change under version 1.
    #[test]
    fn a_value_of_an_earlier_release_opens() {
        let sealer = Sealer::new(&ServerKey::from_hex(&"01".repeat(32)).unwrap());
        let kept =
            hex::decode("01c00a57bbe6d1061afd8ac70bdd65e39396ffbd56fdd2ddfe26fc91bd2952e84db1").unwrap();
        assert_eq!(sealer.open(Purpose::Totp, b"7", &kept).unwrap().as_slice(), b"plain");
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>) {
            let sealer = Sealer::new(&ServerKey::from_hex(&"01".repeat(32)).unwrap());
            proptest::prop_assert!(sealer.open(Purpose::Totp, b"7", &bytes).is_err());
        }

        #[test]
        fn all_of_it_comes_back_and_no_byte_may_change(plain: Vec<u8>, place: Vec<u8>, at: usize, bit in 0..8) {
            let sealer = Sealer::new(&ServerKey::from_hex(&"01".repeat(32)).unwrap());
            let mut kept = sealer.seal(Purpose::AccessToken, &place, &plain);
            proptest::prop_assert_eq!(kept.len(), plain.len() + 29);
            let opened = sealer.open(Purpose::AccessToken, &place, &kept).unwrap();
            proptest::prop_assert_eq!(&*opened, &plain);
            let at = at % kept.len();
            kept[at] ^= 1_u8 << bit;
            proptest::prop_assert!(sealer.open(Purpose::AccessToken, &place, &kept).is_err());
        }
    }
}
