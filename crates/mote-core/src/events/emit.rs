//! The one way of every event.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Event, NewEvent, Origin};
use crate::fleet_metrics::Counted;
use crate::{Error, Mote};

/// How many events there were since the start.
#[derive(Debug, Default)]
pub struct EventCounts {
    published: AtomicU64,
}

impl EventCounts {
    /// Events that were emitted, the server's own too.
    #[must_use]
    pub fn published(&self) -> u64 {
        self.published.load(Ordering::Relaxed)
    }
}

impl Mote {
    /// Makes an event happen. What must be kept of it is durable when this returns `Ok`; whoever listens has it in his
    /// queue by then, or else it is on its way to the other nodes; after an error nobody heard of it, and nothing was kept.
    ///
    /// Events of devices, programs and the server itself (`hook-sent/…`, `spark/status`) all come this way.
    pub async fn emit(&self, new: NewEvent) -> Result<Arc<Event>, Error> {
        let event = Arc::new(Event::new(new, self.now()));
        let records = self.records_of(&event).await?;
        if records.is_empty() {
            self.relay(&event).await?;
            self.make_known(&event);
            return Ok(event);
        }
        // In a task of its own: a caller who hangs up in between must not keep an event that is recorded from being heard.
        let (mote, recorded) = (self.clone(), Arc::clone(&event));
        let task = tokio::spawn(async move {
            let records = Arc::new(records);
            mote.write_records(&records).await?;
            // It is recorded, so it is accepted, whoever else can hear of it.
            if let Err(error) = mote.relay(&recorded).await {
                tracing::error!(%error, "an event that is recorded did not reach the streams of other nodes");
            }
            // Before anybody works on what was recorded: what comes of an event is heard after it.
            mote.make_known(&recorded);
            records.iter().for_each(|record| record.written(&mote));
            Ok::<_, Error>(())
        });
        task.await.map_err(|error| Error::Internal(format!("recording an event failed: {error}")))??;
        Ok(event)
    }

    fn make_known(&self, event: &Arc<Event>) {
        self.event_hub().send(event);
        self.event_counts().published.fetch_add(1, Ordering::Relaxed);
        if let (Origin::Device, Some(product)) = (event.origin, event.source.product) {
            self.count(product, &event.source.traits, Counted::EventReceived);
        }
    }
}
