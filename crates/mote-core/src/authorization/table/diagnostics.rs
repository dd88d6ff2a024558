//! Diagnostics of devices.

use super::rights;

rights! {
    /// See what a device of one's own told of itself.
    OwnDiagnosticsGet => Owner, Some("devices.diagnostics:get"), ViewOnly, WhereOpened, [
        "GET /v1/diagnostics/{deviceId}", "GET /v1/diagnostics/{deviceId}/last",
    ];
    /// Ask a device of one's own for its vitals.
    OwnDiagnosticsUpdate => Owner, Some("devices.diagnostics:update"), ViewOnly, WhereOpened, [
        "POST /v1/diagnostics/{deviceId}/update",
    ];
    /// See what a device of the product told of itself.
    DiagnosticsGet => Product, Some("devices.diagnostics:get"), ViewOnly, WhereOpened, [
        "GET /v1/products/{productIdOrSlug}/diagnostics/{deviceId}",
        "GET /v1/products/{productIdOrSlug}/diagnostics/{deviceId}/last",
    ];
    /// Ask a device of the product for its vitals.
    DiagnosticsUpdate => Product, Some("devices.diagnostics:update"), Support, WhereOpened, [
        "POST /v1/products/{productIdOrSlug}/diagnostics/{deviceId}/update",
    ];
}
