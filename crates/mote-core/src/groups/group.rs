//! What a device group is.

use std::fmt;

use mote_store::groups::GroupRow;

use crate::{Error, GroupId};

/// Characters of a group's name at most (the vendor's guide to device groups).
const LONGEST_NAME: usize = 64;

/// A group as its product has it at hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProductGroup {
    /// Key.
    pub id: GroupId,
    /// Name.
    pub name: String,
    /// The firmware version released to it.
    pub firmware_version: Option<i32>,
}

impl From<GroupRow> for ProductGroup {
    fn from(row: GroupRow) -> Self {
        Self { id: GroupId(row.id), name: row.name, firmware_version: row.firmware_version }
    }
}

/// A device group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Name.
    pub name: String,
    /// Description.
    pub description: String,
    /// Color of its tag, as in CSS.
    pub color: String,
    /// The firmware version released to it.
    pub firmware_version: Option<i32>,
    /// How many devices are in it.
    pub device_count: i64,
}

impl From<GroupRow> for Group {
    fn from(row: GroupRow) -> Self {
        Self {
            name: row.name,
            description: row.description,
            color: row.color,
            firmware_version: row.firmware_version,
            device_count: row.device_count,
        }
    }
}

/// A group's name: lower-case letters, digits, dashes and underscores.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupName(String);

impl GroupName {
    /// Reads a name; `field` is what the request calls it.
    pub fn parse(field: &'static str, text: &str) -> Result<Self, Error> {
        let plain = |b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_');
        if (1..=LONGEST_NAME).contains(&text.len()) && text.bytes().all(plain) {
            Ok(Self(text.to_owned()))
        } else {
            let rule = "lower-case letters, digits, dashes and underscores";
            Err(Error::invalid(field, format!("a group's name is 1 to {LONGEST_NAME} {rule}")))
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for GroupName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The color of a group's tag: `#rgb` or `#rrggbb`, in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupColor(String);

impl GroupColor {
    /// Reads a color.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let digits = text.strip_prefix('#').unwrap_or_default();
        if matches!(digits.len(), 3 | 6) && digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err(Error::invalid("color", "is a hex color, such as #34495e"))
        }
    }
}

impl Default for GroupColor {
    /// The slate of the contract's example.
    fn default() -> Self {
        Self("#34495e".into())
    }
}

impl fmt::Display for GroupColor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_colors_are_plain() {
        for good in ["a", "group_a", "us-east-1", &"x".repeat(64)] {
            assert_eq!(GroupName::parse("name", good).unwrap().as_str(), good);
        }
        for bad in ["", "A", "a b", "é", "a/b", "a,b", &"x".repeat(65)] {
            assert!(GroupName::parse("name", bad).is_err(), "{bad}");
        }
        assert_eq!(GroupColor::parse("#34495E").unwrap().to_string(), "#34495e");
        for bad in ["", "34495e", "#34495", "#34495g", "##4495e", "red"] {
            assert!(GroupColor::parse(bad).is_err(), "{bad}");
        }
    }
}
