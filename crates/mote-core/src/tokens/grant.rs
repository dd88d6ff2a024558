//! What a token grants.

use crate::clients::Limits;
use crate::{AccountId, ClientKey, Moment, ProductId, TokenId};

/// Whom a token speaks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Holder {
    /// An account: a user token.
    User(AccountId),
    /// A product: a product bearer token.
    Product(ProductId),
}

/// A living access token, as the checks see it.
#[derive(Clone, Debug)]
pub struct Grant {
    pub(crate) id: TokenId,
    /// First grant of the chain of refreshes that this one is in.
    pub(crate) family: TokenId,
    pub(crate) holder: Holder,
    pub(crate) client: ClientKey,
    pub(crate) limits: Limits,
    pub(crate) expires_at: Option<Moment>,
}

impl Grant {
    /// Names the token in logs.
    #[must_use]
    pub fn id(&self) -> TokenId {
        self.id
    }

    /// Whom it speaks for.
    #[must_use]
    pub fn holder(&self) -> Holder {
        self.holder
    }

    /// What its client limits it to.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// Its end; none if it has none.
    #[must_use]
    pub fn expires_at(&self) -> Option<Moment> {
        self.expires_at
    }

    pub(crate) fn is_over(&self, now: Moment) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }
}
