//! Names of customers: e-mail addresses, or whatever else a product's maker tells his customers apart by.

use std::fmt;

use super::Username;
use crate::Error;

/// Longest name, in bytes: what an address may have (RFC 5321 section 4.5.3.1).
const LONGEST: usize = 254;
/// A segment of a path at the place where customers' names stand.
const RESERVED: &str = "reset_password";

/// A customer's name, in lower case: an e-mail address, or another identifier (contract: Customers-CreateCustomer).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CustomerName(String);

impl CustomerName {
    /// Reads an address, or 1 to 254 printable ASCII characters; white space around it is dropped.
    pub fn parse(text: &str) -> Result<Self, Error> {
        if let Ok(address) = Username::parse(text) {
            return Ok(Self(address.as_str().to_owned()));
        }
        let text = text.trim();
        let printable =
            |c: u8| c.is_ascii_graphic() && !matches!(c, b'/' | b'?' | b'#' | b'<' | b'>' | b'"' | b':');
        let name = text.to_ascii_lowercase();
        if (1..=LONGEST).contains(&text.len()) && text.bytes().all(printable) && name != RESERVED {
            Ok(Self(name))
        } else {
            let why = "is an e-mail address, or another name of 1 to 254 letters, digits and marks, none of them /?#<>\":";
            Err(Error::invalid("email", why))
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address, if it is one: where mails can go.
    #[must_use]
    pub fn address(&self) -> Option<Username> {
        Username::parse(&self.0).ok()
    }
}

impl fmt::Display for CustomerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_other_names_are_taken_in_lower_case() {
        let jane = CustomerName::parse(" Jane@Example.COM ").unwrap();
        assert_eq!((jane.as_str(), jane.address().is_some()), ("jane@example.com", true));
        let id = CustomerName::parse("5F0C-User_7").unwrap();
        assert_eq!((id.as_str(), id.address()), ("5f0c-user_7", None));
        for bad in
            ["", " ", "a b", "a/b", "a\nb", "\"x\"@example.com", "é", "Reset_Password", &"x".repeat(255)]
        {
            assert!(CustomerName::parse(bad).is_err(), "{bad}");
        }
    }

    proptest::proptest! {
        #[test]
        fn a_name_is_read_back_as_it_is_kept(text in "\\PC{0,40}") {
            if let Ok(name) = CustomerName::parse(&text) {
                proptest::prop_assert_eq!(CustomerName::parse(name.as_str()).unwrap(), name);
            }
        }
    }
}
