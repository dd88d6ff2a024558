//! The pace of a request's body. Who sends a byte a minute is not waited for; and as long as the server waits for a sender it
//! has nothing to do for him, so that he does not count as a request at work.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http::StatusCode;
use http_body::{Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep_until};

use crate::ApiError;

/// How long a body may be waited for in all, beside the time that its bytes may take.
const GRACE: Duration = Duration::from_secs(10);
/// Bytes a second that make up for waiting.
const LEAST: u64 = 4096;

/// What is known of the bodies of all requests, and of one request's.
#[derive(Debug)]
pub(super) struct Pace {
    too_slow: AtomicBool,
}

impl Pace {
    /// A body that is read with this in view.
    pub(super) fn of(body: Body, at_work: &Arc<AtomicUsize>) -> (Body, Arc<Self>) {
        let pace = Arc::new(Self { too_slow: AtomicBool::new(false) });
        let paced = Paced {
            body,
            pace: Arc::clone(&pace),
            at_work: Arc::clone(at_work),
            received: 0,
            waited: Duration::ZERO,
            since: None,
            timer: None,
        };
        (Body::new(paced), pace)
    }

    /// 408, where the body was given up: whatever the handler made of it.
    pub(super) fn refusal(&self) -> Option<ApiError> {
        self.too_slow.load(Relaxed).then(|| {
            let text = "The body came too slowly and was given up; send it in one go";
            ApiError::new(StatusCode::REQUEST_TIMEOUT, "request_timeout", text)
        })
    }
}

/// A body that came too slowly.
#[derive(Debug, thiserror::Error)]
#[error("the body came too slowly")]
struct TooSlow;

#[derive(Debug)]
struct Paced {
    body: Body,
    pace: Arc<Pace>,
    at_work: Arc<AtomicUsize>,
    received: u64,
    waited: Duration,
    /// Since when more is waited for, where it is: then the request is not counted as at work.
    since: Option<Instant>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Paced {
    /// More is waited for: ready when it took too long.
    fn wait(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.since.is_none() {
            let now = Instant::now();
            self.since = Some(now);
            self.at_work.fetch_sub(1, Relaxed);
            let due = now + (GRACE + Duration::from_secs(self.received / LEAST)).saturating_sub(self.waited);
            match &mut self.timer {
                Some(timer) => timer.as_mut().reset(due),
                None => self.timer = Some(Box::pin(sleep_until(due))),
            }
        }
        self.timer.as_mut().map_or(Poll::Pending, |timer| timer.as_mut().poll(cx))
    }

    /// It is not, any more.
    fn go_on(&mut self) {
        if let Some(since) = self.since.take() {
            self.waited += since.elapsed();
            self.at_work.fetch_add(1, Relaxed);
        }
    }
}

impl Drop for Paced {
    fn drop(&mut self) {
        self.go_on();
    }
}

impl http_body::Body for Paced {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        match Pin::new(&mut self.body).poll_frame(cx) {
            Poll::Ready(frame) => {
                self.go_on();
                let length = match &frame {
                    Some(Ok(frame)) => frame.data_ref().map_or(0, Bytes::len),
                    _ => 0,
                };
                self.received += length as u64;
                Poll::Ready(frame)
            }
            Poll::Pending if self.wait(cx).is_pending() => Poll::Pending,
            Poll::Pending => {
                self.go_on();
                self.pace.too_slow.store(true, Relaxed);
                Poll::Ready(Some(Err(axum::Error::new(TooSlow))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
