//! The one function that says yes or no.

use super::{Door, Role, Row, TeamTokens};
use crate::clients::Limits;

/// The kind of credential that a caller came with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A user token: speaks for an account.
    User,
    /// A product bearer token: speaks for one product.
    Product,
}

/// Everything about a caller, and what he asks for, that decides.
#[derive(Clone, Copy, Debug)]
pub struct Standing {
    /// His credential.
    pub kind: Kind,
    /// What his credential is limited to.
    pub limits: Limits,
    /// A product token: whether the product asked for is its own.
    pub own_product: bool,
    /// A user token: his role in the team of the product asked for, if it exists.
    pub role: Option<Role>,
    /// Whether the server or the product opens product APIs to its team's own tokens.
    pub team_tokens: bool,
}

/// Why not. The texts say what to do instead, give no other product's existence away, and never say "access token", on
/// which the Particle CLI throws away the one it keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denial {
    /// A user token at a product API; the same words whether or not there is such a product.
    #[error(
        "A user's token does not open product APIs. Make an OAuth client for the product (Authentication tab of the \
         console, or POST /v1/products/:productIdOrSlug/clients), trade its ID and secret at POST /oauth/token with \
         grant_type=client_credentials, and send the token that you get"
    )]
    UserTokenAtProduct,
    /// A user token where team members are let in, of somebody who is none; the same words for no such product.
    #[error("You are not on the team of such a product. Ask one of its administrators to invite you")]
    NotOnTeam,
    /// A team member whose role does not reach.
    #[error("Your role in this product's team does not allow this: it takes {}. Ask an administrator", needed.name())]
    Role {
        /// The least role that does.
        needed: Role,
    },
    /// A product token at another product; the same words whether or not there is such a product.
    #[error("This token opens another product. Use one made with a client of the product that you ask for")]
    OtherProduct,
    /// A product token at an account's API.
    #[error("A product's token opens that product only, no account. Use a user's token here")]
    ProductTokenAtAccount,
    /// A token that is limited to something else.
    #[error("The client that this token was made with is limited to other scopes{}", scope_hint(*scope))]
    Scope {
        /// The scope that would do, if any.
        scope: Option<&'static str>,
    },
}

fn scope_hint(scope: Option<&str>) -> String {
    scope.map_or_else(String::new, |scope| format!("; this takes {scope}"))
}

/// Whether a caller with this standing may use the right of this row.
pub fn decide(row: &Row, who: Standing) -> Result<(), Denial> {
    match (row.door, who.kind) {
        (Door::Open | Door::Token, _) => return Ok(()),
        (Door::Account, Kind::User) => {}
        (Door::Account, Kind::Product) => return Err(Denial::ProductTokenAtAccount),
        (Door::Product, Kind::Product) if who.own_product => {}
        (Door::Product, Kind::Product) => return Err(Denial::OtherProduct),
        (Door::Product, Kind::User) => team_member(row, who)?,
    }
    if who.limits.allow(row.scope) { Ok(()) } else { Err(Denial::Scope { scope: row.scope }) }
}

fn team_member(row: &Row, who: Standing) -> Result<(), Denial> {
    match (row.team, who.role) {
        (TeamTokens::Always, None) => Err(Denial::NotOnTeam),
        (TeamTokens::WhereOpened, None) => Err(Denial::UserTokenAtProduct),
        (TeamTokens::WhereOpened, Some(_)) if !who.team_tokens => Err(Denial::UserTokenAtProduct),
        (_, Some(role)) if role < row.least => Err(Denial::Role { needed: row.least }),
        (_, Some(_)) => Ok(()),
    }
}
