//! Secrets of accounts and organizations. Their values are credentials: an administrator's to change.

use super::rights;

rights! {
    /// List secrets; never their values.
    SecretsList => Space, Some("secrets:list"), ViewOnly, WhereOpened, ["GET /v1/secrets"];
    /// See a secret; never its value.
    SecretsGet => Space, Some("secrets:get"), ViewOnly, WhereOpened, ["GET /v1/secrets/{secretName}"];
    /// Make a secret.
    SecretsCreate => Space, Some("secrets:create"), Administrator, WhereOpened, ["POST /v1/secrets"];
    /// Give a secret another value.
    SecretsUpdate => Space, Some("secrets:update"), Administrator, WhereOpened, ["PUT /v1/secrets/{secretName}"];
    /// Delete a secret.
    SecretsRemove => Space, Some("secrets:remove"), Administrator, WhereOpened, ["DELETE /v1/secrets/{secretName}"];
}
