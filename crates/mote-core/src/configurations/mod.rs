//! Configurations: values that a product gives its devices, and devices have of their own, within a JSON Schema.
//!
//! A schema comes from people who are trusted with their own product only: it is bounded (`bounds`) so that no schema and
//! no values make the server work without end, and it refers to nothing outside itself.

mod bounds;
mod connected;
mod push;
mod schema;
mod schemas;
mod use_cases;
mod violation;

#[cfg(feature = "fuzzing")]
pub use schema::fuzz;

pub use connected::Configured;
pub use schema::SchemaCache;
pub use use_cases::{Applied, DeviceConfiguration};
pub use violation::{Rejection, Violation};
