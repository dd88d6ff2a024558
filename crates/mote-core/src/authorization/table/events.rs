//! Events.

use super::rights;

rights! {
    /// Hear of the events of one's own devices, and of those that one publishes.
    OwnEventsListen => Owner, Some("events:get"), ViewOnly, WhereOpened, [
        "GET /v1/events", "GET /v1/events/{eventPrefix}",
        "GET /v1/devices/events", "GET /v1/devices/events/{eventPrefix}",
        "GET /v1/devices/{deviceId}/events", "GET /v1/devices/{deviceId}/events/{eventPrefix}",
    ];
    /// Publish among one's own events.
    OwnEventsPublish => Owner, Some("events:send"), ViewOnly, WhereOpened, ["POST /v1/devices/events"];
    /// Hear of the product's events.
    ProductEventsListen => Product, Some("events:get"), ViewOnly, WhereOpened, [
        "GET /v1/products/{productIdOrSlug}/events",
        "GET /v1/products/{productIdOrSlug}/events/{eventPrefix}",
        "GET /v1/products/{productIdOrSlug}/devices/{deviceId}/events",
        "GET /v1/products/{productIdOrSlug}/devices/{deviceId}/events/{eventPrefix}",
    ];
    /// Publish an event of the product, or of a device of it.
    ProductEventsPublish => Product, Some("events:send"), Support, WhereOpened, [
        "POST /v1/products/{productIdOrSlug}/events",
    ];
    /// Hear of the events of the organization and its products.
    OrganizationEventsListen => Organization, Some("events:get"), ViewOnly, WhereOpened, [
        "GET /v1/orgs/{orgIdOrSlug}/events",
        "GET /v1/orgs/{orgIdOrSlug}/events/{eventPrefix}",
        "GET /v1/orgs/{orgIdOrSlug}/products/{productIdOrSlug}/events",
        "GET /v1/orgs/{orgIdOrSlug}/products/{productIdOrSlug}/events/{eventPrefix}",
        "GET /v1/orgs/{orgIdOrSlug}/devices/{deviceId}/events",
        "GET /v1/orgs/{orgIdOrSlug}/devices/{deviceId}/events/{eventPrefix}",
    ];
    /// Publish an event of the organization.
    OrganizationEventsPublish => Organization, Some("events:send"), Developer, WhereOpened, [
        "POST /v1/orgs/{orgIdOrSlug}/events",
    ];
}
