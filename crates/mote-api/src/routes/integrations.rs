//! Integrations of accounts, products and organizations. [`super::webhooks`] has the paths for webhooks alone.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use mote_core::Mote;
use mote_core::authorization::table::{
    IntegrationsCreate, IntegrationsGet, IntegrationsList, IntegrationsRemove, IntegrationsTest,
    IntegrationsUpdate,
};
use mote_core::integrations::{NewIntegration, TrialEvent};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::ApiError;
use crate::access::OfSpace;
use crate::body::{Input, Path, lenient};
use crate::views::{CreatedIntegration, IntegrationAnswer, IntegrationView, TrialAnswer};

#[derive(Deserialize)]
pub(super) struct IntegrationPath {
    #[serde(rename = "integrationId")]
    pub(super) id: String,
}

/// The fields of an integration. Which go together depends on the type; an unknown one is refused.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what the domain reads field by field")]
pub(super) struct HookBody {
    /// `Webhook`, `AzureIotHub` or `GoogleMaps`.
    integration_type: String,
    /// What the names of the events begin with that fire it.
    event: String,
    name: Option<String>,
    /// Only this device's events fire it.
    #[schema(rename = "deviceID")]
    device_id: Option<String>,
    disabled: Option<bool>,
    /// Webhook: the address. Here and in what follows, Mustache templates are filled in with the event.
    url: Option<String>,
    /// Webhook: `GET`, `POST`, `PUT` or `DELETE`.
    #[schema(rename = "requestType")]
    request_type: Option<String>,
    /// Webhook, Azure: JSON, or text that becomes JSON. Excludes `form` and `body`.
    #[schema(value_type = Option<Object>)]
    json: Option<Value>,
    /// Webhook: keys with texts.
    #[schema(value_type = Option<Object>)]
    form: Option<Value>,
    /// Webhook: any text.
    body: Option<String>,
    /// Webhook: keys with texts, for the address's query.
    #[schema(value_type = Option<Object>)]
    query: Option<Value>,
    /// Webhook: keys with texts.
    #[schema(value_type = Option<Object>)]
    headers: Option<Value>,
    /// Webhook: `username` and `password` for HTTP Basic.
    #[schema(value_type = Option<Object>)]
    auth: Option<Value>,
    /// Webhook: leave out the fields `event`, `data`, `published_at` and `coreid`.
    #[schema(rename = "noDefaults")]
    no_defaults: Option<bool>,
    /// Webhook: false takes any certificate.
    #[schema(rename = "rejectUnauthorized")]
    reject_unauthorized: Option<bool>,
    /// Webhook: name of the events that have the answer; `hook-response/EVENT` otherwise.
    #[schema(rename = "responseTopic")]
    response_topic: Option<String>,
    /// Webhook: name of the events that tell of errors; `hook-error/EVENT` otherwise.
    #[schema(rename = "errorResponseTopic")]
    error_response_topic: Option<String>,
    /// Webhook: what is made of the answer, with its JSON as variables.
    #[schema(rename = "responseTemplate", value_type = Option<Object>)]
    response_template: Option<Value>,
    /// Webhook: the answer in one event instead of parts of 512 bytes.
    unchunked: Option<bool>,
    /// Webhook: the answer as a `data:` URL.
    #[schema(rename = "dataUrlResponseEvent")]
    data_url_response_event: Option<bool>,
    /// Webhook: name of the template that it was made from.
    template: Option<String>,
    /// Webhook: further variables: a list of `{"name": …, "value": …}`.
    #[schema(value_type = Option<Vec<Object>>)]
    parameters: Option<Value>,
    /// Webhook: names of secrets that are variables too. Takes the right to set them: the owner, or who may `secrets:update`.
    secrets: Option<Vec<String>>,
    /// Azure: the hub.
    hub_name: Option<String>,
    /// Azure: the shared access policy, which must allow to write the registry and to connect devices.
    policy_name: Option<String>,
    /// Azure: its key.
    policy_key: Option<String>,
    /// Google Maps: key for the Geolocation API.
    api_key: Option<String>,
}

#[derive(Deserialize, ToSchema)]
pub(super) struct Test {
    /// Data of the test's event; `test-event` otherwise.
    #[serde(default, deserialize_with = "lenient::text")]
    data: Option<String>,
    /// The device that it is said to come from; `api` otherwise.
    device_id: Option<String>,
}

/// List integrations
#[utoipa::path(
    get, path = "/v1/integrations", tag = "Integrations", security(("bearer" = [])),
    responses((status = 200, body = Vec<IntegrationView>), (status = 401), (status = 403))
)]
pub(super) async fn list(
    State(mote): State<Mote>,
    OfSpace(access): OfSpace<IntegrationsList>,
) -> Result<Json<Vec<IntegrationView>>, ApiError> {
    Ok(Json(mote.list_integrations(&access, None).await?.iter().map(Into::into).collect()))
}

/// Make an integration
///
/// Events whose names begin with `event` fire it: those of the account's devices, of the product, or of the organization's
/// products. Addresses of the server's own network are refused.
#[utoipa::path(
    post, path = "/v1/integrations", tag = "Integrations", security(("bearer" = [])), request_body = HookBody,
    responses((status = 201, body = CreatedIntegration), (status = 400), (status = 401), (status = 403), (status = 409))
)]
pub(super) async fn create(
    State(mote): State<Mote>,
    OfSpace(access): OfSpace<IntegrationsCreate>,
    Input(body): Input<Map<String, Value>>,
) -> Result<(StatusCode, Json<CreatedIntegration>), ApiError> {
    let made = mote.create_integration(&access, NewIntegration::parse(body, None)?).await?;
    let answer = CreatedIntegration::new(&made, access.space(), &mote.settings().public_url);
    Ok((StatusCode::CREATED, Json(answer)))
}

/// See an integration
///
/// With its latest ten requests.
#[utoipa::path(
    get, path = "/v1/integrations/{integrationId}", tag = "Integrations", security(("bearer" = [])),
    params(("integrationId" = String, Path)),
    responses((status = 200, body = IntegrationAnswer), (status = 401), (status = 403), (status = 404))
)]
pub(super) async fn see(
    State(mote): State<Mote>,
    OfSpace(access): OfSpace<IntegrationsGet>,
    Path(IntegrationPath { id }): Path<IntegrationPath>,
) -> Result<Json<IntegrationAnswer>, ApiError> {
    Ok(Json(mote.get_integration(&access, &id, None).await?.into()))
}

/// Replace an integration
///
/// Nothing is merged: what is not named is as if it were made new, but for what it cannot be without. Where `[[SENSITIVE]]`
/// stands for a password or key, that stays; but it goes nowhere else: with another scheme, host or port of `url`, or another
/// hub, it must be sent anew.
#[utoipa::path(
    put, path = "/v1/integrations/{integrationId}", tag = "Integrations", security(("bearer" = [])),
    request_body = HookBody, params(("integrationId" = String, Path)),
    responses((status = 200, body = IntegrationAnswer), (status = 400), (status = 401), (status = 403), (status = 404))
)]
pub(super) async fn replace(
    State(mote): State<Mote>,
    OfSpace(access): OfSpace<IntegrationsUpdate>,
    Path(IntegrationPath { id }): Path<IntegrationPath>,
    Input(body): Input<Map<String, Value>>,
) -> Result<Json<IntegrationAnswer>, ApiError> {
    Ok(Json(mote.replace_integration(&access, &id, body, None).await?.into()))
}

/// Delete an integration
///
/// It fires no more, at once.
#[utoipa::path(
    delete, path = "/v1/integrations/{integrationId}", tag = "Integrations", security(("bearer" = [])),
    params(("integrationId" = String, Path)),
    responses((status = 204), (status = 401), (status = 403), (status = 404))
)]
pub(super) async fn delete(
    State(mote): State<Mote>,
    OfSpace(access): OfSpace<IntegrationsRemove>,
    Path(IntegrationPath { id }): Path<IntegrationPath>,
) -> Result<StatusCode, ApiError> {
    mote.delete_integration(&access, &id, None).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Try an integration out
///
/// Sends one request, waits for its answer, and tells what it was.
#[utoipa::path(
    post, path = "/v1/integrations/{integrationId}/test", tag = "Integrations", security(("bearer" = [])),
    request_body = Test, params(("integrationId" = String, Path)),
    responses(
        (status = 200, body = TrialAnswer), (status = 400), (status = 401), (status = 403), (status = 404), (status = 503)
    )
)]
pub(super) async fn test(
    State(mote): State<Mote>,
    OfSpace(access): OfSpace<IntegrationsTest>,
    Path(IntegrationPath { id }): Path<IntegrationPath>,
    Input(body): Input<Test>,
) -> Result<Json<TrialAnswer>, ApiError> {
    let event = TrialEvent { data: body.data, device: body.device_id };
    Ok(Json(mote.test_integration(&access, &id, event).await?.into()))
}
