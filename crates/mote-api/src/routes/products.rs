//! Products.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use mote_core::Mote;
use mote_core::authorization::AccountAccess;
use mote_core::authorization::table::{
    ProductsCreate, ProductsGet, ProductsList, ProductsRemove, ProductsUpdate,
};
use mote_core::products::{NewProduct, ProductChange};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::ApiError;
use crate::access::{OfAccount, OfProduct};
use crate::body::{Input, lenient};
use crate::views::{ProductAnswer, ProductsAnswer, RenderedProduct};

/// The fields of a product, flat or within `product`.
#[derive(Default, Deserialize, ToSchema)]
#[schema(as = ProductFields)]
pub(super) struct Fields {
    /// Name; the slug is made of it.
    name: Option<String>,
    description: Option<String>,
    /// The kind of hardware, such as 13 for Boron.
    #[serde(default, deserialize_with = "lenient::integer")]
    platform_id: Option<i64>,
    /// `location`, `known_application`, `quarantine`; `self_provisioning`, which lets every account make devices in it; and
    /// `team_tokens`, which opens the product's APIs to its team's own tokens.
    #[serde(default)]
    #[schema(value_type = Object)]
    settings: Map<String, Value>,
    /// The present one, if any: it is made of the first name, and stays.
    slug: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[schema(as = ProductBody)]
pub(super) struct Body {
    product: Option<Fields>,
    #[serde(flatten)]
    flat: Fields,
}

impl Body {
    fn fields(self) -> Fields {
        self.product.unwrap_or(self.flat)
    }

    pub(super) fn new_product(self) -> Result<NewProduct, ApiError> {
        let fields = self.fields();
        let needed = |field: &str| ApiError::bad_request(format_args!("{field} is needed to make a product"));
        Ok(NewProduct {
            name: fields.name.ok_or_else(|| needed("name"))?,
            description: fields.description,
            platform_id: fields.platform_id.ok_or_else(|| needed("platform_id"))?,
            settings: fields.settings,
        })
    }
}

/// List the products on whose team the account is
#[utoipa::path(
    get, path = "/v1/user/products", tag = "Products", security(("bearer" = [])),
    responses((status = 200, body = ProductsAnswer), (status = 401), (status = 403))
)]
pub(super) async fn list_of_user(
    State(mote): State<Mote>,
    OfAccount(access): OfAccount<ProductsList>,
) -> Result<Json<ProductsAnswer>, ApiError> {
    products_of(&mote, &access).await
}

/// List the products on whose team the account is, as particle-api-js asks for them
#[utoipa::path(
    get, path = "/v1/products", tag = "Products", security(("bearer" = [])),
    responses((status = 200, body = ProductsAnswer), (status = 401), (status = 403))
)]
pub(super) async fn list(
    State(mote): State<Mote>,
    OfAccount(access): OfAccount<ProductsList>,
) -> Result<Json<ProductsAnswer>, ApiError> {
    products_of(&mote, &access).await
}

async fn products_of(
    mote: &Mote,
    access: &AccountAccess<ProductsList>,
) -> Result<Json<ProductsAnswer>, ApiError> {
    Ok(Json(mote.list_products(access).await?.into()))
}

/// Make a product
#[utoipa::path(
    post, path = "/v1/products", tag = "Products", security(("bearer" = [])), request_body = Body,
    responses((status = 200, body = ProductAnswer), (status = 400), (status = 401), (status = 403))
)]
pub(super) async fn create(
    State(mote): State<Mote>,
    OfAccount(access): OfAccount<ProductsCreate>,
    Input(body): Input<Body>,
) -> Result<Response, ApiError> {
    Ok(RenderedProduct::answer(&*mote.create_product(&access, body.new_product()?).await?))
}

/// See the product
#[utoipa::path(
    get, path = "/v1/products/{productIdOrSlug}", tag = "Products", security(("bearer" = [])),
    params(("productIdOrSlug" = String, Path)),
    responses((status = 200, body = ProductAnswer), (status = 401), (status = 403))
)]
pub(super) async fn see(State(mote): State<Mote>, OfProduct(access): OfProduct<ProductsGet>) -> Response {
    RenderedProduct::answer(&mote.get_product(&access))
}

/// Change the product
///
/// Its slug stays, and so do the settings that are not named.
#[utoipa::path(
    put, path = "/v1/products/{productIdOrSlug}", tag = "Products", security(("bearer" = [])), request_body = Body,
    params(("productIdOrSlug" = String, Path)),
    responses((status = 200, body = ProductAnswer), (status = 400), (status = 401), (status = 403))
)]
pub(super) async fn update(
    State(mote): State<Mote>,
    OfProduct(access): OfProduct<ProductsUpdate>,
    Input(body): Input<Body>,
) -> Result<Response, ApiError> {
    let fields = body.fields();
    if fields.platform_id.is_some_and(|id| id != i64::from(access.product().platform_id)) {
        return Err(ApiError::bad_request("platform_id cannot change: its devices are of that platform"));
    }
    if fields.slug.is_some_and(|slug| slug != access.product().slug) {
        return Err(ApiError::bad_request("slug cannot change: it is in the addresses that programs use"));
    }
    let change =
        ProductChange { name: fields.name, description: fields.description, settings: fields.settings };
    Ok(RenderedProduct::answer(&*mote.update_product(&access, change).await?))
}

/// End the product
///
/// With its clients, their tokens and its team; its devices must be removed first.
#[utoipa::path(
    delete, path = "/v1/products/{productIdOrSlug}", tag = "Products", security(("bearer" = [])),
    params(("productIdOrSlug" = String, Path)),
    responses((status = 204), (status = 401), (status = 403), (status = 409, description = "It has devices"))
)]
pub(super) async fn delete(
    State(mote): State<Mote>,
    OfProduct(access): OfProduct<ProductsRemove>,
) -> Result<StatusCode, ApiError> {
    mote.delete_product(&access).await?;
    Ok(StatusCode::NO_CONTENT)
}
