//! Streams of events. Each route has a second form, with a prefix of names behind it.

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderName, StatusCode, header};
use mote_core::Mote;
use mote_core::authorization::table::{OrganizationEventsListen, OwnEventsListen, ProductEventsListen};
use mote_core::events::{EventStream, OrganizationPart};
use serde::Deserialize;

use super::described::{Extra, Routes};
use crate::ApiError;
use crate::access::{OfOrganization, OfOwner, OfProduct};
use crate::body::Path;
use crate::views::EventBody;

/// The route of a stream, and the same with a prefix of names behind it.
pub(super) fn with_prefix(routes: Routes) -> Routes {
    const PREFIX: Extra =
        Extra { name: "eventPrefix", description: Some("Only events whose names begin with this") };
    routes.at(|path| [(format!("{path}/{{*eventPrefix}}"), Some(PREFIX)), (path, None)])
}

/// What the path of a stream may name.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Named {
    product_id_or_slug: Option<String>,
    device_id: Option<String>,
    event_prefix: Option<String>,
}

impl Named {
    fn prefix(&self) -> &str {
        self.event_prefix.as_deref().unwrap_or_default()
    }

    fn product(&self) -> &str {
        self.product_id_or_slug.as_deref().unwrap_or_default()
    }

    fn device(&self) -> &str {
        self.device_id.as_deref().unwrap_or_default()
    }
}

/// The answer that a stream is: Server-Sent Events. Proxies must not buffer it.
#[must_use]
pub fn opened(stream: EventStream) -> Response {
    const BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");
    let headers =
        [(header::CONTENT_TYPE, "text/event-stream"), (header::CACHE_CONTROL, "no-store"), (BUFFERING, "no")];
    (headers, Body::new(EventBody::new(stream))).into_response()
}

/// Stream the events of one's devices whose names begin with a prefix, which is mandatory here
#[utoipa::path(
    get, path = "/v1/events", tag = "Events", security(("bearer" = [])),
    responses(
        (status = 200, body = String, content_type = "text/event-stream"), (status = 400, description = "No prefix"),
        (status = 401), (status = 403), (status = 429),
    )
)]
pub(super) async fn of_prefix(
    State(mote): State<Mote>,
    OfOwner(access): OfOwner<OwnEventsListen>,
    Path(named): Path<Named>,
) -> Result<Response, ApiError> {
    if named.prefix().is_empty() {
        let text = "Put the beginning of the names of the events that you want behind the path, as in /v1/events/temperature; \
                    or stream all events of your devices from /v1/devices/events";
        return Err(ApiError::new(StatusCode::BAD_REQUEST, "event prefix filter is required", text));
    }
    Ok(opened(mote.own_events(&access, None, named.prefix()).await?))
}

/// Stream the events of one's devices
#[utoipa::path(
    get, path = "/v1/devices/events", tag = "Events", security(("bearer" = [])),
    responses(
        (status = 200, body = String, content_type = "text/event-stream"), (status = 401), (status = 403), (status = 429),
    )
)]
pub(super) async fn of_owner(
    State(mote): State<Mote>,
    OfOwner(access): OfOwner<OwnEventsListen>,
    Path(named): Path<Named>,
) -> Result<Response, ApiError> {
    Ok(opened(mote.own_events(&access, None, named.prefix()).await?))
}

/// Stream the events of one device, by ID or name
#[utoipa::path(
    get, path = "/v1/devices/{deviceId}/events", tag = "Events", security(("bearer" = [])),
    params(("deviceId" = String, Path)),
    responses(
        (status = 200, body = String, content_type = "text/event-stream"), (status = 401), (status = 403), (status = 404),
        (status = 429),
    )
)]
pub(super) async fn of_owner_device(
    State(mote): State<Mote>,
    OfOwner(access): OfOwner<OwnEventsListen>,
    Path(named): Path<Named>,
) -> Result<Response, ApiError> {
    Ok(opened(mote.own_events(&access, Some(named.device()), named.prefix()).await?))
}

/// Stream the events of a product
#[utoipa::path(
    get, path = "/v1/products/{productIdOrSlug}/events", tag = "Events", security(("bearer" = [])),
    params(("productIdOrSlug" = String, Path)),
    responses(
        (status = 200, body = String, content_type = "text/event-stream"), (status = 401), (status = 403), (status = 429),
    )
)]
pub(super) async fn of_product(
    State(mote): State<Mote>,
    OfProduct(access): OfProduct<ProductEventsListen>,
    Path(named): Path<Named>,
) -> Result<Response, ApiError> {
    Ok(opened(mote.product_events(&access, None, named.prefix()).await?))
}

/// Stream the events of one device of a product
#[utoipa::path(
    get, path = "/v1/products/{productIdOrSlug}/devices/{deviceId}/events", tag = "Events", security(("bearer" = [])),
    params(("productIdOrSlug" = String, Path), ("deviceId" = String, Path)),
    responses(
        (status = 200, body = String, content_type = "text/event-stream"), (status = 401), (status = 403), (status = 404),
        (status = 429),
    )
)]
pub(super) async fn of_product_device(
    State(mote): State<Mote>,
    OfProduct(access): OfProduct<ProductEventsListen>,
    Path(named): Path<Named>,
) -> Result<Response, ApiError> {
    Ok(opened(mote.product_events(&access, Some(named.device()), named.prefix()).await?))
}

/// Stream the events of an organization and its products
#[utoipa::path(
    get, path = "/v1/orgs/{orgIdOrSlug}/events", tag = "Events", security(("bearer" = [])),
    params(("orgIdOrSlug" = String, Path)),
    responses(
        (status = 200, body = String, content_type = "text/event-stream"), (status = 401), (status = 403), (status = 429),
    )
)]
pub(super) async fn of_organization(
    State(mote): State<Mote>,
    OfOrganization(access): OfOrganization<OrganizationEventsListen>,
    Path(named): Path<Named>,
) -> Result<Response, ApiError> {
    Ok(opened(mote.organization_events(&access, OrganizationPart::All, named.prefix()).await?))
}

/// Stream the events of one product of an organization
#[utoipa::path(
    get, path = "/v1/orgs/{orgIdOrSlug}/products/{productIdOrSlug}/events", tag = "Events", security(("bearer" = [])),
    params(("orgIdOrSlug" = String, Path), ("productIdOrSlug" = String, Path)),
    responses(
        (status = 200, body = String, content_type = "text/event-stream"), (status = 401), (status = 403), (status = 404),
        (status = 429),
    )
)]
pub(super) async fn of_organization_product(
    State(mote): State<Mote>,
    OfOrganization(access): OfOrganization<OrganizationEventsListen>,
    Path(named): Path<Named>,
) -> Result<Response, ApiError> {
    let part = OrganizationPart::Product(named.product());
    Ok(opened(mote.organization_events(&access, part, named.prefix()).await?))
}

/// Stream the events of one device of an organization's products
#[utoipa::path(
    get, path = "/v1/orgs/{orgIdOrSlug}/devices/{deviceId}/events", tag = "Events", security(("bearer" = [])),
    params(("orgIdOrSlug" = String, Path), ("deviceId" = String, Path)),
    responses(
        (status = 200, body = String, content_type = "text/event-stream"), (status = 401), (status = 403), (status = 404),
        (status = 429),
    )
)]
pub(super) async fn of_organization_device(
    State(mote): State<Mote>,
    OfOrganization(access): OfOrganization<OrganizationEventsListen>,
    Path(named): Path<Named>,
) -> Result<Response, ApiError> {
    let part = OrganizationPart::Device(named.device());
    Ok(opened(mote.organization_events(&access, part, named.prefix()).await?))
}
