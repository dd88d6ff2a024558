//! What tells the server to stop.

use std::io;
use std::task::{Poll, ready};
use std::time::Duration;

use futures_util::stream::poll_fn;
use futures_util::{Stream, StreamExt};
use tokio::time::Instant;

/// How soon a signal after another still says the same: a terminal and whoever watches over the server both pass one on.
const ONE_WISH: Duration = Duration::from_secs(1);

/// The signals of a stream without those that come too soon after another to say more.
fn wishes(mut signals: impl Stream<Item = ()> + Unpin) -> impl Stream<Item = ()> + Unpin {
    let mut last: Option<Instant> = None;
    poll_fn(move |cx| {
        loop {
            let signal = ready!(signals.poll_next_unpin(cx));
            if signal.is_none() || last.is_none_or(|last| last.elapsed() >= ONE_WISH) {
                last = Some(Instant::now());
                return Poll::Ready(signal);
            }
        }
    })
}

/// SIGTERM or Ctrl-C, each time that one comes. They are listened for from this call on, not only once the stream is asked.
#[cfg(unix)]
pub(crate) fn stop_signals() -> io::Result<impl Stream<Item = ()> + Unpin> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut terminated = signal(SignalKind::terminate())?;
    let mut interrupted = signal(SignalKind::interrupt())?;
    Ok(wishes(poll_fn(move |cx| {
        let came = terminated.poll_recv(cx).is_ready() || interrupted.poll_recv(cx).is_ready();
        if came { Poll::Ready(Some(())) } else { Poll::Pending }
    })))
}

/// Ctrl-C, each time that it comes.
#[cfg(windows)]
pub(crate) fn stop_signals() -> io::Result<impl Stream<Item = ()> + Unpin> {
    let mut interrupted = tokio::signal::windows::ctrl_c()?;
    Ok(wishes(poll_fn(move |cx| interrupted.poll_recv(cx))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn signals_that_come_together_are_one_wish() {
        let (tell, told) = signals();
        let mut wishes = wishes(told);
        let waits = Duration::from_millis(1);
        tell();
        tell();
        assert_eq!(wishes.next().await, Some(()));
        assert!(tokio::time::timeout(waits, wishes.next()).await.is_err());
        tokio::time::advance(ONE_WISH / 2).await;
        tell();
        assert!(tokio::time::timeout(waits, wishes.next()).await.is_err());
        // From the first one on, however many came since.
        tokio::time::advance(ONE_WISH / 2).await;
        tell();
        assert_eq!(wishes.next().await, Some(()));
    }

    fn signals() -> (impl Fn(), impl Stream<Item = ()> + Unpin) {
        let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
        (move || tell.send(()).unwrap(), poll_fn(move |cx| told.poll_recv(cx)))
    }
}
