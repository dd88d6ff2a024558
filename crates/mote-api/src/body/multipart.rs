//! Files in `multipart/form-data` (RFC 7578).

use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use http::{Extensions, StatusCode, header};
use mote_core::Mote;
use mote_core::blobs::Turn;
use mote_core::devices::MOST_IMPORTED;
use multer::{Constraints, Field, Multipart, SizeLimit};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::ApiError;
use crate::frame::turn_to_upload;
use crate::renewal::Renewal;

/// Bytes of a file at most.
const MOST_BYTES: u64 = 10 * 1024 * 1024;
/// Bytes of all that is beside the file.
const MOST_BESIDES: usize = 64 * 1024;
/// Parts looked at before giving up.
const MOST_PARTS: usize = 16;

/// The part `file` of a multipart body, with the fields beside it and its turn: it is in memory as a whole while it is read.
/// Its file name is not looked at: it may be a path.
#[derive(Debug)]
pub(crate) struct Upload<T> {
    file: Bytes,
    /// The fields; those that the endpoint does not know are left aside.
    pub(crate) fields: T,
    #[expect(dead_code, reason = "holds the room")]
    turn: Turn,
}

/// The lines of a text file that are not empty, without the white space around them: one more than may be imported at most.
/// `what` says what a line is.
pub fn lines(file: &[u8], what: &str) -> Result<Vec<String>, ApiError> {
    let text = std::str::from_utf8(file)
        .map_err(|_| ApiError::bad_request(format_args!("The file is not text; it has one {what} a line")))?;
    if text.contains('\0') {
        return Err(super::has_nul("file"));
    }
    let lines = text.trim_start_matches('\u{feff}').lines().map(str::trim);
    Ok(lines.filter(|line| !line.is_empty()).take(MOST_IMPORTED + 1).map(str::to_owned).collect())
}

impl<T> Upload<T> {
    /// The [`lines`] of it.
    pub(crate) fn lines(&self, what: &str) -> Result<Vec<String>, ApiError> {
        lines(&self.file, what)
    }
}

/// Whether a request brings a multipart body.
#[must_use]
pub(crate) fn is_multipart(request: &Request) -> bool {
    super::media_type(request.headers()).as_deref() == Some("multipart/form-data")
}

impl<T: DeserializeOwned> FromRequest<Mote> for Upload<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, mote: &Mote) -> Result<Self, ApiError> {
        let turn = turn_to_upload(mote, request.extensions()).await?;
        let UploadForm { file, fields } = UploadForm::read(request, &["file"]).await?;
        let without = || ApiError::bad_request("The multipart body has no part with the name file");
        Ok(Self { file: file.ok_or_else(without)?.bytes, fields, turn })
    }
}

/// A body with a file that [`Upload::lines`] reads.
#[derive(ToSchema)]
#[expect(dead_code, reason = "says in the document what a part of the body is")]
pub(crate) struct FileOfLines {
    /// Text, with one ID a line.
    #[schema(format = Binary)]
    file: String,
}

/// A file of a multipart body, and what its part says of it.
#[derive(Debug)]
pub struct UploadedFile {
    /// What the sender calls it; may be a path, or anything else.
    pub name: Option<String>,
    /// Its media type, without parameters.
    pub media_type: Option<String>,
    /// Its bytes.
    pub bytes: Bytes,
}

/// A whole multipart body: a file, and fields beside it, in any order.
#[derive(Debug)]
pub struct UploadForm<T> {
    /// The file, if there is one.
    pub file: Option<UploadedFile>,
    /// The fields; those that the endpoint does not know are left aside.
    pub fields: T,
}

impl<T: DeserializeOwned> UploadForm<T> {
    /// Reads a body; the file is the part of one of these names.
    pub async fn read(request: Request, file_names: &[&str]) -> Result<Self, ApiError> {
        let (extensions, mut parts) = parts_of(request)?;
        let (mut file, mut fields, mut read, mut room) = (None, Map::new(), 0, MOST_BESIDES);
        while let Some(part) = parts.next_field().await.map_err(|error| refuse(&error))? {
            read += 1;
            if read > MOST_PARTS {
                let text = format_args!("The multipart body has more than {MOST_PARTS} parts");
                return Err(ApiError::bad_request(text));
            }
            let name = part.name().unwrap_or_default().to_owned();
            let twice = if file_names.contains(&name.as_str()) {
                file.replace(file_of(part).await?).is_some()
            } else {
                let text = text_of(part, &mut room).await?;
                if name.contains('\0') || text.contains('\0') {
                    return Err(super::has_nul("body"));
                }
                fields.insert(name, Value::String(text)).is_some()
            };
            if twice {
                return Err(ApiError::bad_request("A part of the multipart body comes more than once"));
            }
        }
        Renewal::<ApiError>::of_body(&extensions).await?;
        Ok(Self { file, fields: super::fields::read("field", &fields)? })
    }
}

/// The text of a part that is no file, for which there is so much room left.
async fn text_of(mut part: Field<'_>, room: &mut usize) -> Result<String, ApiError> {
    let mut bytes = Vec::new();
    while let Some(piece) = part.chunk().await.map_err(|error| refuse(&error))? {
        *room = room.checked_sub(piece.len()).ok_or_else(|| {
            let text = format_args!("What stands beside the file is too large: {MOST_BESIDES} bytes at most");
            ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "payload_too_large", text)
        })?;
        bytes.extend_from_slice(&piece);
    }
    String::from_utf8(bytes).map_err(|_| ApiError::bad_request("A part of the multipart body is not UTF-8"))
}

async fn file_of(part: Field<'_>) -> Result<UploadedFile, ApiError> {
    let name = part.file_name().filter(|name| !name.contains('\0')).map(str::to_owned);
    let media_type = part.content_type().map(|of| of.essence_str().to_owned());
    let bytes = part.bytes().await.map_err(|error| refuse(&error))?;
    Ok(UploadedFile { name, media_type, bytes })
}

fn parts_of(request: Request) -> Result<(Extensions, Multipart<'static>), ApiError> {
    if !is_multipart(&request) {
        let text = "Send the body as multipart/form-data, the file as its part with the name file";
        return Err(ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", text));
    }
    let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let boundary =
        multer::parse_boundary(content_type.unwrap_or_default()).map_err(|error| refuse(&error))?;
    let limits = SizeLimit::new().whole_stream(MOST_BYTES + MOST_BESIDES as u64).per_field(MOST_BYTES);
    let (head, body) = request.into_parts();
    let constraints = Constraints::new().size_limit(limits);
    Ok((head.extensions, Multipart::with_constraints(body.into_data_stream(), boundary, constraints)))
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
