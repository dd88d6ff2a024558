//! What a secret is.

use std::fmt;

use mote_store::secrets::{SecretRow, SecretUseRow, UserKind};
use zeroize::Zeroizing;

use crate::{Error, Moment, SpaceKey};

/// Bytes of a value at most.
const LONGEST: usize = 16 * 1024;

/// A secret without its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Secret {
    /// Name.
    pub name: String,
    /// Made.
    pub created_at: Moment,
    /// Last given a value.
    pub updated_at: Moment,
    /// Last used.
    pub last_accessed_at: Option<Moment>,
    /// The integrations that use it.
    pub integrations: Vec<SecretUse>,
    /// The logic functions that use it.
    pub logic_functions: Vec<SecretUse>,
}

/// Something that uses a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretUse {
    /// Its key.
    pub id: i64,
    /// What people call it.
    pub name: String,
}

impl Secret {
    pub(super) fn new(row: SecretRow, uses: impl IntoIterator<Item = SecretUseRow>) -> Self {
        let (integrations, logic_functions): (Vec<_>, Vec<_>) =
            uses.into_iter().partition(|one| one.user_kind == UserKind::Integration as i16);
        let shown = |rows: Vec<SecretUseRow>| {
            rows.into_iter().map(|row| SecretUse { id: row.user_id, name: row.user_name }).collect()
        };
        Self {
            name: row.name,
            created_at: Moment(row.created_at),
            updated_at: Moment(row.updated_at),
            last_accessed_at: row.last_accessed_at.map(Moment),
            integrations: shown(integrations),
            logic_functions: shown(logic_functions),
        }
    }
}

/// The value of a secret. Never prints, and is wiped when it goes.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretValue(Zeroizing<String>);

impl SecretValue {
    /// Reads 1 byte to 16 KiB of text.
    pub fn parse(text: String) -> Result<Self, Error> {
        let text = Zeroizing::new(text);
        if (1..=LONGEST).contains(&text.len()) {
            Ok(Self(text))
        } else {
            Err(Error::invalid("value", format!("is 1 to {LONGEST} bytes of text")))
        }
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        std::str::from_utf8(bytes).ok().map(|text| Self(Zeroizing::new(text.to_owned())))
    }

    /// The text, for the request that needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretValue(…)")
    }
}

/// Where a sealed value stands: moved to another name or owner, it does not open.
pub(crate) fn place(space: SpaceKey, name: &str) -> Vec<u8> {
    [&space.kind().to_be_bytes()[..], &space.id().to_be_bytes(), name.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_never_prints_and_has_bounds() {
        let value = SecretValue::parse("hunter2".into()).unwrap();
        assert!(!format!("{value:?}").contains("hunter2"));
        assert_eq!(value.expose(), "hunter2");
        assert!(SecretValue::parse(String::new()).is_err());
        assert!(SecretValue::parse("x".repeat(LONGEST)).is_ok());
        assert!(SecretValue::parse("x".repeat(LONGEST + 1)).is_err());
    }

    #[test]
    fn no_two_secrets_have_the_same_place() {
        let places = [
            place(SpaceKey::Account(1), "A"),
            place(SpaceKey::Organization(1), "A"),
            place(SpaceKey::Account(2), "A"),
            place(SpaceKey::Account(1), "B"),
        ];
        for (at, one) in places.iter().enumerate() {
            assert!(!places[at + 1..].contains(one));
        }
    }
}
