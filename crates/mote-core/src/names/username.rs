//! Usernames: e-mail addresses.

use std::fmt;

use super::ApiUsername;
use crate::Error;

/// An account's name: an e-mail address, in lower case.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Username(String);

impl Username {
    /// Reads an address, of 254 bytes at most (RFC 5321 section 4.5.3.1); white space around it is dropped.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let text = text.trim().to_lowercase();
        let domain = text.rsplit_once('@').map(|(_, domain)| domain);
        let fits = text.len() <= 254
            && !text.chars().any(|c| {
                c.is_whitespace() || c.is_control() || matches!(c, '/' | '?' | '#' | '<' | '>' | '"' | ':')
            })
            && domain.is_some_and(|domain| domain.contains('.') || domain == "localhost")
            && domain != Some(ApiUsername::DOMAIN)
            && text.parse::<lettre::Address>().is_ok();
        if fits {
            Ok(Self(text))
        } else {
            Err(Error::invalid("username", "is an e-mail address, such as me@example.com"))
        }
    }

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_in_lower_case() {
        assert_eq!(Username::parse(" Me+Test@Example.COM ").unwrap().as_str(), "me+test@example.com");
        for bad in [
            "",
            "me",
            "@example.com",
            "me@",
            "me@nowhere",
            "a b@example.com",
            "a@b@example.com",
            "me@example.com/x",
            "a\n@example.com",
            "me@API.mote.invalid",
        ] {
            assert!(Username::parse(bad).is_err(), "{bad}");
        }
        assert!(Username::parse(&format!("{}@example.com", "x".repeat(300))).is_err());
    }
}
