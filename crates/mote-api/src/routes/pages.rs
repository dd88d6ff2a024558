//! Lists that are bare arrays: where there is more, the header `Link` says where.

use axum::response::AppendHeaders;
use http::header::{self, HeaderName};
use serde::Deserialize;

use crate::body::lenient;

/// Which page is asked for.
#[derive(Clone, Copy, Deserialize)]
pub(super) struct Page {
    #[serde(default, deserialize_with = "lenient::integer")]
    pub(super) page: Option<i64>,
    #[serde(default, alias = "perPage", deserialize_with = "lenient::integer")]
    pub(super) per_page: Option<i64>,
}

/// The address of the page behind this one (RFC 8288), where there is one.
pub(super) fn next_page(
    path: &str,
    page: i64,
    per_page: i64,
    has_more: bool,
) -> Option<AppendHeaders<[(HeaderName, String); 1]>> {
    let next = page + 1;
    let link = || format!("<{path}?page={next}&per_page={per_page}>; rel=\"next\"");
    has_more.then(|| AppendHeaders([(header::LINK, link())]))
}
