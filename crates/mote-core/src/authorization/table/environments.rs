//! Environment variables of accounts, products and organizations, and of a product's devices.

use super::rights;

rights! {
    /// See environment variables.
    EnvironmentGet => Space, Some("env_vars:get"), ViewOnly, WhereOpened, [
        "GET /v1/env",
        "GET /v1/env/render",
        "GET /v1/env/rollout",
        "GET /v1/env/{deviceOrKey}",
        "GET /v1/env/{deviceOrKey}/render",
        "GET /v1/env/{deviceOrKey}/rollout",
    ];
    /// Change environment variables and roll them out.
    EnvironmentUpdate => Space, Some("env_vars:update"), Developer, WhereOpened, [
        "PATCH /v1/env",
        "POST /v1/env/rollout",
        "PATCH /v1/env/{deviceOrKey}",
        "PUT /v1/env/{deviceOrKey}",
        "DELETE /v1/env/{deviceOrKey}",
        "PUT /v1/env/{deviceOrKey}/{key}",
        "DELETE /v1/env/{deviceOrKey}/{key}",
        "POST /v1/env/{deviceOrKey}/rollout",
    ];
}
