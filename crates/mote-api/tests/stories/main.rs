//! The API as stories of its callers, in-process, each on SQLite and on PostgreSQL.

mod accounts;
mod addresses;
mod audit;
mod authorization;
mod claim_codes;
mod client_keys;
mod client_secrets;
mod cloud;
mod configurations;
mod contract;
mod customers;
mod device_os;
mod devices;
mod diagnostics;
mod environments;
mod events;
mod families;
mod firmware;
mod fleet_metrics;
mod frame;
mod gone;
mod groups;
mod in_flight;
mod integrations;
mod keys;
mod ledgers;
mod libraries;
mod limits;
mod locations;
mod mails;
mod nodes;
mod nul;
mod organizations;
mod protection;
mod quarantine;
mod receiver;
mod refusals;
mod search;
mod secrets;
mod self_provisioning;
mod sessions;
mod sims;
mod slow_bodies;
mod teams;
mod token_standards;
mod tokens;
mod transfer;

/// Tells each story on both engines.
macro_rules! on_both_engines {
    ($($story:ident),+ $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test] async fn $story() { super::$story(crate::cloud::Cloud::on_sqlite().await).await; })+
        }
        mod on_postgresql {
            $(#[tokio::test] async fn $story() { super::$story(crate::cloud::Cloud::on_postgresql().await).await; })+
        }
    };
}
pub(crate) use on_both_engines;
