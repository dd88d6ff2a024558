//! Configurations of products and their devices.

use super::rights;

rights! {
    /// See configurations and their schemas.
    ConfigurationGet => Product, Some("configuration:get"), ViewOnly, WhereOpened, [
        "GET /v1/products/{productIdOrSlug}/config",
        "GET /v1/products/{productIdOrSlug}/config/{deviceId}",
    ];
    /// Change configurations and their schemas.
    ConfigurationUpdate => Product, Some("configuration:update"), Developer, WhereOpened, [
        "PUT /v1/products/{productIdOrSlug}/config",
        "DELETE /v1/products/{productIdOrSlug}/config",
        "PUT /v1/products/{productIdOrSlug}/config/{deviceId}",
        "DELETE /v1/products/{productIdOrSlug}/config/{deviceId}",
    ];
}
