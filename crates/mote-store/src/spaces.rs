//! Whose a row is, in the tables of what accounts, products and organizations all have.

/// An account, a product or an organization: the columns `space_kind` and `space_id`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SpaceKey {
    /// An account.
    Account(i64),
    /// A product.
    Product(i64),
    /// An organization.
    Organization(i64),
}

impl SpaceKey {
    /// The number of its kind.
    #[must_use]
    pub const fn kind(self) -> i16 {
        match self {
            Self::Account(_) => 1,
            Self::Product(_) => 2,
            Self::Organization(_) => 3,
        }
    }

    /// From the two columns; none where there is no such kind.
    #[must_use]
    pub const fn from_parts(kind: i16, id: i64) -> Option<Self> {
        match kind {
            1 => Some(Self::Account(id)),
            2 => Some(Self::Product(id)),
            3 => Some(Self::Organization(id)),
            _ => None,
        }
    }

    /// Its key among those of its kind.
    #[must_use]
    pub const fn id(self) -> i64 {
        match self {
            Self::Account(id) | Self::Product(id) | Self::Organization(id) => id,
        }
    }
}
