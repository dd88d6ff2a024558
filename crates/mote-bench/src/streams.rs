//! One publisher and its listeners: through the server, and through a channel alone.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, broadcast};
use tokio::task::JoinSet;

use crate::Fault;
use crate::connection::Connection;
use crate::people::mint;

/// Events that a listener may be behind before the publisher waits: what is measured is what arrives.
const BEHIND: u64 = 16;
/// Streams that the server opens for one token.
const PER_TOKEN: usize = 100;
/// How long after the last event all must have arrived.
const PATIENCE: Duration = Duration::from_secs(10);

/// Which product of which server, and the client that mints its tokens.
#[derive(clap::Args)]
pub(crate) struct Target {
    /// The server's address.
    url: String,
    #[arg(long)]
    product: String,
    #[arg(long)]
    client: String,
    #[arg(long)]
    secret: String,
    /// Streams to open.
    #[arg(long)]
    streams: usize,
}

impl Target {
    fn path(&self) -> String {
        format!("/v1/products/{}/events", self.product)
    }

    /// As many open streams as asked for.
    async fn open(&self) -> Result<Vec<Connection>, Fault> {
        let mut opened = Vec::with_capacity(self.streams);
        let mut token = String::new();
        for number in 0..self.streams {
            if number.is_multiple_of(PER_TOKEN) {
                token = mint(&self.url, &self.client, &self.secret)?;
            }
            let mut connection = Connection::open(&self.url).await?;
            connection.subscribe(&self.path(), &token).await?;
            opened.push(connection);
        }
        Ok(opened)
    }
}

/// What has arrived.
#[derive(Default)]
struct Arrivals {
    count: AtomicU64,
    news: Notify,
}

impl Arrivals {
    fn take_note(&self) {
        self.count.fetch_add(1, Ordering::Relaxed);
        self.news.notify_one();
    }

    /// Waits until at least so many have arrived.
    async fn reach(&self, wanted: u64) {
        while self.count.load(Ordering::Relaxed) < wanted {
            self.news.notified().await;
        }
    }
}

/// Listeners, each with the delays in nanoseconds that its events had.
type Listeners = JoinSet<Result<Vec<u64>, Fault>>;

/// Publishes for `seconds` through the server, and prints `events-per-second`, as they arrive on all streams together, and
/// `p99-milliseconds`, from the publication to the arrival.
pub(crate) async fn measure(target: Target, seconds: u64) -> Result<(), Fault> {
    let (began, arrivals) = (Instant::now(), Arc::new(Arrivals::default()));
    let mut listeners = Listeners::new();
    for mut stream in target.open().await? {
        let arrivals = Arc::clone(&arrivals);
        listeners.spawn(async move {
            let mut delays = Vec::new();
            loop {
                let line = stream.line().await?;
                let Some(event) = line.strip_prefix("data: ") else { continue };
                let (_, data) = event.split_once("\"data\":\"").ok_or("an event has no data")?;
                let (sent, _) = data.split_once('"').ok_or("an event's data has no end")?;
                let now = nanoseconds(began);
                arrivals.take_note();
                if sent == "end" {
                    return Ok(delays);
                }
                delays.push(now - sent.parse::<u64>()?);
            }
        });
    }
    let token = mint(&target.url, &target.client, &target.secret)?;
    let mut publisher = Connection::open(&target.url).await?;
    let publish = async |data: String| {
        let event = format!("{{\"name\":\"bench\",\"data\":\"{data}\"}}");
        publisher.post(&target.path(), &token, &event).await
    };
    publish_and_tell(began, seconds, target.streams, &arrivals, listeners, publish).await
}

/// The same through a channel within this process.
pub(crate) async fn channel(streams: usize, seconds: u64) -> Result<(), Fault> {
    let (began, arrivals) = (Instant::now(), Arc::new(Arrivals::default()));
    let (sender, _) = broadcast::channel::<Arc<str>>(1024);
    let mut listeners = Listeners::new();
    for _ in 0..streams {
        let (mut receiver, arrivals) = (sender.subscribe(), Arc::clone(&arrivals));
        listeners.spawn(async move {
            let mut delays = Vec::new();
            loop {
                let sent = receiver.recv().await?;
                let now = nanoseconds(began);
                arrivals.take_note();
                if &*sent == "end" {
                    return Ok(delays);
                }
                delays.push(now - sent.parse::<u64>()?);
            }
        });
    }
    let publish = async |data: String| {
        sender.send(data.into())?;
        Ok(())
    };
    publish_and_tell(began, seconds, streams, &arrivals, listeners, publish).await
}

async fn publish_and_tell(
    began: Instant,
    seconds: u64,
    streams: usize,
    arrivals: &Arrivals,
    listeners: Listeners,
    mut publish: impl AsyncFnMut(String) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let (start, each) = (Instant::now(), u64::try_from(streams)?);
    let mut published: u64 = 0;
    while start.elapsed() < Duration::from_secs(seconds) {
        arrivals.reach(published.saturating_sub(BEHIND) * each).await;
        publish(nanoseconds(began).to_string()).await?;
        published += 1;
    }
    tokio::time::timeout(PATIENCE, arrivals.reach(published * each)).await?;
    let took = start.elapsed();
    publish("end".into()).await?;
    let mut delays = Vec::new();
    for of_one in tokio::time::timeout(PATIENCE, listeners.join_all()).await? {
        delays.extend(of_one?);
    }
    delays.sort_unstable();
    let p99 = delays.get(delays.len() * 99 / 100).ok_or("nothing was published")?;
    #[expect(clippy::cast_precision_loss, reason = "some millions, and times of seconds")]
    let (count, p99) = (delays.len() as f64, *p99 as f64 / 1e6);
    println!("events-per-second {}\np99-milliseconds {p99}", count / took.as_secs_f64());
    Ok(())
}

fn nanoseconds(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_nanos()).unwrap_or(u64::MAX)
}

/// Opens streams, says so, and keeps them open until it is killed.
pub(crate) async fn idle(target: Target) -> Result<(), Fault> {
    let opened = target.open().await?;
    println!("{} streams are open on {}", opened.len(), target.url);
    // They send something now and then to stay open: it is read, as real clients do.
    let mut readers = JoinSet::new();
    for mut stream in opened {
        readers.spawn(async move {
            loop {
                stream.line().await?;
            }
        });
    }
    match readers.join_next().await {
        Some(ended) => ended?,
        None => Ok(()),
    }
}
