//! Secrets of OAuth clients: Mote's own, so that a secret can be replaced without a pause.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use mote_core::Mote;
use mote_core::authorization::table::{AccountClientsList, AccountClientsUpdate, ClientsList, ClientsUpdate};
use mote_core::clients::{CreatedSecret, NewSecret};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::ApiError;
use crate::access::{OfAccount, OfProduct};
use crate::body::{Input, Path, lenient};
use crate::views::{SecretOfClientAnswer, SecretsOfClientAnswer};

#[derive(Deserialize, ToSchema)]
#[schema(as = ClientSecretCreate)]
pub(super) struct Create {
    /// What people call it.
    name: String,
    /// Its life in seconds, ten years at most; left out or 0 for no end.
    #[serde(default, deserialize_with = "lenient::integer")]
    expires_in: Option<i64>,
}

impl From<Create> for NewSecret {
    fn from(body: Create) -> Self {
        Self { name: body.name, expires_in: body.expires_in }
    }
}

fn created(created: CreatedSecret) -> Response {
    ([(header::CACHE_CONTROL, "no-store")], Json(SecretOfClientAnswer::from(created))).into_response()
}

/// List the secrets of a client of the account
///
/// Never the secrets themselves: their names, ends and last uses.
#[utoipa::path(
    get, path = "/v1/clients/{clientId}/secrets", tag = "OAuth", security(("bearer" = [])),
    params(("clientId" = String, Path)),
    responses((status = 200, body = SecretsOfClientAnswer), (status = 401), (status = 403), (status = 404))
)]
pub(super) async fn list_of_account(
    State(mote): State<Mote>,
    OfAccount(access): OfAccount<AccountClientsList>,
    Path(client): Path<String>,
) -> Result<Json<SecretsOfClientAnswer>, ApiError> {
    Ok(Json(mote.account_client_secrets(&access, &client).await?.into()))
}

/// Make another secret for a client of the account
///
/// Those that it has stay good, five at most. The secret is in this answer and in no other.
#[utoipa::path(
    post, path = "/v1/clients/{clientId}/secrets", tag = "OAuth", security(("bearer" = [])),
    request_body = Create, params(("clientId" = String, Path)),
    responses(
        (status = 200, body = SecretOfClientAnswer), (status = 400), (status = 401), (status = 403), (status = 404),
        (status = 409, description = "It has five already")
    )
)]
pub(super) async fn create_for_account(
    State(mote): State<Mote>,
    OfAccount(access): OfAccount<AccountClientsUpdate>,
    Path(client): Path<String>,
    Input(body): Input<Create>,
) -> Result<Response, ApiError> {
    Ok(created(mote.create_account_client_secret(&access, &client, body.into()).await?))
}

/// End a secret of a client of the account
///
/// At once; tokens that were made with it live on. The last one stays: delete the client instead.
#[utoipa::path(
    delete, path = "/v1/clients/{clientId}/secrets/{secretId}", tag = "OAuth", security(("bearer" = [])),
    params(("clientId" = String, Path), ("secretId" = String, Path)),
    responses((status = 204), (status = 401), (status = 403), (status = 404), (status = 409))
)]
pub(super) async fn delete_of_account(
    State(mote): State<Mote>,
    OfAccount(access): OfAccount<AccountClientsUpdate>,
    Path((client, secret)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    mote.delete_account_client_secret(&access, &client, &secret).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// List the secrets of a client of the product
///
/// Never the secrets themselves: their names, ends and last uses.
#[utoipa::path(
    get, path = "/v1/products/{productIdOrSlug}/clients/{clientId}/secrets", tag = "OAuth", security(("bearer" = [])),
    params(("productIdOrSlug" = String, Path), ("clientId" = String, Path)),
    responses((status = 200, body = SecretsOfClientAnswer), (status = 401), (status = 403), (status = 404))
)]
pub(super) async fn list_of_product(
    State(mote): State<Mote>,
    OfProduct(access): OfProduct<ClientsList>,
    Path((_, client)): Path<(String, String)>,
) -> Result<Json<SecretsOfClientAnswer>, ApiError> {
    Ok(Json(mote.product_client_secrets(&access, &client).await?.into()))
}

/// Make another secret for a client of the product
///
/// Those that it has stay good, five at most. The secret is in this answer and in no other.
#[utoipa::path(
    post, path = "/v1/products/{productIdOrSlug}/clients/{clientId}/secrets", tag = "OAuth", security(("bearer" = [])),
    request_body = Create, params(("productIdOrSlug" = String, Path), ("clientId" = String, Path)),
    responses(
        (status = 200, body = SecretOfClientAnswer), (status = 400), (status = 401), (status = 403), (status = 404),
        (status = 409, description = "It has five already")
    )
)]
pub(super) async fn create_for_product(
    State(mote): State<Mote>,
    OfProduct(access): OfProduct<ClientsUpdate>,
    Path((_, client)): Path<(String, String)>,
    Input(body): Input<Create>,
) -> Result<Response, ApiError> {
    Ok(created(mote.create_product_client_secret(&access, &client, body.into()).await?))
}

/// End a secret of a client of the product
///
/// At once; tokens that were made with it live on. The last one stays: delete the client instead.
#[utoipa::path(
    delete, path = "/v1/products/{productIdOrSlug}/clients/{clientId}/secrets/{secretId}", tag = "OAuth",
    security(("bearer" = [])),
    params(("productIdOrSlug" = String, Path), ("clientId" = String, Path), ("secretId" = String, Path)),
    responses((status = 204), (status = 401), (status = 403), (status = 404), (status = 409))
)]
pub(super) async fn delete_of_product(
    State(mote): State<Mote>,
    OfProduct(access): OfProduct<ClientsUpdate>,
    Path((_, client, secret)): Path<(String, String, String)>,
) -> Result<StatusCode, ApiError> {
    mote.delete_product_client_secret(&access, &client, &secret).await?;
    Ok(StatusCode::NO_CONTENT)
}
