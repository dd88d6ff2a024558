//! Names of secrets and environment variables.

use std::fmt;

/// Characters of a name at most (the vendor's documentation, Environment).
const LONGEST: usize = 128;

/// The name of a secret or an environment variable: upper-case letters, digits and underscores, no digit first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VariableName(String);

impl VariableName {
    /// What a name is, for messages.
    pub const RULE: &'static str =
        "is 1 to 128 upper-case letters, digits and underscores, and does not begin with a digit";

    /// Reads one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let plain = text.bytes().all(|b| matches!(b, b'A'..=b'Z' | b'0'..=b'9' | b'_'));
        let fits =
            (1..=LONGEST).contains(&text.len()) && plain && !text.starts_with(|c: char| c.is_ascii_digit());
        fits.then(|| Self(text.to_owned()))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
}

impl fmt::Display for VariableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_upper_case() {
        for good in ["A", "_", "MY_API_KEY", "A1", &"X".repeat(128)] {
            assert_eq!(VariableName::parse(good).unwrap().as_str(), good);
        }
        for bad in ["", "1A", "a", "A-B", "A B", "Ä", "A\n", &"X".repeat(129)] {
            assert_eq!(VariableName::parse(bad), None, "{bad}");
        }
    }
}
