//! Events: what devices and programs publish, and who hears of them.
//!
//! Every event, whoever makes it, goes through [`Mote::emit`]: first what must be kept of it ([`Record`]), in one commit;
//! then the open streams; then the counters. An event of which nothing is kept costs no write.

mod emit;
mod event;
mod name;
mod record;

pub use emit::EventCounts;
pub use event::{DEFAULT_TTL, Event, EventData, LARGEST_DATA, LONGEST_TTL, NewEvent, Origin, Source, Ttl};
pub use name::{EventName, LONGEST_NAME};
pub use record::Record;

#[cfg(doc)]
use crate::Mote;
