//! Fleet health.

use super::rights;

rights! {
    /// See how many events came from the product's devices.
    EventMetrics => Product, Some("metrics.events:get"), ViewOnly, WhereOpened, [
        "GET /v1/products/{productIdOrSlug}/metrics/events",
    ];
    /// See what came of function calls.
    FunctionMetrics => Product, Some("metrics.functions:get"), ViewOnly, WhereOpened, [
        "GET /v1/products/{productIdOrSlug}/metrics/functions",
    ];
    /// See what came of requests of integrations.
    IntegrationMetrics => Product, Some("metrics.integrations:get"), ViewOnly, WhereOpened, [
        "GET /v1/products/{productIdOrSlug}/metrics/integration",
    ];
    /// See how many of the product's devices were online.
    OnlineMetrics => Product, Some("metrics.online:get"), ViewOnly, WhereOpened, [
        "GET /v1/products/{productIdOrSlug}/metrics/online",
    ];
    /// See what came of reads of variables.
    VariableMetrics => Product, Some("metrics.variables:get"), ViewOnly, WhereOpened, [
        "GET /v1/products/{productIdOrSlug}/metrics/variables",
    ];
}
