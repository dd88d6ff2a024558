//! Environment variables. In a path, what stands behind `env` is a device where its variables are meant, and the name of a
//! variable where one of the space's own is: names are in upper case, `render` and `rollout` are neither.

use axum::Json;
use axum::extract::State;
use mote_core::Mote;
use mote_core::authorization::table::{EnvironmentGet, EnvironmentUpdate};
use mote_core::environments::{EnvChange, When};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::ApiError;
use crate::access::OfSpace;
use crate::body::{Input, Path, lenient};
use crate::views::{EnvironmentAnswer, RenderedAnswer, RolloutAnswer, RolloutStarted};

/// What stands behind `env`, if anything does.
#[derive(Deserialize)]
pub(super) struct EnvPath {
    #[serde(rename = "deviceOrKey")]
    device: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct OwnKeyPath {
    #[serde(rename = "deviceOrKey")]
    key: String,
}

#[derive(Deserialize)]
pub(super) struct DeviceKeyPath {
    #[serde(rename = "deviceOrKey")]
    device: String,
    key: String,
}

/// See the variables of a space
#[utoipa::path(
    get, path = "/v1/env", tag = "Environment", security(("bearer" = [])),
    responses((status = 200, body = EnvironmentAnswer), (status = 401), (status = 403))
)]
pub(super) async fn see(
    State(mote): State<Mote>,
    OfSpace(access): OfSpace<EnvironmentGet>,
) -> Result<Json<EnvironmentAnswer>, ApiError> {
    Ok(Json(mote.environment(&access, None).await?.into()))
}

/// See the variables of a device
#[utoipa::path(
    get, path = "/v1/env/{deviceOrKey}", tag = "Environment", security(("bearer" = [])),
    params(("deviceOrKey" = String, Path, description = "Device ID")),
    responses((status = 200, body = EnvironmentAnswer), (status = 401), (status = 403), (status = 404))
)]
pub(super) async fn see_of_device(
    State(mote): State<Mote>,
    OfSpace(access): OfSpace<EnvironmentGet>,
    Path(path): Path<EnvPath>,
) -> Result<Json<EnvironmentAnswer>, ApiError> {
    Ok(Json(mote.environment(&access, path.device.as_deref()).await?.into()))
}

#[derive(Deserialize, ToSchema)]
pub(super) struct Changes {
    /// Fifty at most, made in this order, all or none.
    ops: Vec<Operation>,
}

/// A change of one variable.
#[derive(Deserialize, ToSchema)]
struct Operation {
    /// `Set` or `Unset`.
    op: String,
    /// The variable's name.
    key: String,
    /// Its value, for `Set`.
    #[serde(default, deserialize_with = "lenient::text")]
    value: Option<String>,
}

impl TryFrom<Operation> for EnvChange {
    type Error = ApiError;

    fn try_from(operation: Operation) -> Result<Self, ApiError> {
        let Operation { op, key: name, value } = operation;
        match (op.as_str(), value) {
            ("Set" | "set", Some(value)) => Ok(Self::Set { name, value }),
            ("Set" | "set", None) => Err(ApiError::bad_request("value is needed for an op of Set")),
            ("Unset" | "unset", _) => Ok(Self::Unset { name }),
            _ => Err(ApiError::bad_request("op: is Set or Unset")),
        }
    }
}

async fn change(
    mote: &Mote,
    access: &OfSpace<EnvironmentUpdate>,
    device: Option<&str>,
    changes: Changes,
) -> Result<Json<EnvironmentAnswer>, ApiError> {
    let changes = changes.ops.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?;
    Ok(Json(mote.update_environment(&access.0, device, changes).await?.into()))
}

/// Set and unset variables of a space
///
/// Devices get them with the next rollout.
#[utoipa::path(
    patch, path = "/v1/env", tag = "Environment", security(("bearer" = [])), request_body = Changes,
    responses((status = 200, body = EnvironmentAnswer), (status = 400), (status = 401), (status = 403))
)]
pub(super) async fn update(
    State(mote): State<Mote>,
    access: OfSpace<EnvironmentUpdate>,
    Input(changes): Input<Changes>,
) -> Result<Json<EnvironmentAnswer>, ApiError> {
    change(&mote, &access, None, changes).await
}

/// Set and unset variables of a device
#[utoipa::path(
    patch, path = "/v1/env/{deviceOrKey}", tag = "Environment", security(("bearer" = [])), request_body = Changes,
    params(("deviceOrKey" = String, Path, description = "Device ID")),
    responses((status = 200, body = EnvironmentAnswer), (status = 400), (status = 401), (status = 403), (status = 404))
)]
pub(super) async fn update_of_device(
    State(mote): State<Mote>,
    access: OfSpace<EnvironmentUpdate>,
    Path(path): Path<EnvPath>,
    Input(changes): Input<Changes>,
) -> Result<Json<EnvironmentAnswer>, ApiError> {
    change(&mote, &access, path.device.as_deref(), changes).await
}

#[derive(Deserialize, ToSchema)]
pub(super) struct ValueBody {
    #[serde(default, deserialize_with = "lenient::text")]
    value: Option<String>,
}

async fn set_one(
    mote: &Mote,
    access: &OfSpace<EnvironmentUpdate>,
    device: Option<&str>,
    name: String,
    body: ValueBody,
) -> Result<Json<EnvironmentAnswer>, ApiError> {
    let value = body.value.ok_or_else(|| ApiError::bad_request("value is needed: the variable's"))?;
    let changes = vec![EnvChange::Set { name, value }];
    Ok(Json(mote.update_environment(&access.0, device, changes).await?.into()))
}

/// Set a variable of a space
#[utoipa::path(
    put, path = "/v1/env/{deviceOrKey}", tag = "Environment", security(("bearer" = [])), request_body = ValueBody,
    params(("deviceOrKey" = String, Path, description = "The variable's name")),
    responses((status = 200, body = EnvironmentAnswer), (status = 400), (status = 401), (status = 403))
)]
pub(super) async fn set(
    State(mote): State<Mote>,
    access: OfSpace<EnvironmentUpdate>,
    Path(path): Path<OwnKeyPath>,
    Input(body): Input<ValueBody>,
) -> Result<Json<EnvironmentAnswer>, ApiError> {
    set_one(&mote, &access, None, path.key, body).await
}

/// Set a variable of a device
#[utoipa::path(
    put, path = "/v1/env/{deviceOrKey}/{key}", tag = "Environment", security(("bearer" = [])), request_body = ValueBody,
    params(("deviceOrKey" = String, Path, description = "Device ID"), ("key" = String, Path, description = "The variable's name")),
    responses((status = 200, body = EnvironmentAnswer), (status = 400), (status = 401), (status = 403), (status = 404))
)]
pub(super) async fn set_of_device(
    State(mote): State<Mote>,
    access: OfSpace<EnvironmentUpdate>,
    Path(path): Path<DeviceKeyPath>,
    Input(body): Input<ValueBody>,
) -> Result<Json<EnvironmentAnswer>, ApiError> {
    set_one(&mote, &access, Some(&path.device), path.key, body).await
}

/// Unset a variable of a space
#[utoipa::path(
    delete, path = "/v1/env/{deviceOrKey}", tag = "Environment", security(("bearer" = [])),
    params(("deviceOrKey" = String, Path, description = "The variable's name")),
    responses((status = 200, body = EnvironmentAnswer), (status = 401), (status = 403), (status = 404))
)]
pub(super) async fn unset(
    State(mote): State<Mote>,
    OfSpace(access): OfSpace<EnvironmentUpdate>,
    Path(path): Path<OwnKeyPath>,
) -> Result<Json<EnvironmentAnswer>, ApiError> {
    Ok(Json(mote.unset_variable(&access, None, &path.key).await?.into()))
}

/// Unset a variable of a device
#[utoipa::path(
    delete, path = "/v1/env/{deviceOrKey}/{key}", tag = "Environment", security(("bearer" = [])),
    params(("deviceOrKey" = String, Path, description = "Device ID"), ("key" = String, Path, description = "The variable's name")),
    responses((status = 200, body = EnvironmentAnswer), (status = 401), (status = 403), (status = 404))
)]
pub(super) async fn unset_of_device(
    State(mote): State<Mote>,
    OfSpace(access): OfSpace<EnvironmentUpdate>,
    Path(path): Path<DeviceKeyPath>,
) -> Result<Json<EnvironmentAnswer>, ApiError> {
    Ok(Json(mote.unset_variable(&access, Some(&path.device), &path.key).await?.into()))
}

/// See what devices of a space have that set nothing themselves
#[utoipa::path(
    get, path = "/v1/env/render", tag = "Environment", security(("bearer" = [])),
    responses((status = 200, body = RenderedAnswer), (status = 401), (status = 403))
)]
pub(super) async fn render(
    State(mote): State<Mote>,
    OfSpace(access): OfSpace<EnvironmentGet>,
) -> Result<Json<RenderedAnswer>, ApiError> {
    Ok(Json(mote.render_environment(&access, None).await?.into()))
}

/// See what a device has
#[utoipa::path(
    get, path = "/v1/env/{deviceOrKey}/render", tag = "Environment", security(("bearer" = [])),
    params(("deviceOrKey" = String, Path, description = "Device ID")),
    responses((status = 200, body = RenderedAnswer), (status = 401), (status = 403), (status = 404))
)]
pub(super) async fn render_of_device(
    State(mote): State<Mote>,
    OfSpace(access): OfSpace<EnvironmentGet>,
    Path(path): Path<EnvPath>,
) -> Result<Json<RenderedAnswer>, ApiError> {
    Ok(Json(mote.render_environment(&access, path.device.as_deref()).await?.into()))
}

/// See what a rollout of a space's variables would change
#[utoipa::path(
    get, path = "/v1/env/rollout", tag = "Environment", security(("bearer" = [])),
    responses((status = 200, body = RolloutAnswer), (status = 401), (status = 403))
)]
pub(super) async fn review(
    State(mote): State<Mote>,
    OfSpace(access): OfSpace<EnvironmentGet>,
) -> Result<Json<RolloutAnswer>, ApiError> {
    Ok(Json(mote.review_rollout(&access, None).await?.into()))
}

/// See what a rollout of a device's variables would change
#[utoipa::path(
    get, path = "/v1/env/{deviceOrKey}/rollout", tag = "Environment", security(("bearer" = [])),
    params(("deviceOrKey" = String, Path, description = "Device ID")),
    responses((status = 200, body = RolloutAnswer), (status = 401), (status = 403), (status = 404))
)]
pub(super) async fn review_of_device(
    State(mote): State<Mote>,
    OfSpace(access): OfSpace<EnvironmentGet>,
    Path(path): Path<EnvPath>,
) -> Result<Json<RolloutAnswer>, ApiError> {
    Ok(Json(mote.review_rollout(&access, path.device.as_deref()).await?.into()))
}

#[derive(Deserialize, ToSchema)]
pub(super) struct RolloutBody {
    /// `Immediate`: devices that are connected get it at once; `Connect`: all when they next connect.
    when: Option<String>,
}

impl RolloutBody {
    fn when(&self) -> Result<When, ApiError> {
        let when = self.when.as_deref();
        Ok(When::parse(when.ok_or_else(|| ApiError::bad_request("when is needed: Immediate or Connect"))?)?)
    }
}

/// Roll out the variables of a space
#[utoipa::path(
    post, path = "/v1/env/rollout", tag = "Environment", security(("bearer" = [])), request_body = RolloutBody,
    responses((status = 200, body = RolloutStarted), (status = 400), (status = 401), (status = 403))
)]
pub(super) async fn roll_out(
    State(mote): State<Mote>,
    OfSpace(access): OfSpace<EnvironmentUpdate>,
    Input(body): Input<RolloutBody>,
) -> Result<Json<RolloutStarted>, ApiError> {
    mote.roll_out(&access, None, body.when()?).await?;
    Ok(Json(RolloutStarted::new()))
}

/// Roll out the variables of a device
#[utoipa::path(
    post, path = "/v1/env/{deviceOrKey}/rollout", tag = "Environment", security(("bearer" = [])),
    request_body = RolloutBody, params(("deviceOrKey" = String, Path, description = "Device ID")),
    responses((status = 200, body = RolloutStarted), (status = 400), (status = 401), (status = 403), (status = 404))
)]
pub(super) async fn roll_out_of_device(
    State(mote): State<Mote>,
    OfSpace(access): OfSpace<EnvironmentUpdate>,
    Path(path): Path<EnvPath>,
    Input(body): Input<RolloutBody>,
) -> Result<Json<RolloutStarted>, ApiError> {
    mote.roll_out(&access, path.device.as_deref(), body.when()?).await?;
    Ok(Json(RolloutStarted::new()))
}
