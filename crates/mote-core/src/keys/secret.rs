//! Random secrets of 160 bits.

use std::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// What stands in [`VALUES`] for a character that is no digit.
const NO_DIGIT: u8 = 0x80;
/// The values of lower-case hex digits, by character: each request with a token looks forty of them up.
const VALUES: [u8; 256] = {
    let (mut values, mut value) = ([NO_DIGIT; 256], 0);
    while value < 16 {
        values[b"0123456789abcdef"[value as usize] as usize] = value;
        value += 1;
    }
    values
};

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
        let digits: &[u8; 40] = text.as_bytes().try_into().ok()?;
        let (mut bytes, mut wrong) = ([0; 20], 0);
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let (high, low) = (VALUES[usize::from(pair[0])], VALUES[usize::from(pair[1])]);
            *byte = high << 4 | low & 15;
            wrong |= high | low;
        }
        (wrong & NO_DIGIT == 0).then_some(Self(bytes))
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
