//! A body that comes in two halves.

use std::future::Future;
use std::io;

use futures_util::{FutureExt, Stream, StreamExt, stream};
use tokio::sync::oneshot;

/// A body of which the second half comes when something else is done.
pub struct Halves {
    first: String,
    last: String,
}

impl Halves {
    /// Of this text.
    #[must_use]
    pub fn of(body: &str) -> Self {
        let (first, last) = body.split_at(body.len() / 2);
        Self { first: first.to_owned(), last: last.to_owned() }
    }

    /// The pieces for a request, and what is to be waited for beside it: it does the deed once more than the first half is asked
    /// for, which is when the request has been let in by its head, and lets the rest come then.
    ///
    /// # Panics
    /// The latter does, where the request was answered before that.
    pub fn with<D: Future<Output = ()>>(
        self,
        deed: D,
    ) -> (impl Stream<Item = io::Result<String>> + Send + 'static, impl Future<Output = ()>) {
        let (Self { first, last }, deed) = (self, Box::pin(deed));
        let (asks, asked) = oneshot::channel::<()>();
        let (end, ended) = oneshot::channel::<()>();
        let rest = async move {
            // Whoever waits for it may have failed, which the test tells by itself.
            let _ = asks.send(());
            let _ = ended.await;
            Ok(last)
        };
        let pieces = stream::iter([Ok(first)]).chain(rest.into_stream());
        let beside = async move {
            asked.await.expect("the second half was asked for");
            deed.await;
            let _ = end.send(());
        };
        (pieces, beside)
    }
}
