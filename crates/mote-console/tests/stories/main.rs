//! The console as stories of the people at its browsers, in-process, each on SQLite and on PostgreSQL.

mod addresses;
mod audit;
mod authorize;
mod clients;
mod cloud;
mod configuration;
mod connected;
mod devices;
mod forms;
mod integrations;
mod invitations;
mod ledgers;
mod limits;
mod organizations;
mod overview;
mod people;
mod rooms;
mod sessions;
mod sims;
mod slow_bodies;

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
