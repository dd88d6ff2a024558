//! Fleet health: what a product's devices did, counted as it happens (contract: the group `FleetHealth`).
//!
//! Other rooms make one call: [`Mote::count`](crate::Mote::count).

mod counts;

pub use counts::{CallOutcome, Counted, DeliveryOutcome, FleetCounts, Traits};
