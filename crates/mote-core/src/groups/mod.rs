//! Device groups of products: what they are called, which devices are in them. What firmware is released to them is the
//! business of [`crate::firmware`].

mod assign;
mod group;
mod use_cases;

pub use assign::{Assignment, BatchAssignment};
pub use group::{Group, GroupColor, GroupName, ProductGroup};
pub use use_cases::{GroupChange, NewGroup};

pub(crate) use assign::join;
