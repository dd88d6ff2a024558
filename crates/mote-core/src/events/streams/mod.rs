//! Open streams of events: who hears of which event, at once and within bounds.
//!
//! A stream stands in an index under the one topic that it is about, so that an event asks only those who may hear of it. Each
//! has a mailbox with bounds; who does not empty his is dropped. What memory forgets of grants, roles and products
//! ([`crate::Kept`]) makes the streams that rest on it prove their right again, so that a revoked one ends at once.

mod hub;
mod mailbox;
mod standing;
mod stream;
mod topic;

pub use hub::{EventHub, MOST_PER_TOKEN};
pub use stream::{EventStream, Heard};

pub(super) use standing::Place;
pub(super) use topic::Topic;
