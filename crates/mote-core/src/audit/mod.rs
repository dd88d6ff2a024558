//! The audit trail: who did what to which credential, product, team member, device and setting, from where, and with which
//! token (its key, never itself).
//!
//! An entry is written in the transaction of what it tells of (`Recorder::record`), so there is neither without the other.
//! It carries a MAC under a key that is derived from the server's, and is never changed. Writers do not wait for one
//! another: a moment later the sealer ([`Mote::seal_audit`]) gives each entry the next number of one chain, with the hash of
//! the entry before and its own, under the same key. [`Mote::verify_audit`] looks whether all of it is as it was written.

mod action;
mod actor;
mod chain;
mod entry;
mod export;
mod keys;
mod list;
mod retain;
mod seal;
mod verify;

pub use action::Action;
pub use actor::Actor;
pub use chain::{ChainHash, ChainPlace};
pub(crate) use chain::{LAST, START};
pub use entry::AuditEntry;
pub(crate) use entry::{Entry, Recorder};
pub use export::AuditExport;
pub(crate) use keys::ChainKeys;
pub use list::{AuditPage, AuditQuery};
pub use verify::{AuditBreak, AuditVerified};

#[cfg(doc)]
use crate::Mote;

/// Whether so many are as many as were asked for, so that there may be more.
fn is_full(count: usize, batch: i64) -> bool {
    i64::try_from(count).is_ok_and(|count| count >= batch)
}
