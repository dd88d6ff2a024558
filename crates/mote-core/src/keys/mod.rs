//! The server's key, what is derived from it, and random secrets.
//!
//! The key is kept outside the database. What the database holds of a secret is a digest keyed with it ([`Digester`]), or
//! the secret sealed with it ([`Sealer`]): a stolen database opens nothing.

mod digest;
pub(crate) mod random;
mod seal;
mod secret;
mod server_key;

pub use digest::{Digest, Digester};
pub use seal::{SealError, Sealer};
pub use secret::TokenSecret;
pub use server_key::{KeyFileError, MalformedKey, ServerKey};

/// What a secret is for. A digest or seal made for one purpose is nothing for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Access tokens.
    AccessToken,
    /// Refresh tokens.
    RefreshToken,
    /// Secrets of OAuth clients.
    ClientSecret,
    /// Links that reset a password, sign-ins and enrolments that wait for a one-time code.
    Challenge,
    /// Codes for the day the second factor is lost.
    RecoveryCode,
    /// Secrets of second factors.
    Totp,
    /// Passwords and keys of other services, which integrations use.
    CloudSecret,
    /// Invitations to a team.
    Invitation,
    /// Settings of integrations.
    Integration,
    /// Codes that a device brings along to become its owner's.
    ClaimCode,
    /// Sessions of the web console.
    ConsoleSession,
    /// What the forms of the web console carry, to tell them from forged ones.
    ConsoleForm,
    /// The link by which the first account is made.
    SetUp,
    /// Links to archives of private libraries.
    LibraryArchive,
    /// The private key of which devices hold the public half.
    DeviceServerKey,
    /// What a device signs to prove that it is asked on this server's behalf.
    ProtectionNonce,
}

impl Purpose {
    const ALL: [Self; 16] = [
        Self::AccessToken,
        Self::RefreshToken,
        Self::ClientSecret,
        Self::Challenge,
        Self::RecoveryCode,
        Self::Totp,
        Self::CloudSecret,
        Self::Invitation,
        Self::Integration,
        Self::ClaimCode,
        Self::ConsoleSession,
        Self::ConsoleForm,
        Self::SetUp,
        Self::LibraryArchive,
        Self::DeviceServerKey,
        Self::ProtectionNonce,
    ];

    const fn word(self) -> &'static str {
        match self {
            Self::AccessToken => "access token",
            Self::RefreshToken => "refresh token",
            Self::ClientSecret => "client secret",
            Self::Challenge => "challenge",
            Self::RecoveryCode => "recovery code",
            Self::Totp => "totp",
            Self::CloudSecret => "cloud secret",
            Self::Invitation => "invitation",
            Self::Integration => "integration",
            Self::ClaimCode => "claim code",
            Self::ConsoleSession => "console session",
            Self::ConsoleForm => "console form",
            Self::SetUp => "set-up",
            Self::LibraryArchive => "library archive",
            Self::DeviceServerKey => "device server key",
            Self::ProtectionNonce => "protection nonce",
        }
    }
}
