//! What the tests of Mote share: a PostgreSQL of their own, the real server, a caller, and a browser.

mod browser;
mod caller;
mod firmware;
mod halves;
mod library;
mod mails;
mod nats;
pub mod postgres;
mod server;

pub use browser::{Browser, Look};
pub use caller::{Answer, Caller, Request, call, exchange};
pub use firmware::Image;
pub use halves::Halves;
pub use library::library_archive;
pub use mails::Mails;
pub use nats::Nats;
pub use server::Server;
