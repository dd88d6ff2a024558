//! A body may take its time: what a request may do is proved by its head, and once more when its body is there.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use http::Extensions;

/// Proves anew what a request may do, or fails as its door does. Stands in the request's extensions from the first proof on.
pub struct Renewal<E>(Proofs<E>);

type Proofs<E> = Vec<Arc<dyn Fn() -> BoxFuture<'static, Result<(), E>> + Send + Sync>>;

impl<E> Clone for Renewal<E> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<E: Send + 'static> Renewal<E> {
    /// Has what was just proved be proved again, beside what is to be already.
    pub fn add(
        extensions: &mut Extensions,
        prove: impl Fn() -> BoxFuture<'static, Result<(), E>> + Send + Sync + 'static,
    ) {
        let Self(mut proofs) = extensions.remove().unwrap_or(Self(Vec::new()));
        proofs.push(Arc::new(prove));
        extensions.insert(Self(proofs));
    }

    /// Whether it was proved by its head who sends a request.
    #[must_use]
    pub fn is_due(extensions: &Extensions) -> bool {
        extensions.get::<Self>().is_some()
    }

    /// To be called when a body has been read, before anything is made of it. Fails as the first proof would now: the token
    /// ended while the body was on its way, its holder was taken off the team, the product is gone.
    pub async fn of_body(extensions: &Extensions) -> Result<(), E> {
        let Some(Self(proofs)) = extensions.get().cloned() else { return Ok(()) };
        for prove in proofs {
            prove().await?;
        }
        Ok(())
    }
}
