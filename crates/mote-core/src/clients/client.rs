//! What an OAuth client is.

use mote_store::clients::ClientRow;

use super::{ClientPublicKey, ClientSecret, RegisteredRedirect};
use crate::authorization::{Limits, Scope, Scopes};
use crate::{AccountId, ClientKey, Error, Moment, OAuthError, ProductId};

/// Type of a client (contract: OAuth-CreateOAuthClient).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ClientKind {
    /// Servers, mobile and most web apps.
    Installed = 1,
    /// Authorization code flow; has a redirect URI.
    Web = 2,
}

impl ClientKind {
    /// As the API writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Installed => "installed",
            Self::Web => "web",
        }
    }

    /// Reads what the API was sent.
    pub fn parse(text: &str) -> Result<Self, Error> {
        match text {
            "installed" => Ok(Self::Installed),
            "web" => Ok(Self::Web),
            _ => Err(Error::invalid("type", "is installed or web")),
        }
    }

    fn from_number(number: i16) -> Option<Self> {
        [Self::Installed, Self::Web].into_iter().find(|kind| *kind as i16 == number)
    }
}

/// What tokens of a client are limited to (contract: OAuth-CreateOAuthClient).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ClientScope {
    /// Nothing: all that the token's door opens.
    None,
    /// Making customers of the product.
    CreateCustomer,
}

impl ClientScope {
    const CREATE_CUSTOMER: Scope = Scope::named("customers:create");

    /// Reads the `scope` of a request, words with spaces between (RFC 6749 section 3.3): `create_customer` (also as
    /// `customers:create`), or `none` (also as `*:*` or empty) for no limit, which both together come to.
    pub fn parse(scope: Option<&str>) -> Result<Self, Error> {
        let one = |word: &str| match word {
            "none" | "*:*" => Ok(Self::None),
            "create_customer" | "customers:create" => Ok(Self::CreateCustomer),
            _ => Err(Error::invalid(
                "scope",
                "is create_customer (or customers:create) for making customers alone, or none (or *:*) for no limit",
            )),
        };
        let words = scope.unwrap_or_default().split_ascii_whitespace();
        let scopes = words.map(one).collect::<Result<Vec<_>, _>>()?;
        let limited = !scopes.is_empty() && !scopes.contains(&Self::None);
        Ok(if limited { Self::CreateCustomer } else { Self::None })
    }

    /// As the API shows it; none where there is no limit.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::CreateCustomer => Some("create_customer"),
        }
    }

    /// What it means for tokens.
    #[must_use]
    pub const fn limits(self) -> Limits {
        match self {
            Self::None => Limits::None,
            Self::CreateCustomer => Limits::Only(Scopes::one(Self::CREATE_CUSTOMER)),
        }
    }

    pub(crate) const fn to_store(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::CreateCustomer => Some(Self::CREATE_CUSTOMER.name()),
        }
    }

    /// What the store has; a word it should not have is the tightest limit there is.
    pub(crate) const fn from_store(scope: Option<&str>) -> Self {
        if scope.is_none() { Self::None } else { Self::CreateCustomer }
    }
}

/// Whose client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ClientOwner {
    /// An account's.
    Account(AccountId),
    /// A product's.
    Product(ProductId),
    /// Nobody's: a public one.
    BuiltIn,
}

/// An OAuth client, without its secrets: of these only digests are kept.
#[derive(Clone, Debug)]
pub struct Client {
    /// Key.
    pub key: ClientKey,
    /// Client ID.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Type.
    pub kind: ClientKind,
    /// Whose.
    pub owner: ClientOwner,
    /// Where people land after signing in; [`ClientKind::Web`] only.
    pub redirect_uri: Option<RegisteredRedirect>,
    /// What its tokens are limited to.
    pub scope: ClientScope,
    /// Made.
    pub created_at: Moment,
    /// What it proves itself by, oldest first; none of a public client's, which prove nothing.
    pub secrets: Vec<ClientSecret>,
    /// What it may prove itself by instead, oldest first.
    pub keys: Vec<ClientPublicKey>,
}

impl Client {
    /// When one of its secrets or public keys was last used, to the minute; none if never.
    #[must_use]
    pub fn last_used_at(&self) -> Option<Moment> {
        let secrets = self.secrets.iter().filter_map(|secret| secret.last_used_at);
        secrets.chain(self.keys.iter().filter_map(|key| key.last_used_at)).max()
    }

    /// The product that it is a client of. Fails with [`OAuthError::UnauthorizedClient`] where it is no product's.
    pub(crate) fn product(&self) -> Result<ProductId, Error> {
        match self.owner {
            ClientOwner::Product(product) => Ok(product),
            ClientOwner::Account(_) | ClientOwner::BuiltIn => Err(Error::OAuth(OAuthError::UnauthorizedClient(
                "client_credentials is for clients of a product; this one makes user tokens, with grant_type=password".into(),
            ))),
        }
    }
}

/// Without its secrets, which are rows of their own.
impl TryFrom<ClientRow> for Client {
    type Error = Error;

    fn try_from(row: ClientRow) -> Result<Self, Error> {
        let broken = || Error::Internal(format!("the row of client {} makes no sense", row.id));
        let owner = match (row.account_id, row.product_id) {
            (Some(account), None) => ClientOwner::Account(AccountId(account)),
            (None, Some(product)) => ClientOwner::Product(ProductId(product)),
            _ => return Err(broken()),
        };
        Ok(Self {
            key: ClientKey(row.id),
            kind: ClientKind::from_number(row.kind).ok_or_else(broken)?,
            owner,
            id: row.client_id,
            name: row.name,
            redirect_uri: row.redirect_uri.map(RegisteredRedirect::of_store),
            scope: ClientScope::from_store(row.scope.as_deref()),
            created_at: Moment(row.created_at),
            secrets: Vec::new(),
            keys: Vec::new(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_words_with_spaces_between() {
        let parse = |scope| ClientScope::parse(scope).ok();
        for unlimited in [None, Some(""), Some(" "), Some("none"), Some("*:*"), Some("customers:create *:*")]
        {
            assert_eq!(parse(unlimited), Some(ClientScope::None), "{unlimited:?}");
        }
        for limited in ["create_customer", " customers:create ", "create_customer customers:create"] {
            assert_eq!(parse(Some(limited)), Some(ClientScope::CreateCustomer), "{limited}");
        }
        for unknown in ["devices:list", "customers:create devices:list", "customers:create,*:*", "NONE"] {
            assert_eq!(parse(Some(unknown)), None, "{unknown}");
        }
    }
}
