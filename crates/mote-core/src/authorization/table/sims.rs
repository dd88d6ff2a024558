//! SIM cards.

use super::rights;

rights! {
    /// List SIM cards.
    SimsList => Space, Some("sims:list"), ViewOnly, WhereOpened, ["GET /v1/sims"];
    /// See a SIM card.
    SimsGet => Space, Some("sims:get"), ViewOnly, WhereOpened, ["GET /v1/sims/{iccid}"];
    /// Ask whether a SIM card can be taken.
    SimsCheck => Account, Some("sims:get"), ViewOnly, WhereOpened, ["HEAD /v1/sims/{iccid}"];
    /// Activate, deactivate, reactivate or limit a SIM card.
    SimsUpdate => Space, Some("sims:update"), Developer, WhereOpened, ["PUT /v1/sims/{iccid}"];
    /// Let a SIM card go.
    SimsRemove => Space, Some("sims:remove"), Developer, WhereOpened, ["DELETE /v1/sims/{iccid}"];
    /// See what a SIM card used.
    SimsUsage => Space, Some("sims.usage:get"), ViewOnly, WhereOpened, ["GET /v1/sims/{iccid}/data_usage"];
    /// Ask whether a SIM card is connected.
    SimsStatus => Space, Some("sims.status:get"), ViewOnly, WhereOpened, ["GET /v1/sims/{iccid}/status"];
    /// Bring SIM cards into the product.
    SimsImport => Product, Some("sims:import"), Developer, WhereOpened, ["POST /v1/products/{productIdOrSlug}/sims"];
    /// See what the product's SIM cards used.
    SimsFleetUsage => Product, Some("sims.usage:get"), ViewOnly, WhereOpened, [
        "GET /v1/products/{productIdOrSlug}/sims/data_usage",
    ];
}
