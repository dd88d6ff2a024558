//! Names as they stand in URLs.

use std::fmt;

use super::ProductName;

/// Longest slug made of a name, before a suffix.
const LONGEST: usize = 80;

/// A product's name in URLs: lower case, runs of other characters made one hyphen (contract: Products-CreateProduct).
/// Never empty and never all digits, so that it cannot be taken for an ID.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slug(String);

impl Slug {
    /// Of a product's name.
    #[must_use]
    pub fn of(name: &ProductName) -> Self {
        let mut slug = slugify(&name.to_string());
        slug.truncate(LONGEST);
        let slug = slug.trim_end_matches('-');
        Self(match slug {
            "" => "product".into(),
            digits if digits.bytes().all(|b| b.is_ascii_digit()) => format!("product-{digits}"),
            slug => slug.into(),
        })
    }

    /// The same with a number behind it, where the plain one is taken.
    #[must_use]
    pub fn with_suffix(&self, number: i64) -> Self {
        Self(format!("{}-{number}", self.0))
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Lower-case ASCII letters and digits, everything between them one hyphen, none at the ends.
pub(super) fn slugify(text: &str) -> String {
    let mut slug = String::with_capacity(text.len());
    for c in text.chars().map(|c| c.to_ascii_lowercase()) {
        if c.is_ascii_alphanumeric() {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.truncate(slug.trim_end_matches('-').len());
    slug
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slug_of(name: &str) -> String {
        Slug::of(&ProductName::parse(name).unwrap()).to_string()
    }

    #[test]
    fn slugs_read_like_their_names() {
        assert_eq!(slug_of("TempMon V100"), "tempmon-v100");
        assert_eq!(slug_of("  a -- b!  "), "a-b");
        assert_eq!(slug_of("1319"), "product-1319");
        assert_eq!(slug_of("温度"), "product");
        assert_eq!(Slug::of(&ProductName::parse("x").unwrap()).with_suffix(2).to_string(), "x-2");
    }

    proptest::proptest! {
        #[test]
        fn a_slug_is_never_empty_nor_a_number(name in ".{1,100}") {
            if let Ok(name) = ProductName::parse(&name) {
                let slug = Slug::of(&name).to_string();
                proptest::prop_assert!(!slug.is_empty());
                proptest::prop_assert!(!slug.bytes().all(|b| b.is_ascii_digit()));
                proptest::prop_assert!(slug.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-')));
            }
        }
    }
}
