//! What the tests of Mote share: a PostgreSQL of their own, the real server, and a caller.

mod caller;
pub mod postgres;
mod server;

pub use caller::{Answer, Request, call};
pub use server::Server;
