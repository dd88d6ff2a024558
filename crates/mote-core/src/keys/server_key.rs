//! The server's key.

use std::str::FromStr;

use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// 32 random bytes on which everything secret in the database depends.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct ServerKey([u8; 32]);

impl std::fmt::Debug for ServerKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ServerKey(…)")
    }
}

/// Hex digits of a key.
const DIGITS: usize = 64;
/// Why a text is no key. Says where to look, and never what stands there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MalformedKey {
    /// Nothing, or white space alone.
    #[error("it is empty; a key is {DIGITS} hex digits")]
    Empty,
    /// Hex digits, too few or too many.
    #[error("it has {0} hex digits; a key has {DIGITS}")]
    Length(
        /// How many there are.
        usize,
    ),
    /// Something that is no hex digit.
    #[error("character {0} is not a hex digit; a key is {DIGITS} of them")]
    NotHex(
        /// Which character, counted from 1, white space before the key left out.
        usize,
    ),
    /// More keys than one and its successor.
    #[error("it has more than {0} keys; there is one, and beside it the next while it is being replaced")]
    TooMany(
        /// How many there may be.
        usize,
    ),
    /// More than any key, or bytes that are no text.
    #[error("it is not text of {DIGITS} hex digits")]
    NotText,
}

impl FromStr for ServerKey {
    type Err = MalformedKey;

    fn from_str(text: &str) -> Result<Self, MalformedKey> {
        let text = text.trim();
        if text.is_empty() {
            return Err(MalformedKey::Empty);
        }
        if let Some(at) = text.chars().position(|c| !c.is_ascii_hexdigit()) {
            return Err(MalformedKey::NotHex(at + 1));
        }
        let mut key = Self([0; 32]);
        hex::decode_to_slice(text, &mut key.0).map_err(|_| MalformedKey::Length(text.len()))?;
        Ok(key)
    }
}

impl ServerKey {
    /// A new one.
    #[must_use]
    pub fn generate() -> Self {
        let mut bytes = [0; 32];
        crate::keys::random::fill(&mut bytes);
        Self(bytes)
    }

    /// Reads 64 hex digits; white space around them does not count. `text.parse()` does the same and says what is wrong.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    /// The 64 digits, for the key's file and nothing else.
    #[must_use]
    pub fn to_hex(&self) -> Zeroizing<String> {
        Zeroizing::new(hex::encode(self.0))
    }

    /// A value to keep in the database: the same for the same key, and no help in finding it.
    #[must_use]
    pub fn key_check(&self) -> [u8; 16] {
        let derived = Zeroizing::new(self.derive("key check", ""));
        let mut check = [0; 16];
        check.copy_from_slice(&derived[..16]);
        check
    }

    /// A key of its own for each use.
    pub(crate) fn derive(&self, use_: &str, purpose: &str) -> [u8; 32] {
        blake3::derive_key(&format!("mote 2026 {use_} {purpose}"), &self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_reads_as_it_was_written_and_never_prints() {
        let key = ServerKey::generate();
        assert_eq!(key.to_hex().len(), DIGITS);
        assert_eq!(ServerKey::from_hex(&format!(" {}\r\n", *key.to_hex())).unwrap().0, key.0);
        assert_eq!(ServerKey::from_hex(&key.to_hex().to_uppercase()).unwrap().0, key.0);
        assert!(!format!("{key:?}").contains(&key.to_hex()[..8]));
    }

    /// The database of an earlier release must go on being readable: these may never change.
    #[test]
    fn what_is_derived_stays_the_same() {
        let key = ServerKey::from_hex(&"01".repeat(32)).unwrap();
        assert_eq!(hex::encode(key.key_check()), "520763f5f38bad3e96ce88f253358a41");
        assert_ne!(key.key_check(), ServerKey::from_hex(&"02".repeat(32)).unwrap().key_check());
        assert_ne!(key.derive("digest", "totp"), key.derive("seal", "totp"));
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic_or_is_repeated(text in ".*") {
            if let Err(error) = text.parse::<ServerKey>() {
                proptest::prop_assert!(text.len() < 12 || !error.to_string().contains(&text));
            }
        }
    }
}
