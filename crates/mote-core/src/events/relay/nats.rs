//! By NATS, where that is set up.
//!
//! A node hears its own messages too: that is how it knows that the server took them, and that it hears those of others.
//! Where its own stay away, or not every node is here, events go by the channels of PostgreSQL; what goes both ways is taken
//! once. Messages are sealed under the server key: whoever else is at that NATS reads none, and makes none up.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use async_nats::connection::State;
use async_nats::{Client, ConnectOptions, Event, ServerAddr, Subscriber};
use futures_util::StreamExt;
use mote_store::{Db, meta};
use tokio::sync::{mpsc, watch};
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::{MOST_WAITING, Outgoing, TOGETHER, inbox};
use crate::keys::Purpose;
use crate::{Error, Mote};

/// Pause between two messages that say nothing, by which a node sees that it hears.
const BEAT: Duration = Duration::from_millis(500);
/// How long one's own messages may stay away.
const LONGEST_SILENCE: Duration = Duration::from_millis(1500);
/// The longest pause before a lost connection is tried again.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// Name of the fact that tells nodes on one database from others at the same NATS.
const SUBJECT: &str = "events-subject";
/// The number of a message that says nothing.
const NOTHING: u64 = 0;

/// Where NATS is.
#[derive(Clone)]
pub struct NatsSettings {
    servers: Vec<ServerAddr>,
}

impl std::fmt::Debug for NatsSettings {
    /// Without the passwords that addresses may have in them.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let hosts = self.servers.iter().map(|server| format!("{}:{}", server.host(), server.port()));
        f.debug_list().entries(hosts).finish()
    }
}

impl NatsSettings {
    /// Reads addresses of the servers of one NATS, with commas between: `nats://user:password@host:port`, or `tls://…`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let wrong = || {
            Error::invalid("events", "is nats://host:port or tls://host:port, several with commas between")
        };
        let server = |text: &str| {
            let text = text.trim();
            let known = text.starts_with("nats://") || text.starts_with("tls://");
            text.parse::<ServerAddr>().ok().filter(|_| known).ok_or_else(wrong)
        };
        Ok(Self { servers: text.split(',').map(server).collect::<Result<_, _>>()? })
    }
}

/// What was heard of one's own last: the number of the message, and when.
type Echo = (u64, Instant);

struct Link {
    client: Client,
    subject: String,
    node: i32,
    echo: watch::Receiver<Echo>,
    /// What else carries events.
    otherwise: mpsc::Sender<Outgoing>,
}

/// Begins to send what is put into the channel, by NATS where it can and else `otherwise`; and to hear. The server need not be
/// there yet.
pub(super) async fn begin(
    mote: &Mote,
    settings: NatsSettings,
    otherwise: mpsc::Sender<Outgoing>,
) -> Result<mpsc::Sender<Outgoing>, Error> {
    let failed = |error: &dyn std::fmt::Display| Error::Internal(format!("NATS cannot be used: {error}"));
    let living = mote.while_it_lives();
    let options = ConnectOptions::new()
        .name("mote")
        .retry_on_initial_connect()
        .ping_interval(Duration::from_secs(2))
        .reconnect_delay_callback(|tried| {
            let tried = u32::try_from(tried).unwrap_or(u32::MAX);
            Duration::from_millis(50).saturating_mul(tried).min(LONGEST_PAUSE)
        })
        .event_callback(move |event| {
            if let (Event::Disconnected | Event::Closed, Some(mote)) = (&event, living()) {
                mote.event_relay().on_nats.store(false, Ordering::Relaxed);
            }
            async move { tracing::info!(%event, "NATS") }
        });
    let client = options.connect(settings.servers).await.map_err(|error| failed(&error))?;
    let subject = mote.event_subject().await?;
    let subscriber = client.subscribe(subject.clone()).await.map_err(|error| failed(&error))?;
    let (echoed, echo) = watch::channel((NOTHING, Instant::now()));
    let (sender, outbox) = mpsc::channel(MOST_WAITING);
    let number = mote.nodes().number();
    tokio::spawn(hear(mote.while_it_lives(), subscriber, echoed));
    let link = Link { client, subject, node: number, echo, otherwise };
    tokio::spawn(link.run(mote.while_it_lives(), outbox));
    Ok(sender)
}

impl Mote {
    /// What messages of the nodes on this database are under, so that others that share a NATS do not meet them.
    async fn event_subject(&self) -> Result<String, Error> {
        let mut new = [0; 8];
        crate::keys::random::fill(&mut new);
        let name = move |db: &mut Db| -> Result<Vec<u8>, Error> {
            if let Some(known) = meta::get(db, SUBJECT)? {
                return Ok(known);
            }
            meta::insert(db, SUBJECT, &new)?;
            Ok(new.to_vec())
        };
        let name = match self.store().write(name).await {
            // Another node of a new database was first.
            Err(Error::Store(error)) if error.is_duplicate() => self.store().write(name).await?,
            name => name?,
        };
        Ok(format!("mote.{}.events", hex::encode(name)))
    }
}

/// Hears what comes, for as long as somebody is there to hear it.
async fn hear(living: impl Fn() -> Option<Mote>, mut heard: Subscriber, echoed: watch::Sender<Echo>) {
    while let (Some(message), Some(mote)) = (heard.next().await, living()) {
        let opened = mote.keys().sealer.open(Purpose::EventRelay, b"", &message.payload);
        let Ok(opened) = opened else { continue };
        let Ok(text) = std::str::from_utf8(&opened) else { continue };
        let mut words = text.splitn(3, ' ').map(str::parse::<u64>);
        let (Some(Ok(node)), Some(Ok(number))) = (words.next(), words.next()) else { continue };
        if i64::try_from(node) == Ok(i64::from(mote.nodes().number())) {
            mote.event_relay().on_nats.store(true, Ordering::Relaxed);
            echoed.send_modify(|last| {
                let number = if number == NOTHING { last.0 } else { number };
                *last = (number, Instant::now());
            });
        } else if number != NOTHING {
            mote.receive_event(text);
        }
    }
}

impl Link {
    async fn run(self, living: impl Fn() -> Option<Mote>, mut outbox: mpsc::Receiver<Outgoing>) {
        let mut beat = interval(BEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut batch = Vec::with_capacity(TOGETHER);
        loop {
            let waiting = tokio::select! {
                count = outbox.recv_many(&mut batch, TOGETHER) => count,
                _ = beat.tick() => {
                    let Some(mote) = living() else { return };
                    self.beat(&mote).await;
                    continue;
                }
            };
            let Some(mote) = living().filter(|_| waiting > 0) else { return };
            let everybody = mote.nodes().others().iter().all(|node| node.on_nats);
            if everybody && mote.event_relay().is_on_nats() && self.send(&mote, &batch).await {
                mote.event_relay().by_nats.fetch_add(batch.len() as u64, Ordering::Relaxed);
                batch.drain(..).for_each(|one| one.done(true));
                continue;
            }
            for one in batch.drain(..) {
                // Where nobody takes it, whoever waits for it is told so by its end.
                let _ = self.otherwise.send(one).await;
            }
        }
    }

    async fn beat(&self, mote: &Mote) {
        if self.echo.borrow().1.elapsed() > LONGEST_SILENCE {
            mote.event_relay().on_nats.store(false, Ordering::Relaxed);
        }
        if self.client.connection_state() == State::Connected {
            let nothing = inbox::messages(self.node, NOTHING, "");
            self.publish(mote, &nothing[0]).await;
        }
    }

    /// Whether the server has taken all of them.
    async fn send(&self, mote: &Mote, batch: &[Outgoing]) -> bool {
        let mut echo = self.echo.clone();
        let Some(last) = batch.last().map(|one| one.number) else { return true };
        let sent = async {
            for one in batch {
                let message = format!("{} {} 0 1 {}", self.node, one.number, one.text);
                if self.client.connection_state() != State::Connected || !self.publish(mote, &message).await {
                    return false;
                }
            }
            echo.wait_for(|heard| heard.0 == last).await.is_ok()
        };
        timeout(LONGEST_SILENCE, sent).await.unwrap_or(false)
    }

    async fn publish(&self, mote: &Mote, message: &str) -> bool {
        let sealed = mote.keys().sealer.seal(Purpose::EventRelay, b"", message.as_bytes());
        self.client.publish(self.subject.clone(), sealed.into()).await.is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_of_nats_and_their_passwords_are_not_shown() {
        let settings =
            NatsSettings::parse("nats://me:secret@192.0.2.1:4223, tls://nats.example.com").unwrap();
        let shown = format!("{settings:?}");
        assert!(shown.contains("192.0.2.1:4223") && shown.contains("nats.example.com:4222"), "{shown}");
        assert!(!shown.contains("secret"));
        for bad in ["", "nats.example.com", "http://nats.example.com", "nats://a,,nats://b", "ws://a"] {
            assert!(NatsSettings::parse(bad).is_err(), "{bad}");
        }
    }
}
