//! The door to the network: accepts connections within bounds, speaks HTTP/1.1 on them, with TLS or without, and lets
//! running requests finish when the server stops.
//!
//! An own accept loop instead of `axum::serve`, which has no bounds: here connections are counted, and slow heads, idle
//! connections, slow handshakes and callers who do not take their answer are cut. The bounds cost a request next to
//! nothing: no timer is set for a request whose head comes whole (see [`activity`]).
//!
//! Knows nothing of what is served: any service will do.

mod activity;
mod connection;
mod files;
mod places;
mod stop;
#[cfg(test)]
mod tests;
mod tls;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use futures_util::{Stream, StreamExt as _};
use hyper::{Request, Response};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use activity::Activity;
pub(crate) use activity::Arriving;
use connection::Connection;
pub(crate) use files::connections_that_fit;
use places::Places;
pub(crate) use stop::stop_signals;
pub(crate) use tls::Tls;

/// Bounds of every connection, and of all together.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Connections at a time. Beyond, those that have been waited for longest make room; where all are at work, others wait
    /// in the system's queue.
    pub(crate) connections: u32,
    /// For a TLS handshake.
    pub(crate) handshake: Duration,
    /// For the head of a request, from its first byte; on a new connection, from the start.
    pub(crate) head: Duration,
    /// Between two requests. Real clients keep connections for 5 s and drop them by themselves; a connection that the
    /// server drops first costs a client that was about to use it a failed request.
    pub(crate) idle: Duration,
    /// For a caller who takes nothing of an answer that waits for him. Noticed within twice this time.
    pub(crate) stalled: Duration,
    /// For running requests when the server stops; what is left then is cut off.
    pub(crate) farewell: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 10_000,
            handshake: Duration::from_secs(10),
            head: Duration::from_secs(10),
            idle: Duration::from_secs(75),
            stalled: Duration::from_mins(1),
            farewell: Duration::from_secs(9),
        }
    }
}

/// How far the server is with stopping, as its connections see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// It is not.
    Serving,
    /// Running requests are finished, new ones are not taken.
    Farewell,
    /// What still runs is cut off.
    Over,
}

/// Somebody did not want to wait for running requests.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "told to stop once more: what did not finish is cut off, and what was counted last not written (connections: {connections})"
)]
pub(crate) struct CutOff {
    connections: usize,
}

/// An address that is listened on.
#[derive(Debug)]
pub(crate) struct Listener {
    socket: TcpListener,
    tls: Option<Tls>,
    limits: Limits,
}

impl Listener {
    /// Serves on a socket that is bound already, by HTTPS if there is a certificate.
    pub(crate) fn new(socket: TcpListener, tls: Option<Tls>, limits: Limits) -> Self {
        Self { socket, tls, limits }
    }

    /// Serves until `stop` comes, then until running requests are done, but no longer than [`Limits::farewell`], nor than until
    /// `stop` comes once more.
    ///
    /// The service finds the other end's address in each request's extensions, as [`mote_api::frame::Peer`].
    pub(crate) async fn serve<S, A>(
        self,
        service: S,
        mut stop: impl Stream<Item = ()> + Unpin,
    ) -> Result<(), CutOff>
    where
        S: Fn(Request<Arriving>) -> A + Clone + Send + Sync + 'static,
        A: Future<Output = Response<Body>> + Send + 'static,
    {
        let places = Places::new(self.limits.connections);
        let (stage, stages) = watch::channel(Stage::Serving);
        loop {
            let (stream, peer, place) = tokio::select! {
                biased;
                _ = stop.next() => break,
                accepted = self.accept(&places) => accepted,
            };
            let activity = Activity::new();
            let connection = Connection {
                peer,
                activity: Arc::clone(&activity),
                limits: self.limits,
                stage: stages.clone(),
            };
            let (tls, service) = (self.tls.clone(), service.clone());
            place.give(activity, async move { connection.run(stream, tls, service).await });
        }
        // From here on, new callers are refused at once instead of waiting for nothing.
        drop(self.socket);
        tracing::info!("stopping: running requests are finished first");
        stage.send_replace(Stage::Farewell);
        let hurried = tokio::select! {
            biased;
            () = places.all_free() => return Ok(()),
            Some(()) = stop.next() => true,
            () = tokio::time::sleep(self.limits.farewell) => false,
        };
        let connections = places.taken();
        stage.send_replace(Stage::Over);
        if hurried {
            return Err(CutOff { connections });
        }
        tracing::warn!(connections, "what did not finish in time is cut off");
        Ok(())
    }

    /// The next connection, once there is a place for it.
    async fn accept(&self, places: &Arc<Places>) -> (TcpStream, SocketAddr, places::Place) {
        loop {
            match self.socket.accept().await {
                Ok((stream, peer)) => {
                    // An IPv4 caller of an IPv6 socket is known by his IPv4 address, as everywhere else.
                    let peer = SocketAddr::new(peer.ip().to_canonical(), peer.port());
                    return (stream, peer, places.take().await);
                }
                Err(error) => {
                    if let Some(pause) = pause_after(&error) {
                        tracing::warn!(%error, "connections cannot be accepted; trying again");
                        places.make_room();
                        tokio::time::sleep(pause).await;
                    }
                }
            }
        }
    }
}

/// How long to wait after an accept has failed. A caller who hung up while he waited in the queue costs nothing. All else
/// is the machine running out of something, file descriptors most likely: that comes back as connections end, and asking
/// again at once would only burn the processor. Those that are only waited for make room.
fn pause_after(error: &io::Error) -> Option<Duration> {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    let caller_left =
        matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted);
    (!caller_left).then_some(Duration::from_millis(50))
}
