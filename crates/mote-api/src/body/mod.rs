//! What requests bring: JSON, forms, queries, path segments, files. Everything is bounded, and refused in our own shape.

mod begun;
mod fields;
pub mod form;
pub mod lenient;
mod multipart;

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequest, FromRequestParts, Request};
use http::request::Parts;
use http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

pub use begun::MOST_OF_NOBODY;
pub(crate) use begun::{Begun, LargeForm, begin, read_proved, too_large_for_client, too_large_for_nobody};
pub(crate) use multipart::{FileOfLines, Upload, is_multipart};
pub use multipart::{UploadForm, UploadedFile, lines};

use crate::{ApiError, access};
use form::Pairs;

/// Bytes of a JSON or form body at most. A hundred thousand device IDs in JSON take 2.7 MB.
pub const MOST_BYTES: usize = 4 * 1024 * 1024;

/// The media type of forms.
pub const FORM: &str = "application/x-www-form-urlencoded";

/// The media type of a body, without its parameters, in lower case; none where it has none.
#[must_use]
pub fn media_type(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    Some(value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
}

/// Reads a whole body of at most `most` bytes.
pub async fn read(body: Body, most: usize) -> Result<bytes::Bytes, ApiError> {
    use http_body_util::{BodyExt, LengthLimitError, Limited};
    match Limited::new(body, most).collect().await {
        Ok(whole) => Ok(whole.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(ApiError::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "payload_too_large",
            format_args!("The body is too large: this endpoint takes {most} bytes at most"),
        )),
        Err(_) => Err(ApiError::bad_request("The body ended before it was complete")),
    }
}

/// A body in JSON or as a form, whichever the caller prefers (old clients send forms everywhere). None at all is an empty
/// object. Fields that the endpoint does not know are left aside.
#[derive(Debug)]
pub struct Input<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Input<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        fields::read("field", &object(request).await?).map(Self)
    }
}

async fn object(request: Request) -> Result<Map<String, Value>, ApiError> {
    let (mut parts, body) = request.into_parts();
    // The frame has read forms already, but for large ones: a token may be in them.
    if let Some(pairs) = parts.extensions.remove::<Pairs>() {
        return pairs.into_object();
    }
    let media_type = media_type(&parts.headers);
    let bytes = read_proved(&parts.extensions, body, MOST_BYTES).await?;
    match media_type.as_deref() {
        _ if bytes.is_empty() => Ok(Map::new()),
        Some("application/json") => json(&bytes),
        // curl calls all that it sends a form.
        None | Some(FORM) if bytes.trim_ascii_start().starts_with(b"{") => json(&bytes),
        None | Some(FORM) => {
            let pairs = Pairs::parse(&bytes)?;
            access::one_token(&parts, Some(&pairs))?;
            pairs.into_object()
        }
        Some(_) => Err(ApiError::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_media_type",
            "Send the body as application/json or application/x-www-form-urlencoded",
        )),
    }
}

/// 400: no text here has a NUL character in it; PostgreSQL keeps none.
fn has_nul(what: &str) -> ApiError {
    ApiError::bad_request(format_args!("The {what} has a NUL character in it; leave it out"))
}

/// Whether a text of a JSON value has a NUL character in it.
fn holds_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(values) => values.iter().any(holds_nul),
        Value::Object(fields) => fields.iter().any(|(name, value)| name.contains('\0') || holds_nul(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Objects and lists in JSON at most: in memory each takes some hundred bytes, of which three are written.
const MOST_OBJECTS: usize = 50_000;
/// Commas between what is in them at most: several times the devices that are imported at a time.
const MOST_VALUES: usize = 500_000;

/// Whether JSON has more in it than any request needs, which would take a hundred times its size in memory.
#[must_use]
pub fn is_too_much(json: &[u8]) -> bool {
    let (mut objects, mut values) = (0, 0);
    let (mut in_text, mut is_escaped) = (false, false);
    for byte in json {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = in_text,
            b'"' => in_text = !in_text,
            b'{' | b'[' if !in_text => objects += 1,
            b',' if !in_text => values += 1,
            _ => {}
        }
    }
    objects > MOST_OBJECTS || values > MOST_VALUES
}

/// Reads a JSON object; null for an empty one.
pub(crate) fn json(bytes: &[u8]) -> Result<Map<String, Value>, ApiError> {
    if is_too_much(bytes) {
        let text = format_args!(
            "The body has too much in it: {MOST_OBJECTS} objects and lists at most, and {MOST_VALUES} values"
        );
        return Err(ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "payload_too_large", text));
    }
    match serde_json::from_slice(bytes) {
        Ok(value) if holds_nul(&value) => Err(has_nul("body")),
        Ok(Value::Object(object)) => Ok(object),
        Ok(Value::Null) => Ok(Map::new()),
        Ok(_) => Err(ApiError::bad_request("The body is JSON, but not an object")),
        Err(error) => {
            let (line, column) = (error.line(), error.column());
            Err(ApiError::bad_request(format_args!(
                "The body is not well-formed JSON (line {line}, column {column})"
            )))
        }
    }
}

/// The query of a request; a parameter that comes twice is refused, one that the endpoint does not know is left aside.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let object = Pairs::of_query(parts.uri.query().unwrap_or_default())?.into_object()?;
        fields::read("query parameter", &object).map(Self)
    }
}

/// Segments of the path, decoded.
#[derive(Debug)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let path = axum::extract::Path::<T>::from_request_parts(parts, state).await;
        path.map(|axum::extract::Path(path)| Self(path)).map_err(|rejection| match rejection {
            PathRejection::MissingPathParams(_) => ApiError::fault(&rejection),
            _ => {
                ApiError::bad_request("The path is not well-formed: its segments are UTF-8, percent-encoded")
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::is_too_much;

    #[test]
    fn what_takes_much_in_memory_is_told_before_it_is_read() {
        let list = |one: &str, many| format!("{{\"list\": [{}0]}}", one.repeat(many));
        for (one, many, too_many) in
            [("{\"\":0},", 40_000, 50_000), ("[0],", 40_000, 50_000), ("0,", 400_000, 500_001)]
        {
            assert!(!is_too_much(list(one, many).as_bytes()), "{one}");
            assert!(is_too_much(list(one, too_many).as_bytes()), "{one}");
        }
        // Within text they are characters like others.
        let text = format!("{{\"text\": \"\\\"{}\\\\\", \"more\": []}}", "[{,".repeat(600_000));
        assert!(!is_too_much(text.as_bytes()) && serde_json::from_str::<serde_json::Value>(&text).is_ok());
    }
}
