//! The door to the network: accepts connections, within bounds, and lets them finish when the server stops.

mod tls;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use mote_api::frame::{Frame, Peer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};

use crate::Failure;
pub(crate) use tls::Tls;

/// Connections at a time; others wait in the system's queue.
const CONNECTIONS: usize = 10_000;
/// Time for a request's head, and between requests. Node's clients drop idle connections after 5 s by themselves.
const HEAD_TIME: Duration = Duration::from_mins(1);
/// Time for a TLS handshake.
const HANDSHAKE_TIME: Duration = Duration::from_secs(10);
/// Header lines of a request at most.
const HEADERS: usize = 100;
/// Bytes of a request's head at most.
const HEAD_BYTES: usize = 64 * 1024;
/// Time that running requests get when the server stops.
const FAREWELL: Duration = Duration::from_secs(9);

/// An address that is listened on.
pub(crate) struct Listener {
    socket: TcpListener,
    address: SocketAddr,
    tls: Option<Tls>,
}

impl Listener {
    /// Takes the address.
    pub(crate) async fn bind(address: SocketAddr, tls: Option<Tls>) -> Result<Self, Failure> {
        let failed = |e: std::io::Error| Failure::other(format!("cannot listen on {address}: {e}"));
        let socket = TcpListener::bind(address).await.map_err(failed)?;
        let address = socket.local_addr().map_err(failed)?;
        Ok(Self { socket, address, tls })
    }

    /// The address, with the port that was taken for 0.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until SIGTERM or Ctrl-C, and then until running requests are done, ten seconds at most.
    pub(crate) async fn serve(self, frame: Frame) {
        let places = Arc::new(Semaphore::new(CONNECTIONS));
        let (stop, stopping) = watch::channel(());
        let mut stopped = pin!(stop_signal());
        loop {
            let Ok(place) = Arc::clone(&places).acquire_owned().await else { break };
            let accepted = tokio::select! {
                accepted = self.socket.accept() => accepted,
                () = &mut stopped => break,
            };
            let (stream, peer) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Out of file descriptors, most likely: they come back as connections end.
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            };
            let (frame, tls, stopping) = (frame.clone(), self.tls.clone(), stopping.clone());
            tokio::spawn(async move {
                connection(stream, peer, tls, frame, stopping).await;
                drop(place);
            });
        }
        drop(self.socket);
        tracing::info!("stopping: running requests are finished first");
        drop(stopping);
        let _ = stop.send(());
        let all_done = stop.closed();
        if tokio::time::timeout(FAREWELL, all_done).await.is_err() {
            tracing::warn!("requests that did not finish in time were cut off");
        }
    }
}

async fn stop_signal() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminated) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = interrupted => {}
                _ = terminated.recv() => {}
            }
            return;
        }
    }
    let _ = interrupted.await;
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    tls: Option<Tls>,
    frame: Frame,
    stopping: watch::Receiver<()>,
) {
    // Answers are small and whole: waiting to fill a packet would only delay them.
    let _ = stream.set_nodelay(true);
    match tls {
        None => requests(stream, peer, frame, stopping).await,
        Some(tls) => match tokio::time::timeout(HANDSHAKE_TIME, tls.accept(stream)).await {
            Ok(Ok(stream)) => requests(stream, peer, frame, stopping).await,
            Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake failed"),
            Err(_) => tracing::debug!("a TLS handshake took too long"),
        },
    }
}

async fn requests<S>(stream: S, peer: SocketAddr, frame: Frame, mut stopping: watch::Receiver<()>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        let frame = frame.clone();
        request.extensions_mut().insert(Peer(peer));
        async move { Ok::<_, Infallible>(frame.answer(request).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .max_headers(HEADERS)
        .max_buf_size(HEAD_BYTES)
        .pipeline_flush(true)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    let done = tokio::select! {
        done = connection.as_mut() => done,
        _ = stopping.changed() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = done {
        tracing::debug!(%error, "a connection ended early");
    }
}
