//! Bodies whose sender is not known yet: what of them is read all the same, and what has to wait.

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, stream};
use http::{Extensions, StatusCode};

use super::read;
use crate::ApiError;
use crate::renewal::Renewal;

/// Bytes of a body at most that are read before it is known who sends it: more than a form takes with a token in it, or one that
/// signs somebody in. Whoever shows by the head of his request that he may send it is not bounded by this.
pub const MOST_OF_NOBODY: usize = 64 * 1024;

/// Stands in the extensions of a request with a form that is larger than that. It has not been read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LargeForm;

impl LargeForm {
    /// Whether a request brings one.
    pub(crate) fn is_in(extensions: &Extensions) -> bool {
        extensions.get::<Self>().is_some()
    }
}

/// 413: nobody is known who sends so much.
pub(crate) fn too_large_for_nobody() -> ApiError {
    ApiError::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "payload_too_large",
        format_args!(
            "The form is too large to be read before it is known whose it is: {MOST_OF_NOBODY} bytes at most, unless a token \
             goes before it, in the Authorization header or as access_token in the query"
        ),
    )
}

/// 413: no client of OAuth has so much to say, whoever it is.
pub(crate) fn too_large_for_client() -> ApiError {
    let text = format_args!("The form is too large: {MOST_OF_NOBODY} bytes at most");
    ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "invalid_request", text)
}

/// What was read of a form before it is known whose it is.
pub(crate) enum Begun {
    /// All of it.
    Whole(Bytes),
    /// There is more than anybody may send: the same body, from its beginning.
    Large(Body),
}

/// Begins to read a form.
pub(crate) async fn begin(body: Body) -> Result<Begun, ApiError> {
    let (mut pieces, mut begun) = (body.into_data_stream(), BytesMut::new());
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|_| ApiError::bad_request("The body ended before it was complete"))?;
        begun.extend_from_slice(&piece);
        if begun.len() > MOST_OF_NOBODY {
            let again = stream::once(async move { Ok(begun.freeze()) }).chain(pieces);
            return Ok(Begun::Large(Body::from_stream(again)));
        }
    }
    Ok(Begun::Whole(begun.freeze()))
}

/// Reads a whole body of at most `most` bytes of somebody whose request's head showed that he may send it, and has that shown
/// once more; of anybody else one of [`MOST_OF_NOBODY`] at most.
pub(crate) async fn read_proved(extensions: &Extensions, body: Body, most: usize) -> Result<Bytes, ApiError> {
    let is_known = Renewal::<ApiError>::is_due(extensions);
    let whole = read(body, if is_known { most } else { most.min(MOST_OF_NOBODY) }).await?;
    Renewal::<ApiError>::of_body(extensions).await?;
    Ok(whole)
}
