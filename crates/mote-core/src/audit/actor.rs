//! Who did it.

use std::net::IpAddr;

use mote_store::{Db, accounts, api_users, clients, customers, products};

use crate::authorization::Caller;
use crate::tokens::{Grant, Holder};
use crate::{AccountId, ClientKey, Error, OwnerId, ProductId, TokenId};

/// Who did something, where he came from, and with which token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Actor {
    who: Who,
    token: Option<TokenId>,
    address: Option<IpAddr>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    /// Whoever holds a token, and the client that it was made with.
    Holder(Holder, ClientKey),
    /// An account or a customer, without a token.
    Owner(OwnerId),
    /// Whoever runs the server, with its commands.
    Operator,
    /// Whoever has this token or link in hand, and proves no more.
    Bearer,
}

impl Actor {
    /// Whoever runs the server.
    #[must_use]
    pub const fn operator() -> Self {
        Self { who: Who::Operator, token: None, address: None }
    }

    /// Somebody with no more than a secret that is its own proof.
    pub(crate) const fn bearer(token: TokenId, address: Option<IpAddr>) -> Self {
        Self { who: Who::Bearer, token: Some(token), address }
    }

    /// An account that has just proved itself by its password or a mail.
    pub(crate) const fn account(account: AccountId, address: Option<IpAddr>) -> Self {
        Self::owner(OwnerId::Account(account), address)
    }

    /// An account or a customer that has proved itself without a token: by a password, a mail, or a claim code.
    pub(crate) const fn owner(owner: OwnerId, address: Option<IpAddr>) -> Self {
        Self { who: Who::Owner(owner), token: None, address }
    }

    /// A product's client that has just proved itself, without a token.
    pub(crate) const fn client(product: ProductId, client: ClientKey, address: Option<IpAddr>) -> Self {
        Self { who: Who::Holder(Holder::Product(product), client), token: None, address }
    }

    /// Whoever holds a token or a session.
    pub(crate) fn of_grant(grant: &Grant, address: Option<IpAddr>) -> Self {
        let who = Who::Holder(grant.holder(), grant.client());
        Self { who, token: Some(grant.id()), address }
    }

    pub(super) fn token(self) -> Option<i64> {
        self.token.map(|token| token.0)
    }

    pub(super) fn address(self) -> Option<String> {
        self.address.map(|address| address.to_canonical().to_string())
    }

    /// What kind of caller it is, in the words of the store and the API.
    pub(super) const fn kind(self) -> &'static str {
        match self.who {
            Who::Holder(Holder::User(_), _) | Who::Owner(OwnerId::Account(_)) => USER,
            Who::Holder(Holder::Console(_), _) => CONSOLE,
            Who::Holder(Holder::Product(_), _) => "product",
            Who::Holder(Holder::Customer(..), _) | Who::Owner(OwnerId::Customer(_)) => "customer",
            Who::Holder(Holder::ApiUser(..), _) => "api_user",
            Who::Operator => "operator",
            Who::Bearer => "bearer",
        }
    }

    pub(super) const fn id(self) -> Option<i64> {
        match self.who {
            Who::Holder(Holder::User(id) | Holder::Console(id), _) | Who::Owner(OwnerId::Account(id)) => {
                Some(id.0)
            }
            Who::Holder(Holder::Product(id), _) => Some(id.0),
            Who::Holder(Holder::Customer(id, _), _) | Who::Owner(OwnerId::Customer(id)) => Some(id.0),
            Who::Holder(Holder::ApiUser(id, _), _) => Some(id.0),
            Who::Operator | Who::Bearer => None,
        }
    }

    /// His name as the store has it now; of a product's token the ID of its client. Empty where he is gone, or was nobody.
    pub(super) fn name(self, db: &mut Db) -> Result<String, Error> {
        let name = match self.who {
            Who::Holder(Holder::User(id) | Holder::Console(id), _) | Who::Owner(OwnerId::Account(id)) => {
                accounts::get(db, id.0)?.map(|row| row.username)
            }
            Who::Holder(Holder::Product(id), client) => match clients::get(db, client.0)? {
                Some(row) => Some(row.client_id),
                None => products::get(db, id.0)?.map(|(row, ..)| row.slug),
            },
            Who::Holder(Holder::Customer(id, _), _) | Who::Owner(OwnerId::Customer(id)) => {
                customers::get(db, id.0)?.map(|row| row.username)
            }
            Who::Holder(Holder::ApiUser(id, _), _) => api_users::get(db, id.0)?.map(|row| row.username),
            Who::Operator | Who::Bearer => None,
        };
        Ok(name.unwrap_or_default())
    }
}

impl From<&Caller> for Actor {
    fn from(caller: &Caller) -> Self {
        Self::of_grant(caller.grant(), caller.address())
    }
}

/// The kinds that are accounts.
const USER: &str = "user";
const CONSOLE: &str = "console";

/// Whether the actor of an entry is this account.
pub(super) fn is_account(kind: &str, id: Option<i64>, account: AccountId) -> bool {
    matches!(kind, USER | CONSOLE) && id == Some(account.0)
}
