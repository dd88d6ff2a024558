//! By the channels of PostgreSQL.

use std::thread::sleep;
use std::time::{Duration, Instant};

use mote_store::{Store, StoreError, Wire, nodes};
use tokio::sync::mpsc;

use super::{MOST_WAITING, Outgoing, PATIENCE, TOGETHER, inbox};

/// The pause before it is tried again.
const AFTER_FAULT: Duration = Duration::from_millis(100);

/// Begins to send what is put into the channel, until nobody can put anything into it. On a thread of its own with a
/// connection of its own: what is published must not wait behind what is asked.
pub(super) fn begin(store: Store, node: i32) -> std::io::Result<mpsc::Sender<Outgoing>> {
    let (sender, outbox) = mpsc::channel(MOST_WAITING);
    std::thread::Builder::new().name("mote-relay".into()).spawn(move || run(&store, node, outbox))?;
    Ok(sender)
}

fn run(store: &Store, node: i32, mut outbox: mpsc::Receiver<Outgoing>) {
    let (mut wire, mut batch) = (None, Vec::with_capacity(TOGETHER));
    while outbox.blocking_recv_many(&mut batch, TOGETHER) > 0 {
        let until = batch.first().map_or_else(Instant::now, |first| first.since + PATIENCE);
        let messages: Vec<_> =
            batch.iter().flat_map(|one| inbox::messages(node, one.number, &one.text)).collect();
        let sent = send(store, &mut wire, &messages, until);
        batch.drain(..).for_each(|one| one.done(sent));
    }
}

/// Sends; again and again until `until`, where it does not work. What was sent twice is taken once.
fn send(store: &Store, wire: &mut Option<Wire>, messages: &[String], until: Instant) -> bool {
    loop {
        match try_to_send(store, wire, messages) {
            Ok(()) => return true,
            Err(error) if Instant::now() >= until => {
                tracing::error!(%error, events = messages.len(), "events could not be sent to other nodes");
                return false;
            }
            Err(_) => {
                *wire = None;
                sleep(AFTER_FAULT);
            }
        }
    }
}

fn try_to_send(store: &Store, wire: &mut Option<Wire>, messages: &[String]) -> Result<(), StoreError> {
    if wire.is_none() {
        let mut opened = store.wire()?;
        nodes::in_haste(opened.db())?;
        *wire = Some(opened);
    }
    wire.as_mut().map_or(Err(StoreError::Closed), |wire| nodes::send(wire.db(), messages))
}
