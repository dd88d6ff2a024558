//! A body may take its time: what a request may do is proved by its head, and once more when its body is there.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use http::Extensions;

use crate::ApiError;

/// Proves anew what a request may do. Stands in its extensions from the first proof on.
#[derive(Clone)]
pub(crate) struct Renewal(Arc<dyn Fn() -> BoxFuture<'static, Result<(), ApiError>> + Send + Sync>);

impl Renewal {
    /// By this.
    pub(crate) fn by(
        prove: impl Fn() -> BoxFuture<'static, Result<(), ApiError>> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(prove))
    }

    /// To be called when a body has been read, before anything is made of it. Fails as the first proof would now: the token
    /// ended while the body was on its way, its holder was taken off the team, the product is gone.
    pub(crate) async fn of_body(extensions: &Extensions) -> Result<(), ApiError> {
        match extensions.get::<Self>() {
            Some(Self(prove)) => prove().await,
            None => Ok(()),
        }
    }
}
