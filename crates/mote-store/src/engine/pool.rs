//! A few connections, lent out one caller at a time; a broken one is thrown away.

use std::any::Any;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Semaphore;

use super::Db;
use crate::{Failure, StoreError};

type Opener = dyn Fn() -> Result<Db, StoreError> + Send + Sync;
type Work = Box<dyn FnOnce(&mut Db) -> Done + Send>;

/// What came of some work.
struct Done {
    /// Its `Result<T, E>`.
    result: Box<dyn Any + Send>,
    /// Whether the connection is lost.
    broken: bool,
}

#[derive(Clone)]
pub(super) struct Pool {
    shared: Arc<Shared>,
}

struct Shared {
    permits: Arc<Semaphore>,
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
            permits: Arc::new(Semaphore::new(size)),
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
        let work = |db: &mut Db| -> Done {
            let done = work(db);
            let broken =
                matches!(&done, Err(e) if e.store_error().is_some_and(StoreError::is_lost_connection));
            Done { result: Box::new(done), broken }
        };
        let result = self.lend(Box::new(work)).await?;
        result.downcast().map_or_else(|_| Err(StoreError::Panicked.into()), |result| *result)
    }

    /// The part of [`Self::with`] that is the same for all work, so that it is compiled once and not once for each query.
    async fn lend(&self, work: Work) -> Result<Box<dyn Any + Send>, StoreError> {
        let shared = Arc::clone(&self.shared);
        let permit = Arc::clone(&shared.permits).acquire_owned().await.map_err(|_| StoreError::Closed)?;
        let job = move || {
            // Held until the work is done, also where the caller goes away before.
            let _permit = permit;
            let idle = shared.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let mut db = match idle {
                Some(db) => db,
                None => (shared.open)()?,
            };
            // A panic in `work` unwinds through here and takes the connection with it.
            let done = work(&mut db);
            if !done.broken {
                shared.idle.lock().unwrap_or_else(PoisonError::into_inner).push(db);
            }
            Ok(done.result)
        };
        tokio::task::spawn_blocking(job).await.unwrap_or(Err(StoreError::Panicked))
    }
}
