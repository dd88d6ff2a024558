//! What the tests of Mote share: a PostgreSQL of their own, the real server, and a caller.

mod caller;
mod firmware;
pub mod postgres;
mod server;

pub use caller::{Answer, Request, call, exchange};
pub use firmware::Image;
pub use server::Server;
