//! OAuth clients, of the account and of a product.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use mote_core::Mote;
use mote_core::authorization::table::{
    AccountClientsCreate, AccountClientsList, AccountClientsRemove, AccountClientsUpdate, ClientsCreate,
    ClientsList, ClientsRemove, ClientsUpdate,
};
use mote_core::clients::{ClientChange, CreatedClient, NewClient};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::ApiError;
use crate::access::{OfAccount, OfProduct};
use crate::body::{Input, Path};
use crate::views::{ClientAnswer, ClientsAnswer};

#[derive(Deserialize, ToSchema)]
#[schema(as = ClientCreate)]
pub(super) struct Create {
    /// What people call it; its ID is made of it.
    name: String,
    /// `installed` (servers, mobile and most web apps) or `web` (authorization code flow).
    #[serde(rename = "type")]
    kind: String,
    /// Needed for `web`: where people land after signing in.
    redirect_uri: Option<String>,
    /// `create_customer` limits its tokens to making customers; none for no limit.
    scope: Option<String>,
}

impl From<Create> for NewClient {
    fn from(body: Create) -> Self {
        Self { name: body.name, kind: body.kind, redirect_uri: body.redirect_uri, scope: body.scope }
    }
}

#[derive(Deserialize, ToSchema)]
#[schema(as = ClientUpdate)]
pub(super) struct Update {
    /// New name; the ID stays.
    name: Option<String>,
    /// New scope; `none` for no limit.
    scope: Option<String>,
    /// The present one, if any: a client stays what it is.
    #[serde(rename = "type")]
    kind: Option<String>,
    /// With type `web`: where people land from now on.
    redirect_uri: Option<String>,
}

impl From<Update> for ClientChange {
    fn from(body: Update) -> Self {
        Self { name: body.name, scope: body.scope, kind: body.kind, redirect_uri: body.redirect_uri }
    }
}

fn created(created: CreatedClient) -> Response {
    ([(header::CACHE_CONTROL, "no-store")], Json(ClientAnswer::from(created))).into_response()
}

/// List the account's OAuth clients
#[utoipa::path(
    get, path = "/v1/clients", tag = "OAuth", security(("bearer" = [])),
    responses((status = 200, body = ClientsAnswer), (status = 401), (status = 403))
)]
pub(super) async fn list_of_account(
    State(mote): State<Mote>,
    OfAccount(access): OfAccount<AccountClientsList>,
) -> Result<Json<ClientsAnswer>, ApiError> {
    Ok(Json(mote.account_clients(&access).await?.into()))
}

/// Make an OAuth client of the account
///
/// The secret is in this answer and in no other.
#[utoipa::path(
    post, path = "/v1/clients", tag = "OAuth", security(("bearer" = [])), request_body = Create,
    responses((status = 200, body = ClientAnswer), (status = 400), (status = 401), (status = 403))
)]
pub(super) async fn create_for_account(
    State(mote): State<Mote>,
    OfAccount(access): OfAccount<AccountClientsCreate>,
    Input(body): Input<Create>,
) -> Result<Response, ApiError> {
    Ok(created(mote.create_account_client(&access, body.into()).await?))
}

/// Change an OAuth client of the account
#[utoipa::path(
    put, path = "/v1/clients/{clientId}", tag = "OAuth", security(("bearer" = [])), request_body = Update,
    params(("clientId" = String, Path)),
    responses((status = 200, body = ClientAnswer), (status = 400), (status = 401), (status = 403), (status = 404))
)]
pub(super) async fn update_of_account(
    State(mote): State<Mote>,
    OfAccount(access): OfAccount<AccountClientsUpdate>,
    Path(id): Path<String>,
    Input(body): Input<Update>,
) -> Result<Json<ClientAnswer>, ApiError> {
    Ok(Json(mote.update_account_client(&access, &id, body.into()).await?.into()))
}

/// Delete an OAuth client of the account
///
/// Its tokens end at once.
#[utoipa::path(
    delete, path = "/v1/clients/{clientId}", tag = "OAuth", security(("bearer" = [])),
    params(("clientId" = String, Path)),
    responses((status = 204), (status = 401), (status = 403), (status = 404))
)]
pub(super) async fn delete_of_account(
    State(mote): State<Mote>,
    OfAccount(access): OfAccount<AccountClientsRemove>,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    mote.delete_account_client(&access, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// List the product's OAuth clients
#[utoipa::path(
    get, path = "/v1/products/{productIdOrSlug}/clients", tag = "OAuth", security(("bearer" = [])),
    params(("productIdOrSlug" = String, Path)),
    responses((status = 200, body = ClientsAnswer), (status = 401), (status = 403))
)]
pub(super) async fn list_of_product(
    State(mote): State<Mote>,
    OfProduct(access): OfProduct<ClientsList>,
) -> Result<Json<ClientsAnswer>, ApiError> {
    Ok(Json(mote.product_clients(&access).await?.into()))
}

/// Make an OAuth client of the product
///
/// With its ID and secret, `POST /oauth/token` with `grant_type=client_credentials` answers the product's bearer token. The
/// secret is in this answer and in no other.
#[utoipa::path(
    post, path = "/v1/products/{productIdOrSlug}/clients", tag = "OAuth", security(("bearer" = [])),
    request_body = Create, params(("productIdOrSlug" = String, Path)),
    responses((status = 200, body = ClientAnswer), (status = 400), (status = 401), (status = 403))
)]
pub(super) async fn create_for_product(
    State(mote): State<Mote>,
    OfProduct(access): OfProduct<ClientsCreate>,
    Input(body): Input<Create>,
) -> Result<Response, ApiError> {
    Ok(created(mote.create_product_client(&access, body.into()).await?))
}

/// Change an OAuth client of the product
#[utoipa::path(
    put, path = "/v1/products/{productIdOrSlug}/clients/{clientId}", tag = "OAuth", security(("bearer" = [])),
    request_body = Update, params(("productIdOrSlug" = String, Path), ("clientId" = String, Path)),
    responses((status = 200, body = ClientAnswer), (status = 400), (status = 401), (status = 403), (status = 404))
)]
pub(super) async fn update_of_product(
    State(mote): State<Mote>,
    OfProduct(access): OfProduct<ClientsUpdate>,
    Path((_, id)): Path<(String, String)>,
    Input(body): Input<Update>,
) -> Result<Json<ClientAnswer>, ApiError> {
    Ok(Json(mote.update_product_client(&access, &id, body.into()).await?.into()))
}

/// Delete an OAuth client of the product
///
/// Its tokens end at once.
#[utoipa::path(
    delete, path = "/v1/products/{productIdOrSlug}/clients/{clientId}", tag = "OAuth", security(("bearer" = [])),
    params(("productIdOrSlug" = String, Path), ("clientId" = String, Path)),
    responses((status = 204), (status = 401), (status = 403), (status = 404))
)]
pub(super) async fn delete_of_product(
    State(mote): State<Mote>,
    OfProduct(access): OfProduct<ClientsRemove>,
    Path((_, id)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    mote.delete_product_client(&access, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
