//! Numbers for Prometheus.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use http::StatusCode;
use mote_core::Mote;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use super::guard::Limit;
use super::node_metrics::NodeMetrics;

/// Part of the API that a request is for. Paths themselves have IDs, and tokens, in them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Area {
    Token,
    Tokens,
    Users,
    Clients,
    Products,
    Devices,
    Integrations,
    Other,
}

impl Area {
    const ALL: [Self; 8] = [
        Self::Token,
        Self::Tokens,
        Self::Users,
        Self::Clients,
        Self::Products,
        Self::Devices,
        Self::Integrations,
        Self::Other,
    ];

    pub(super) fn of(path: &str) -> Self {
        let Some(rest) = path.strip_prefix("/v1/") else {
            return if path == "/oauth/token" { Self::Token } else { Self::Other };
        };
        match rest.split_once('/').map_or(rest, |(first, _)| first) {
            "products" => Self::Products,
            "devices" | "provisioning" | "serial_numbers" => Self::Devices,
            "access_tokens" => Self::Tokens,
            "user" | "users" => Self::Users,
            "clients" => Self::Clients,
            "integrations" | "webhooks" => Self::Integrations,
            _ => Self::Other,
        }
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Token => "oauth/token",
            Self::Tokens => "access_tokens",
            Self::Users => "users",
            Self::Clients => "clients",
            Self::Products => "products",
            Self::Devices => "devices",
            Self::Integrations => "integrations",
            Self::Other => "other",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfLimit {
    limit: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    area: &'static str,
    status: &'static str,
}

const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// Counters of the frame, and the registry that others add theirs to. Clones share it.
#[derive(Clone, Debug)]
pub struct Metrics {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    registry: Registry,
    /// By area and class of status: looked up by number, never by label, on the path of a request.
    requests: Vec<[Counter; CLASSES.len()]>,
    /// By limit, likewise.
    refused: [Counter; Limit::ALL.len()],
    seconds: Histogram,
    grants: Gauge,
    events: EventMetrics,
    keys: KeyMetrics,
    nodes: NodeMetrics,
}

/// What the core counts of events; copied here when somebody looks.
#[derive(Debug, Default)]
struct EventMetrics {
    open: Gauge,
    published: Counter,
    streamed: Counter,
    dropped: Counter,
}

impl EventMetrics {
    fn register(&self, registry: &mut Registry) {
        registry.register("event_streams_open", "Event streams that are open", self.open.clone());
        registry.register(
            "events_published",
            "Events, of devices, programs and the server",
            self.published.clone(),
        );
        let text = "Events put into streams; one that three hear of counts three times";
        registry.register("events_streamed", text, self.streamed.clone());
        let text = "Event streams that were ended because their readers were too slow";
        registry.register("event_streams_dropped", text, self.dropped.clone());
    }

    fn look(&self, mote: &Mote) {
        let hub = mote.event_hub();
        self.open.set(i64::try_from(hub.open()).unwrap_or(i64::MAX));
        self.published.inner().store(mote.event_counts().published(), Ordering::Relaxed);
        self.streamed.inner().store(hub.streamed(), Ordering::Relaxed);
        self.dropped.inner().store(hub.dropped(), Ordering::Relaxed);
    }
}

/// How the server keeps up with the keys; copied here when somebody looks.
#[derive(Debug, Default)]
struct KeyMetrics {
    generation: Gauge,
    behind: Gauge,
    resealed: Counter,
    left: Gauge,
}

impl KeyMetrics {
    fn register(&self, registry: &mut Registry) {
        let text =
            "Generation of the keys that are made with; one more for each replacement of the server key";
        registry.register("key_generation", text, self.generation.clone());
        let text = "1 where the server key was replaced and this server has not been given the new one";
        registry.register("server_key_behind", text, self.behind.clone());
        registry.register("values_resealed", "Values that were sealed anew", self.resealed.clone());
        let text = "Values that are still sealed with an older generation of keys";
        registry.register("values_to_reseal", text, self.left.clone());
    }

    fn look(&self, mote: &Mote) {
        let progress = mote.key_progress();
        self.generation.set(mote.key_generation().into());
        self.behind.set(progress.is_behind().into());
        self.resealed.inner().store(progress.done(), Ordering::Relaxed);
        self.left.set(progress.left());
    }
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("mote");
        let family = Family::<Labels, Counter>::default();
        let requests = Area::ALL
            .map(|area| {
                CLASSES.map(|status| family.get_or_create_owned(&Labels { area: area.name(), status }))
            })
            .into();
        registry.register(
            "http_requests",
            "Requests answered, by part of the API and class of status",
            family,
        );
        let family = Family::<OfLimit, Counter>::default();
        let refused = Limit::ALL.map(|limit| family.get_or_create_owned(&OfLimit { limit: limit.name() }));
        registry.register(
            "requests_refused",
            "Requests refused, by the limit that their network address met",
            family,
        );
        let seconds = Histogram::new([0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0]);
        registry.register(
            "http_request_duration_seconds",
            "Time from a request's head to its answer's",
            seconds.clone(),
        );
        let grants = Gauge::default();
        registry.register("grants_in_memory", "Tokens that are checked without a query", grants.clone());
        let events = EventMetrics::default();
        events.register(&mut registry);
        let keys = KeyMetrics::default();
        keys.register(&mut registry);
        let nodes = NodeMetrics::default();
        nodes.register(&mut registry);
        let inner = Inner { registry, requests, refused, seconds, grants, events, keys, nodes };
        Self { inner: Arc::new(inner) }
    }
}

impl Metrics {
    pub(super) fn count(&self, area: Area, status: StatusCode, took: Duration) {
        let class = usize::from(status.as_u16() / 100).clamp(1, CLASSES.len()) - 1;
        self.inner.requests[area as usize][class].inc();
        self.inner.seconds.observe(took.as_secs_f64());
    }

    pub(super) fn count_refusal(&self, limit: Limit) {
        self.inner.refused[limit as usize].inc();
    }

    /// All of it in the text format of Prometheus.
    pub(super) fn text(&self, mote: &Mote) -> String {
        self.inner.grants.set(i64::try_from(mote.grants().len()).unwrap_or(i64::MAX));
        self.inner.events.look(mote);
        self.inner.keys.look(mote);
        self.inner.nodes.look(mote);
        self.encoded()
    }

    fn encoded(&self) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = prometheus_client::encoding::text::encode(&mut text, &self.inner.registry);
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_answered_is_counted() {
        let metrics = Metrics::default();
        metrics.count(Area::of("/v1/products/1319"), StatusCode::OK, Duration::from_millis(2));
        metrics.count(Area::of("/v1/nonsense"), StatusCode::NOT_FOUND, Duration::ZERO);
        let text = metrics.encoded();
        assert!(text.contains("mote_http_requests_total{area=\"products\",status=\"2xx\"} 1"), "{text}");
        assert!(text.contains("mote_http_requests_total{area=\"other\",status=\"4xx\"} 1"));
    }
}
