//! Fleet health: what a product's devices did, counted as it happens (contract: the group `FleetHealth`).
//!
//! Other rooms make one call: [`Mote::count`](crate::Mote::count). Counts gather in memory and are written every few
//! seconds, in buckets of two widths: narrow ones, kept for a day, and wide ones, kept for 90. A crash loses what was not
//! written yet.

mod counts;
mod flush;
mod health;
mod online;
mod read;

pub use counts::{CallOutcome, Counted, DeliveryOutcome, FleetCounts, Traits};
pub use flush::KnownTraits;
pub(crate) use flush::sweep;
pub use health::ProductHealth;
pub use online::OnlineDevices;
pub use read::{Bucket, MOST_BUCKETS, MetricsQuery};

/// Seconds of a narrow bucket.
const NARROW: i64 = 15;
/// Seconds of a wide bucket: those of an answer, if nothing else is asked for.
const WIDE: i64 = 900;
/// Seconds for which narrow buckets are kept: a day, and the hour that its first bucket may reach back.
const NARROW_KEPT: i64 = 90_000;
/// Seconds for which wide buckets are kept.
const WIDE_KEPT: i64 = 90 * 86_400;
