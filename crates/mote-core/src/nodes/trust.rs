//! Whether what is in memory may be believed.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How old what memory says may be, where others change what it was read from: a revocation on one node is in force on all
/// others this much later, whatever becomes of the word of it.
pub(crate) const LONGEST_UNHEARD: Duration = Duration::from_secs(1);

/// Stands for the end that never comes.
const FOR_EVER: u64 = u64::MAX;

/// Until when memory is believed: for ever where nobody else writes to the store; else until [`LONGEST_UNHEARD`] after the
/// beginning of the last look at what others have done.
///
/// It is asked at each look into memory, and so costs one atomic load, and the reading of a clock on a shared store. The
/// clock is the machine's steady one: no other machine's, and none that is ever put back. Hence a process that was stopped
/// for a while believes nothing either when it goes on.
#[derive(Debug)]
pub(crate) struct Trust {
    start: Instant,
    /// Milliseconds after `start`.
    until: AtomicU64,
}

impl Default for Trust {
    /// For ever.
    fn default() -> Self {
        Self { start: Instant::now(), until: AtomicU64::new(FOR_EVER) }
    }
}

impl Trust {
    /// Whether memory is believed now.
    pub(crate) fn holds(&self) -> bool {
        let until = self.until.load(Ordering::Acquire);
        until == FOR_EVER || self.millis(Instant::now()) < until
    }

    /// All that others did before this moment is known: whatever it made wrong was dropped from memory.
    pub(crate) fn knows_all_until(&self, moment: Instant) {
        self.until.store(self.millis(moment + LONGEST_UNHEARD), Ordering::Release);
    }

    fn millis(&self, moment: Instant) -> u64 {
        u64::try_from(moment.saturating_duration_since(self.start).as_millis()).unwrap_or(FOR_EVER - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trust_ends_a_second_after_the_last_look_and_comes_back_with_the_next() {
        let now = Instant::now();
        let trust = Trust { start: now.checked_sub(Duration::from_secs(9)).unwrap(), ..Trust::default() };
        assert!(trust.holds(), "nobody else writes");
        trust.knows_all_until(now);
        assert!(trust.holds());
        trust.knows_all_until(now.checked_sub(LONGEST_UNHEARD).unwrap());
        assert!(!trust.holds());
        trust.knows_all_until(Instant::now());
        assert!(trust.holds());
    }
}
