//! What tells the server to stop.

use std::io;
use std::task::Poll;

use futures_util::Stream;
use futures_util::stream::poll_fn;

/// SIGTERM or Ctrl-C, each time that one comes. They are listened for from this call on, not only once the stream is asked.
#[cfg(unix)]
pub(crate) fn stop_signals() -> io::Result<impl Stream<Item = ()> + Unpin> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut terminated = signal(SignalKind::terminate())?;
    let mut interrupted = signal(SignalKind::interrupt())?;
    Ok(poll_fn(move |cx| {
        let came = terminated.poll_recv(cx).is_ready() || interrupted.poll_recv(cx).is_ready();
        if came { Poll::Ready(Some(())) } else { Poll::Pending }
    }))
}

/// Ctrl-C, each time that it comes.
#[cfg(windows)]
pub(crate) fn stop_signals() -> io::Result<impl Stream<Item = ()> + Unpin> {
    let mut interrupted = tokio::signal::windows::ctrl_c()?;
    Ok(poll_fn(move |cx| interrupted.poll_recv(cx)))
}
