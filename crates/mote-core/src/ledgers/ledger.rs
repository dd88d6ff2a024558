//! What a ledger is.

use mote_store::ledgers::LedgerRow;

use crate::{Error, Moment};

/// Bytes of what a ledger that devices share holds for one of them (the vendor's documentation, Ledger).
const MOST_SHARED: usize = 16 * 1024;
/// Bytes of what one for the cloud alone holds.
const MOST_IN_CLOUD: usize = 1024 * 1024;

/// What there is one instance for each of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LedgerScope {
    /// Devices.
    Device = 1,
    /// Products.
    Product = 2,
    /// Owners: one instance in all.
    Owner = 3,
}

impl LedgerScope {
    const ALL: [Self; 3] = [Self::Device, Self::Product, Self::Owner];

    /// As the API writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Device => "Device",
            Self::Product => "Product",
            Self::Owner => "Owner",
        }
    }

    /// Reads what the API was sent.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let known = Self::ALL.into_iter().find(|scope| scope.name() == text);
        known.ok_or_else(|| Error::invalid("scope", "is Device, Product or Owner"))
    }
}

/// Which way the data of a ledger goes, which decides who writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// From devices to the cloud: devices write it.
    Upstream = 1,
    /// From the cloud to devices.
    Downstream = 2,
    /// Nowhere: it is for the cloud alone.
    None = 3,
}

impl Direction {
    const ALL: [Self; 3] = [Self::Upstream, Self::Downstream, Self::None];

    /// As the API writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Upstream => "Upstream",
            Self::Downstream => "Downstream",
            Self::None => "None",
        }
    }

    /// Reads what the API was sent.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let known = Self::ALL.into_iter().find(|direction| direction.name() == text);
        known.ok_or_else(|| {
            Error::invalid(
                "direction",
                "is Downstream (to devices), Upstream (from devices) or None (for the cloud alone)",
            )
        })
    }

    /// Bytes of JSON that an instance may hold.
    pub(super) const fn most_bytes(self) -> usize {
        match self {
            Self::Upstream | Self::Downstream => MOST_SHARED,
            Self::None => MOST_IN_CLOUD,
        }
    }

    /// Instances on a page at most: each comes with its data.
    pub(super) const fn most_per_page(self) -> i64 {
        match self {
            Self::Upstream | Self::Downstream => 100,
            Self::None => 10,
        }
    }
}

/// A ledger's definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ledger {
    pub(super) id: i64,
    /// Name.
    pub name: String,
    /// Description.
    pub description: String,
    /// What there is one instance for each of.
    pub scope: LedgerScope,
    /// Which way its data goes.
    pub direction: Direction,
    /// How many instances it has.
    pub instances: i64,
    /// Made.
    pub created_at: Moment,
    /// Changed.
    pub updated_at: Moment,
    /// Archived: can be read, and no more.
    pub archived_at: Option<Moment>,
}

impl TryFrom<LedgerRow> for Ledger {
    type Error = Error;

    fn try_from(row: LedgerRow) -> Result<Self, Error> {
        let broken = || Error::Internal(format!("the row of ledger {} makes no sense", row.id));
        let scope = LedgerScope::ALL.into_iter().find(|scope| *scope as i16 == row.scope);
        let direction = Direction::ALL.into_iter().find(|direction| *direction as i16 == row.direction);
        Ok(Self {
            id: row.id,
            scope: scope.ok_or_else(broken)?,
            direction: direction.ok_or_else(broken)?,
            name: row.name,
            description: row.description,
            instances: row.instance_count,
            created_at: Moment(row.created_at),
            updated_at: Moment(row.updated_at),
            archived_at: row.archived_at.map(Moment),
        })
    }
}

impl Ledger {
    /// Refuses to change one that is archived.
    pub(super) fn in_use(&self) -> Result<(), Error> {
        match self.archived_at {
            None => Ok(()),
            Some(_) => Err(Error::Conflict("This ledger is archived: it can be read, and no more".into())),
        }
    }

    /// Refuses to be written by anybody but devices, if it is theirs.
    pub(super) fn is_writable(&self) -> Result<(), Error> {
        self.in_use()?;
        match self.direction {
            Direction::Downstream | Direction::None => Ok(()),
            Direction::Upstream => Err(Error::Conflict(
                "This ledger goes from devices to the cloud (direction Upstream): only devices write it"
                    .into(),
            )),
        }
    }
}

/// Reads a ledger's name: 1 to 32 lower-case letters, digits and hyphens (the vendor's documentation, Ledger).
pub(super) fn checked_name(text: &str) -> Result<String, Error> {
    let plain = text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'));
    if plain && (1..=32).contains(&text.len()) {
        Ok(text.to_owned())
    } else {
        Err(Error::invalid("name", "is 1 to 32 lower-case letters, digits and hyphens"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_scopes_and_directions_are_the_documented_ones() {
        for good in ["a", "device-settings", "0", &"x".repeat(32)] {
            assert_eq!(checked_name(good).unwrap(), good);
        }
        for bad in ["", "My Ledger", "a_b", "ä", "a/b", &"x".repeat(33)] {
            assert!(checked_name(bad).is_err(), "{bad}");
        }
        for scope in LedgerScope::ALL {
            assert_eq!(LedgerScope::parse(scope.name()).unwrap(), scope);
        }
        for direction in Direction::ALL {
            assert_eq!(Direction::parse(direction.name()).unwrap(), direction);
        }
        assert!(LedgerScope::parse("device").is_err() && Direction::parse("").is_err());
    }
}
