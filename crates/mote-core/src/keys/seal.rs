//! Sealing: how the store keeps a secret that must be shown or used again.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Nonce};
use zeroize::Zeroizing;

use super::{Purpose, ServerKey};

/// First byte of everything sealed: which key and cipher.
const VERSION: u8 = 1;
const NONCE: usize = 12;

/// What was to be opened was not sealed by this key for this purpose and place, or was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a sealed value does not open")]
pub struct SealError;

/// Seals with ChaCha20-Poly1305 (RFC 8439) under keys derived from the server's.
#[derive(Clone)]
pub struct Sealer {
    ciphers: [ChaCha20Poly1305; Purpose::ALL.len()],
}

impl Sealer {
    /// From the server's key.
    #[must_use]
    pub fn new(key: &ServerKey) -> Self {
        let cipher = |purpose: Purpose| {
            let derived = Zeroizing::new(key.derive("seal", purpose.word()));
            ChaCha20Poly1305::new(&(*derived).into())
        };
        Self { ciphers: Purpose::ALL.map(cipher) }
    }

    /// Seals `plain` for a purpose and a place (the key of the row it will stand in): elsewhere it does not open.
    ///
    /// What comes of it is 29 bytes longer: version, nonce and tag.
    ///
    /// # Panics
    /// Where `plain` has more than 256 GiB, which no value in memory here has: better than to keep what never opens.
    #[must_use]
    pub fn seal(&self, purpose: Purpose, place: &[u8], plain: &[u8]) -> Vec<u8> {
        let mut nonce = [0; NONCE];
        crate::keys::random::fill(&mut nonce);
        let payload = Payload { msg: plain, aad: place };
        let text = self.ciphers[purpose as usize].encrypt(&Nonce::from(nonce), payload);
        let text = text.expect("ChaCha20-Poly1305 takes 256 GiB, and this is less");
        [&[VERSION], &nonce[..], &text].concat()
    }

    /// Opens what [`Self::seal`] sealed for the same purpose and place.
    pub fn open(
        &self,
        purpose: Purpose,
        place: &[u8],
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let (&[VERSION], rest) = sealed.split_first_chunk().ok_or(SealError)? else { return Err(SealError) };
        let (nonce, text) = rest.split_first_chunk::<NONCE>().ok_or(SealError)?;
        let payload = Payload { msg: text, aad: place };
        let plain = self.ciphers[purpose as usize].decrypt(&Nonce::from(*nonce), payload);
        plain.map(Zeroizing::new).map_err(|_| SealError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
