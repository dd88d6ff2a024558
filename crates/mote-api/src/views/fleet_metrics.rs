//! Fleet health.

use mote_core::fleet_metrics::Bucket;
use serde::Serialize;
use utoipa::ToSchema;

/// Buckets of events (contract: FleetHealth-getEventsMetrics).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EventMetricsAnswer {
    events: Vec<Received>,
}

#[derive(Debug, Serialize, ToSchema)]
struct Received {
    /// Start of the bucket.
    time: String,
    received: i64,
}

/// Buckets of devices online (contract: FleetHealth-getOnlineMetrics).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OnlineMetricsAnswer {
    online: Vec<Online>,
}

#[derive(Debug, Serialize, ToSchema)]
struct Online {
    /// Start of the bucket.
    time: String,
    count: i64,
}

/// Buckets of function calls (contract: FleetHealth-getFunctionsMetrics).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FunctionMetricsAnswer {
    functions: Vec<Called>,
}

/// Buckets of reads of variables (contract: FleetHealth-getVariablesMetrics).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VariableMetricsAnswer {
    variables: Vec<Called>,
}

/// What came of calls. A counter that is zero is left out.
#[derive(Debug, Serialize, ToSchema)]
struct Called {
    /// Start of the bucket.
    time: String,
    #[serde(skip_serializing_if = "is_zero")]
    success: i64,
    #[serde(skip_serializing_if = "is_zero")]
    failure: i64,
    #[serde(skip_serializing_if = "is_zero")]
    offline: i64,
}

/// Buckets of requests of integrations (contract: FleetHealth-getIntegrationMetrics).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IntegrationMetricsAnswer {
    integrations: Vec<Delivered>,
}

/// What came of requests. A counter that is zero is left out.
#[derive(Debug, Serialize, ToSchema)]
struct Delivered {
    /// Start of the bucket.
    time: String,
    #[serde(skip_serializing_if = "is_zero")]
    success: i64,
    #[serde(skip_serializing_if = "is_zero")]
    failure: i64,
    #[serde(skip_serializing_if = "is_zero")]
    sleep: i64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_zero(count: &i64) -> bool {
    *count == 0
}

fn each<const N: usize, T>(buckets: Vec<Bucket<N>>, view: impl Fn(String, [i64; N]) -> T) -> Vec<T> {
    buckets.into_iter().map(|bucket| view(bucket.time.to_iso(), bucket.counts)).collect()
}

fn calls(buckets: Vec<Bucket<3>>) -> Vec<Called> {
    each(buckets, |time, [success, failure, offline]| Called { time, success, failure, offline })
}

impl From<Vec<Bucket<1>>> for EventMetricsAnswer {
    fn from(buckets: Vec<Bucket<1>>) -> Self {
        Self { events: each(buckets, |time, [received]| Received { time, received }) }
    }
}

impl From<Vec<Bucket<1>>> for OnlineMetricsAnswer {
    fn from(buckets: Vec<Bucket<1>>) -> Self {
        Self { online: each(buckets, |time, [count]| Online { time, count }) }
    }
}

impl From<Vec<Bucket<3>>> for FunctionMetricsAnswer {
    fn from(buckets: Vec<Bucket<3>>) -> Self {
        Self { functions: calls(buckets) }
    }
}

impl From<Vec<Bucket<3>>> for VariableMetricsAnswer {
    fn from(buckets: Vec<Bucket<3>>) -> Self {
        Self { variables: calls(buckets) }
    }
}

impl From<Vec<Bucket<3>>> for IntegrationMetricsAnswer {
    fn from(buckets: Vec<Bucket<3>>) -> Self {
        let view = |time, [success, failure, sleep]: [i64; 3]| Delivered { time, success, failure, sleep };
        Self { integrations: each(buckets, view) }
    }
}
