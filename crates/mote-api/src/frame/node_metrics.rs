//! Numbers of what goes on between nodes.

use std::sync::atomic::Ordering;

use mote_core::Mote;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

/// What the core knows of other nodes; copied here when somebody looks.
#[derive(Debug, Default)]
pub(super) struct NodeMetrics {
    others: Gauge,
    hears: Gauge,
    leads: Gauge,
    sent: Counter,
    by_nats: Counter,
    received: Counter,
    lost: Counter,
}

impl NodeMetrics {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register("other_nodes", "Other servers on the same database", self.others.clone());
        let text = "1 where the server has heard within a second of what others did; else it asks the database for everything";
        registry.register("hears_others", text, self.hears.clone());
        registry.register("leads", "1 where the server sweeps for all", self.leads.clone());
        registry.register("events_to_others", "Events sent to other servers", self.sent.clone());
        let text = "Those of them that went by NATS";
        registry.register("events_to_others_by_nats", text, self.by_nats.clone());
        registry.register("events_from_others", "Events that came from other servers", self.received.clone());
        let text = "Events that could not be sent to other servers";
        registry.register("events_to_others_lost", text, self.lost.clone());
    }

    pub(super) fn look(&self, mote: &Mote) {
        self.others.set(i64::try_from(mote.other_nodes()).unwrap_or(i64::MAX));
        self.hears.set(mote.hears_others().into());
        self.leads.set(mote.leads().into());
        let counts = mote.relay_counts();
        self.sent.inner().store(counts.sent, Ordering::Relaxed);
        self.by_nats.inner().store(counts.by_nats, Ordering::Relaxed);
        self.received.inner().store(counts.received, Ordering::Relaxed);
        self.lost.inner().store(counts.lost, Ordering::Relaxed);
    }
}
