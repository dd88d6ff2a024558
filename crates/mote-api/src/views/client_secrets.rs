//! Secrets of OAuth clients.

use mote_core::Moment;
use mote_core::clients::{ClientSecret, CreatedSecret};
use serde::Serialize;
use utoipa::ToSchema;

/// A secret of an OAuth client.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SecretOfClientView {
    id: String,
    name: String,
    /// Itself, 40 hex digits; in the answer to its creation and nowhere else.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
    /// ISO 8601.
    created_at: String,
    /// ISO 8601; null for never.
    expires_at: Option<String>,
    /// ISO 8601, to the minute; null for never.
    last_used_at: Option<String>,
}

impl From<ClientSecret> for SecretOfClientView {
    fn from(secret: ClientSecret) -> Self {
        Self {
            id: secret.id.to_string(),
            name: secret.name,
            secret: None,
            created_at: secret.created_at.to_iso(),
            expires_at: secret.expires_at.map(Moment::to_iso),
            last_used_at: secret.last_used_at.map(Moment::to_iso),
        }
    }
}

/// One secret.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SecretOfClientAnswer {
    ok: bool,
    secret: SecretOfClientView,
}

impl From<CreatedSecret> for SecretOfClientAnswer {
    fn from(created: CreatedSecret) -> Self {
        let secret = Some(created.secret.expose().to_string());
        Self { ok: true, secret: SecretOfClientView { secret, ..created.kept.into() } }
    }
}

/// A client's secrets, oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SecretsOfClientAnswer {
    ok: bool,
    secrets: Vec<SecretOfClientView>,
}

impl From<Vec<ClientSecret>> for SecretsOfClientAnswer {
    fn from(secrets: Vec<ClientSecret>) -> Self {
        Self { ok: true, secrets: secrets.into_iter().map(Into::into).collect() }
    }
}
