//! The domain of Mote: its types, its use cases, and who may do what.
//!
//! [`Mote`] is the whole of it; each folder here adds the use cases of one word of the domain to it. Nothing here knows HTTP.
//! A use case that needs a right asks for the proof of it ([`authorization`]), which only the check hands out.

pub mod accounts;
pub mod audit;
pub mod authorization;
pub mod blobs;
pub mod clients;
pub mod configurations;
pub mod console_sessions;
pub mod customers;
pub mod device_keys;
pub mod device_os;
pub mod devices;
pub mod diagnostics;
pub mod environments;
pub mod events;
pub mod firmware;
pub mod fleet_metrics;
mod forms;
pub mod groups;
pub mod integrations;
pub mod keys;
pub mod ledgers;
pub mod libraries;
pub mod locations;
pub mod lockouts;
pub mod mail;
pub mod mfa;
pub mod names;
pub mod nodes;
pub mod notices;
pub mod organizations;
pub mod passwords;
pub mod products;
pub mod search;
pub mod secrets;
pub mod sessions;
pub mod sims;
pub mod teams;
pub mod tokens;
pub mod transfer;

mod cache;
mod clock;
mod error;
mod ids;
mod mote;
mod paging;
mod shares;
mod spaces;
mod uses;

#[cfg(test)]
mod testing;

pub use cache::Kept;
pub use clock::{Clock, Moment};
pub use error::{Error, OAuthError};
pub use ids::{
    AccountId, ApiUserId, ClientKey, ClientPublicKeyId, ClientSecretId, CustomerId, GroupId, IntegrationId,
    OrganizationId, OwnerId, ProductId, TokenId,
};
pub use mote::{Counts, Mote, Settings};
pub use mote_store::{SpaceKey, Trouble};
