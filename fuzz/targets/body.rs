//! Bodies in JSON or as forms, into fields of all the kinds that endpoints have. The first line is the media type.
#![no_main]

use axum::body::Body;
use axum::extract::FromRequest;
use futures_util::FutureExt;
use mote_api::body::{Input, lenient};

#[derive(serde::Deserialize)]
#[expect(dead_code, reason = "only the reading matters")]
struct Fields {
    #[serde(default, deserialize_with = "lenient::bool")]
    flag: Option<bool>,
    #[serde(default, deserialize_with = "lenient::integer")]
    number: Option<i64>,
    #[serde(default, deserialize_with = "lenient::integer_or_none")]
    wish: Option<Option<i64>>,
    #[serde(default, deserialize_with = "lenient::text")]
    text: Option<String>,
    #[serde(default, deserialize_with = "lenient::any_text")]
    data: Option<String>,
    #[serde(default, deserialize_with = "lenient::texts")]
    ids: Vec<String>,
    tree: Option<serde_json::Map<String, serde_json::Value>>,
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(0);
    let mut request = http::Request::post("/");
    if end > 0 {
        request = request.header("content-type", &bytes[..end]);
    }
    let Ok(request) = request.body(Body::from(bytes[end..].to_vec())) else { return };
    let read = Input::<Fields>::from_request(request, &()).now_or_never();
    assert!(read.is_some(), "a whole body is read without waiting");
});
