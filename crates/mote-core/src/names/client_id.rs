//! Client IDs.

use std::fmt;

use super::ClientName;
use super::slug::slugify;

/// Longest part that is made of the name.
const LONGEST: usize = 60;

/// An OAuth client's ID: its name as a slug, a hyphen and four digits (`tempmon06-3459`; contract:
/// OAuth-CreateOAuthClient).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientId(String);

impl ClientId {
    /// Of a client's name; `random` chooses the digits.
    #[must_use]
    pub fn new(name: &ClientName, random: u16) -> Self {
        let mut slug = slugify(&name.to_string());
        slug.truncate(LONGEST);
        let slug = slug.trim_end_matches('-');
        let slug = if slug.is_empty() { "client" } else { slug };
        Self(format!("{slug}-{:04}", random % 10_000))
    }

    /// Whether this could be one; says nothing about whether there is such a client.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (slug, digits) = text.rsplit_once('-')?;
        let fits = !slug.is_empty()
            && slug.len() <= LONGEST
            && slug.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
            && digits.len() == 4
            && digits.bytes().all(|b| b.is_ascii_digit());
        fits.then(|| Self(text.to_owned()))
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id_of(name: &str) -> String {
        ClientId::new(&ClientName::parse(name).unwrap(), 3459).to_string()
    }

    #[test]
    fn an_id_is_the_name_and_four_digits() {
        assert_eq!(id_of("tempmon06"), "tempmon06-3459");
        assert_eq!(id_of("My App"), "my-app-3459");
        assert_eq!(id_of("é"), "client-3459");
        assert_eq!(ClientId::new(&ClientName::parse("a").unwrap(), 10_007).to_string(), "a-0007");
    }

    proptest::proptest! {
        #[test]
        fn every_id_reads_back(name in "[^\\p{C}]{1,64}", random: u16) {
            if let Ok(name) = ClientName::parse(&name) {
                let id = ClientId::new(&name, random);
                proptest::prop_assert_eq!(ClientId::parse(&id.to_string()), Some(id));
            }
        }

        #[test]
        fn no_text_makes_it_panic(text in ".*") {
            let _ = ClientId::parse(&text);
        }
    }
}
