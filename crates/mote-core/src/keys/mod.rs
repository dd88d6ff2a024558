//! The server's key, what is derived from it, and random secrets.
//!
//! The key is kept outside the database. What the database holds of a secret is a digest that is keyed ([`Digester`]), or
//! the secret sealed ([`Sealer`]): a stolen database opens nothing.
//!
//! The key can be replaced while servers run ([`Mote::rotate_server_key`](crate::Mote::rotate_server_key)). Digests, seals
//! and the audit trail have keys of their own, of which each replacement adds a generation: the first is derived from the
//! first server key, later ones are random and in the database, in a ring that the server key seals (`KeyRing`). So whoever
//! has a former server key opens nothing of a later generation, whatever he has of the database.

mod digest;
mod file;
mod follow;
pub(crate) mod random;
mod reseal;
mod ring;
mod rotate;
mod seal;
mod secret;
mod server_key;
mod set;

pub use digest::{Digest, Digester};
pub use file::{KeyFileError, KeyFileLock, ServerKeys};
pub use follow::Followed;
pub(crate) use follow::{KEY_CHECK, open};
pub use reseal::KeyProgress;
pub(crate) use ring::{Generation, KeyRing};
pub use rotate::KeyState;
pub use seal::{SealError, Sealer};
pub use secret::TokenSecret;
pub use server_key::{MalformedKey, ServerKey};
pub(crate) use set::KeySet;

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
    /// Events on their way to other nodes.
    EventRelay,
}

impl Purpose {
    const ALL: [Self; 17] = [
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
        Self::EventRelay,
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
            Self::EventRelay => "event relay",
        }
    }
}
