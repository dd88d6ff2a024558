//! Device groups of a product, and which devices are in them.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use mote_core::Mote;
use mote_core::authorization::table::{
    DevicesUpdate, GroupsCreate, GroupsGet, GroupsList, GroupsRemove, GroupsUpdate,
};
use mote_core::groups::{BatchAssignment, GroupChange, NewGroup};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::ApiError;
use crate::access::OfProduct;
use crate::body::{Input, Path, Query, lenient};
use crate::views::{Done, GroupAnswer, GroupsAnswer};

#[derive(Deserialize)]
pub(super) struct Listing {
    name: Option<String>,
}

/// List the product's device groups
#[utoipa::path(
    get, path = "/v1/products/{productIdOrSlug}/groups", tag = "Groups", security(("bearer" = [])),
    params(("productIdOrSlug" = String, Path), ("name" = Option<String>, Query, description = "Part of the name")),
    responses((status = 200, body = GroupsAnswer), (status = 401), (status = 403))
)]
pub(super) async fn list(
    State(mote): State<Mote>,
    OfProduct(access): OfProduct<GroupsList>,
    Query(listing): Query<Listing>,
) -> Result<Json<GroupsAnswer>, ApiError> {
    Ok(Json(mote.list_groups(&access, listing.name.as_deref()).await?.into()))
}

/// What a group is to be called and look like.
#[derive(Deserialize, ToSchema)]
#[schema(as = GroupFields)]
pub(super) struct Fields {
    /// Lower-case letters, digits, dashes and underscores.
    name: Option<String>,
    description: Option<String>,
    /// Hex color of its tag, such as #34495e.
    color: Option<String>,
}

/// Make a device group
#[utoipa::path(
    post, path = "/v1/products/{productIdOrSlug}/groups", tag = "Groups", security(("bearer" = [])),
    request_body = Fields, params(("productIdOrSlug" = String, Path)),
    responses(
        (status = 201, body = GroupAnswer), (status = 400), (status = 401), (status = 403),
        (status = 409, description = "There is a group of this name"),
    )
)]
pub(super) async fn create(
    State(mote): State<Mote>,
    OfProduct(access): OfProduct<GroupsCreate>,
    Input(fields): Input<Fields>,
) -> Result<(StatusCode, Json<GroupAnswer>), ApiError> {
    let name = fields.name.ok_or_else(|| ApiError::bad_request("name is needed: what to call the group"))?;
    let new = NewGroup { name, description: fields.description, color: fields.color };
    Ok((StatusCode::CREATED, Json(GroupAnswer::of_new(mote.create_group(&access, new).await?))))
}

/// See a device group
#[utoipa::path(
    get, path = "/v1/products/{productIdOrSlug}/groups/{groupName}", tag = "Groups", security(("bearer" = [])),
    params(("productIdOrSlug" = String, Path), ("groupName" = String, Path)),
    responses((status = 200, body = GroupAnswer), (status = 401), (status = 403), (status = 404))
)]
pub(super) async fn see(
    State(mote): State<Mote>,
    OfProduct(access): OfProduct<GroupsGet>,
    Path((_, name)): Path<(String, String)>,
) -> Result<Json<GroupAnswer>, ApiError> {
    Ok(Json(mote.get_group(&access, &name).await?.into()))
}

/// Change a device group
///
/// Its devices stay in it when it gets another name.
#[utoipa::path(
    put, path = "/v1/products/{productIdOrSlug}/groups/{groupName}", tag = "Groups", security(("bearer" = [])),
    request_body = Fields, params(("productIdOrSlug" = String, Path), ("groupName" = String, Path)),
    responses(
        (status = 200, body = GroupAnswer), (status = 400), (status = 401), (status = 403), (status = 404),
        (status = 409, description = "There is a group of this name"),
    )
)]
pub(super) async fn update(
    State(mote): State<Mote>,
    OfProduct(access): OfProduct<GroupsUpdate>,
    Path((_, name)): Path<(String, String)>,
    Input(fields): Input<Fields>,
) -> Result<Json<GroupAnswer>, ApiError> {
    let change = GroupChange { name: fields.name, description: fields.description, color: fields.color };
    Ok(Json(mote.update_group(&access, &name, change).await?.into()))
}

/// Delete a device group
///
/// Its devices stay in the product.
#[utoipa::path(
    delete, path = "/v1/products/{productIdOrSlug}/groups/{groupName}", tag = "Groups", security(("bearer" = [])),
    params(("productIdOrSlug" = String, Path), ("groupName" = String, Path)),
    responses((status = 204), (status = 401), (status = 403), (status = 404))
)]
pub(super) async fn remove(
    State(mote): State<Mote>,
    OfProduct(access): OfProduct<GroupsRemove>,
    Path((_, name)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    mote.delete_group(&access, &name).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, ToSchema)]
pub(super) struct Batch {
    /// `groups`: the one thing that can be changed of many devices at once.
    action: Option<String>,
    /// IDs of devices of the product, a thousand at most.
    #[serde(default, deserialize_with = "lenient::texts")]
    devices: Vec<String>,
    #[serde(default)]
    metadata: Metadata,
}

#[derive(Default, Deserialize, ToSchema)]
#[schema(as = GroupMetadata)]
struct Metadata {
    /// Groups to put them into; made where they do not exist.
    #[serde(default, deserialize_with = "lenient::texts")]
    add: Vec<String>,
    /// Groups to take them out of.
    #[serde(default, deserialize_with = "lenient::texts")]
    remove: Vec<String>,
}

/// Put many devices into groups, or take them out
#[utoipa::path(
    put, path = "/v1/products/{productIdOrSlug}/devices", tag = "Groups", security(("bearer" = [])),
    request_body = Batch, params(("productIdOrSlug" = String, Path)),
    responses((status = 200, body = Done), (status = 400), (status = 401), (status = 403), (status = 404))
)]
pub(super) async fn assign(
    State(mote): State<Mote>,
    OfProduct(access): OfProduct<DevicesUpdate>,
    Input(batch): Input<Batch>,
) -> Result<Json<Done>, ApiError> {
    if batch.action.as_deref() != Some("groups") {
        return Err(ApiError::bad_request("action is groups: what is to be changed of the devices"));
    }
    let Metadata { add, remove } = batch.metadata;
    mote.assign_groups(&access, BatchAssignment { devices: batch.devices, add, remove }).await?;
    Ok(Json(Done::new()))
}
