//! Who may do what: one table ([`table`]), one function ([`decide`]), and the proofs that it hands out.
//!
//! A use case that needs a right takes a proof of that right ([`AccountAccess`], [`ProductAccess`], …) and works on what is
//! in it. Proofs can only be had from [`Mote::account_access`] and its neighbours, which ask the table.

mod caller;
mod decision;
mod proofs;
mod roles;
mod scopes;
pub mod table;
mod unknown_scope;

pub use caller::Caller;
pub use decision::{Denial, Kind, Place, Standing, decide};
pub(crate) use proofs::standing;
pub use proofs::{
    AccountAccess, OrganizationAccess, OwnerAccess, ProductAccess, Space, SpaceAccess, SpaceRef, TeamAccess,
    TeamRef, TokenAccess,
};
pub use roles::Role;
pub use scopes::{Limits, NAMES as SCOPE_NAMES, Scope, Scopes};
pub use table::{
    AccountRight, Door, OrganizationRight, OwnerRight, ProductRight, Right, Row, SpaceRight, TeamRight,
    TeamTokens,
};

#[cfg(doc)]
use crate::Mote;
