//! The table of rights: each with the door it is at, its scope, the least role, and the endpoints that need it.
//!
//! One file per word of the domain. Endpoints stand here as the OpenAPI document names them; a test walks that document, so
//! a route without a row fails it. A right at [`Door::Space`] names the account's form of a path, and means the product's
//! and the organization's with it.

mod accounts;
mod audit;
mod clients;
mod configurations;
mod customers;
mod device_os;
mod devices;
mod diagnostics;
mod environments;
mod events;
mod firmware;
mod fleet_metrics;
mod groups;
mod integrations;
mod ledgers;
mod libraries;
mod locations;
mod organizations;
mod products;
mod search;
mod secrets;
mod sims;
mod teams;
mod tokens;

use super::{Role, Scope};

pub use accounts::*;
pub use audit::*;
pub use clients::*;
pub use configurations::*;
pub use customers::*;
pub use device_os::*;
pub use devices::*;
pub use diagnostics::*;
pub use environments::*;
pub use events::*;
pub use firmware::*;
pub use fleet_metrics::*;
pub use groups::*;
pub use integrations::*;
pub use ledgers::*;
pub use libraries::*;
pub use locations::*;
pub use organizations::*;
pub use products::*;
pub use search::*;
pub use secrets::*;
pub use sims::*;
pub use teams::*;
pub use tokens::*;

/// Every row, file by file.
const FILES: &[&[&Row]] = &[
    tokens::ROWS,
    accounts::ROWS,
    audit::ROWS,
    organizations::ROWS,
    teams::ROWS,
    clients::ROWS,
    products::ROWS,
    devices::ROWS,
    integrations::ROWS,
    events::ROWS,
    fleet_metrics::ROWS,
    groups::ROWS,
    firmware::ROWS,
    secrets::ROWS,
    ledgers::ROWS,
    customers::ROWS,
    sims::ROWS,
    search::ROWS,
    diagnostics::ROWS,
    locations::ROWS,
    configurations::ROWS,
    environments::ROWS,
    libraries::ROWS,
    device_os::ROWS,
];

/// Every row.
pub fn rows() -> impl Iterator<Item = &'static Row> {
    FILES.iter().copied().flatten().copied()
}

/// One right. The types that implement it have no values; they stand for a row.
pub trait Right: 'static {
    /// Its row.
    const ROW: &'static Row;
}

/// A right over an account.
pub trait AccountRight: Right {}

/// A right over what somebody's own devices offer.
pub trait OwnerRight: Right {}

/// A right over a product.
pub trait ProductRight: Right {}

/// A right over an organization.
pub trait OrganizationRight: Right {}

/// A right over the team of a product or an organization, whichever the path names.
pub trait TeamRight: Right {}

/// A right over what an account, a product or an organization has, whichever the path names.
pub trait SpaceRight: Right {}

/// A row of the table.
#[derive(Debug, PartialEq, Eq)]
pub struct Row {
    /// The right's name, for messages and tests.
    pub name: &'static str,
    /// Where it is asked for.
    pub door: Door,
    /// The scope that opens it, as the contract names it; none where a limited token never does.
    pub scope: Option<Scope>,
    /// The least role of a team member who may use it. At the doors without a team roles do not count.
    pub least: Role,
    /// Whether a team member's own token opens it at a product.
    pub team: TeamTokens,
    /// `METHOD /path` of each endpoint that needs it.
    pub endpoints: &'static [&'static str],
}

/// Where a right is asked for, which decides the kind of credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Door {
    /// Open to all; no credential is looked at, or the endpoint takes one of its own in the body or by HTTP Basic.
    Open,
    /// Any living token.
    Token,
    /// An account: its own token.
    Account,
    /// Somebody's own devices: an account's token, or a customer's.
    Owner,
    /// A product: its own token, an API user's, or a team member's within [`Row::team`].
    Product,
    /// An organization: an API user's token, or a team member's.
    Organization,
    /// The team of a product or an organization: the path says which, and so which of the two doors it is. Both forms stand
    /// in the table.
    Team,
    /// An account, a product or an organization: the path says which, and so which of the three doors it is.
    Space,
}

/// Whether a team member's own token is taken at a product's door.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TeamTokens {
    /// Always: product credentials are made here.
    Always,
    /// Where the server's setting `team-tokens` or the product's `settings.team_tokens` says so.
    WhereOpened,
}

/// Declares the rights of a file: `Name => Door, Some("scope") or None, Least role, Team tokens, [endpoints]`.
macro_rules! rights {
    ($($(#[$doc:meta])* $name:ident => $door:ident, $scope:expr, $least:ident, $team:ident, [$($endpoint:literal),+ $(,)?];)+) => {
        $(
            $(#[$doc])*
            #[derive(Debug)]
            pub enum $name {}
            impl super::Right for $name {
                const ROW: &'static super::Row = &super::Row {
                    name: stringify!($name),
                    door: super::Door::$door,
                    scope: super::scope($scope),
                    least: super::Role::$least,
                    team: super::TeamTokens::$team,
                    endpoints: &[$($endpoint),+],
                };
            }
            super::rights!(@$door $name);
        )+
        /// The rows of this file.
        pub(super) const ROWS: &[&super::Row] = &[$(<$name as super::Right>::ROW),+];
    };
    (@Account $name:ident) => { impl super::AccountRight for $name {} };
    (@Owner $name:ident) => { impl super::OwnerRight for $name {} };
    (@Product $name:ident) => { impl super::ProductRight for $name {} };
    (@Organization $name:ident) => { impl super::OrganizationRight for $name {} };
    (@Team $name:ident) => { impl super::TeamRight for $name {} };
    (@Space $name:ident) => { impl super::SpaceRight for $name {} };
    (@$door:ident $name:ident) => {};
}
use rights;

const fn scope(name: Option<&str>) -> Option<Scope> {
    match name {
        Some(name) => Some(Scope::named(name)),
        None => None,
    }
}
