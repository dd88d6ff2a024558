//! The second factor: codes of an authenticator app, and recovery codes for the day it is lost.

mod enrolment;
pub mod recovery;
pub mod totp;

/// The grant type that finishes signing in with a second factor; the vendor's own (contract: Authentication-PostOauthToken).
pub const MFA_GRANT: &str = "urn:custom:mfa-otp";
