//! What a token grants.

use mote_store::tokens::TokenRow;
use mote_store::{Db, console_sessions, tokens};
use serde::{Deserialize, Serialize};

use crate::authorization::Limits;
use crate::keys::Digest;
use crate::teams::TeamId;
use crate::uses::Noted;
use crate::{AccountId, ApiUserId, ClientKey, CustomerId, Error, Moment, ProductId, TokenId};

/// Whom a token speaks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Holder {
    /// An account: a user token.
    User(AccountId),
    /// A product: a product bearer token.
    Product(ProductId),
    /// A customer of a product: a customer token.
    Customer(CustomerId, ProductId),
    /// An API user, who works for a product or an organization.
    ApiUser(ApiUserId, TeamId),
    /// An account, by its session of the web console: no token, and in a table of its own.
    Console(AccountId),
}

impl Holder {
    /// The account that is behind it, by whichever way it came.
    #[must_use]
    pub const fn account(self) -> Option<AccountId> {
        match self {
            Self::User(account) | Self::Console(account) => Some(account),
            Self::Product(_) | Self::Customer(..) | Self::ApiUser(..) => None,
        }
    }

    /// Whom a row's token speaks for; `team` is that of its API user, if it is one's. None where the row makes no sense.
    pub(super) fn of_row(row: &TokenRow, team: Option<TeamId>) -> Option<Self> {
        match (row.account_id, row.product_id, row.customer_id, row.api_user_id) {
            (Some(account), None, None, None) => Some(Self::User(AccountId(account))),
            (None, Some(product), None, None) => Some(Self::Product(ProductId(product))),
            (None, Some(product), Some(customer), None) => {
                Some(Self::Customer(CustomerId(customer), ProductId(product)))
            }
            (None, None, None, Some(api_user)) => team.map(|team| Self::ApiUser(ApiUserId(api_user), team)),
            _ => None,
        }
    }

    /// Writes into a row whom its token speaks for.
    pub(super) fn fill(self, row: &mut TokenRow) {
        match self {
            Self::User(account) => row.account_id = Some(account.0),
            Self::Product(product) => row.product_id = Some(product.0),
            Self::Customer(customer, product) => {
                (row.customer_id, row.product_id) = (Some(customer.0), Some(product.0));
            }
            Self::ApiUser(api_user, _) => row.api_user_id = Some(api_user.0),
            // A session is not made into a token: the row would speak for nobody.
            Self::Console(_) => {}
        }
    }
}

/// Where the store has a grant: something that was done with it can name it by this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum KeptGrant {
    ConsoleSession(i64),
    Token(i64),
}

impl KeptGrant {
    /// Whether it has not been ended.
    pub(crate) fn is_there(self, db: &mut Db) -> Result<bool, Error> {
        Ok(match self {
            Self::ConsoleSession(session) => console_sessions::exists(db, session)?,
            Self::Token(token) => tokens::get(db, token)?.is_some(),
        })
    }
}

/// A living access token, as the checks see it.
#[derive(Clone, Debug)]
pub struct Grant {
    pub(crate) id: TokenId,
    /// What memory knows it by.
    pub(crate) in_memory: Digest,
    /// What the store knows it by.
    pub(crate) digest: Digest,
    /// First grant of the chain of refreshes that this one is in.
    pub(crate) family: TokenId,
    pub(crate) holder: Holder,
    pub(crate) client: ClientKey,
    pub(crate) limits: Limits,
    pub(crate) expires_at: Option<Moment>,
    /// When its use was last noted.
    pub(crate) noted: Noted,
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

    /// The key of the session of the web console that it is, if it is one.
    pub(crate) fn console_session(&self) -> Option<i64> {
        matches!(self.holder, Holder::Console(_)).then_some(self.id.0)
    }

    /// What it was made with.
    pub(crate) fn client(&self) -> ClientKey {
        self.client
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

    /// Where the store has it.
    pub(crate) fn kept(&self) -> KeptGrant {
        self.console_session().map_or(KeptGrant::Token(self.id.0), KeptGrant::ConsoleSession)
    }

    /// Whether it has not been ended, as the store has it: for a transaction in which something is handed out that would outlast
    /// it. Fails with [`Error::InvalidToken`].
    pub(crate) fn still(&self, db: &mut Db) -> Result<(), Error> {
        if self.kept().is_there(db)? { Ok(()) } else { Err(Error::InvalidToken) }
    }

    pub(crate) fn is_over(&self, now: Moment) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }
}
