//! Who may do what: one table ([`table`]), one function ([`decide`]), and the proofs that it hands out.
//!
//! A use case that needs a right takes an [`AccountAccess`] or a [`ProductAccess`] of that right, and works on what is in
//! it. Both can only be had from [`Mote::account_access`] and [`Mote::product_access`], which ask the table.

mod decision;
mod proofs;
mod roles;
pub mod table;

pub use decision::{Denial, Kind, Standing, decide};
pub use proofs::{AccountAccess, ProductAccess, TokenAccess};
pub use roles::Role;
pub use table::{AccountRight, Door, ProductRight, Right, Row, TeamTokens};

#[cfg(doc)]
use crate::Mote;
