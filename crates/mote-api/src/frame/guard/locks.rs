//! Locking out whoever guesses.

use mote_core::Moment;
use mote_core::lockouts::Lockouts;

use super::{Caller, Guess};

/// How long an address is locked, in seconds: the vendor's half an hour.
const LOCKED: i64 = 1800;

/// Wrong credentials in a row, by caller.
#[derive(Debug)]
pub(super) struct Locks {
    most: u32,
    guesses: Lockouts<Caller>,
}

impl Locks {
    pub(super) fn new(most: u32) -> Self {
        Self { most: most.max(1), guesses: Lockouts::new(LOCKED) }
    }

    /// Fails with the seconds until its end, where the caller is locked.
    pub(super) fn look(&self, caller: Caller, now: Moment) -> Result<(), i64> {
        self.guesses.look(&caller, now)
    }

    /// After a lock it takes as many wrong ones again.
    pub(super) fn learn(&self, caller: Caller, guess: Guess, now: Moment) {
        match guess {
            Guess::Right => self.guesses.forget(&caller),
            Guess::Wrong => {
                self.guesses.wrong(caller, now, |wrong| wrong.is_multiple_of(self.most).then_some(LOCKED));
            }
        }
    }

    /// Ends a caller's lock and forgets his guesses; whether he was locked.
    pub(super) fn unlock(&self, caller: Caller, now: Moment) -> bool {
        let locked = self.look(caller, now).is_err();
        self.guesses.forget(&caller);
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
        locks.learn(caller, Guess::Wrong, now.plus_seconds(LOCKED));
        assert_eq!(locks.look(caller, now.plus_seconds(LOCKED)), Ok(()), "it takes as many again");
        assert!(locks.unlock(caller, now));
        assert_eq!(locks.look(caller, now), Ok(()));
        assert!(!locks.unlock(caller, now));
    }
}
