//! Keys of the store as types, and where new ones come from.

use std::sync::atomic::{AtomicI64, Ordering};

use serde::{Deserialize, Serialize};

use crate::{Moment, SpaceKey};

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(pub i64);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    )+};
}

id! {
    /// An account.
    AccountId;
    /// A product: the number that people see, above 1000, so that it never collides with a platform's
    /// (contract: Products-CreateProduct).
    ProductId;
    /// An organization.
    OrganizationId;
    /// A customer of a product.
    CustomerId;
    /// An API user of a product or an organization.
    ApiUserId;
    /// A device group of a product.
    GroupId;
    /// An OAuth client: its key, never shown (what is shown is [`crate::names::ClientId`]). Below zero: built in.
    ClientKey;
    /// A secret of an OAuth client. Good for logs.
    ClientSecretId;
    /// A public key of an OAuth client. Good for logs.
    ClientPublicKeyId;
    /// A grant: an access token with its refresh token. Good for logs.
    TokenId;
    /// An integration.
    IntegrationId;
}

/// Whoever devices can belong to. The store has one number for it, which says which of the two it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OwnerId {
    /// An account.
    Account(AccountId),
    /// A customer of a product.
    Customer(CustomerId),
}

/// The bit that every customer's key has, and no account's: what [`KeyMaker`] makes has 61 bits until 2094.
const OF_CUSTOMER: i64 = 1 << 62;

impl OwnerId {
    /// The number in the store.
    #[must_use]
    pub(crate) const fn key(self) -> i64 {
        match self {
            Self::Account(id) => id.0,
            Self::Customer(id) => id.0,
        }
    }

    /// From the number in the store.
    #[must_use]
    pub(crate) const fn from_key(key: i64) -> Self {
        if key & OF_CUSTOMER == 0 { Self::Account(AccountId(key)) } else { Self::Customer(CustomerId(key)) }
    }
}

impl From<AccountId> for OwnerId {
    fn from(id: AccountId) -> Self {
        Self::Account(id)
    }
}

impl From<CustomerId> for OwnerId {
    fn from(id: CustomerId) -> Self {
        Self::Customer(id)
    }
}

impl From<AccountId> for SpaceKey {
    fn from(id: AccountId) -> Self {
        Self::Account(id.0)
    }
}

impl From<ProductId> for SpaceKey {
    fn from(id: ProductId) -> Self {
        Self::Product(id.0)
    }
}

impl From<OrganizationId> for SpaceKey {
    fn from(id: OrganizationId) -> Self {
        Self::Organization(id.0)
    }
}

impl CustomerId {
    /// A new customer's, of a new key.
    #[must_use]
    pub(crate) const fn of_new_key(key: i64) -> Self {
        Self(key | OF_CUSTOMER)
    }

    /// As the API shows it.
    #[must_use]
    pub fn to_hex(self) -> String {
        format!("{:024x}", self.0)
    }
}

impl ClientKey {
    /// Stands in the grants of API users, which no client was asked for. The keys of clients never are zero.
    pub const NONE: Self = Self(0);
}

/// Those that the API shows as 24 hex digits (contract: Organizations-getOrganization).
macro_rules! shown_in_hex {
    ($($name:ident),+) => {$(
        impl $name {
            /// Reads the 24 hex digits that the API shows.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                let plain = text.len() == 24 && text.bytes().all(|b| b.is_ascii_hexdigit());
                let number = plain.then(|| u128::from_str_radix(text, 16).ok()).flatten()?;
                i64::try_from(number).ok().map(Self)
            }

            /// As the API shows it.
            #[must_use]
            pub fn to_hex(self) -> String {
                format!("{:024x}", self.0)
            }
        }
    )+};
}

shown_in_hex!(OrganizationId, IntegrationId);

/// 2025-01-01, from which keys count their milliseconds.
const EPOCH: i64 = 1_735_689_600_000;

/// Makes keys that grow with time and are not made twice: 41 bits of milliseconds, 10 bits drawn at start so that two
/// processes differ, 10 bits of counter (which runs ahead of the clock when a thousand a millisecond are not enough).
#[derive(Debug)]
pub(crate) struct KeyMaker {
    last: AtomicI64,
    node: i64,
}

impl KeyMaker {
    pub(crate) fn new(random: u16) -> Self {
        Self { last: AtomicI64::new(0), node: i64::from(random & 0x3ff) }
    }

    pub(crate) fn next(&self, now: Moment) -> i64 {
        let floor = (now.0 - EPOCH).max(0) << 10;
        let tick = |last: i64| Some((last + 1).max(floor));
        let last = self.last.fetch_update(Ordering::Relaxed, Ordering::Relaxed, tick).unwrap_or(floor);
        let next = (last + 1).max(floor);
        ((next >> 10) << 20) | (self.node << 10) | (next & 0x3ff)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_grow_and_never_repeat_even_when_the_clock_steps_back() {
        let maker = KeyMaker::new(7);
        let mut last = 0;
        for step in 0..5000 {
            let next = maker.next(Moment(EPOCH + 1000 - step));
            assert!(next > last);
            last = next;
        }
    }

    #[test]
    fn an_owner_is_told_by_the_key() {
        let key = KeyMaker::new(0x3ff).next(Moment(EPOCH + (1 << 41) - 1));
        let customer = CustomerId::of_new_key(key);
        assert_eq!(OwnerId::from_key(key), OwnerId::Account(AccountId(key)));
        assert_eq!(OwnerId::from_key(customer.0), OwnerId::Customer(customer));
        assert!(customer.0 > 0 && OwnerId::from(customer).key() == customer.0);
    }

    #[test]
    fn two_processes_make_different_keys_at_the_same_moment() {
        assert_ne!(KeyMaker::new(1).next(Moment(EPOCH)), KeyMaker::new(2).next(Moment(EPOCH)));
    }
}
