//! Failures in the form that the clients of libraries read, who look for a `message` in each of `errors` (npm packages
//! `particle-api-js` and `particle-commands`).

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use mote_core::Error;

use crate::ApiError;

/// A failure in this form.
#[derive(Debug)]
pub(crate) struct JsonApiError(ApiError);

/// Whatever another extractor takes of a request; failing in this form.
#[derive(Debug)]
pub(crate) struct JsonApi<E>(pub(crate) E);

impl From<ApiError> for JsonApiError {
    fn from(error: ApiError) -> Self {
        Self(error.for_json_api())
    }
}

impl From<Error> for JsonApiError {
    fn from(error: Error) -> Self {
        ApiError::from(error).into()
    }
}

impl IntoResponse for JsonApiError {
    fn into_response(self) -> Response {
        self.0.into_response()
    }
}

impl<S: Send + Sync, E: FromRequestParts<S, Rejection = ApiError>> FromRequestParts<S> for JsonApi<E> {
    type Rejection = JsonApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, JsonApiError> {
        Ok(Self(E::from_request_parts(parts, state).await?))
    }
}

impl<S: Send + Sync, E: FromRequest<S, Rejection = ApiError>> FromRequest<S> for JsonApi<E> {
    type Rejection = JsonApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, JsonApiError> {
        Ok(Self(E::from_request(request, state).await?))
    }
}
