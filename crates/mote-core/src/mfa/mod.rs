//! The second factor: codes of an authenticator app, and recovery codes for the day it is lost.

pub mod recovery;
pub mod totp;
