//! The store of Mote: schema, migrations, queries, and the two engines behind them.
//!
//! Everything goes through two calls, [`Store::read`] and [`Store::write`], which take plain synchronous closures over a
//! [`Db`]. The folders beside this file hold the queries, one per word of the domain; they know rows, not rules.

mod engine;
mod error;
mod migrate;
mod schema;
mod spaces;

pub mod accounts;
pub mod api_users;
pub mod audit;
pub mod backup;
pub mod blobs;
pub mod challenges;
pub mod claim_codes;
pub mod client_keys;
pub mod client_secrets;
pub mod clients;
pub mod configurations;
pub mod console_sessions;
pub mod customers;
pub mod device_os;
pub mod devices;
pub mod environments;
pub mod firmware;
pub mod fleet_metrics;
pub mod groups;
pub mod integrations;
pub mod invitations;
pub mod ledgers;
pub mod libraries;
pub mod locations;
pub mod meta;
pub mod nodes;
pub mod notices;
pub mod organizations;
pub mod products;
pub mod seals;
pub mod search;
pub mod secrets;
pub mod sims;
pub mod teams;
pub mod tokens;
pub mod transfer;
pub mod vitals;

pub use engine::{Db, Location, Message, Store, Wire};
pub use error::{Failure, StoreError, Trouble};
pub use spaces::SpaceKey;

/// Has PostgreSQL plan the statements of this transaction for what they are about, and for tables as large as they are by now.
///
/// For those that look many things up in tables that grow by the same work: a plan that was made when a table was empty, and is
/// kept, reads all of it each time.
pub fn plan_anew(db: &mut Db) -> Result<(), StoreError> {
    let Db::Postgres(db) = db else { return Ok(()) };
    Ok(diesel::connection::SimpleConnection::batch_execute(
        db,
        "SET LOCAL plan_cache_mode = force_custom_plan",
    )?)
}

/// A `LIKE` pattern for a part, its own wildcards taken as they are; in lower case as the engines have it, of ASCII letters.
fn pattern(part: &str) -> String {
    let escaped = part.to_ascii_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{escaped}%")
}

/// Sorts behind every text that begins with `start`.
fn end_of(start: &str) -> String {
    format!("{start}\u{10FFFF}")
}
