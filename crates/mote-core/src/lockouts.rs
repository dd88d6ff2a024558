//! Locking out whoever guesses: wrong guesses in a row, by whom they are counted against.
//!
//! Kept in memory, of so many at most; those that were counted least make room.

use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use quick_cache::sync::Cache;

use crate::Moment;

/// How many are remembered at most, some megabytes in all.
const MOST: usize = 50_000;

#[derive(Clone, Copy, Debug, Default)]
struct Wrong {
    /// Since the last right one.
    guesses: u32,
    locked_until: Option<Moment>,
}

/// Wrong guesses in a row, and the locks that they brought.
#[derive(Debug)]
pub struct Lockouts<K> {
    known: Cache<K, Arc<Mutex<Wrong>>>,
    /// The longest that a lock is, in seconds.
    longest: i64,
}

impl<K: Clone + Eq + Hash> Lockouts<K> {
    /// None yet; no lock will be longer than so many seconds.
    #[must_use]
    pub fn new(longest: i64) -> Self {
        Self { known: Cache::new(MOST), longest }
    }

    /// Before a guess is looked at.
    ///
    /// # Errors
    /// The seconds until the end of the lock, where there is one.
    pub fn look(&self, who: &K, now: Moment) -> Result<(), i64> {
        let Some(known) = self.known.get(who) else { return Ok(()) };
        let until = known.lock().unwrap_or_else(PoisonError::into_inner).locked_until;
        match until {
            // A clock that was set back must not make a lock longer than any is.
            Some(until) if until > now && until <= now.plus_seconds(self.longest) => {
                Err((until.0 - now.0 + 999) / 1000)
            }
            _ => Ok(()),
        }
    }

    /// After a wrong one. The rule says for how many seconds so many in a row lock, if they do.
    pub fn wrong(&self, who: K, now: Moment, rule: impl FnOnce(u32) -> Option<i64>) {
        let known = self.known.get(&who).unwrap_or_else(|| {
            let new = Arc::default();
            self.known.insert(who, Arc::clone(&new));
            new
        });
        let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
        known.guesses = known.guesses.saturating_add(1);
        if let Some(seconds) = rule(known.guesses) {
            known.locked_until = Some(now.plus_seconds(seconds.min(self.longest)));
        }
    }

    /// Locks for so many seconds, whatever was guessed.
    pub fn lock(&self, who: K, now: Moment, seconds: i64) {
        self.wrong(who, now, |_| Some(seconds));
    }

    /// After a right one, or at an operator's word: all wrong ones before are forgotten, and the lock ends.
    pub fn forget(&self, who: &K) {
        self.known.remove(who);
    }

    /// The same for all of these.
    pub fn forget_where(&self, these: impl Fn(&K) -> bool) {
        self.known.retain(|who, _| !these(who));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_ends_by_itself_and_with_a_clock_that_goes_back() {
        let lockouts = Lockouts::new(60);
        let now = Moment(1_800_000_000_000);
        lockouts.wrong("me", now, |guesses| (guesses > 1).then_some(600));
        assert_eq!(lockouts.look(&"me", now), Ok(()));
        lockouts.wrong("me", now, |guesses| (guesses > 1).then_some(600));
        assert_eq!(lockouts.look(&"me", now), Err(60), "no longer than the longest");
        assert_eq!(lockouts.look(&"you", now), Ok(()));
        assert_eq!(lockouts.look(&"me", now.plus_seconds(60)), Ok(()));
        assert_eq!(lockouts.look(&"me", now.plus_seconds(-60)), Ok(()));
        lockouts.forget_where(|who| *who == "you");
        assert_eq!(lockouts.look(&"me", now.plus_seconds(59)), Err(1));
        lockouts.forget(&"me");
        assert_eq!(lockouts.look(&"me", now.plus_seconds(59)), Ok(()));
    }

    #[test]
    fn many_names_take_bounded_memory() {
        let lockouts = Lockouts::new(60);
        for who in 0..MOST * 2 {
            lockouts.wrong(who, Moment(0), |_| Some(60));
        }
        assert!(lockouts.known.len() <= MOST + MOST / 10);
    }
}
