//! The web console: pages rendered on the server, forms that work without JavaScript, and their assets.
//!
//! A handler parses, calls a use case of `mote-core`, and shows what came back, as the HTTP API's do; its proofs come from the
//! same table of rights, for a session instead of a token. Around every page is one set of headers: nothing
//! is loaded from elsewhere, nothing is kept by a cache, and no page runs in another's frame.

mod access;
mod address;
mod assets;
mod chart;
mod failure;
mod form;
mod frames;
mod map;
mod menus;
mod page;
mod routes;
mod session;

pub use routes::{PAGES, beside};
