//! Files: a multipart body whose boundary is `x`, in two pieces, read as an upload with fields, and its file as a list of device IDs.
#![no_main]

use axum::body::Body;
use axum::extract::Request;
use futures_util::FutureExt;
use mote_api::body::{UploadForm, lines};

fn request(bytes: &[u8]) -> Request {
    // The first byte says where it is cut in two.
    let (cut, body) = bytes.split_first().map_or((0, bytes), |(cut, body)| (usize::from(*cut), body));
    let (one, other) = body.split_at(cut.min(body.len()));
    let pieces = [one.to_vec(), other.to_vec()].map(Ok::<_, std::io::Error>);
    http::Request::post("/")
        .header("content-type", "multipart/form-data; boundary=x")
        .body(Body::from_stream(futures_util::stream::iter(pieces)))
        .expect("it is well-formed")
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    type Fields = serde_json::Map<String, serde_json::Value>;
    let read = UploadForm::<Fields>::read(request(bytes), &["file", "binary"]).now_or_never();
    let read = read.expect("a whole body is read without waiting");
    if let Ok(UploadForm { file: Some(file), .. }) = read
        && let Ok(lines) = lines(&file.bytes, "device ID")
    {
        assert!(lines.iter().all(|line| !line.is_empty()));
    }
});
