//! A few connections, lent out one caller at a time; a broken one is thrown away.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Semaphore;

use super::Db;
use crate::{Failure, StoreError};

type Opener = dyn Fn() -> Result<Db, StoreError> + Send + Sync;

#[derive(Clone)]
pub(super) struct Pool {
    shared: Arc<Shared>,
}

struct Shared {
    permits: Semaphore,
    idle: Mutex<Vec<Db>>,
    open: Box<Opener>,
}

impl std::fmt::Debug for Pool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pool").field("free", &self.shared.permits.available_permits()).finish_non_exhaustive()
    }
}

impl Pool {
    /// A pool of at most `size` connections, each opened when first needed.
    pub(super) fn new(
        size: usize,
        open: impl Fn() -> Result<Db, StoreError> + Send + Sync + 'static,
    ) -> Self {
        let shared = Shared {
            permits: Semaphore::new(size),
            idle: Mutex::new(Vec::with_capacity(size)),
            open: Box::new(open),
        };
        Self { shared: Arc::new(shared) }
    }

    /// Runs `work` with a connection, on a thread that may block.
    pub(super) async fn with<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: Failure,
        F: FnOnce(&mut Db) -> Result<T, E> + Send + 'static,
    {
        let shared = Arc::clone(&self.shared);
        let _permit = self.shared.permits.acquire().await.map_err(|_| StoreError::Closed)?;
        let job = move || {
            let idle = shared.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let mut db = match idle {
                Some(db) => db,
                None => (shared.open)()?,
            };
            // A panic in `work` unwinds through here and takes the connection with it.
            let done = work(&mut db);
            let broken =
                matches!(&done, Err(e) if e.store_error().is_some_and(StoreError::is_lost_connection));
            if !broken {
                shared.idle.lock().unwrap_or_else(PoisonError::into_inner).push(db);
            }
            done
        };
        tokio::task::spawn_blocking(job).await.unwrap_or_else(|_| Err(StoreError::Panicked.into()))
    }
}
