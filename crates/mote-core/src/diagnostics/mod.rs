//! Diagnostics: the vitals that devices tell of themselves, kept for thirty days.

mod fields;
mod history;
mod record;
mod refresh;
mod vitals;

#[cfg(feature = "fuzzing")]
pub use vitals::fuzz;

pub use fields::{FIELDS, Field, Kind};
pub use history::{VitalsRange, VitalsRecord, WrongRange};

pub(crate) use history::sweep;
pub(crate) use record::record_of;
