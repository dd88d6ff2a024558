//! What the frame adds to every answer, and what it answers on its own.

use axum::response::{IntoResponse, Response};
use http::header::{self, HeaderName};
use http::{HeaderMap, HeaderValue, StatusCode};

use crate::ApiError;

/// What every answer carries; and what one to a script of a page does (Fetch standard, CORS), which says with `Origin` where it
/// comes from.
pub(super) fn finish(headers: &mut HeaderMap, id: [u8; 17], to_script: bool) {
    const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
    if let Ok(id) = HeaderValue::from_bytes(&id) {
        headers.insert(REQUEST_ID, id);
    }
    // Pages say what may be loaded with them; they are no business of scripts elsewhere.
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, const { HeaderValue::from_static("*") });
        if to_script {
            headers.insert(
                header::ACCESS_CONTROL_EXPOSE_HEADERS,
                const { HeaderValue::from_static("link, retry-after, www-authenticate, x-request-id") },
            );
        }
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, const { HeaderValue::from_static("nosniff") });
    // An answer to one caller is no business of a cache between.
    headers.entry(header::CACHE_CONTROL).or_insert(const { HeaderValue::from_static("private, no-cache") });
}

/// The answer to a browser that asks what it may send (Fetch standard, CORS preflight). Tokens travel in a header that the
/// page itself sets, never in cookies, so any page may.
pub(super) fn preflight() -> Response {
    let headers = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"),
        (
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            "authorization, content-type, accept, x-particle-tool, x-particle-project",
        ),
        (header::ACCESS_CONTROL_MAX_AGE, "86400"),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}

pub(super) fn overloaded() -> ApiError {
    let text = "The server is busy; try again in a few seconds";
    ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable", text)
        .with_header(header::RETRY_AFTER, "2")
}

pub(super) fn too_slow() -> ApiError {
    let text =
        "The request took too long and was given up; what it was to change may or may not have been changed";
    ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "timed_out", text).with_header(header::RETRY_AFTER, "2")
}
