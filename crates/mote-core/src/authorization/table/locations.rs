//! Where devices are.

use super::rights;

rights! {
    /// See where the product's devices are and were.
    LocationsGet => Product, Some("locations:get"), ViewOnly, WhereOpened, [
        "GET /v1/products/{productIdOrSlug}/fleet_locations",
        "GET /v1/products/{productIdOrSlug}/locations",
        "GET /v1/products/{productIdOrSlug}/locations/{deviceId}",
    ];
}
