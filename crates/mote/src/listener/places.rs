//! The places for connections. Where all are taken, those who keep a place and say nothing make room for whoever comes: no
//! number of silent connections keeps others out.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::AbortHandle;
use tokio::time::{Instant, timeout};

use super::activity::Activity;

/// How long a connection may say nothing whatever the crowd: a caller who has just come needs a moment.
const LEAST: Duration = Duration::from_millis(250);
/// Which part of those that are waited for makes room at a time, so that they are not looked through for each caller.
const PART: usize = 64;
/// Pause between two looks for somebody who can make room, where all places are at work.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// All places, and who has them.
#[derive(Debug)]
pub(super) struct Places {
    count: u32,
    free: Arc<Semaphore>,
    taken: Mutex<HashMap<u64, Taken>>,
    next: AtomicU64,
}

#[derive(Debug)]
struct Taken {
    activity: Arc<Activity>,
    task: AbortHandle,
}

/// A place that is kept for somebody.
#[derive(Debug)]
pub(super) struct Place {
    places: Arc<Places>,
    permit: OwnedSemaphorePermit,
}

/// Gives a place back, however its connection ends.
struct Leaving {
    places: Arc<Places>,
    key: u64,
    _permit: OwnedSemaphorePermit,
}

impl Drop for Leaving {
    fn drop(&mut self) {
        self.places.lock().remove(&self.key);
    }
}

impl Places {
    pub(super) fn new(count: u32) -> Arc<Self> {
        let free = Arc::new(Semaphore::new(count as usize));
        Arc::new(Self { count, free, taken: Mutex::default(), next: AtomicU64::new(0) })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Taken>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place, as soon as there is one.
    pub(super) async fn take(self: &Arc<Self>) -> Place {
        loop {
            if let Ok(permit) = Arc::clone(&self.free).try_acquire_owned() {
                return Place { places: Arc::clone(self), permit };
            }
            self.make_room();
            if let Ok(Ok(permit)) = timeout(LOOK_AGAIN, Arc::clone(&self.free).acquire_owned()).await {
                return Place { places: Arc::clone(self), permit };
            }
        }
    }

    /// Ends some of the connections whose other end has been waited for longest.
    pub(super) fn make_room(&self) {
        let now = Instant::now();
        let taken = self.lock();
        let waiting = taken.values().filter_map(|one| {
            let (since, seen) = one.activity.waiting()?;
            (now.duration_since(since) >= LEAST).then_some((since, seen, one))
        });
        let mut waiting: Vec<_> = waiting.collect();
        let count = waiting.len().div_ceil(PART);
        if count == 0 {
            return;
        }
        waiting.select_nth_unstable_by_key(count - 1, |(since, ..)| *since);
        for (_, seen, one) in &waiting[..count] {
            if one.activity.dismiss(*seen) {
                one.task.abort();
            }
        }
        tracing::debug!(connections = count, "connections that said nothing made room for others");
    }

    /// Waits until nobody is here any more.
    pub(super) async fn all_free(&self) {
        // Fails only where it is closed, which it never is.
        let _ = self.free.acquire_many(self.count).await;
    }

    /// How many are taken.
    pub(super) fn taken(&self) -> usize {
        self.count as usize - self.free.available_permits()
    }
}

impl Place {
    /// Gives the place to a connection, and runs it in a task of its own.
    pub(super) fn give(self, activity: Arc<Activity>, connection: impl Future<Output = ()> + Send + 'static) {
        let Self { places, permit } = self;
        let key = places.next.fetch_add(1, Relaxed);
        let leaving = Leaving { places: Arc::clone(&places), key, _permit: permit };
        // Held over both, so that a connection that ends at once leaves behind it.
        let mut taken = places.lock();
        let task = tokio::spawn(async move {
            let _leaving = leaving;
            connection.await;
        });
        taken.insert(key, Taken { activity, task: task.abort_handle() });
    }
}
