//! What a connection is at, so that it can be cut when it is at one thing for too long.
//!
//! hyper has a timeout of its own for heads, but it makes a timer for every request, and takes the quiet between two
//! requests for a slow head. Here, the wrappers around the stream and around the answer's body only note what happens; the
//! connection keeps one timer that is moved when it goes off, or when a head comes in pieces.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::Body;
use hyper::body::{Bytes, Frame, Incoming, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

use super::Limits;

/// What a connection is at. All of it happens in the connection's own task but for [`Self::dismiss`]; each atomic stands for
/// itself, and needs no order with others.
#[derive(Debug)]
pub(super) struct Activity {
    began: Instant,
    /// Milliseconds from `began` on, times eight, plus the phase; or [`GONE`].
    phase: AtomicU64,
    /// Milliseconds from `began` on since when written bytes are not taken, plus one; zero where they are.
    stalled: AtomicU64,
}

/// Waiting for a request.
const IDLE: u64 = 0;
/// The head of a request has begun, and its end is not there.
const HEAD: u64 = 1;
/// The same, not seen by [`Activity::head_since`] yet: most heads come whole, and need no look at the clock.
const NEW_HEAD: u64 = 2;
/// A request runs, to the end of its answer's body.
const RUNNING: u64 = 3;
/// A request runs that waits for more of its body.
const BODY: u64 = 4;
/// The bits of a phase.
const PHASE: u64 = 7;
/// Dismissed: it is to begin nothing more.
const GONE: u64 = u64::MAX;

impl Activity {
    /// A new connection: the time for its first head begins at once.
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self { began: Instant::now(), phase: AtomicU64::new(HEAD), stalled: AtomicU64::new(0) })
    }

    /// Enters a phase now, unless the connection was dismissed.
    fn enter_now(&self, phase: u64) {
        let now = self.millis() << 3 | phase;
        let _ = self.phase.fetch_update(Relaxed, Relaxed, |at| (at != GONE).then_some(now));
    }

    fn millis(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX >> 4)
    }

    fn since(&self, phase: u64) -> Instant {
        self.began + Duration::from_millis(phase >> 3)
    }

    /// The handshake is done: the time for the first head begins.
    pub(super) fn shaken(&self) {
        self.enter_now(HEAD);
    }

    fn bytes_came(&self) {
        let phase = self.phase.load(Relaxed);
        if phase & PHASE == IDLE {
            let _ = self.phase.compare_exchange(phase, NEW_HEAD, Relaxed, Relaxed);
        }
    }

    /// Since when the other end is waited for, where it is, and a mark of it for [`Self::dismiss`].
    pub(super) fn waiting(&self) -> Option<(Instant, u64)> {
        let phase = self.phase.load(Relaxed);
        let waits = phase != GONE && matches!(phase & PHASE, IDLE | HEAD | BODY);
        waits.then(|| (self.since(phase), phase))
    }

    /// Dismisses a connection that is still waiting as it was seen; whether it was. It begins nothing from then on, and its
    /// task can be ended.
    pub(super) fn dismiss(&self, seen: u64) -> bool {
        self.phase.compare_exchange(seen, GONE, Relaxed, Relaxed).is_ok()
    }

    fn bytes_wait(&self) {
        if self.stalled.load(Relaxed) == 0 {
            self.stalled.store(self.millis() + 1, Relaxed);
        }
    }

    fn bytes_went(&self) {
        if self.stalled.load(Relaxed) != 0 {
            self.stalled.store(0, Relaxed);
        }
    }

    /// Since when the head of a request is waited for, where one is.
    pub(super) fn head_since(&self) -> Option<Instant> {
        if self.phase.load(Relaxed) == NEW_HEAD {
            self.enter_now(HEAD);
        }
        let phase = self.phase.load(Relaxed);
        (phase & PHASE == HEAD).then(|| self.since(phase))
    }

    /// When this connection is to be cut, or to be looked at again while a request runs.
    pub(super) fn due(&self, limits: &Limits) -> Instant {
        if let Some(since) = self.head_since() {
            return since + limits.head;
        }
        let phase = self.phase.load(Relaxed);
        if phase & PHASE == IDLE {
            return self.since(phase) + limits.idle;
        }
        match self.stalled.load(Relaxed) {
            0 => Instant::now() + limits.stalled,
            since => self.began + Duration::from_millis(since - 1) + limits.stalled,
        }
    }
}

/// A running request: from its head to the end of its answer's body, or to wherever it is given up.
#[derive(Debug)]
pub(super) struct Running(Arc<Activity>);

impl Running {
    /// None where the connection was dismissed.
    pub(super) fn begin(activity: &Arc<Activity>) -> Option<Self> {
        let was = activity.phase.swap(RUNNING, Relaxed);
        (was != GONE).then(|| Self(Arc::clone(activity)))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.enter_now(IDLE);
    }
}

/// The body of a request, which notes when more of it is waited for.
#[derive(Debug)]
pub(crate) struct Arriving {
    pub(super) body: Incoming,
    pub(super) activity: Arc<Activity>,
}

impl hyper::body::Body for Arriving {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        let phase = self.activity.phase.load(Relaxed);
        if polled.is_pending() {
            if phase == RUNNING {
                self.activity.enter_now(BODY);
            }
            return polled;
        }
        let goes_on = phase & PHASE != BODY
            || self.activity.phase.compare_exchange(phase, RUNNING, Relaxed, Relaxed).is_ok();
        // Dismissed this very moment: what came is nobody's any more.
        if phase == GONE || !goes_on {
            return Poll::Pending;
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// The body of an answer, whose end is the end of the request.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) body: Body,
    pub(super) _running: Running,
}

impl hyper::body::Body for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A stream that notes what comes and goes.
#[derive(Debug)]
pub(super) struct Noted<I> {
    pub(super) stream: I,
    pub(super) activity: Arc<Activity>,
}

impl<I> Noted<I> {
    fn note<T>(&self, written: Poll<T>) -> Poll<T> {
        match &written {
            Poll::Pending => self.activity.bytes_wait(),
            Poll::Ready(_) => self.activity.bytes_went(),
        }
        written
    }
}

impl<I: AsyncRead + Unpin> AsyncRead for Noted<I> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buffer))?;
        if buffer.filled().len() > before {
            self.activity.bytes_came();
        }
        Poll::Ready(Ok(()))
    }
}

impl<I: AsyncWrite + Unpin> AsyncWrite for Noted<I> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.note(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[std::io::IoSlice<'_>],
    ) -> Poll<std::io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.note(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        // A TLS stream buffers: what it could not pass on shows here.
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        self.note(flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
