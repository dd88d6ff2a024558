//! Secrets: all but their values.

use mote_core::Moment;
use mote_core::secrets::{Secret, SecretUse};
use serde::Serialize;
use utoipa::ToSchema;

/// A secret (contract: Secrets-Get-cloud-secret-by-name).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SecretView {
    name: String,
    /// ISO 8601.
    created_at: String,
    /// When it last got a value; ISO 8601.
    updated_at: String,
    /// When something last used it; ISO 8601.
    last_accessed_at: Option<String>,
    /// The integrations that use it.
    integrations: Vec<SecretUseView>,
    /// The logic functions that use it.
    logic_functions: Vec<SecretUseView>,
}

/// Something that uses a secret.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SecretUseView {
    name: String,
    /// 24 hex digits.
    id: String,
}

impl From<SecretUse> for SecretUseView {
    fn from(one: SecretUse) -> Self {
        Self { name: one.name, id: format!("{:024x}", one.id) }
    }
}

impl From<Secret> for SecretView {
    fn from(secret: Secret) -> Self {
        let shown = |uses: Vec<SecretUse>| uses.into_iter().map(Into::into).collect();
        Self {
            name: secret.name,
            created_at: secret.created_at.to_iso(),
            updated_at: secret.updated_at.to_iso(),
            last_accessed_at: secret.last_accessed_at.map(Moment::to_iso),
            integrations: shown(secret.integrations),
            logic_functions: shown(secret.logic_functions),
        }
    }
}

/// One secret.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SecretAnswer {
    secret: SecretView,
}

impl From<Secret> for SecretAnswer {
    fn from(secret: Secret) -> Self {
        Self { secret: secret.into() }
    }
}

/// Secrets.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SecretsAnswer {
    secrets: Vec<SecretView>,
}

impl From<Vec<Secret>> for SecretsAnswer {
    fn from(secrets: Vec<Secret>) -> Self {
        Self { secrets: secrets.into_iter().map(Into::into).collect() }
    }
}
