//! Things of the store that are kept in memory, so that a request costs no query for them.

use std::borrow::Borrow;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use quick_cache::Equivalent;
use quick_cache::sync::Cache;

use crate::nodes::Trust;

/// Values by key; the least used make room.
///
/// A value that is dropped stays dropped: whoever loads one tells [`Self::keep`] which [`Self::epoch`] the load began in,
/// and a load that overlapped a drop is not kept. Drops are made after the commit that changed the value and before the
/// answer goes out, so that what was revoked is refused from then on.
pub struct Kept<K, V> {
    values: Cache<K, Arc<V>>,
    /// Whether what is here may be believed; always, where there is none.
    trust: Option<Arc<Trust>>,
    /// Told of each drop, after it.
    watcher: Option<Watcher<K, V>>,
    /// Counts the drops. Locked while a value is put in or dropped, so that one is wholly before the other.
    epoch: Mutex<u64>,
}

/// Hears of what is dropped: of a function that tells whether something was among it, whether or not it was in memory.
pub(crate) type Watcher<K, V> = Box<dyn Fn(&dyn Fn(&K, &V) -> bool) + Send + Sync>;

impl<K: Eq + Hash + Clone, V> std::fmt::Debug for Kept<K, V> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Kept").field("len", &self.len()).finish_non_exhaustive()
    }
}

impl<K: Eq + Hash + Clone, V> Kept<K, V> {
    /// Keeps `capacity` values at most.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self { values: Cache::new(capacity), trust: None, watcher: None, epoch: Mutex::new(0) }
    }

    /// The same, with somebody who hears of each drop: after it, and before whoever dropped goes on.
    pub(crate) fn watched(capacity: usize, watcher: Watcher<K, V>) -> Self {
        Self { watcher: Some(watcher), ..Self::new(capacity) }
    }

    /// The same, for what other processes change: it is believed only while `trust` holds.
    pub(crate) fn trusting(self, trust: &Arc<Trust>) -> Self {
        Self { trust: Some(Arc::clone(trust)), ..self }
    }

    /// The value, if it is in memory and may be believed.
    pub fn get<Q: Hash + Equivalent<K> + ?Sized>(&self, key: &Q) -> Option<Arc<V>> {
        let believed = self.trust.as_ref().is_none_or(|trust| trust.holds());
        if believed { self.values.get(key) } else { None }
    }

    /// To be read before a value is loaded from the store.
    #[must_use]
    pub fn epoch(&self) -> u64 {
        *self.lock()
    }

    /// Keeps a value that was loaded, unless something was dropped since `epoch`. Whether it was.
    pub fn keep(&self, key: K, value: &Arc<V>, epoch: u64) -> bool {
        let now = self.lock();
        if *now == epoch {
            self.values.insert(key, Arc::clone(value));
        }
        *now == epoch
    }

    /// Drops one value.
    pub fn drop_one<Q: Hash + Equivalent<K> + ?Sized>(&self, key: &Q)
    where
        K: Borrow<Q>,
    {
        let mut epoch = self.lock();
        *epoch += 1;
        self.values.remove(key);
        drop(epoch);
        if let Some(watcher) = &self.watcher {
            watcher(&|known, _| key.equivalent(known));
        }
    }

    /// Drops every value that `over` names.
    pub fn drop_where(&self, over: impl Fn(&V) -> bool) {
        let mut epoch = self.lock();
        *epoch += 1;
        self.values.retain(|_, value| !over(value));
        drop(epoch);
        if let Some(watcher) = &self.watcher {
            watcher(&|_, value| over(value));
        }
    }

    /// How many are in memory.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, u64> {
        self.epoch.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    #[test]
    fn a_load_that_overlaps_a_drop_is_not_kept() {
        let kept = Kept::new(10);
        let before = kept.epoch();
        kept.drop_where(|_: &i32| false);
        assert!(!kept.keep(1, &Arc::new(7), before));
        assert!(kept.get(&1).is_none());
        assert!(kept.keep(1, &Arc::new(7), kept.epoch()));
        assert_eq!(kept.get(&1).as_deref(), Some(&7));
    }

    #[test]
    fn what_may_not_be_believed_is_not_given_out_and_is_there_again_when_it_may() {
        let trust = Arc::new(Trust::default());
        let kept = Kept::new(10).trusting(&trust);
        assert!(kept.keep(1, &Arc::new(7), kept.epoch()));
        let long_ago = Instant::now().checked_sub(Duration::from_secs(3)).unwrap();
        trust.knows_all_until(long_ago);
        assert!(kept.get(&1).is_none());
        trust.knows_all_until(Instant::now());
        assert_eq!(kept.get(&1).as_deref(), Some(&7));
    }

    #[test]
    fn dropped_is_gone() {
        let kept = Kept::new(10);
        for key in 0..3 {
            kept.keep(key, &Arc::new(key), kept.epoch());
        }
        kept.drop_one(&0);
        kept.drop_where(|value| *value == 1);
        assert!(kept.get(&0).is_none() && kept.get(&1).is_none() && kept.get(&2).is_some());
    }
}
