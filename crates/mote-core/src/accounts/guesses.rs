//! Wrong passwords and codes, by whom they were tried on: many addresses together cannot guess one password.
//!
//! Kept in memory, of so many names at most, and whether or not there is such an account: a lock gives nobody away. Tokens
//! and sessions that are there already are no matter of it.

use std::sync::{Arc, Mutex, PoisonError};

use quick_cache::sync::Cache;

use crate::names::{CustomerName, Username};
use crate::{Error, Moment, ProductId};

/// Wrong ones in a row that lock nothing yet.
const FREE: u32 = 20;
/// How long the first one beyond locks, in seconds; each that follows locks for twice as long as the one before,
const FIRST_LOCK: i64 = 60;
/// up to half an hour.
const LONGEST_LOCK: i64 = 1800;
/// Names that are remembered at most; those that were tried least make room.
const MOST_NAMES: usize = 50_000;

/// Whose password or code is tried.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Tried {
    name: String,
    /// The product that it is a customer of; none for an account.
    product: Option<ProductId>,
}

impl From<&Username> for Tried {
    fn from(name: &Username) -> Self {
        Self::stored(name.as_str())
    }
}

impl Tried {
    /// A customer's of a product.
    pub(crate) fn customer(product: ProductId, name: &CustomerName) -> Self {
        Self { name: name.as_str().to_owned(), product: Some(product) }
    }

    /// An account's whose name is in the store.
    pub(crate) fn stored(username: &str) -> Self {
        Self { name: username.to_owned(), product: None }
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Wrong {
    guesses: u32,
    locked_until: Option<Moment>,
}

/// Wrong guesses in a row, by name.
#[derive(Debug)]
pub(crate) struct Guesses {
    names: Cache<Tried, Arc<Mutex<Wrong>>>,
}

impl Default for Guesses {
    fn default() -> Self {
        Self { names: Cache::new(MOST_NAMES) }
    }
}

impl Guesses {
    /// Before a guess is looked at. Fails with [`Error::Locked`].
    pub(crate) fn look(&self, tried: &Tried, now: Moment) -> Result<(), Error> {
        let Some(known) = self.names.get(tried) else { return Ok(()) };
        let until = known.lock().unwrap_or_else(PoisonError::into_inner).locked_until;
        match until {
            // A clock that was set back must not make a lock longer than any is.
            Some(until) if until > now && until <= now.plus_seconds(LONGEST_LOCK) => {
                Err(Error::Locked { seconds: (until.0 - now.0 + 999) / 1000 })
            }
            _ => Ok(()),
        }
    }

    /// After a wrong one.
    pub(crate) fn wrong(&self, tried: Tried, now: Moment) {
        let known = self.names.get(&tried).unwrap_or_else(|| {
            let new = Arc::default();
            self.names.insert(tried, Arc::clone(&new));
            new
        });
        let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
        known.guesses = known.guesses.saturating_add(1);
        if let Some(beyond) = known.guesses.checked_sub(FREE) {
            let seconds = (FIRST_LOCK << beyond.min(10)).min(LONGEST_LOCK);
            known.locked_until = Some(now.plus_seconds(seconds));
        }
    }

    /// An operator's word: whoever has this name, account or customer, may guess again.
    pub(crate) fn forget(&self, name: &str) {
        self.names.retain(|tried, _| tried.name != name);
    }

    /// After a right one: all wrong ones before are forgotten.
    pub(crate) fn right(&self, tried: &Tried) {
        self.names.remove(tried);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locks_grow_and_a_right_guess_ends_them() {
        let (guesses, tried) = (Guesses::default(), Tried::stored("me@example.com"));
        let mut now = Moment(0);
        let locked = |now| match guesses.look(&tried, now) {
            Ok(()) => 0,
            Err(Error::Locked { seconds }) => seconds,
            Err(other) => panic!("{other}"),
        };
        for _ in 1..FREE {
            guesses.wrong(tried.clone(), now);
            assert_eq!(locked(now), 0);
        }
        for expected in [60, 120, 240, 480, 960, 1800, 1800] {
            guesses.wrong(tried.clone(), now);
            assert_eq!(locked(now), expected);
            now = now.plus_seconds(expected);
            assert_eq!(locked(now), 0);
        }
        guesses.wrong(tried.clone(), now);
        assert_eq!(locked(now), LONGEST_LOCK);
        assert_eq!(locked(now.plus_seconds(-10_000)), 0, "a clock that went back");
        guesses.right(&tried);
        assert_eq!(locked(now), 0);
        guesses.wrong(tried.clone(), now);
        assert_eq!(locked(now), 0);
    }

    #[test]
    fn a_customer_is_not_the_account_of_the_same_address() {
        let name = CustomerName::parse("me@example.com").unwrap();
        let of = |product| Tried::customer(ProductId(product), &name);
        assert_ne!(of(1319), of(1320));
        assert_ne!(of(1319), Tried::from(&Username::parse("me@example.com").unwrap()));
    }
}
