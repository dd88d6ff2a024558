//! The tables, as both engines have them, one file per word of the domain. `migrations/` makes them; a column here without
//! one there fails every test.

pub(crate) mod accounts;
pub(crate) mod api_users;
pub(crate) mod audit;
pub(crate) mod blobs;
pub(crate) mod claim_codes;
pub(crate) mod clients;
pub(crate) mod configurations;
pub(crate) mod console_sessions;
pub(crate) mod customers;
pub(crate) mod device_os;
pub(crate) mod devices;
pub(crate) mod environments;
pub(crate) mod firmware;
pub(crate) mod fleet_metrics;
pub(crate) mod groups;
pub(crate) mod integrations;
pub(crate) mod invitations;
mod joins;
pub(crate) mod ledgers;
pub(crate) mod libraries;
pub(crate) mod locations;
pub(crate) mod meta;
pub(crate) mod notices;
pub(crate) mod organizations;
pub(crate) mod products;
pub(crate) mod secrets;
pub(crate) mod sims;
pub(crate) mod tokens;
pub(crate) mod vitals;
