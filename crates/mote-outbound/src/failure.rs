//! Why there is no answer.

/// A request without an answer. The texts name hosts and nothing else of an address: paths and queries may hold secrets.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// All addresses of the host are of the server's own network.
    #[error("{host} is an address of the server's own network, which requests to the outside may not enter")]
    OwnNetwork {
        /// The host.
        host: String,
    },
    /// The host's name does not resolve.
    #[error("there is no address for {host}")]
    NoAddress {
        /// The host.
        host: String,
    },
    /// Nobody takes the connection.
    #[error("cannot connect to {host}: {cause}")]
    Connect {
        /// The host.
        host: String,
        /// What the system said.
        cause: String,
    },
    /// The host's certificate is not one to be trusted, or TLS failed otherwise.
    #[error("no TLS with {host}: {cause}")]
    Tls {
        /// The host.
        host: String,
        /// What is wrong.
        cause: String,
    },
    /// The connection ended before the answer, or the answer is no HTTP.
    #[error("{host} broke the connection off: {cause}")]
    Broken {
        /// The host.
        host: String,
        /// What was noticed.
        cause: String,
    },
    /// No answer in time.
    #[error("no answer from {host} within {seconds} seconds")]
    TimedOut {
        /// The host.
        host: String,
        /// The time there was.
        seconds: u64,
    },
    /// One redirect after another.
    #[error("{host} redirects too often")]
    TooManyRedirects {
        /// The host that would not let it end.
        host: String,
    },
    /// A redirect that is not followed.
    #[error("{host} redirects {why}")]
    Redirect {
        /// The host.
        host: String,
        /// Where to, and why not.
        why: &'static str,
    },
}

impl Failure {
    /// Whether the same request may well succeed later, all by itself.
    #[must_use]
    pub const fn may_pass(&self) -> bool {
        matches!(
            self,
            Self::NoAddress { .. }
                | Self::Connect { .. }
                | Self::Broken { .. }
                | Self::TimedOut { .. }
                | Self::Tls { .. }
        )
    }
}
