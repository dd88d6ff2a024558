//! Configurations and their schemas, at the same addresses: a schema is what comes, or is asked for, as
//! `application/schema+json`.

use axum::Json;
use axum::extract::{FromRequest, FromRequestParts, Request, State};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{HeaderMap, StatusCode, header};
use mote_core::Mote;
use mote_core::authorization::table::{ConfigurationGet, ConfigurationUpdate};
use mote_core::configurations::Applied;
use serde_json::{Map, Value, json};

use crate::ApiError;
use crate::access::OfProduct;
use crate::body::{self, Input, Path};
use crate::views::{ConfigurationAnswer, DeviceConfigurationAnswer};

const SCHEMA: &str = "application/schema+json";

/// Bytes of a body with a schema at most: more than a schema may have, which is told with a better message.
const MOST_BYTES: usize = 512 * 1024;

/// What a request asks for, by its `Accept` header.
pub(super) enum Asked {
    /// The values.
    Values,
    /// The schema.
    Schema,
}

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let accepted = parts.headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
        let mut types = accepted.flat_map(|value| value.split(','));
        let is_schema =
            |one: &str| one.split(';').next().is_some_and(|one| one.trim().eq_ignore_ascii_case(SCHEMA));
        Ok(if types.any(is_schema) { Self::Schema } else { Self::Values })
    }
}

/// What a request brings, by its `Content-Type`.
pub(super) enum Sent {
    /// Values, section by section.
    Values(Map<String, Value>),
    /// A schema.
    Schema(Value),
}

fn is_schema(headers: &HeaderMap) -> bool {
    body::media_type(headers).as_deref() == Some(SCHEMA)
}

impl FromRequest<Mote> for Sent {
    type Rejection = ApiError;

    async fn from_request(request: Request, mote: &Mote) -> Result<Self, ApiError> {
        if !is_schema(request.headers()) {
            return Input::from_request(request, mote).await.map(|Input(values)| Self::Values(values));
        }
        let (parts, body) = request.into_parts();
        let whole = body::read_proved(&parts.extensions, body, MOST_BYTES).await?;
        body::json(&whole).map(|schema| Self::Schema(Value::Object(schema)))
    }
}

/// That a request is about a schema.
pub(super) struct OfSchema;

impl<S: Send + Sync> FromRequestParts<S> for OfSchema {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let text = "Only a schema can be deleted: send Content-Type: application/schema+json. To take values back, PUT {}";
        if is_schema(&parts.headers) { Ok(Self) } else { Err(ApiError::bad_request(text)) }
    }
}

/// Values and schemas have one address: a cache must not take one for the other.
const VARIES: (header::HeaderName, &str) = (header::VARY, "accept");

fn schema(schema: &Value) -> Response {
    ([(header::CONTENT_TYPE, SCHEMA), VARIES], schema.to_string()).into_response()
}

/// See the product's configuration, or with `Accept: application/schema+json` its schema
#[utoipa::path(
    get, path = "/v1/products/{productIdOrSlug}/config", tag = "Configuration", security(("bearer" = [])),
    params(("productIdOrSlug" = String, Path), ("accept" = Option<String>, Header, description = "`application/schema+json` for the schema")),
    responses(
        (status = 200, content((ConfigurationAnswer = "application/json"), (Object = "application/schema+json"))),
        (status = 401), (status = 403), (status = 404, description = "No configuration is set"),
    )
)]
pub(super) async fn see_of_product(
    State(mote): State<Mote>,
    OfProduct(access): OfProduct<ConfigurationGet>,
    asked: Asked,
) -> Result<Response, ApiError> {
    Ok(match asked {
        Asked::Schema => schema(&mote.product_schema(&access).await?),
        Asked::Values => {
            let values = mote.product_configuration(&access).await?;
            ([VARIES], Json(ConfigurationAnswer::from(values))).into_response()
        }
    })
}

/// Set the product's configuration, or with `Content-Type: application/schema+json` its schema
///
/// Values stand section by section at the top, and take the place of all that were set. With `deviceIds` among them they are
/// for these devices alone; nothing but these gives the devices the product's configuration back.
#[utoipa::path(
    put, path = "/v1/products/{productIdOrSlug}/config", tag = "Configuration", security(("bearer" = [])),
    request_body(content((Object = "application/json"), (Object = "application/schema+json"))),
    params(("productIdOrSlug" = String, Path)),
    responses(
        (status = 202, description = "Values: devices are given them as they connect"),
        (status = 200, description = "The schema, as it was sent", content_type = "application/schema+json"),
        (status = 400), (status = 401), (status = 403), (status = 404),
        (status = 422, description = "The schema is none, or values do not fit it: see `violations`"),
    )
)]
pub(super) async fn set_of_product(
    State(mote): State<Mote>,
    OfProduct(access): OfProduct<ConfigurationUpdate>,
    sent: Sent,
) -> Result<Response, ApiError> {
    match sent {
        Sent::Schema(new) => Ok(schema(&mote.set_product_schema(&access, new).await?)),
        Sent::Values(mut values) => {
            let devices = values.remove("deviceIds").map(devices).transpose()?;
            mote.set_product_configuration(&access, devices, values).await?;
            Ok((StatusCode::ACCEPTED, Json(json!({}))).into_response())
        }
    }
}

fn devices(ids: Value) -> Result<Vec<String>, ApiError> {
    serde_json::from_value(ids).map_err(|_| ApiError::bad_request("deviceIds: is a list of device IDs"))
}

/// Drop the product's schema (`Content-Type: application/schema+json`)
///
/// Any values will do then.
#[utoipa::path(
    delete, path = "/v1/products/{productIdOrSlug}/config", tag = "Configuration", security(("bearer" = [])),
    params(("productIdOrSlug" = String, Path)),
    responses((status = 204), (status = 400), (status = 401), (status = 403))
)]
pub(super) async fn delete_of_product(
    State(mote): State<Mote>,
    OfProduct(access): OfProduct<ConfigurationUpdate>,
    OfSchema: OfSchema,
) -> Result<StatusCode, ApiError> {
    mote.delete_product_schema(&access).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// See a device's configuration, or with `Accept: application/schema+json` the schema that stands for it
#[utoipa::path(
    get, path = "/v1/products/{productIdOrSlug}/config/{deviceId}", tag = "Configuration", security(("bearer" = [])),
    params(
        ("productIdOrSlug" = String, Path), ("deviceId" = String, Path),
        ("accept" = Option<String>, Header, description = "`application/schema+json` for the schema"),
    ),
    responses(
        (status = 200, content((DeviceConfigurationAnswer = "application/json"), (Object = "application/schema+json"))),
        (status = 401), (status = 403), (status = 404, description = "No such device, or no configuration is set"),
    )
)]
pub(super) async fn see_of_device(
    State(mote): State<Mote>,
    OfProduct(access): OfProduct<ConfigurationGet>,
    Path((_, device)): Path<(String, String)>,
    asked: Asked,
) -> Result<Response, ApiError> {
    Ok(match asked {
        Asked::Schema => schema(&mote.device_schema(&access, &device).await?),
        Asked::Values => {
            let found = mote.device_configuration(&access, &device).await?;
            ([VARIES], Json(DeviceConfigurationAnswer::from(found))).into_response()
        }
    })
}

/// Set a device's own configuration, or with `Content-Type: application/schema+json` its own schema
///
/// Values take the place of all that were set; none at all gives the device the product's back.
#[utoipa::path(
    put, path = "/v1/products/{productIdOrSlug}/config/{deviceId}", tag = "Configuration", security(("bearer" = [])),
    request_body(content((Object = "application/json"), (Object = "application/schema+json"))),
    params(("productIdOrSlug" = String, Path), ("deviceId" = String, Path)),
    responses(
        (status = 200, description = "The device has taken the values; or the schema, as it was sent"),
        (status = 202, description = "The device is given the values when it connects"),
        (status = 400, description = "The device refused some sections"), (status = 401), (status = 403), (status = 404),
        (status = 422, description = "The schema is none, or values do not fit it: see `violations`"),
    )
)]
pub(super) async fn set_of_device(
    State(mote): State<Mote>,
    OfProduct(access): OfProduct<ConfigurationUpdate>,
    Path((_, device)): Path<(String, String)>,
    sent: Sent,
) -> Result<Response, ApiError> {
    match sent {
        Sent::Schema(new) => Ok(schema(&mote.set_device_schema(&access, &device, new).await?)),
        Sent::Values(values) => {
            let status = match mote.set_device_configuration(&access, &device, values).await? {
                Applied::Now => StatusCode::OK,
                Applied::Later => StatusCode::ACCEPTED,
            };
            Ok((status, Json(json!({}))).into_response())
        }
    }
}

/// Drop a device's own schema (`Content-Type: application/schema+json`)
///
/// The product's stands for it then.
#[utoipa::path(
    delete, path = "/v1/products/{productIdOrSlug}/config/{deviceId}", tag = "Configuration",
    security(("bearer" = [])), params(("productIdOrSlug" = String, Path), ("deviceId" = String, Path)),
    responses((status = 204), (status = 400), (status = 401), (status = 403), (status = 404))
)]
pub(super) async fn delete_of_device(
    State(mote): State<Mote>,
    OfProduct(access): OfProduct<ConfigurationUpdate>,
    Path((_, device)): Path<(String, String)>,
    OfSchema: OfSchema,
) -> Result<StatusCode, ApiError> {
    mote.delete_device_schema(&access, &device).await?;
    Ok(StatusCode::NO_CONTENT)
}
