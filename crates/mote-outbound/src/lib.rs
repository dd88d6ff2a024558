//! Requests to the outside, such as those of webhooks, whose addresses are written by people the operator may not know.
//!
//! They never reach the server's own network ([`Guard`]): the check is made of the address that is connected to, after its
//! name was resolved, at the first request and at each redirect. Time, redirects and the size of an answer are bounded. No
//! proxy is taken from the environment: it would connect where this must not.

mod connector;
mod failure;
mod guard;
mod outbound;
mod redirect;
mod tls;

pub use failure::Failure;
pub use guard::Guard;
pub use outbound::{Answer, MOST_REDIRECTS, Outbound, Request};
