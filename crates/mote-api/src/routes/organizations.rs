//! Organizations and their products.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use mote_core::Mote;
use mote_core::authorization::table::{
    OrganizationProductsCreate, OrganizationProductsList, OrganizationsCreate, OrganizationsGet,
    OrganizationsList, OrganizationsRemove,
};
use mote_core::organizations::NewOrganization;
use serde::Deserialize;
use utoipa::ToSchema;

use super::products::Body as ProductBody;
use crate::ApiError;
use crate::access::{OfAccount, OfOrganization};
use crate::body::Input;
use crate::views::{OrganizationAnswer, OrganizationsAnswer, ProductsAnswer, RenderedProduct};

/// The fields of an organization, flat or within `organization`.
#[derive(Default, Deserialize, ToSchema)]
#[schema(as = OrganizationFields)]
pub(super) struct Fields {
    /// Name; the slug is made of it.
    name: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[schema(as = OrganizationBody)]
pub(super) struct Body {
    organization: Option<Fields>,
    #[serde(flatten)]
    flat: Fields,
}

/// List the organizations on whose team the account is
#[utoipa::path(
    get, path = "/v1/orgs", tag = "Organizations", security(("bearer" = [])),
    responses((status = 200, body = OrganizationsAnswer), (status = 401), (status = 403))
)]
pub(super) async fn list(
    State(mote): State<Mote>,
    OfAccount(access): OfAccount<OrganizationsList>,
) -> Result<Json<OrganizationsAnswer>, ApiError> {
    Ok(Json(mote.list_organizations(&access).await?.into()))
}

/// Make an organization
///
/// The account owns it, and can invite others to its team.
#[utoipa::path(
    post, path = "/v1/orgs", tag = "Organizations", security(("bearer" = [])), request_body = Body,
    responses((status = 200, body = OrganizationAnswer), (status = 400), (status = 401), (status = 403))
)]
pub(super) async fn create(
    State(mote): State<Mote>,
    OfAccount(access): OfAccount<OrganizationsCreate>,
    Input(body): Input<Body>,
) -> Result<Json<OrganizationAnswer>, ApiError> {
    let name = body.organization.unwrap_or(body.flat).name;
    let name = name.ok_or_else(|| ApiError::bad_request("name is needed to make an organization"))?;
    Ok(Json((&mote.create_organization(&access, NewOrganization { name }).await?).into()))
}

/// See the organization
#[utoipa::path(
    get, path = "/v1/orgs/{orgIdOrSlug}", tag = "Organizations", security(("bearer" = [])),
    params(("orgIdOrSlug" = String, Path)),
    responses((status = 200, body = OrganizationAnswer), (status = 401), (status = 403))
)]
pub(super) async fn see(
    OfOrganization(access): OfOrganization<OrganizationsGet>,
) -> Json<OrganizationAnswer> {
    Json((&**access.organization()).into())
}

/// End the organization
///
/// With its team and API users; its products must be deleted first.
#[utoipa::path(
    delete, path = "/v1/orgs/{orgIdOrSlug}", tag = "Organizations", security(("bearer" = [])),
    params(("orgIdOrSlug" = String, Path)),
    responses((status = 204), (status = 401), (status = 403), (status = 409, description = "It has products"))
)]
pub(super) async fn delete(
    State(mote): State<Mote>,
    OfOrganization(access): OfOrganization<OrganizationsRemove>,
) -> Result<StatusCode, ApiError> {
    mote.delete_organization(&access).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// List the organization's products
#[utoipa::path(
    get, path = "/v1/orgs/{orgIdOrSlug}/products", tag = "Organizations", security(("bearer" = [])),
    params(("orgIdOrSlug" = String, Path)),
    responses((status = 200, body = ProductsAnswer), (status = 401), (status = 403))
)]
pub(super) async fn list_products(
    State(mote): State<Mote>,
    OfOrganization(access): OfOrganization<OrganizationProductsList>,
) -> Result<Json<ProductsAnswer>, ApiError> {
    Ok(Json(mote.list_organization_products(&access).await?.into()))
}

/// Make a product of the organization
#[utoipa::path(
    post, path = "/v1/orgs/{orgIdOrSlug}/products", tag = "Organizations", security(("bearer" = [])),
    request_body = ProductBody, params(("orgIdOrSlug" = String, Path)),
    responses((status = 200, body = crate::views::ProductAnswer), (status = 400), (status = 401), (status = 403))
)]
pub(super) async fn create_product(
    State(mote): State<Mote>,
    OfOrganization(access): OfOrganization<OrganizationProductsCreate>,
    Input(body): Input<ProductBody>,
) -> Result<Response, ApiError> {
    let new = body.new_product()?;
    Ok(RenderedProduct::answer(&*mote.create_organization_product(&access, new).await?))
}
