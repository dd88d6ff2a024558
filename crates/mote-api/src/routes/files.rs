//! Files as answers.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use http::{HeaderValue, header};
use mote_core::blobs::BlobReader;

/// The media type of a Device OS binary.
pub(super) const BINARY: &str = "application/octet-stream";

/// A file as an answer, read as fast as it is taken.
pub(super) fn file(name: &str, media_type: &'static str, reader: BlobReader) -> Response {
    let size = reader.size();
    let pieces = stream::try_unfold(reader, async |mut reader| {
        Ok::<_, mote_core::blobs::BlobError>(reader.next().await?.map(|piece| (piece, reader)))
    });
    let plain: String =
        name.chars().map(|c| if c.is_ascii_graphic() || c == ' ' { c } else { '_' }).collect();
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{plain}\""));
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(media_type)),
        (header::CONTENT_LENGTH, size.into()),
        (header::CONTENT_DISPOSITION, disposition.unwrap_or(HeaderValue::from_static("attachment"))),
    ];
    (headers, Body::from_stream(pieces)).into_response()
}
