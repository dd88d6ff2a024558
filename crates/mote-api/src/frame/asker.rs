//! Who asks, and so in which form a refusal of the frame is told.

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header};

use crate::ApiError;

/// What shows people a refusal as a page: beside programs, a router may have pages for people.
#[derive(Clone, Copy, Debug)]
pub struct Pages {
    /// Whether this path is one of a page.
    pub has: fn(path: &str) -> bool,
    /// The page of a refusal, from its status and a sentence that says why and what to do.
    pub refusal: fn(StatusCode, &str) -> Response,
}

/// Whoever sent a request.
#[derive(Clone, Copy, Debug)]
pub(super) enum Asker {
    Program,
    /// A client of OAuth, at an endpoint of its own.
    Client,
    /// Somebody at a browser.
    Person(Pages),
}

impl Asker {
    pub(super) fn of(path: &str, headers: &HeaderMap, pages: Option<Pages>) -> Self {
        let wants_a_page = || {
            let accepts = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
            accepts.flat_map(|value| value.split(',')).any(|one| one.trim_start().starts_with("text/html"))
        };
        match pages {
            _ if is_asked_by_clients(path) => Self::Client,
            Some(pages) if (pages.has)(path) && wants_a_page() => Self::Person(pages),
            _ => Self::Program,
        }
    }

    /// The answer that a refusal is.
    pub(super) fn tell(self, refusal: ApiError) -> Response {
        match self {
            Self::Program => refusal.into_response(),
            Self::Client => refusal.for_token_endpoint().into_response(),
            Self::Person(pages) => refusal.into_page(pages.refusal),
        }
    }
}

/// The endpoints of OAuth that clients ask: whatever is wrong with a request is told there in the form of RFC 6749 section 5.2
/// (RFC 7009 section 2.2.1, RFC 7662 section 2.3).
pub(super) fn is_asked_by_clients(path: &str) -> bool {
    matches!(path, "/oauth/token" | "/oauth/introspect" | "/oauth/revoke")
}
