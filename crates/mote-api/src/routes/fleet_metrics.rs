//! Fleet health.

use axum::Json;
use axum::extract::State;
use mote_core::authorization::table::{
    EventMetrics, FunctionMetrics, IntegrationMetrics, OnlineMetrics, VariableMetrics,
};
use mote_core::fleet_metrics::MetricsQuery;
use mote_core::{Moment, Mote};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::ApiError;
use crate::access::OfProduct;
use crate::body::{Query, lenient};
use crate::views::{
    EventMetricsAnswer, FunctionMetricsAnswer, IntegrationMetricsAnswer, OnlineMetricsAnswer,
    VariableMetricsAnswer,
};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Part {
    /// First moment, ISO 8601; a day before the last if not given.
    start_date: Option<String>,
    /// Last moment, ISO 8601; now if not given.
    end_date: Option<String>,
    /// Seconds per bucket, more than 15; 900 if not given. Counts older than a day are told apart by quarters of an hour.
    #[serde(default, deserialize_with = "lenient::integer")]
    bucket_size: Option<i64>,
    /// Of devices with this product firmware version only.
    #[serde(default, deserialize_with = "lenient::integer")]
    product_fw: Option<i64>,
    /// Of devices with this Device OS version only.
    device_os_version: Option<String>,
    /// Of devices in this group only.
    device_group: Option<String>,
}

impl Part {
    fn checked(self) -> Result<MetricsQuery, ApiError> {
        let given = |text: Option<String>| text.filter(|text| !text.is_empty());
        Ok(MetricsQuery {
            start: moment("start_date", given(self.start_date))?,
            end: moment("end_date", given(self.end_date))?,
            bucket_size: self.bucket_size,
            product_fw: self.product_fw,
            device_os: given(self.device_os_version),
            group: given(self.device_group),
        })
    }
}

fn moment(field: &str, text: Option<String>) -> Result<Option<Moment>, ApiError> {
    let Some(text) = text else { return Ok(None) };
    // A day stands for its first moment.
    let moment = Moment::from_date(&text);
    let wrong = || {
        ApiError::bad_request(format_args!(
            "{field}: is a moment in ISO 8601, such as 2024-04-01T00:00:00.000Z"
        ))
    };
    moment.map(Some).ok_or_else(wrong)
}

/// Events that came from a product's devices, per bucket of time
#[utoipa::path(
    get, path = "/v1/products/{productIdOrSlug}/metrics/events", tag = "Fleet health", security(("bearer" = [])),
    params(("productIdOrSlug" = String, Path), Part),
    responses((status = 200, body = EventMetricsAnswer), (status = 400), (status = 401), (status = 403))
)]
pub(super) async fn events(
    State(mote): State<Mote>,
    OfProduct(access): OfProduct<EventMetrics>,
    Query(part): Query<Part>,
) -> Result<Json<EventMetricsAnswer>, ApiError> {
    Ok(Json(mote.event_metrics(&access, &part.checked()?).await?.into()))
}

/// What came of function calls to a product's devices, per bucket of time
#[utoipa::path(
    get, path = "/v1/products/{productIdOrSlug}/metrics/functions", tag = "Fleet health", security(("bearer" = [])),
    params(("productIdOrSlug" = String, Path), Part),
    responses((status = 200, body = FunctionMetricsAnswer), (status = 400), (status = 401), (status = 403))
)]
pub(super) async fn functions(
    State(mote): State<Mote>,
    OfProduct(access): OfProduct<FunctionMetrics>,
    Query(part): Query<Part>,
) -> Result<Json<FunctionMetricsAnswer>, ApiError> {
    Ok(Json(mote.function_metrics(&access, &part.checked()?).await?.into()))
}

/// What came of the requests of a product's integrations, per bucket of time
#[utoipa::path(
    get, path = "/v1/products/{productIdOrSlug}/metrics/integration", tag = "Fleet health", security(("bearer" = [])),
    params(("productIdOrSlug" = String, Path), Part),
    responses((status = 200, body = IntegrationMetricsAnswer), (status = 400), (status = 401), (status = 403))
)]
pub(super) async fn integration(
    State(mote): State<Mote>,
    OfProduct(access): OfProduct<IntegrationMetrics>,
    Query(part): Query<Part>,
) -> Result<Json<IntegrationMetricsAnswer>, ApiError> {
    Ok(Json(mote.integration_metrics(&access, &part.checked()?).await?.into()))
}

/// Devices of a product that were online, per bucket of time
#[utoipa::path(
    get, path = "/v1/products/{productIdOrSlug}/metrics/online", tag = "Fleet health", security(("bearer" = [])),
    params(("productIdOrSlug" = String, Path), Part),
    responses((status = 200, body = OnlineMetricsAnswer), (status = 400), (status = 401), (status = 403))
)]
pub(super) async fn online(
    State(mote): State<Mote>,
    OfProduct(access): OfProduct<OnlineMetrics>,
    Query(part): Query<Part>,
) -> Result<Json<OnlineMetricsAnswer>, ApiError> {
    Ok(Json(mote.online_metrics(&access, &part.checked()?).await?.into()))
}

/// What came of reads of variables of a product's devices, per bucket of time
#[utoipa::path(
    get, path = "/v1/products/{productIdOrSlug}/metrics/variables", tag = "Fleet health", security(("bearer" = [])),
    params(("productIdOrSlug" = String, Path), Part),
    responses((status = 200, body = VariableMetricsAnswer), (status = 400), (status = 401), (status = 403))
)]
pub(super) async fn variables(
    State(mote): State<Mote>,
    OfProduct(access): OfProduct<VariableMetrics>,
    Query(part): Query<Part>,
) -> Result<Json<VariableMetricsAnswer>, ApiError> {
    Ok(Json(mote.variable_metrics(&access, &part.checked()?).await?.into()))
}
