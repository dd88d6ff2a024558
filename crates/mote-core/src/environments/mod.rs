//! Environment variables: names and values that devices are given, and integrations see; of an owner (an account or an
//! organization), of its products, and of a product's devices, the nearest first.
//!
//! What is set at a level is staged until it is rolled out there. A device has what was rolled out at its own level and those
//! above it.

mod changes;
mod connected;
mod diff;
mod level;
mod push;
mod rollout;
mod use_cases;
mod variables;

pub use changes::EnvChange;
pub use diff::{Change, Diff};
pub use level::Origin;
pub use rollout::{Rendered, Rollout, When};
pub use use_cases::{Environment, OnDevice};
pub use variables::Variables;
