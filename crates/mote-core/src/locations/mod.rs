//! Locations: where the devices of a product told that they were, kept for some time.
//!
//! A device tells it with the event `loc`. A product's setting `location.opt_in` keeps its devices' locations unless it is
//! false.

mod point;
mod query;
mod record;
mod use_cases;

#[cfg(feature = "fuzzing")]
pub use point::fuzz;

pub use query::{DateRange, Devices, Rectangle};
pub use use_cases::{DeviceLocations, LocatedDevice, LocationPage, LocationQuery, Place};

pub(crate) use record::record_of;
pub(crate) use use_cases::sweep;
