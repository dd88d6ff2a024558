//! One connection, from its handshake to its end.

use std::convert::Infallible;
use std::future::pending;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use futures_util::FutureExt as _;
use futures_util::future::Either;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use mote_api::frame::Peer;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, Sleep, sleep_until, timeout};

use super::activity::{Activity, Answer, Arriving, Noted, Running};
use super::{Limits, Stage, Tls};

/// Bytes of a request's head at most; more is answered with 431. Seen after a piece is read: up to twice as much may pass. Bodies are read in pieces of up to this size, so that it
/// is also what an upload may occupy: larger pieces were not faster. Heads have at most 100 lines, which is hyper's own
/// bound: any other, even a lower one, would cost every request an allocation.
const HEAD_BYTES: usize = 64 * 1024;
/// What is left of the time for a head once the server stops: a request that has not arrived is not running.
const LAST_HEAD: Duration = Duration::from_secs(1);

/// A connection to be served.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) peer: SocketAddr,
    pub(super) activity: Arc<Activity>,
    pub(super) limits: Limits,
    pub(super) stage: watch::Receiver<Stage>,
}

impl Connection {
    /// Serves it to its end.
    pub(super) async fn run<S, A>(mut self, stream: TcpStream, tls: Option<Tls>, service: S)
    where
        S: Fn(Request<Arriving>) -> A + Send + Sync,
        A: Future<Output = Response<Body>> + Send,
    {
        // Answers are small and whole: waiting to fill a packet would only delay them.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection ended before it began");
            return;
        }
        let Some(tls) = tls else { return self.requests(stream, service).await };
        let handshake = timeout(self.limits.handshake, tls.accept(stream));
        let shaken = tokio::select! {
            biased;
            shaken = handshake => shaken,
            _ = self.stage.wait_for(|stage| *stage != Stage::Serving) => return,
        };
        match shaken {
            Ok(Ok(stream)) => {
                self.activity.shaken();
                // Elsewhere, so that a connection without TLS does not have room for it.
                Box::pin(self.requests(stream, service)).await;
            }
            Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake failed"),
            Err(_) => tracing::debug!("a TLS handshake took too long"),
        }
    }

    async fn requests<I, S, A>(mut self, stream: I, service: S)
    where
        I: AsyncRead + AsyncWrite + Unpin + Send,
        S: Fn(Request<Arriving>) -> A + Send + Sync,
        A: Future<Output = Response<Body>> + Send,
    {
        let activity = Arc::clone(&self.activity);
        let peer = Peer(self.peer);
        let service = service_fn(|mut request: Request<Incoming>| {
            request.extensions_mut().insert(peer);
            // Nothing is begun any more where the task is about to be ended.
            let Some(running) = Running::begin(&activity) else { return Either::Left(pending()) };
            let arriving = |body| Arriving { body, activity: Arc::clone(&activity) };
            let answer = service(request.map(arriving));
            // No async block: it would have room for the service's future twice, and a connection keeps that all its life.
            Either::Right(
                answer
                    .map(|answer| Ok::<_, Infallible>(answer.map(|body| Answer { body, _running: running }))),
            )
        });
        let stream = TokioIo::new(Noted { stream, activity: Arc::clone(&activity) });
        let mut http = pin!(
            http1::Builder::new()
                // The timeout of heads is ours.
                .header_read_timeout(None)
                .max_buf_size(HEAD_BYTES)
                .serve_connection(stream, service)
        );
        let mut timer = pin!(sleep_until(activity.due(&self.limits)));
        loop {
            let limits = self.limits;
            let ended = std::future::poll_fn(|cx| {
                if let Poll::Ready(ended) = http.as_mut().poll(cx) {
                    return Poll::Ready(Some(ended));
                }
                overdue(&activity, &limits, timer.as_mut(), cx).map(|()| None)
            });
            tokio::select! {
                biased;
                ended = ended => return match ended {
                    Some(Ok(())) => {}
                    Some(Err(error)) => tracing::debug!(%error, "a connection ended early"),
                    None => tracing::debug!("a connection was cut: it was too slow, or idle for too long"),
                },
                // Fails only where the listener itself is gone.
                changed = self.stage.changed() => {
                    if changed.is_err() || *self.stage.borrow_and_update() == Stage::Over {
                        return;
                    }
                    http.as_mut().graceful_shutdown();
                    self.limits.head = LAST_HEAD;
                }
            }
        }
    }
}

/// Ready when the connection is to be cut.
fn overdue(
    activity: &Activity,
    limits: &Limits,
    mut timer: Pin<&mut Sleep>,
    cx: &mut Context<'_>,
) -> Poll<()> {
    // The timer may stand further off than a head that has just begun may take.
    if let Some(due) = activity.head_since().map(|since| since + limits.head)
        && due < timer.deadline()
    {
        timer.as_mut().reset(due);
    }
    while timer.as_mut().poll(cx).is_ready() {
        let due = activity.due(limits);
        if due <= Instant::now() {
            return Poll::Ready(());
        }
        timer.as_mut().reset(due);
    }
    Poll::Pending
}
