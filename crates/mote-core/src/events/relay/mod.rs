//! Events on their way to the streams of other nodes.
//!
//! An event that happens here is sent to the others before it is acknowledged: by the channels of PostgreSQL, or by NATS where
//! that is set up and every node hears of it. NATS takes more; where it does not carry for a while, PostgreSQL does again.
//! What comes from others goes into the open streams and nowhere else: what is to be kept of an event was kept by the node
//! where it happened, and is worked on by whoever takes it from the store.

mod inbox;
mod nats;
mod postgres;
mod wire;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, oneshot};

use super::Event;
use crate::{Error, Mote};
use inbox::Inbox;
pub use nats::NatsSettings;

/// Events that wait to be sent at most; who publishes more waits for room.
const MOST_WAITING: usize = 1024;
/// Events that are sent together at most.
const TOGETHER: usize = 128;
/// How long it is tried to send an event, before its publisher is told that it was not.
const PATIENCE: Duration = Duration::from_secs(5);

/// What carries events to other nodes.
#[derive(Debug, Default)]
pub(crate) struct Relay {
    last: AtomicU64,
    outbox: OnceLock<mpsc::Sender<Outgoing>>,
    inbox: Mutex<Inbox>,
    on_nats: AtomicBool,
    sent: AtomicU64,
    by_nats: AtomicU64,
    received: AtomicU64,
    lost: AtomicU64,
}

/// How many events went from node to node since the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RelayCounts {
    /// Sent to others.
    pub sent: u64,
    /// Of these, by NATS.
    pub by_nats: u64,
    /// Come from others.
    pub received: u64,
    /// That could not be sent.
    pub lost: u64,
}

/// An event that is to be sent.
#[derive(Debug)]
struct Outgoing {
    /// Its place among those of this node.
    number: u64,
    text: String,
    since: Instant,
    done: oneshot::Sender<bool>,
}

impl Outgoing {
    fn done(self, sent: bool) {
        // Whoever published may have gone.
        let _ = self.done.send(sent);
    }
}

impl Relay {
    /// Whether this node hears of events through NATS now.
    pub(crate) fn is_on_nats(&self) -> bool {
        self.on_nats.load(Ordering::Relaxed)
    }
}

impl Mote {
    /// Begins to send events to other nodes, through NATS where that is given. On SQLite there are none.
    pub async fn begin_relay(&self, nats: Option<NatsSettings>) -> Result<(), Error> {
        if !self.store().is_shared() {
            return Ok(());
        }
        let number = self.nodes().number();
        let mut outbox = postgres::begin(self.store().clone(), number).map_err(|error| {
            Error::Internal(format!("no thread can be had that sends events to other nodes: {error}"))
        })?;
        if let Some(settings) = nats {
            outbox = nats::begin(self, settings, outbox).await?;
        }
        // Called once; where it is called again, the first goes on.
        let _ = self.event_relay().outbox.set(outbox);
        Ok(())
    }

    /// How many events went from node to node, for metrics.
    #[must_use]
    pub fn relay_counts(&self) -> RelayCounts {
        let relay = self.event_relay();
        RelayCounts {
            sent: relay.sent.load(Ordering::Relaxed),
            by_nats: relay.by_nats.load(Ordering::Relaxed),
            received: relay.received.load(Ordering::Relaxed),
            lost: relay.lost.load(Ordering::Relaxed),
        }
    }

    /// Sends an event to the other nodes, where there are some.
    ///
    /// Fails with [`Error::Busy`] where that could not be done for some seconds.
    pub(super) async fn relay(&self, event: &Event) -> Result<(), Error> {
        let relay = self.event_relay();
        let Some(outbox) = relay.outbox.get().filter(|_| self.nodes().are_there_others()) else {
            return Ok(());
        };
        let number = relay.last.fetch_add(1, Ordering::Relaxed) + 1;
        let (done, sent) = oneshot::channel();
        let outgoing = Outgoing { number, text: wire::write(event)?, since: Instant::now(), done };
        if outbox.send(outgoing).await.is_ok() && sent.await == Ok(true) {
            relay.sent.fetch_add(1, Ordering::Relaxed);
            Ok(())
        } else {
            relay.lost.fetch_add(1, Ordering::Relaxed);
            Err(Error::Busy)
        }
    }

    /// Takes what came on a channel: an event, or a part of one.
    pub(crate) fn receive_event(&self, message: &str) {
        let relay = self.event_relay();
        let arrived = {
            let mut inbox = relay.inbox.lock().unwrap_or_else(PoisonError::into_inner);
            inbox.take(message, self.nodes().number())
        };
        let Some(text) = arrived else { return };
        let Some(event) = wire::read(&text) else {
            tracing::warn!("another node sent an event that this version does not understand");
            return;
        };
        relay.received.fetch_add(1, Ordering::Relaxed);
        self.event_hub().send(&Arc::new(event));
    }
}

/// Takes messages of other nodes, a line each, and passes on what comes of them: for the fuzzer.
///
/// # Panics
/// Where that goes wrong.
#[cfg(feature = "fuzzing")]
pub fn fuzz(messages: &str) {
    let mut inbox = Inbox::default();
    let came = messages.lines().filter_map(|message| inbox.take(message, 0));
    for text in came.collect::<Vec<_>>().iter().map(String::as_str).chain([messages]) {
        let Some(event) = wire::read(text) else { continue };
        let written = wire::write(&event).expect("an event can be written");
        let sent = inbox::messages(1, 1, &written);
        let mut inbox = Inbox::default();
        let came = sent.iter().find_map(|message| inbox.take(message, 2));
        let again = came.as_deref().and_then(wire::read).and_then(|event| wire::write(&event).ok());
        assert_eq!(again, Some(written), "an event arrives as it left");
    }
}
