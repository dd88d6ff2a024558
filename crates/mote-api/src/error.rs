//! The one type that every handler fails with, and the one place where a failure becomes an answer.

use std::fmt::Display;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use mote_core::authorization::Denial;
use mote_core::configurations::Rejection;
use mote_core::{Error, OAuthError, Trouble};
use serde_json::{Map, Value, json};

use crate::frame::{Guess, fault_id};

/// The challenge to whoever proves himself by name and password (RFC 7617 section 2).
const BASIC: &str = "Basic realm=\"mote\"";

/// A refusal or fault, ready to be sent: `{"ok":false,"error":…,"error_description":…,"errors":[…]}`, or without `ok` and
/// `errors` at the token endpoint (RFC 6749 section 5.2).
///
/// `error_description` never says "access token" except of a bad one: the Particle CLI throws its token away on these words.
#[derive(Debug)]
pub struct ApiError(Box<Answer>);

#[derive(Debug)]
struct Answer {
    status: StatusCode,
    body: Map<String, Value>,
    headers: Vec<(header::HeaderName, HeaderValue)>,
    /// For the frame, which locks out whoever guesses.
    guess: Option<Guess>,
}

impl ApiError {
    /// A refusal of this status, with a code or a few words, and a sentence that says what to do.
    pub fn new(status: StatusCode, error: &str, description: impl Display) -> Self {
        let description = description.to_string();
        let mut body = Map::new();
        body.insert("ok".into(), false.into());
        body.insert("error".into(), error.into());
        // Of all others, legacy clients print nothing but this one.
        body.insert("errors".into(), json!([description]));
        body.insert("error_description".into(), description.into());
        Self(Box::new(Answer { status, body, headers: Vec::new(), guess: None }))
    }

    /// The status that it is sent with.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// 400: the request is not one this endpoint can work with.
    pub fn bad_request(description: impl Display) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request", description)
    }

    /// 401: no credential came along (RFC 6750 section 3.1: then the challenge says no more).
    #[must_use]
    pub fn no_token() -> Self {
        let text = "Authentication is needed: send a token in the Authorization header as Bearer, or as access_token=";
        // The CLI of a person who is signed out looks for exactly this code.
        Self::new(StatusCode::UNAUTHORIZED, "invalid_token", text).with_challenge("")
    }

    /// 401: the token is malformed, unknown, revoked or expired.
    #[must_use]
    pub fn invalid_token() -> Self {
        let text = "The access token provided is invalid.";
        let why = ", error=\"invalid_token\", error_description=\"The access token provided is invalid.\"";
        Self::new(StatusCode::UNAUTHORIZED, "invalid_token", text).with_challenge(why)
    }

    /// 500: the cause goes to the log, under an ID that the answer names.
    pub fn fault(cause: &dyn Display) -> Self {
        let id = fault_id();
        tracing::error!(fault = %id, %cause, "internal fault");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "server_error",
            format_args!("Something went wrong on the server. Its log tells more under fault {id}"),
        )
    }

    /// 507 or 503: the place that data is in is full, or not to be reached. The cause goes to the log.
    fn trouble(trouble: Trouble, cause: &dyn Display) -> Self {
        let id = fault_id();
        tracing::error!(fault = %id, %cause, "the store cannot be used");
        match trouble {
            Trouble::Full => Self::new(
                StatusCode::INSUFFICIENT_STORAGE,
                "insufficient_storage",
                format_args!(
                    "The server's storage is full, and nothing was changed; its operator must make room (fault {id})"
                ),
            ),
            Trouble::Away => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "temporarily_unavailable",
                format_args!(
                    "The server cannot use its storage at the moment; try again in a few seconds, and look first whether a change was made (fault {id})"
                ),
            )
            .with_header(header::RETRY_AFTER, "5"),
        }
    }

    /// 422: a schema or values break the rules, in the contract's words for it (Configuration-SetProductConfigSchema).
    fn rejected(rejection: &Rejection) -> Self {
        let violations = rejection.violations.iter().map(|violation| {
            json!({
                "keyword": violation.keyword, "dataPath": violation.data_path, "schemaPath": violation.schema_path,
                "params": violation.params, "message": violation.message
            })
        });
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, rejection.message, rejection)
            .with_field("message", rejection.message.into())
            .with_field("description", rejection.to_string().into())
            .with_field("violations", violations.collect())
    }

    /// The same with another header.
    #[must_use]
    pub fn with_header(mut self, name: header::HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.0.headers.push((name, value));
        }
        self
    }

    /// The same with a challenge for a bearer token, which goes on with this (RFC 6750 section 3).
    #[must_use]
    fn with_challenge(self, why: &str) -> Self {
        self.with_header(header::WWW_AUTHENTICATE, &format!("Bearer realm=\"mote\"{why}"))
    }

    /// The same, where no one token could be read from the request (RFC 6750 section 3.1, `invalid_request`).
    #[must_use]
    pub(crate) fn for_bearer(self) -> Self {
        self.with_challenge(", error=\"invalid_request\"")
    }

    /// The same with another field in its body.
    #[must_use]
    pub fn with_field(mut self, name: &str, value: Value) -> Self {
        self.0.body.insert(name.into(), value);
        self
    }

    /// The same, of credentials that were wrong.
    #[must_use]
    fn of_wrong_guess(mut self) -> Self {
        self.0.guess = Some(Guess::Wrong);
        self
    }

    /// In the form of JSON:API: `errors` has an object with a `message`, where all other clients print texts.
    #[must_use]
    pub(crate) fn for_json_api(self) -> Self {
        let message = self.0.body.get("error_description").cloned().unwrap_or_default();
        self.with_field("errors", json!([{ "message": message }]))
    }

    /// In the shape of the token endpoint: no `ok` and `errors`, and not to be kept by any cache.
    #[must_use]
    pub fn for_token_endpoint(mut self) -> Self {
        self.0.body.remove("ok");
        self.0.body.remove("errors");
        self.with_header(header::CACHE_CONTROL, "no-store").with_header(header::PRAGMA, "no-cache")
    }
}

impl From<Denial> for ApiError {
    fn from(denial: Denial) -> Self {
        // api-js shows the description alone, in which its users look for these two words.
        let error = Self::new(
            StatusCode::FORBIDDEN,
            "Permission denied",
            format_args!("Permission denied: {denial}"),
        );
        match denial {
            Denial::Scope { scope } => {
                let wanted = scope.map_or_else(String::new, |scope| format!(", scope=\"{}\"", scope.name()));
                error.with_challenge(&format!(", error=\"insufficient_scope\"{wanted}"))
            }
            _ => error,
        }
    }
}

impl From<OAuthError> for ApiError {
    fn from(error: OAuthError) -> Self {
        let (status, code) = match &error {
            OAuthError::InvalidRequest(_) => (StatusCode::BAD_REQUEST, "invalid_request"),
            OAuthError::InvalidClient | OAuthError::NoClient => (StatusCode::UNAUTHORIZED, "invalid_client"),
            OAuthError::InvalidGrant(_) => (StatusCode::BAD_REQUEST, "invalid_grant"),
            OAuthError::UnauthorizedClient(_) => (StatusCode::BAD_REQUEST, "unauthorized_client"),
            OAuthError::UnsupportedGrantType(_) => (StatusCode::BAD_REQUEST, "unsupported_grant_type"),
            OAuthError::InvalidScope(_) => (StatusCode::BAD_REQUEST, "invalid_scope"),
            OAuthError::MfaRequired(_) => (StatusCode::FORBIDDEN, "mfa_required"),
        };
        let answer = Self::new(status, code, &error).for_token_endpoint();
        match error {
            OAuthError::NoClient => answer.with_header(header::WWW_AUTHENTICATE, BASIC),
            OAuthError::InvalidClient => answer.with_header(header::WWW_AUTHENTICATE, BASIC).of_wrong_guess(),
            OAuthError::InvalidGrant(_) => answer.of_wrong_guess(),
            OAuthError::MfaRequired(token) => answer.with_field("mfa_token", token.expose().as_str().into()),
            _ => answer,
        }
    }
}

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        match error {
            Error::Invalid { .. } => Self::bad_request(error),
            Error::WrongCode => Self::new(StatusCode::BAD_REQUEST, "invalid_grant", error).of_wrong_guess(),
            Error::WrongPassword(_) => Self::bad_request(error).of_wrong_guess(),
            Error::InvalidToken => Self::invalid_token(),
            Error::WrongCredentials => {
                Self::new(StatusCode::UNAUTHORIZED, "invalid_grant", OAuthError::wrong_user())
                    .with_header(header::WWW_AUTHENTICATE, BASIC)
                    .of_wrong_guess()
            }
            Error::OtpNeeded => {
                let text = "This account has a second factor: send its one-time code as otp";
                Self::new(StatusCode::FORBIDDEN, "mfa_required", text)
            }
            Error::Denied(denial) => denial.into(),
            Error::NotFound(_) => Self::new(StatusCode::NOT_FOUND, "not_found", error),
            Error::UnknownDevice => {
                let text =
                    "device not found: no device with this ID was imported, registered or connected here";
                Self::new(StatusCode::NOT_FOUND, "device not found", text)
                    .with_field("errors", json!(["device not found"]))
            }
            Error::Offline | Error::NoAnswer => Self::new(StatusCode::REQUEST_TIMEOUT, "Timed out.", error),
            Error::UnknownFunction(_) => Self::new(StatusCode::NOT_FOUND, "Function not found", error),
            Error::UnknownVariable(_) => Self::new(StatusCode::NOT_FOUND, "Variable not found", error),
            Error::Quarantined => Self::new(StatusCode::FORBIDDEN, "quarantined", error),
            Error::Rejected(rejection) => Self::rejected(&rejection),
            Error::DeviceRejected(_) => {
                Self::new(StatusCode::BAD_REQUEST, "device_rejected_configuration", error)
            }
            Error::Conflict(_) => Self::new(StatusCode::CONFLICT, "conflict", error),
            // No code: legacy clients print `error`, and ask for a transfer when it has the right words.
            Error::Forbidden(text) => Self::new(StatusCode::FORBIDDEN, &text, &text),
            Error::TooMany(_) => Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", error)
                .with_header(header::RETRY_AFTER, "5"),
            Error::Locked { seconds } => Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", error)
                .with_header(header::RETRY_AFTER, &seconds.to_string()),
            error if error.is_busy() => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable", Error::Busy)
                    .with_header(header::RETRY_AFTER, "2")
            }
            Error::OAuth(error) => error.into(),
            Error::Busy | Error::Store(_) | Error::Blobs(_) | Error::Internal(_) => match error.trouble() {
                Some(trouble) => Self::trouble(trouble, &error),
                None => Self::fault(&error),
            },
        }
    }
}

impl Answer {
    /// As that which is shown of its body, with its headers, and its word to the frame.
    fn shown_as(self, show: impl FnOnce(StatusCode, Map<String, Value>) -> Response) -> Response {
        let mut response = show(self.status, self.body);
        response.headers_mut().extend(self.headers.into_iter().map(|(name, value)| (Some(name), value)));
        if let Some(guess) = self.guess {
            guess.tell(&mut response);
        }
        response
    }
}

impl ApiError {
    /// As a page for people, which has the description in it.
    pub(crate) fn into_page(self, page: fn(StatusCode, &str) -> Response) -> Response {
        self.0.shown_as(|status, body| {
            page(status, body.get("error_description").and_then(Value::as_str).unwrap_or_default())
        })
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        self.0.shown_as(|status, body| (status, axum::Json(Value::Object(body))).into_response())
    }
}
