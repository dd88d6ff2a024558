//! Names that people give to things.

use std::fmt;

use crate::Error;

/// Characters of a name at most.
pub const LONGEST_NAME: usize = 128;

fn checked(text: &str, field: &'static str) -> Result<String, Error> {
    let text = text.trim();
    let fits = (1..=LONGEST_NAME).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    if fits {
        Ok(text.to_owned())
    } else {
        Err(Error::invalid(field, format!("is 1 to {LONGEST_NAME} characters of text")))
    }
}

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident, $field:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name(String);

        impl $name {
            /// Reads 1 to 128 characters, none of them a control character; white space around them is dropped.
            pub fn parse(text: &str) -> Result<Self, Error> {
                checked(text, $field).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

names! {
    /// A product's name.
    ProductName, "name";
    /// An OAuth client's name.
    ClientName, "name";
    /// A device's name.
    DeviceName, "name";
    /// What people call an API user.
    FriendlyName, "friendly_name";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_text_of_sane_length() {
        assert_eq!(ProductName::parse(" TempMon ").unwrap().to_string(), "TempMon");
        for bad in ["", "  ", "a\nb", "a\0", &"x".repeat(129)] {
            assert!(DeviceName::parse(bad).is_err());
        }
    }
}
