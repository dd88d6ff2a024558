//! Secrets of accounts and organizations. A value is taken in and never given out.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use mote_core::Mote;
use mote_core::authorization::table::{SecretsCreate, SecretsGet, SecretsList, SecretsRemove, SecretsUpdate};
use mote_core::secrets::SecretValue;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::ApiError;
use crate::access::OfSpace;
use crate::body::{Input, Path, lenient};
use crate::views::{SecretAnswer, SecretsAnswer};

#[derive(Deserialize)]
pub(super) struct SecretPath {
    #[serde(rename = "secretName")]
    name: String,
}

/// The fields of a secret, flat or within `secret`, as the Particle CLI has them.
#[derive(Default, Deserialize, ToSchema)]
#[schema(as = SecretFields)]
pub(super) struct Fields {
    /// Upper-case letters, digits and underscores; only where a secret is made.
    name: Option<String>,
    /// The secret itself: 16 KiB of text at most.
    #[serde(default, deserialize_with = "lenient::text")]
    value: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[schema(as = SecretBody)]
pub(super) struct Body {
    secret: Option<Fields>,
    #[serde(flatten)]
    flat: Fields,
}

impl Body {
    fn fields(self) -> (Option<String>, Option<String>) {
        let Fields { name, value } = self.secret.unwrap_or(self.flat);
        (name, value)
    }
}

fn checked(value: Option<String>) -> Result<SecretValue, ApiError> {
    let value = value.ok_or_else(|| ApiError::bad_request("value is needed: the secret itself"))?;
    Ok(SecretValue::parse(value)?)
}

/// List the secrets
#[utoipa::path(
    get, path = "/v1/secrets", tag = "Secrets", security(("bearer" = [])),
    responses((status = 200, body = SecretsAnswer), (status = 401), (status = 403))
)]
pub(super) async fn list(
    State(mote): State<Mote>,
    OfSpace(access): OfSpace<SecretsList>,
) -> Result<Json<SecretsAnswer>, ApiError> {
    Ok(Json(mote.list_secrets(&access).await?.into()))
}

/// Store a new secret
///
/// Integrations use it by its name. The value can be changed, and not be seen again.
#[utoipa::path(
    post, path = "/v1/secrets", tag = "Secrets", security(("bearer" = [])), request_body = Body,
    responses(
        (status = 201, body = SecretAnswer), (status = 400), (status = 401), (status = 403),
        (status = 409, description = "The name is taken"),
    )
)]
pub(super) async fn create(
    State(mote): State<Mote>,
    OfSpace(access): OfSpace<SecretsCreate>,
    Input(body): Input<Body>,
) -> Result<(StatusCode, Json<SecretAnswer>), ApiError> {
    let (name, value) = body.fields();
    let name = name.ok_or_else(|| ApiError::bad_request("name is needed to make a secret"))?;
    let secret = mote.create_secret(&access, &name, &checked(value)?).await?;
    Ok((StatusCode::CREATED, Json(secret.into())))
}

/// See a secret
#[utoipa::path(
    get, path = "/v1/secrets/{secretName}", tag = "Secrets", security(("bearer" = [])),
    params(("secretName" = String, Path)),
    responses((status = 200, body = SecretAnswer), (status = 401), (status = 403), (status = 404))
)]
pub(super) async fn see(
    State(mote): State<Mote>,
    OfSpace(access): OfSpace<SecretsGet>,
    Path(path): Path<SecretPath>,
) -> Result<Json<SecretAnswer>, ApiError> {
    Ok(Json(mote.get_secret(&access, &path.name).await?.into()))
}

/// Give a secret a value
///
/// Takes effect at once in all that uses it. A secret that is not there is made.
#[utoipa::path(
    put, path = "/v1/secrets/{secretName}", tag = "Secrets", security(("bearer" = [])), request_body = Body,
    params(("secretName" = String, Path)),
    responses((status = 200, body = SecretAnswer), (status = 400), (status = 401), (status = 403))
)]
pub(super) async fn update(
    State(mote): State<Mote>,
    OfSpace(access): OfSpace<SecretsUpdate>,
    Path(path): Path<SecretPath>,
    Input(body): Input<Body>,
) -> Result<Json<SecretAnswer>, ApiError> {
    let (_, value) = body.fields();
    Ok(Json(mote.set_secret(&access, &path.name, &checked(value)?).await?.into()))
}

/// Delete a secret that nothing uses
#[utoipa::path(
    delete, path = "/v1/secrets/{secretName}", tag = "Secrets", security(("bearer" = [])),
    params(("secretName" = String, Path)),
    responses(
        (status = 204), (status = 401), (status = 403), (status = 404),
        (status = 409, description = "An integration uses it"),
    )
)]
pub(super) async fn delete(
    State(mote): State<Mote>,
    OfSpace(access): OfSpace<SecretsRemove>,
    Path(path): Path<SecretPath>,
) -> Result<StatusCode, ApiError> {
    mote.delete_secret(&access, &path.name).await?;
    Ok(StatusCode::NO_CONTENT)
}
