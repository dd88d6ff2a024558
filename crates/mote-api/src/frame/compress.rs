//! gzip for large answers.

use std::io::Write;

use axum::body::Body;
use axum::response::Response;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::{HeaderMap, HeaderValue, header};
use http_body::Body as _;

/// Bytes below which compressing costs more than it saves.
const SMALLEST: u64 = 4 * 1024;
/// Bytes beyond which it is done on a thread that may block.
const LARGE: usize = 64 * 1024;

/// Whether the caller can read gzip (RFC 9110 section 12.5.3); a weight of nought, however it is written, says that he cannot.
pub(super) fn is_accepted(headers: &HeaderMap) -> bool {
    let Some(accepted) = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()) else {
        return false;
    };
    accepted.split(',').any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        name.trim().eq_ignore_ascii_case("gzip") && !is_nought(weight.trim())
    })
}

fn is_nought(weight: &str) -> bool {
    let value = weight.strip_prefix(['q', 'Q']).and_then(|rest| rest.trim_start().strip_prefix('='));
    value.and_then(|value| value.trim().parse::<f32>().ok()).is_some_and(|value| value <= 0.0)
}

/// Whether an answer is large, and not compressed yet. A stream of events has no known length, and is left as it is.
pub(super) fn is_worth_it(response: &Response) -> bool {
    response.body().size_hint().exact().is_some_and(|length| length >= SMALLEST)
        && !response.headers().contains_key(header::CONTENT_ENCODING)
}

/// Compresses an answer that is worth it, for a caller who can read that; says to caches that others get it otherwise.
pub(super) async fn answer(mut response: Response, accepted: bool) -> Response {
    response.headers_mut().append(header::VARY, HeaderValue::from_static("accept-encoding"));
    if accepted { gzip(response).await } else { response }
}

async fn gzip(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    // The length is known, so the bytes are there already.
    let Ok(plain) = axum::body::to_bytes(body, usize::MAX).await else {
        return Response::from_parts(parts, Body::empty());
    };
    let squeeze = |plain: &[u8]| {
        let mut encoder = GzEncoder::new(Vec::with_capacity(plain.len() / 4), Compression::fast());
        encoder.write_all(plain).and_then(|()| encoder.finish())
    };
    let squeezed = if plain.len() > LARGE {
        let plain = plain.clone();
        tokio::task::spawn_blocking(move || squeeze(&plain)).await.ok().and_then(Result::ok)
    } else {
        squeeze(&plain).ok()
    };
    let Some(squeezed) = squeezed else { return Response::from_parts(parts, Body::from(plain)) };
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    Response::from_parts(parts, Body::from(squeezed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_says_whether_he_reads_gzip() {
        let says = |text: &'static str| {
            is_accepted(&HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(text))]))
        };
        for yes in ["gzip", "deflate, GZip", "br;q=0, gzip;q=0.001", "gzip; q=1", "gzip;q=nonsense"] {
            assert!(says(yes), "{yes}");
        }
        for no in ["", "br", "gzip;q=0", "gzip;q=0.0", "gzip ; q=0.000", "gzip;Q=0", "xgzip"] {
            assert!(!says(no), "{no}");
        }
        assert!(!is_accepted(&HeaderMap::new()));
    }
}
