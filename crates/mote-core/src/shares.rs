//! Turns of which nobody takes all: so many at a time, and so many of them for one.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};

/// A turn, for as long as this is held.
#[derive(Debug)]
pub struct Turn {
    _own: OwnedSemaphorePermit,
    _all: OwnedSemaphorePermit,
}

/// Who has a turn, and who waits for one. Clones share everything.
#[derive(Clone, Debug)]
pub(crate) struct Shares<K> {
    all: Arc<Semaphore>,
    of_one: usize,
    own: Arc<Mutex<HashMap<K, Arc<Semaphore>>>>,
}

impl<K: Eq + Hash> Shares<K> {
    /// So many turns at a time, and so many of them for one.
    pub(crate) fn new(all: usize, of_one: usize) -> Self {
        Self { all: Arc::new(Semaphore::new(all)), of_one, own: Arc::default() }
    }

    fn own(&self, whose: K) -> Arc<Semaphore> {
        let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        // Those who have no turn and wait for none.
        own.retain(|_, turns| Arc::strong_count(turns) > 1);
        Arc::clone(own.entry(whose).or_insert_with(|| Arc::new(Semaphore::new(self.of_one))))
    }

    /// Waits for a turn: first for one of one's own, so that nobody stands in the common queue more often than he may be
    /// served.
    pub(crate) async fn take(&self, whose: K) -> Result<Turn, AcquireError> {
        let own = self.own(whose).acquire_owned().await?;
        let all = Arc::clone(&self.all).acquire_owned().await?;
        Ok(Turn { _own: own, _all: all })
    }

    /// A turn, if there is one at once.
    pub(crate) fn try_take(&self, whose: K) -> Option<Turn> {
        let own = self.own(whose).try_acquire_owned().ok()?;
        let all = Arc::clone(&self.all).try_acquire_owned().ok()?;
        Some(Turn { _own: own, _all: all })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn one_leaves_turns_for_others() {
        let shares = Shares::new(8, 2);
        let soon = Duration::from_millis(1);
        let mut held = Vec::new();
        for whose in 0..4 {
            for _ in 0..2 {
                held.push(shares.take(whose).await.unwrap());
            }
            assert!(tokio::time::timeout(soon, shares.take(whose)).await.is_err());
        }
        // All are taken; the first that is given back is the next one's.
        assert!(tokio::time::timeout(soon, shares.take(4)).await.is_err());
        held.pop();
        held.push(shares.take(4).await.unwrap());
        held.clear();
        drop(shares.take(5).await.unwrap());
        assert_eq!(shares.own.lock().unwrap().len(), 1);
    }

    #[test]
    fn whoever_does_not_wait_leaves_turns_too() {
        let shares = Shares::new(3, 2);
        let held = [shares.try_take(1).unwrap(), shares.try_take(1).unwrap()];
        assert!(shares.try_take(1).is_none(), "more than one's own");
        let other = shares.try_take(2).unwrap();
        assert!(shares.try_take(3).is_none(), "more than all");
        drop(held);
        assert!(shares.try_take(3).is_some() && shares.try_take(1).is_some());
        drop(other);
    }
}
