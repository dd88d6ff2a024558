//! Names of API users.

use std::fmt;

use super::FriendlyName;
use super::slug::slugify;

/// Longest part that is made of the friendly name.
const LONGEST: usize = 60;
/// Random characters: 51 bits.
const RANDOM: usize = 10;
/// What they are.
const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";

/// An API user's name: its friendly name as a slug, a plus, random characters, and a domain
/// (`mytoken+4k2j9x0q1z@api.mote.invalid`; contract: Products-createProgrammaticUser).
///
/// It reads like an address and never is one: no mail reaches the domain (RFC 2606 section 2), and no account can be made
/// with it ([`super::Username`] refuses it), so that the two are never taken for each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiUsername(String);

impl ApiUsername {
    /// Domain of every API user's name.
    pub const DOMAIN: &'static str = "api.mote.invalid";

    /// Of a friendly name; `random` chooses the characters.
    #[must_use]
    pub fn new(name: &FriendlyName, random: u64) -> Self {
        let mut slug = slugify(&name.to_string());
        slug.truncate(LONGEST);
        let slug = slug.trim_end_matches('-');
        let slug = if slug.is_empty() { "api-user" } else { slug };
        let mut rest = random;
        let mut text = format!("{slug}+");
        for _ in 0..RANDOM {
            text.extend(
                usize::try_from(rest % 36).ok().and_then(|digit| DIGITS.get(digit)).map(|&b| char::from(b)),
            );
            rest /= 36;
        }
        Self(format!("{text}@{}", Self::DOMAIN))
    }

    /// Whether this could be one; says nothing about whether there is such an API user. Case does not count.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        let (slug, random) = text.strip_suffix(Self::DOMAIN)?.strip_suffix('@')?.split_once('+')?;
        let fits = !slug.is_empty()
            && slug.len() <= LONGEST
            && slug.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
            && random.len() == RANDOM
            && random.bytes().all(|b| DIGITS.contains(&b));
        fits.then_some(Self(text))
    }

    /// As it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ApiUsername {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::Username;

    fn name_of(name: &str, random: u64) -> String {
        ApiUsername::new(&FriendlyName::parse(name).unwrap(), random).to_string()
    }

    #[test]
    fn a_name_is_the_friendly_one_and_random_characters() {
        assert_eq!(name_of("MyToken", 0), "mytoken+0000000000@api.mote.invalid");
        assert_eq!(name_of("Test product user", 35), "test-product-user+z000000000@api.mote.invalid");
        assert_eq!(name_of("é", 36), "api-user+0100000000@api.mote.invalid");
        for bad in ["", "a+b@api.mote.invalid", "+0000000000@api.mote.invalid", "me@example.com"] {
            assert_eq!(ApiUsername::parse(bad), None, "{bad}");
        }
    }

    proptest::proptest! {
        #[test]
        fn every_name_reads_back_and_is_no_account(name in "[^\\p{C}]{1,64}", random: u64) {
            if let Ok(name) = FriendlyName::parse(&name) {
                let name = ApiUsername::new(&name, random);
                proptest::prop_assert_eq!(ApiUsername::parse(&name.to_string().to_uppercase()), Some(name.clone()));
                proptest::prop_assert!(Username::parse(name.as_str()).is_err());
            }
        }

        #[test]
        fn no_text_makes_it_panic(text in ".*") {
            let _ = ApiUsername::parse(&text);
        }
    }
}
