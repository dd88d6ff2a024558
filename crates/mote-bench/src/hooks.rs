//! Webhooks: ones that do not match, and deliveries to a receiver beside bare requests to it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::routing::post;
use tokio::net::TcpListener;

use crate::Fault;
use crate::connection::Connection;
use crate::people::add_hook;

/// Requests that are under way at a time, as the server has them to one host.
const AT_ONCE: usize = 8;
/// Events that may be ahead of their deliveries.
const AHEAD: u64 = 64;

/// Which product of which server.
#[derive(clap::Args)]
pub(crate) struct Target {
    /// The server's address.
    url: String,
    #[arg(long)]
    product: String,
    #[arg(long)]
    token: String,
}

impl Target {
    fn path(&self) -> String {
        format!("/v1/products/{}/events", self.product)
    }
}

/// Adds webhooks that wait for events of other names.
pub(crate) fn add(target: &Target, count: u32) -> Result<(), Fault> {
    for number in 0..count {
        let event = format!("other/{number}/");
        add_hook(&target.url, &target.product, &target.token, &event, "http://hooks.example.com/")?;
    }
    Ok(())
}

/// Publishes one event after the other for `seconds`: prints `events-per-second`.
pub(crate) async fn publish(target: Target, seconds: u64) -> Result<(), Fault> {
    let (path, mut connection) = (target.path(), Connection::open(&target.url).await?);
    let (began, mut events) = (Instant::now(), 0_u32);
    while began.elapsed() < Duration::from_secs(seconds) {
        connection.post(&path, &target.token, EVENT).await?;
        events += 1;
    }
    println!("events-per-second {}", f64::from(events) / began.elapsed().as_secs_f64());
    Ok(())
}

const EVENT: &str = r#"{"name":"bench","data":"21.5"}"#;

/// Has events delivered to a receiver here for `seconds`, then sends it as many bare requests at a time: prints
/// `deliveries-per-second` and `requests-per-second`.
pub(crate) async fn deliver(target: Target, seconds: u64) -> Result<(), Fault> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}", listener.local_addr()?);
    let received = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&received);
    let take = move || async move {
        count.fetch_add(1, Ordering::Relaxed);
        "ok"
    };
    let serve = axum::serve(listener, Router::new().route("/hook", post(take)));
    let serving = tokio::spawn(serve.into_future());
    add_hook(&target.url, &target.product, &target.token, "bench", &format!("{address}/hook"))?;
    let seconds = Duration::from_secs(seconds);

    let (path, mut connection) = (target.path(), Connection::open(&target.url).await?);
    let (began, mut published) = (Instant::now(), 0);
    while began.elapsed() < seconds {
        if published < received.load(Ordering::Relaxed) + AHEAD {
            connection.post(&path, &target.token, EVENT).await?;
            published += 1;
        } else {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
    println!("deliveries-per-second {}", rate(received.load(Ordering::Relaxed), began.elapsed()));
    // What is still on its way would be counted with the bare requests.
    while received.load(Ordering::Relaxed) < published {
        if began.elapsed() > seconds + Duration::from_secs(30) {
            return Err("not every event was delivered".into());
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }

    let (before, began) = (received.load(Ordering::Relaxed), Instant::now());
    let senders: Vec<_> = (0..AT_ONCE)
        .map(|_| {
            let address = address.clone();
            tokio::spawn(async move {
                let mut connection = Connection::open(&address).await?;
                while began.elapsed() < seconds {
                    connection.post("/hook", "none", EVENT).await?;
                }
                Ok::<_, Fault>(())
            })
        })
        .collect();
    for sender in senders {
        sender.await??;
    }
    println!("requests-per-second {}", rate(received.load(Ordering::Relaxed) - before, began.elapsed()));
    serving.abort();
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "some millions")]
fn rate(count: u64, took: Duration) -> f64 {
    count as f64 / took.as_secs_f64()
}
