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

    /// Its key among those of its kind.
    #[must_use]
    pub const fn id(self) -> i64 {
        match self {
            Self::Account(id) | Self::Product(id) | Self::Organization(id) => id,
        }
    }
}
