//! How a use case can fail, in the domain's words. The API turns these into answers, in one place.

use mote_store::{Failure, StoreError, Trouble};

use crate::authorization::Denial;
use crate::blobs::BlobError;
use crate::configurations::Rejection;
use crate::keys::TokenSecret;

/// Why a use case did nothing. Unless a variant says otherwise, nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A value that the caller sent is not one this could work with.
    #[error("{field}: {why}")]
    Invalid {
        /// The parameter's name as the API has it.
        field: &'static str,
        /// What is wrong with it and what is allowed. Never repeats a value that may be a secret.
        why: String,
    },
    /// No living token was shown.
    #[error("the token is unknown, revoked or expired")]
    InvalidToken,
    /// Username, password or one-time code do not fit; which of them is not said.
    #[error("the credentials do not fit")]
    WrongCredentials,
    /// Somebody who is signed in gave another password than his account's present one, in this parameter.
    #[error("{0}: is not the account's present password")]
    WrongPassword(&'static str),
    /// The one-time code that came along is none of the account's, or was used before.
    #[error("otp: is wrong, or was used before; wait for the next one")]
    WrongCode,
    /// The account has a second factor, and no code came along.
    #[error("the account has a second factor: a one-time code is needed")]
    OtpNeeded,
    /// The caller is known and may not do this.
    #[error("{0}")]
    Denied(Denial),
    /// There is no such thing within the caller's reach.
    #[error("{0}")]
    NotFound(String),
    /// There is no such device, for somebody who wants to claim it.
    #[error("device not found")]
    UnknownDevice,
    /// The device is not connected.
    #[error("The device is not connected; try again when it is online")]
    Offline,
    /// The device is connected and did not answer in time.
    #[error("The device did not answer in time; try again")]
    NoAnswer,
    /// The device has told of no function of this name.
    #[error("Function {0} not found")]
    UnknownFunction(String),
    /// The device has told of no variable of this name.
    #[error("Unknown Variable: {0}")]
    UnknownVariable(String),
    /// The device waits for approval, or was denied it, and has no product privileges.
    #[error(
        "The device is quarantined: approve it first (POST /v1/products/:productIdOrSlug/devices with its id)"
    )]
    Quarantined,
    /// A schema, or values for one, break its rules.
    #[error("{0}")]
    Rejected(Box<Rejection>),
    /// A connected device took not all of its configuration.
    #[error("{0}")]
    DeviceRejected(String),
    /// It stands against something that exists.
    #[error("{0}")]
    Conflict(String),
    /// A service that the operator has switched off.
    #[error("{0}")]
    Forbidden(String),
    /// More of something than one caller may have.
    #[error("{0}")]
    TooMany(String),
    /// Too many wrong passwords or codes were tried on this account.
    #[error("Too many wrong passwords or codes were tried here; try again in {seconds} seconds")]
    Locked {
        /// Until it may be tried again.
        seconds: i64,
    },
    /// Too much of the same at once; try again soon.
    #[error("the server is busy; try again in a few seconds")]
    Busy,
    /// A request to the token endpoint failed by the rules of OAuth.
    #[error(transparent)]
    OAuth(#[from] OAuthError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The place of blobs failed.
    #[error(transparent)]
    Blobs(#[from] BlobError),
    /// Something that must not happen; the text is for the log.
    #[error("{0}")]
    Internal(String),
}

impl Error {
    /// A value that cannot be used.
    pub fn invalid(field: &'static str, why: impl Into<String>) -> Self {
        Self::Invalid { field, why: why.into() }
    }

    /// Whether the same may simply be tried again a little later.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        matches!(self, Self::Busy) || self.store_error().is_some_and(StoreError::is_conflict)
    }

    /// What is wrong with the place that data is in, where that is the fault.
    #[must_use]
    pub fn trouble(&self) -> Option<Trouble> {
        match self {
            Self::Store(error) => error.trouble(),
            Self::Blobs(error) => error.trouble(),
            _ => None,
        }
    }
}

impl Failure for Error {
    fn store_error(&self) -> Option<&StoreError> {
        match self {
            Self::Store(error) => Some(error),
            _ => None,
        }
    }
}

/// Refusals of the token endpoint (RFC 6749 section 5.2), and the vendor's one for a second factor.
#[derive(Debug, thiserror::Error)]
pub enum OAuthError {
    /// The request is malformed.
    #[error("{0}")]
    InvalidRequest(String),
    /// The client is unknown, or its secret is not this.
    #[error("Client credentials are invalid")]
    InvalidClient,
    /// 401: none were sent. The code is `invalid_client` too (RFC 6749 section 5.2, "no client authentication included").
    #[error(
        "Client credentials are missing: send the client's ID and secret by HTTP Basic, or as client_id and client_secret"
    )]
    NoClient,
    /// The password, one-time code or refresh token is not (or no longer) good.
    #[error("{0}")]
    InvalidGrant(String),
    /// The client may not use this grant type.
    #[error("{0}")]
    UnauthorizedClient(String),
    /// There is no such grant type here.
    #[error("{0}")]
    UnsupportedGrantType(String),
    /// The scope is not one that can be had.
    #[error("{0}")]
    InvalidScope(String),
    /// The password was right; a one-time code is needed too (contract: Authentication-PostOauthToken).
    #[error("Multifactor authentication required")]
    MfaRequired(
        /// To be sent along with the code.
        TokenSecret,
    ),
}

impl OAuthError {
    /// What a wrong password, and an address without an account, are answered alike.
    #[must_use]
    pub fn wrong_user() -> Self {
        Self::InvalidGrant("User credentials are invalid".into())
    }
}
