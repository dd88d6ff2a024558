//! Public keys of OAuth clients: Mote's own, for clients that sign instead of sending a secret.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use mote_core::Mote;
use mote_core::authorization::table::{AccountClientsList, AccountClientsUpdate, ClientsList, ClientsUpdate};
use mote_core::clients::NewPublicKey;
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::ApiError;
use crate::access::{OfAccount, OfProduct};
use crate::body::{Input, Path, lenient};
use crate::views::{KeyOfClientAnswer, KeysOfClientAnswer};

#[derive(Deserialize, ToSchema)]
#[schema(as = ClientKeyAdd)]
pub(super) struct Add {
    /// What people call it.
    name: String,
    /// The key: RSA of 2048 to 4096 bits (RS256), EC on P-256 (ES256) or Ed25519 (`EdDSA`).
    public_key: KeyText,
    /// Its life in seconds, ten years at most; left out or 0 for no end.
    #[serde(default, deserialize_with = "lenient::integer")]
    expires_in: Option<i64>,
}

/// A key in either form.
#[derive(Deserialize, ToSchema)]
#[serde(untagged)]
#[schema(as = ClientKeyText)]
enum KeyText {
    /// PEM (`-----BEGIN PUBLIC KEY-----`), or a JWK as text.
    Text(String),
    /// A JWK (RFC 7517).
    Jwk(Map<String, Value>),
}

impl From<Add> for NewPublicKey {
    fn from(body: Add) -> Self {
        let public_key = match body.public_key {
            KeyText::Text(text) => text,
            KeyText::Jwk(jwk) => Value::Object(jwk).to_string(),
        };
        Self { name: body.name, public_key, expires_in: body.expires_in }
    }
}

/// List the public keys of a client of the account
#[utoipa::path(
    get, path = "/v1/clients/{clientId}/keys", tag = "OAuth", security(("bearer" = [])),
    params(("clientId" = String, Path)),
    responses((status = 200, body = KeysOfClientAnswer), (status = 401), (status = 403), (status = 404))
)]
pub(super) async fn list_of_account(
    State(mote): State<Mote>,
    OfAccount(access): OfAccount<AccountClientsList>,
    Path(client): Path<String>,
) -> Result<Json<KeysOfClientAnswer>, ApiError> {
    Ok(Json(mote.account_client_keys(&access, &client).await?.into()))
}

/// Make another public key of a client of the account known
///
/// With it the client may sign a JWT at the token endpoint, instead of sending a secret (`private_key_jwt`, RFC 7523). Five
/// at most.
#[utoipa::path(
    post, path = "/v1/clients/{clientId}/keys", tag = "OAuth", security(("bearer" = [])),
    request_body = Add, params(("clientId" = String, Path)),
    responses(
        (status = 200, body = KeyOfClientAnswer), (status = 400), (status = 401), (status = 403), (status = 404),
        (status = 409, description = "It has five already, or this one, or one with this `kid`")
    )
)]
pub(super) async fn add_to_account(
    State(mote): State<Mote>,
    OfAccount(access): OfAccount<AccountClientsUpdate>,
    Path(client): Path<String>,
    Input(body): Input<Add>,
) -> Result<Json<KeyOfClientAnswer>, ApiError> {
    Ok(Json(mote.add_account_client_key(&access, &client, body.into()).await?.into()))
}

/// End a public key of a client of the account
///
/// At once; tokens that were made with it live on. What the client could not prove itself without stays.
#[utoipa::path(
    delete, path = "/v1/clients/{clientId}/keys/{keyId}", tag = "OAuth",
    security(("bearer" = [])),
    params(("clientId" = String, Path), ("keyId" = String, Path)),
    responses((status = 204), (status = 401), (status = 403), (status = 404), (status = 409))
)]
pub(super) async fn delete_of_account(
    State(mote): State<Mote>,
    OfAccount(access): OfAccount<AccountClientsUpdate>,
    Path((client, key)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    mote.delete_account_client_key(&access, &client, &key).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// List the public keys of a client of the product
#[utoipa::path(
    get, path = "/v1/products/{productIdOrSlug}/clients/{clientId}/keys", tag = "OAuth", security(("bearer" = [])),
    params(("productIdOrSlug" = String, Path), ("clientId" = String, Path)),
    responses((status = 200, body = KeysOfClientAnswer), (status = 401), (status = 403), (status = 404))
)]
pub(super) async fn list_of_product(
    State(mote): State<Mote>,
    OfProduct(access): OfProduct<ClientsList>,
    Path((_, client)): Path<(String, String)>,
) -> Result<Json<KeysOfClientAnswer>, ApiError> {
    Ok(Json(mote.product_client_keys(&access, &client).await?.into()))
}

/// Make another public key of a client of the product known
///
/// With it the client may sign a JWT at the token endpoint, instead of sending a secret (`private_key_jwt`, RFC 7523). Five
/// at most.
#[utoipa::path(
    post, path = "/v1/products/{productIdOrSlug}/clients/{clientId}/keys", tag = "OAuth", security(("bearer" = [])),
    request_body = Add, params(("productIdOrSlug" = String, Path), ("clientId" = String, Path)),
    responses(
        (status = 200, body = KeyOfClientAnswer), (status = 400), (status = 401), (status = 403), (status = 404),
        (status = 409, description = "It has five already, or this one, or one with this `kid`")
    )
)]
pub(super) async fn add_to_product(
    State(mote): State<Mote>,
    OfProduct(access): OfProduct<ClientsUpdate>,
    Path((_, client)): Path<(String, String)>,
    Input(body): Input<Add>,
) -> Result<Json<KeyOfClientAnswer>, ApiError> {
    Ok(Json(mote.add_product_client_key(&access, &client, body.into()).await?.into()))
}

/// End a public key of a client of the product
///
/// At once; tokens that were made with it live on. What the client could not prove itself without stays.
#[utoipa::path(
    delete, path = "/v1/products/{productIdOrSlug}/clients/{clientId}/keys/{keyId}", tag = "OAuth",
    security(("bearer" = [])),
    params(("productIdOrSlug" = String, Path), ("clientId" = String, Path), ("keyId" = String, Path)),
    responses((status = 204), (status = 401), (status = 403), (status = 404), (status = 409))
)]
pub(super) async fn delete_of_product(
    State(mote): State<Mote>,
    OfProduct(access): OfProduct<ClientsUpdate>,
    Path((_, client, key)): Path<(String, String, String)>,
) -> Result<StatusCode, ApiError> {
    mote.delete_product_client_key(&access, &client, &key).await?;
    Ok(StatusCode::NO_CONTENT)
}
