//! Files in `multipart/form-data` (RFC 7578).

use axum::extract::{FromRequest, Request};
use http::{StatusCode, header};
use multer::{Constraints, Multipart, SizeLimit};

use crate::ApiError;

/// Bytes of a file at most.
const MOST_BYTES: u64 = 10 * 1024 * 1024;
/// Parts looked at before giving up.
const MOST_PARTS: usize = 16;

/// The part `file` of a multipart body. Its file name is not looked at: it may be a path.
#[derive(Debug)]
pub struct Upload(pub bytes::Bytes);

impl Upload {
    /// Whether a request brings one.
    #[must_use]
    pub fn is_in(request: &Request) -> bool {
        super::media_type(request.headers()).as_deref() == Some("multipart/form-data")
    }
}

impl Upload {
    /// The lines of a text file that are not empty, without the white space around them. `what` says what a line is.
    pub fn lines(&self, what: &str) -> Result<Vec<String>, ApiError> {
        let text = std::str::from_utf8(&self.0).map_err(|_| {
            ApiError::bad_request(format_args!("The file is not text; it has one {what} a line"))
        })?;
        let lines = text.trim_start_matches('\u{feff}').lines().map(str::trim);
        Ok(lines.filter(|line| !line.is_empty()).map(str::to_owned).collect())
    }
}

impl<S: Send + Sync> FromRequest<S> for Upload {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let boundary =
            multer::parse_boundary(content_type.unwrap_or_default()).map_err(|error| refuse(&error))?;
        let limits = SizeLimit::new().whole_stream(MOST_BYTES + 65_536).per_field(MOST_BYTES);
        let stream = request.into_body().into_data_stream();
        let mut parts = Multipart::with_constraints(stream, boundary, Constraints::new().size_limit(limits));
        for _ in 0..MOST_PARTS {
            match parts.next_field().await.map_err(|error| refuse(&error))? {
                Some(part) if part.name() == Some("file") => {
                    return part.bytes().await.map(Self).map_err(|error| refuse(&error));
                }
                Some(_) => {}
                None => break,
            }
        }
        Err(ApiError::bad_request("The multipart body has no part with the name file"))
    }
}

fn refuse(error: &multer::Error) -> ApiError {
    match error {
        multer::Error::FieldSizeExceeded { .. } | multer::Error::StreamSizeExceeded { .. } => ApiError::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "payload_too_large",
            format_args!("The file is too large: {MOST_BYTES} bytes at most"),
        ),
        _ => ApiError::bad_request("The multipart body is not well-formed"),
    }
}
