//! Live sessions of devices: what can be asked of a device that is connected, and who is.
//!
//! A door for devices calls [`crate::Mote::connect_device`] once it knows who is there, and serves the [`Connection`] that
//! it gets: a queue of [`Command`]s, each with the place for its answer. Everybody else asks the [`Session`], which the
//! registry has under the device's ID for as long as the door serves it.

mod connect;
mod each;
mod registry;
mod session;

pub use connect::{Connection, Hello};
pub use registry::Sessions;
pub use session::{Answer, Command, PushedEvent, Session, SessionError, Update};
