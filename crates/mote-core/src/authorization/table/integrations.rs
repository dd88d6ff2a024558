//! Integrations, of which webhooks are one type.

use super::rights;

rights! {
    /// List integrations.
    IntegrationsList => Space, Some("integrations:list"), ViewOnly, WhereOpened, [
        "GET /v1/integrations",
        "GET /v1/webhooks",
    ];
    /// Make an integration.
    IntegrationsCreate => Space, Some("integrations:create"), Developer, WhereOpened, [
        "POST /v1/integrations",
        "POST /v1/webhooks",
    ];
    /// See an integration and its latest requests; not its passwords and keys.
    IntegrationsGet => Space, Some("integrations:get"), ViewOnly, WhereOpened, [
        "GET /v1/integrations/{integrationId}",
        "GET /v1/webhooks/{integrationId}",
    ];
    /// Put another in the place of an integration.
    IntegrationsUpdate => Space, Some("integrations:update"), Developer, WhereOpened, [
        "PUT /v1/integrations/{integrationId}",
        "PUT /v1/webhooks/{integrationId}",
    ];
    /// Delete an integration.
    IntegrationsRemove => Space, Some("integrations:remove"), Developer, WhereOpened, [
        "DELETE /v1/integrations/{integrationId}",
        "DELETE /v1/webhooks/{integrationId}",
    ];
    /// Try an integration out.
    IntegrationsTest => Space, Some("integrations:test"), Developer, WhereOpened, [
        "POST /v1/integrations/{integrationId}/test",
    ];
}
