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
use hyper::body::{Bytes, Frame, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

use super::Limits;

/// What a connection is at. All of it happens in the connection's own task: the atomics are there only because a task
/// may move to another thread, and need no order.
#[derive(Debug)]
pub(super) struct Activity {
    began: Instant,
    /// Milliseconds from `began` on, times four, plus the phase.
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

impl Activity {
    /// A new connection: the time for its first head begins at once.
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self { began: Instant::now(), phase: AtomicU64::new(HEAD), stalled: AtomicU64::new(0) })
    }

    fn enter(&self, phase: u64) {
        self.phase.store(phase, Relaxed);
    }

    fn enter_now(&self, phase: u64) {
        self.enter(self.millis() << 2 | phase);
    }

    fn millis(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX >> 2)
    }

    fn since(&self, phase: u64) -> Instant {
        self.began + Duration::from_millis(phase >> 2)
    }

    fn bytes_came(&self) {
        if self.phase.load(Relaxed) & 3 == IDLE {
            self.enter(NEW_HEAD);
        }
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
        (phase & 3 == HEAD).then(|| self.since(phase))
    }

    /// When this connection is to be cut, or to be looked at again while a request runs.
    pub(super) fn due(&self, limits: &Limits) -> Instant {
        if let Some(since) = self.head_since() {
            return since + limits.head;
        }
        let phase = self.phase.load(Relaxed);
        if phase & 3 == IDLE {
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
    pub(super) fn begin(activity: &Arc<Activity>) -> Self {
        activity.enter(RUNNING);
        Self(Arc::clone(activity))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.enter_now(IDLE);
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
