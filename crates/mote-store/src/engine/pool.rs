//! A few connections, lent out one caller at a time; a broken one is thrown away.

use std::any::Any;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;

use super::Db;
use crate::{Failure, StoreError};

/// How long to wait for a connection that somebody else has, where no other can be opened.
const WAIT: Duration = Duration::from_secs(1);

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
    connections: Mutex<Connections>,
    came_back: Condvar,
    open: Box<Opener>,
}

#[derive(Default)]
struct Connections {
    idle: Vec<Db>,
    /// That are lent, or being opened.
    away: usize,
    /// Threads that wait for one to come back.
    waiting: usize,
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
            connections: Mutex::default(),
            came_back: Condvar::new(),
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
            let mut lent = shared.take()?;
            // A panic in `work` unwinds through here and takes the connection with it.
            let done = work(&mut lent.db);
            lent.give_back(!done.broken);
            Ok(done.result)
        };
        tokio::task::spawn_blocking(job).await.unwrap_or(Err(StoreError::Panicked))
    }
}

impl Shared {
    /// A connection: an idle one, else a new one, else, where none can be opened, one that comes back soon.
    fn take(&self) -> Result<Lent<'_>, StoreError> {
        let away = Away::begin(self);
        let idle = self.lock().idle.pop();
        let db = match idle {
            Some(db) => db,
            None => match (self.open)() {
                Ok(db) => db,
                Err(error) => away.wait_for_another().ok_or(error)?,
            },
        };
        Ok(Lent { db, away })
    }

    fn lock(&self) -> MutexGuard<'_, Connections> {
        // Nothing here panics between two changes that belong together.
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection that is lent. Dropped, it is closed.
struct Lent<'a> {
    db: Db,
    away: Away<'a>,
}

impl Lent<'_> {
    fn give_back(self, whole: bool) {
        if whole {
            self.away.0.lock().idle.push(self.db);
        }
    }
}

/// Counts as away until it is dropped.
struct Away<'a>(&'a Shared);

impl<'a> Away<'a> {
    fn begin(shared: &'a Shared) -> Self {
        shared.lock().away += 1;
        Self(shared)
    }

    /// The next connection that comes back, if one is away and comes soon.
    fn wait_for_another(&self) -> Option<Db> {
        let mut connections = self.0.lock();
        // This one will not come back, which others may be waiting for.
        connections.away -= 1;
        self.0.came_back.notify_all();
        connections.waiting += 1;
        let all_away = |connections: &mut Connections| connections.idle.is_empty() && connections.away > 0;
        let waited = self.0.came_back.wait_timeout_while(connections, WAIT, all_away);
        let mut connections = waited.unwrap_or_else(PoisonError::into_inner).0;
        connections.waiting -= 1;
        connections.away += 1;
        connections.idle.pop()
    }
}

impl Drop for Away<'_> {
    fn drop(&mut self) {
        let mut connections = self.0.lock();
        connections.away -= 1;
        if connections.waiting > 0 {
            self.0.came_back.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc;

    use diesel::Connection as _;

    use super::*;

    /// A pool for two whose engine lets in one alone.
    fn pool() -> Pool {
        let opened = AtomicUsize::new(0);
        Pool::new(2, move || match opened.fetch_add(1, Ordering::Relaxed) {
            0 => Ok(Db::Sqlite(diesel::SqliteConnection::establish(":memory:").unwrap())),
            _ => Err(StoreError::Closed),
        })
    }

    #[tokio::test]
    async fn where_no_other_can_be_opened_one_that_is_lent_will_do() {
        let pool = pool();
        let (tell, told) = tokio::sync::oneshot::channel();
        let (end, ended) = mpsc::channel::<()>();
        let first = tokio::spawn({
            let pool = pool.clone();
            async move {
                let work = move |_: &mut Db| -> Result<(), StoreError> {
                    tell.send(()).unwrap();
                    ended.recv().unwrap();
                    Ok(())
                };
                pool.with(work).await
            }
        });
        told.await.unwrap();
        let second = tokio::spawn({
            let pool = pool.clone();
            async move { pool.with(|_| Ok::<_, StoreError>(())).await }
        });
        while pool.shared.lock().waiting == 0 {
            tokio::task::yield_now().await;
        }
        end.send(()).unwrap();
        second.await.unwrap().unwrap();
        first.await.unwrap().unwrap();
        assert_eq!(pool.shared.lock().away, 0);
    }

    #[tokio::test]
    async fn nobody_waits_for_what_will_not_come_back() {
        let pool = pool();
        let lost: Result<(), StoreError> = pool.with(|_| panic!("on purpose")).await;
        assert!(matches!(lost, Err(StoreError::Panicked)));
        // Its connection is gone with it, and no other can be opened.
        let refused = pool.with(|_| Ok::<_, StoreError>(())).await;
        assert!(matches!(refused, Err(StoreError::Closed)));
        assert_eq!(pool.shared.lock().away, 0);
    }
}
