//! Random secrets of 160 bits.

use std::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// A token or client secret: 20 bytes from the system's random source, written as 40 lower-case hex digits.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct TokenSecret([u8; 20]);

impl TokenSecret {
    /// A new one.
    #[must_use]
    pub fn generate() -> Self {
        let mut bytes = [0; 20];
        crate::keys::random::fill(&mut bytes);
        Self(bytes)
    }

    /// Reads exactly 40 lower-case hex digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; 20];
        let lower = text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        (lower && hex::decode_to_slice(text, &mut bytes).is_ok()).then_some(Self(bytes))
    }

    /// From its bytes.
    #[must_use]
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// Its bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8; 20] {
        &self.0
    }

    /// The 40 digits: for the one answer that hands it out.
    #[must_use]
    pub fn expose(&self) -> Zeroizing<String> {
        Zeroizing::new(hex::encode(self.0))
    }
}

impl fmt::Debug for TokenSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenSecret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forty_digits_and_nothing_else() {
        let secret = TokenSecret::generate();
        let text = secret.expose();
        assert_eq!(text.len(), 40);
        assert_eq!(TokenSecret::parse(&text).unwrap().bytes(), secret.bytes());
        for bad in
            ["", "0", &text[1..], &format!("{}0", *text), &"A".repeat(40), &"g".repeat(40), &"é".repeat(20)]
        {
            assert!(TokenSecret::parse(bad).is_none(), "{bad}");
        }
    }

    proptest::proptest! {
        #[test]
        fn what_is_written_is_read_and_nothing_else(bytes: [u8; 20], text in ".*") {
            let secret = TokenSecret::from_slice(&bytes).unwrap();
            let read = TokenSecret::parse(&secret.expose()).unwrap();
            proptest::prop_assert_eq!(read.bytes(), &bytes);
            if let Some(read) = TokenSecret::parse(&text) {
                proptest::prop_assert!(*read.expose() == text);
            }
        }
    }

    #[test]
    fn never_prints() {
        let secret = TokenSecret::generate();
        assert!(!format!("{secret:?}").contains(secret.expose().as_str()));
    }
}
