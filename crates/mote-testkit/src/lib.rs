//! What the tests of Mote share: a PostgreSQL of their own, the real server, a caller, and a browser.

mod browser;
mod caller;
mod firmware;
mod library;
pub mod postgres;
mod server;

pub use browser::{Browser, Look};
pub use caller::{Answer, Request, call, exchange};
pub use firmware::Image;
pub use library::library_archive;
pub use server::Server;
