//! Events: what devices and programs publish, and who hears of them.
//!
//! Every event, whoever makes it, goes through [`Mote::emit`]: first what must be kept of it ([`Record`]), in one commit;
//! then the other nodes, where there are some; then the open streams; then the counters. An event of which nothing is kept costs no write.

mod emit;
mod event;
mod listen;
mod name;
mod publish;
mod record;
mod relay;
mod streams;
mod written;

#[cfg(feature = "fuzzing")]
pub use relay::fuzz;

pub use emit::EventCounts;
pub use event::{DEFAULT_TTL, Event, EventData, LARGEST_DATA, LONGEST_TTL, NewEvent, Origin, Source, Ttl};
pub use listen::OrganizationPart;
pub use name::{EventName, LONGEST_NAME, LONGEST_PREFIX};
pub use publish::Publication;
pub use record::Record;
pub(crate) use relay::Relay;
pub use relay::{NatsSettings, RelayCounts};
pub use streams::{EventHub, EventStream, Heard, MOST_PER_TOKEN};
pub(crate) use written::WrittenEvent;

#[cfg(doc)]
use crate::Mote;
