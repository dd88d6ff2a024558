//! Passwords: which ones are good enough, and how they are kept.

mod argon;
mod hasher;
mod job;
#[cfg(target_os = "linux")]
mod pacer;
mod policy;
mod queue;
#[cfg(target_os = "linux")]
mod room;
#[cfg(target_os = "linux")]
mod rounds;
mod watch;

use std::fmt;

use zeroize::Zeroizing;

pub use hasher::PasswordHasher;
pub use policy::{LONGEST, SHORTEST, check_strength};

/// A password as a person typed it. Never prints, and is wiped when it goes.
#[derive(Clone)]
pub struct Password(Zeroizing<String>);

impl Password {
    /// Takes it over.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text, for what is a password to HTTP Basic but not to us: a client's secret.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}
