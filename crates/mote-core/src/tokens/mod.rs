//! Tokens: what they grant, and their whole life — minted, checked, refreshed, listed, introspected, ended, swept.
//!
//! A grant is an access token together with the refresh token that came with it. The store knows both by keyed digest;
//! the grants in use are in memory, so that checking a token costs no query.

mod check;
mod end;
mod find;
mod grant;
mod introspect;
mod lifetime;
mod list;
mod mint;
mod refresh;
mod revoke;
mod sweep;

pub(crate) use end::end_all;
pub use find::TokenUse;
pub(crate) use grant::KeptGrant;
pub use grant::{Grant, Holder};
pub use introspect::Introspection;
pub(crate) use lifetime::LONGEST_SECONDS;
pub use lifetime::{ACCESS_SECONDS, Lifetime, REFRESH_SECONDS};
pub use list::{ListedToken, TokenDescription, TokenPage, TokensAsked};
pub use mint::Minted;
pub(crate) use mint::{Seed, insert_for_account};
