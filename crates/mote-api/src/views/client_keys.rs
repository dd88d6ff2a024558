//! Public keys of OAuth clients.

use mote_core::Moment;
use mote_core::clients::ClientPublicKey;
use serde::Serialize;
use utoipa::ToSchema;

/// A public key of an OAuth client.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KeyOfClientView {
    id: String,
    name: String,
    /// What the client calls the key in its assertions; null where it came without.
    kid: Option<String>,
    /// How it signs: `RS256`, `ES256` or `EdDSA`.
    algorithm: &'static str,
    /// ISO 8601.
    created_at: String,
    /// ISO 8601; null for never.
    expires_at: Option<String>,
    /// ISO 8601, to the minute; null for never.
    last_used_at: Option<String>,
}

impl From<ClientPublicKey> for KeyOfClientView {
    fn from(key: ClientPublicKey) -> Self {
        Self {
            id: key.id.to_string(),
            algorithm: key.algorithm().name(),
            name: key.name,
            kid: key.kid,
            created_at: key.created_at.to_iso(),
            expires_at: key.expires_at.map(Moment::to_iso),
            last_used_at: key.last_used_at.map(Moment::to_iso),
        }
    }
}

/// One key.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KeyOfClientAnswer {
    ok: bool,
    key: KeyOfClientView,
}

impl From<ClientPublicKey> for KeyOfClientAnswer {
    fn from(key: ClientPublicKey) -> Self {
        Self { ok: true, key: key.into() }
    }
}

/// A client's public keys, oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KeysOfClientAnswer {
    ok: bool,
    keys: Vec<KeyOfClientView>,
}

impl From<Vec<ClientPublicKey>> for KeysOfClientAnswer {
    fn from(keys: Vec<ClientPublicKey>) -> Self {
        Self { ok: true, keys: keys.into_iter().map(Into::into).collect() }
    }
}
