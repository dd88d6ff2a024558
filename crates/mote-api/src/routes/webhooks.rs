//! The paths of older clients, which know no integrations but webhooks.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use mote_core::Mote;
use mote_core::authorization::table::{
    IntegrationsCreate, IntegrationsGet, IntegrationsList, IntegrationsRemove, IntegrationsUpdate,
};
use mote_core::integrations::{Kind, NewIntegration};
use serde_json::{Map, Value};

use super::integrations::{HookBody, IntegrationPath};
use crate::ApiError;
use crate::access::OfSpace;
use crate::body::{Input, Path};
use crate::views::{CreatedIntegration, IntegrationAnswer, IntegrationView};

const ONLY: Option<Kind> = Some(Kind::Webhook);

/// List webhooks
#[utoipa::path(
    get, path = "/v1/webhooks", tag = "Integrations", security(("bearer" = [])),
    responses((status = 200, body = Vec<IntegrationView>), (status = 401), (status = 403))
)]
pub(super) async fn list(
    State(mote): State<Mote>,
    OfSpace(access): OfSpace<IntegrationsList>,
) -> Result<Json<Vec<IntegrationView>>, ApiError> {
    Ok(Json(mote.list_integrations(&access, ONLY).await?.iter().map(Into::into).collect()))
}

/// Make a webhook
#[utoipa::path(
    post, path = "/v1/webhooks", tag = "Integrations", security(("bearer" = [])), request_body = HookBody,
    responses((status = 201, body = CreatedIntegration), (status = 400), (status = 401), (status = 403), (status = 409))
)]
pub(super) async fn create(
    State(mote): State<Mote>,
    OfSpace(access): OfSpace<IntegrationsCreate>,
    Input(body): Input<Map<String, Value>>,
) -> Result<(StatusCode, Json<CreatedIntegration>), ApiError> {
    let made = mote.create_integration(&access, NewIntegration::parse(body, ONLY)?).await?;
    let answer = CreatedIntegration::new(&made, access.space(), &mote.settings().public_url);
    Ok((StatusCode::CREATED, Json(answer)))
}

/// See a webhook
#[utoipa::path(
    get, path = "/v1/webhooks/{integrationId}", tag = "Integrations", security(("bearer" = [])),
    params(("integrationId" = String, Path)),
    responses((status = 200, body = IntegrationAnswer), (status = 401), (status = 403), (status = 404))
)]
pub(super) async fn see(
    State(mote): State<Mote>,
    OfSpace(access): OfSpace<IntegrationsGet>,
    Path(IntegrationPath { id }): Path<IntegrationPath>,
) -> Result<Json<IntegrationAnswer>, ApiError> {
    Ok(Json(mote.get_integration(&access, &id, ONLY).await?.into()))
}

/// Replace a webhook
#[utoipa::path(
    put, path = "/v1/webhooks/{integrationId}", tag = "Integrations", security(("bearer" = [])),
    request_body = HookBody, params(("integrationId" = String, Path)),
    responses((status = 200, body = IntegrationAnswer), (status = 400), (status = 401), (status = 403), (status = 404))
)]
pub(super) async fn replace(
    State(mote): State<Mote>,
    OfSpace(access): OfSpace<IntegrationsUpdate>,
    Path(IntegrationPath { id }): Path<IntegrationPath>,
    Input(body): Input<Map<String, Value>>,
) -> Result<Json<IntegrationAnswer>, ApiError> {
    Ok(Json(mote.replace_integration(&access, &id, body, ONLY).await?.into()))
}

/// Delete a webhook
#[utoipa::path(
    delete, path = "/v1/webhooks/{integrationId}", tag = "Integrations", security(("bearer" = [])),
    params(("integrationId" = String, Path)),
    responses((status = 204), (status = 401), (status = 403), (status = 404))
)]
pub(super) async fn delete(
    State(mote): State<Mote>,
    OfSpace(access): OfSpace<IntegrationsRemove>,
    Path(IntegrationPath { id }): Path<IntegrationPath>,
) -> Result<StatusCode, ApiError> {
    mote.delete_integration(&access, &id, ONLY).await?;
    Ok(StatusCode::NO_CONTENT)
}
