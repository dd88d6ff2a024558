//! Publishing events.

use axum::Json;
use axum::extract::State;
use mote_core::Mote;
use mote_core::authorization::table::{OrganizationEventsPublish, OwnEventsPublish, ProductEventsPublish};
use mote_core::events::Publication;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::ApiError;
use crate::access::{OfOrganization, OfOwner, OfProduct};
use crate::body::{Input, lenient};
use crate::views::Done;

#[derive(Deserialize, ToSchema)]
pub(super) struct PublishInput {
    /// 1 to 64 printable ASCII characters; not beginning with `particle` or `spark`.
    #[serde(default, deserialize_with = "lenient::text")]
    name: Option<String>,
    /// Text of 16384 bytes at most; other JSON is taken as its text.
    #[serde(default, deserialize_with = "lenient::any_text")]
    data: Option<String>,
    /// Seconds that the event is of interest, told to those who hear of it; 60 if not given.
    #[serde(default, deserialize_with = "lenient::integer")]
    ttl: Option<i64>,
    /// Events are private always; accepted for the sake of old clients.
    #[serde(default, deserialize_with = "lenient::bool")]
    #[expect(dead_code, reason = "checked to be a boolean, and without effect")]
    private: Option<bool>,
    /// Device to publish the event as: of the product. For products only.
    #[serde(default, deserialize_with = "lenient::text")]
    as_device_id: Option<String>,
}

impl PublishInput {
    fn checked(self) -> Result<(Publication, Option<String>), ApiError> {
        let missing = || ApiError::bad_request("name: is missing; it names the event");
        let Self { data, ttl, as_device_id, .. } = self;
        Ok((Publication { name: self.name.ok_or_else(missing)?, data, ttl }, as_device_id))
    }

    fn without_device(self) -> Result<Publication, ApiError> {
        match self.checked()? {
            (publication, None) => Ok(publication),
            (_, Some(_)) => Err(ApiError::bad_request(
                "as_device_id: goes with a product's events only: publish to the product",
            )),
        }
    }
}

/// Publish an event
#[utoipa::path(
    post, path = "/v1/devices/events", tag = "Events", security(("bearer" = [])), request_body = PublishInput,
    responses((status = 200, body = Done), (status = 400), (status = 401), (status = 403))
)]
pub(super) async fn publish(
    State(mote): State<Mote>,
    OfOwner(access): OfOwner<OwnEventsPublish>,
    Input(body): Input<PublishInput>,
) -> Result<Json<Done>, ApiError> {
    mote.publish_own_event(&access, body.without_device()?).await?;
    Ok(Json(Done::new()))
}

/// Publish an event of a product, or as a device of it
#[utoipa::path(
    post, path = "/v1/products/{productIdOrSlug}/events", tag = "Events", security(("bearer" = [])),
    request_body = PublishInput, params(("productIdOrSlug" = String, Path)),
    responses((status = 200, body = Done), (status = 400), (status = 401), (status = 403), (status = 404))
)]
pub(super) async fn publish_to_product(
    State(mote): State<Mote>,
    OfProduct(access): OfProduct<ProductEventsPublish>,
    Input(body): Input<PublishInput>,
) -> Result<Json<Done>, ApiError> {
    let (publication, as_device) = body.checked()?;
    mote.publish_product_event(&access, as_device.as_deref(), publication).await?;
    Ok(Json(Done::new()))
}

/// Publish an event of an organization
#[utoipa::path(
    post, path = "/v1/orgs/{orgIdOrSlug}/events", tag = "Events", security(("bearer" = [])),
    request_body = PublishInput, params(("orgIdOrSlug" = String, Path)),
    responses((status = 200, body = Done), (status = 400), (status = 401), (status = 403))
)]
pub(super) async fn publish_to_organization(
    State(mote): State<Mote>,
    OfOrganization(access): OfOrganization<OrganizationEventsPublish>,
    Input(body): Input<PublishInput>,
) -> Result<Json<Done>, ApiError> {
    mote.publish_organization_event(&access, body.without_device()?).await?;
    Ok(Json(Done::new()))
}
