//! Device IDs.

use std::fmt;

use crate::Error;

/// A device's ID: 24 hex digits, kept in lower case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeviceId(String);

impl DeviceId {
    /// Reads 24 hex digits of either case; white space around them does not count.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let fits = text.len() == 24 && text.bytes().all(|b| b.is_ascii_hexdigit());
        fits.then(|| Self(text.to_ascii_lowercase()))
    }

    /// The same, from the parameter `field` of a request.
    pub fn of_field(field: &'static str, text: &str) -> Result<Self, Error> {
        Self::parse(text).ok_or_else(|| Error::invalid(field, "is not a device ID, which is 24 hex digits"))
    }

    /// The 24 digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DeviceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twenty_four_hex_digits() {
        assert_eq!(
            DeviceId::parse(" E00FCE680123456789abcdef ").unwrap().as_str(),
            "e00fce680123456789abcdef"
        );
        for bad in [
            "",
            "not an id",
            "e00fce680123456789abcde",
            "e00fce680123456789abcdeff",
            "e00fce680123456789abcdeg",
        ] {
            assert_eq!(DeviceId::parse(bad), None);
        }
    }
}
