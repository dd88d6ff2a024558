//! Locking out whoever guesses.

use std::sync::{Arc, Mutex, PoisonError};

use mote_core::Moment;
use quick_cache::sync::Cache;

use super::counters::MOST_CALLERS;
use super::{Caller, Guess};

/// How long an address is locked, in seconds: the vendor's half an hour.
const LOCKED: i64 = 1800;

#[derive(Clone, Copy, Debug, Default)]
struct Guesses {
    /// Wrong ones since the last right one.
    wrong: u32,
    locked_until: Option<Moment>,
}

/// Wrong credentials in a row, by caller.
#[derive(Debug)]
pub(super) struct Locks {
    most: u32,
    guesses: Cache<Caller, Arc<Mutex<Guesses>>>,
}

impl Locks {
    pub(super) fn new(most: u32) -> Self {
        Self { most, guesses: Cache::new(MOST_CALLERS) }
    }

    /// Fails with the seconds until its end, where the caller is locked.
    pub(super) fn look(&self, caller: Caller, now: Moment) -> Result<(), i64> {
        let Some(guesses) = self.guesses.get(&caller) else { return Ok(()) };
        let until = guesses.lock().unwrap_or_else(PoisonError::into_inner).locked_until;
        match until {
            // A clock that was set back must not make half an hour longer.
            Some(until) if until > now && until <= now.plus_seconds(LOCKED) => {
                Err((until.0 - now.0 + 999) / 1000)
            }
            _ => Ok(()),
        }
    }

    pub(super) fn learn(&self, caller: Caller, guess: Guess, now: Moment) {
        if guess == Guess::Right {
            self.guesses.remove(&caller);
            return;
        }
        let guesses = self.guesses.get(&caller).unwrap_or_else(|| {
            let new = Arc::default();
            self.guesses.insert(caller, Arc::clone(&new));
            new
        });
        let mut guesses = guesses.lock().unwrap_or_else(PoisonError::into_inner);
        guesses.wrong += 1;
        if guesses.wrong >= self.most {
            *guesses = Guesses { wrong: 0, locked_until: Some(now.plus_seconds(LOCKED)) };
        }
    }

    /// Ends a caller's lock and forgets his guesses; whether he was locked.
    pub(super) fn unlock(&self, caller: Caller, now: Moment) -> bool {
        let locked = self.look(caller, now).is_err();
        self.guesses.remove(&caller);
        locked
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    #[test]
    fn wrong_ones_in_a_row_lock_for_half_an_hour() {
        let locks = Locks::new(3);
        let (caller, now) = (Caller::of(Ipv4Addr::new(192, 0, 2, 1).into()), Moment(0));
        let learn = |guess| locks.learn(caller, guess, now);
        for guess in [Guess::Wrong, Guess::Wrong, Guess::Right, Guess::Wrong, Guess::Wrong] {
            learn(guess);
            assert_eq!(locks.look(caller, now), Ok(()));
        }
        learn(Guess::Wrong);
        assert_eq!(locks.look(caller, now), Err(LOCKED));
        assert_eq!(locks.look(caller, now.plus_seconds(LOCKED)), Ok(()));
        assert!(locks.unlock(caller, now));
        assert_eq!(locks.look(caller, now), Ok(()));
        assert!(!locks.unlock(caller, now));
    }
}
