//! The HTTP API of Mote: routes, extractors, JSON views, and the OpenAPI document that comes of them.
//!
//! [`router`] is the table of contents. A handler parses, calls a use case of `mote-core`, and shows what came back; what it
//! may work on is handed to it by an extractor ([`access`]) that has checked the caller's right. [`frame::Frame`] is around
//! all of them.

pub mod access;
pub mod body;
pub mod csv;
pub mod frame;

mod error;
mod json_api;
mod renewal;
mod routes;
mod views;

pub use error::ApiError;
pub use renewal::Renewal;
pub use routes::{document, no_such_route, router, stream_of_audit, stream_of_events};
pub use views::audit_lines;
