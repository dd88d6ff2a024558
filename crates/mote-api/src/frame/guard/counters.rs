//! Counting within windows of time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use mote_core::Moment;
use quick_cache::sync::Cache;

use super::Caller;

/// Length of a window in seconds: the vendor's five minutes.
const WINDOW: i64 = 300;
/// Addresses that are remembered at most; those that were counted least make room, some six megabytes in all.
const MOST_CALLERS: usize = 50_000;

/// How often each caller did something in the present window. Windows begin for all at the same time, so that a number and a
/// count are all that there is to keep.
#[derive(Debug)]
pub(super) struct Counters {
    most: u32,
    /// The number of a window, and how often there was something in it, by 32 bits.
    counts: Cache<Caller, Arc<AtomicU64>>,
}

impl Counters {
    pub(super) fn new(most: u32) -> Self {
        Self { most, counts: Cache::new(MOST_CALLERS) }
    }

    /// Counts once more; fails with the seconds until the next window where it was too often.
    pub(super) fn count(&self, caller: Caller, now: Moment) -> Result<(), i64> {
        let count = self.counts.get(&caller).unwrap_or_else(|| {
            let new = Arc::new(AtomicU64::new(0));
            // Two that come at once for the first time may count as one, which harms nobody.
            self.counts.insert(caller, Arc::clone(&new));
            new
        });
        let seconds = now.unix_seconds();
        let window = u64::try_from(seconds / WINDOW).unwrap_or_default() << 32;
        let next = |before: u64| if before >> 32 == window >> 32 { before + 1 } else { window + 1 };
        // The count itself cannot overflow into the window: at its most it stays where it is.
        let step = |before: u64| (next(before) & u64::from(u32::MAX) != 0).then(|| next(before));
        let before = count.fetch_update(Ordering::Relaxed, Ordering::Relaxed, step).unwrap_or(u64::MAX - 1);
        if next(before) & u64::from(u32::MAX) <= u64::from(self.most) {
            Ok(())
        } else {
            Err(WINDOW - seconds.rem_euclid(WINDOW))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    #[test]
    fn a_clock_that_goes_back_locks_nobody_out() {
        let counters = Counters::new(1);
        let caller = Caller::of(Ipv4Addr::new(192, 0, 2, 1).into());
        let now = Moment(1_800_000_000_000);
        assert_eq!(counters.count(caller, now), Ok(()));
        assert!(counters.count(caller, now).is_err());
        assert_eq!(counters.count(caller, now.plus_seconds(-3600)), Ok(()));
    }

    #[test]
    fn many_addresses_take_bounded_memory() {
        let counters = Counters::new(10);
        for address in 0..u32::try_from(MOST_CALLERS * 2).unwrap() {
            assert_eq!(counters.count(Caller::of(Ipv4Addr::from(address).into()), Moment(0)), Ok(()));
        }
        assert!(counters.counts.len() <= MOST_CALLERS + MOST_CALLERS / 10);
    }
}
