//! Wrong passwords and codes, by whom they were tried on: many addresses together cannot guess one password.
//!
//! Counted whether or not there is such an account: a lock gives nobody away. Tokens and sessions that are there already are
//! no matter of it.

use crate::lockouts::Lockouts;
use crate::names::{CustomerName, Username};
use crate::passwords::Password;
use crate::{Error, Moment, Mote, ProductId};

/// Wrong ones in a row that lock nothing yet.
const FREE: u32 = 20;
/// How long the first one beyond locks, in seconds; each that follows locks for twice as long as the one before,
const FIRST_LOCK: i64 = 60;
/// up to half an hour.
const LONGEST_LOCK: i64 = 1800;

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

/// Wrong guesses in a row, by name.
#[derive(Debug)]
pub(crate) struct Guesses(Lockouts<Tried>);

impl Default for Guesses {
    fn default() -> Self {
        Self(Lockouts::new(LONGEST_LOCK))
    }
}

impl Guesses {
    /// Before a guess is looked at. Fails with [`Error::Locked`].
    pub(crate) fn look(&self, tried: &Tried, now: Moment) -> Result<(), Error> {
        self.0.look(tried, now).map_err(|seconds| Error::Locked { seconds })
    }

    /// After a wrong one.
    pub(crate) fn wrong(&self, tried: Tried, now: Moment) {
        self.0.wrong(tried, now, |guesses| {
            guesses.checked_sub(FREE).map(|beyond| (FIRST_LOCK << beyond.min(10)).min(LONGEST_LOCK))
        });
    }

    /// An operator's word: whoever has this name, account or customer, may guess again.
    pub(crate) fn forget(&self, name: &str) {
        self.0.forget_where(|tried| tried.name == name);
    }

    /// After a right one: all wrong ones before are forgotten.
    pub(crate) fn right(&self, tried: &Tried) {
        self.0.forget(tried);
    }
}

impl Mote {
    /// Whether a password is the one that was hashed; a wrong one is counted. `None`, for who does not exist, takes as long and
    /// is false.
    ///
    /// Fails with [`Error::Locked`] also where the lock came while it was hashed, right or wrong: of guesses that come at once,
    /// no more are told about than of those that come in a row.
    pub(crate) async fn guess(
        &self,
        tried: &Tried,
        password: Password,
        hash: Option<String>,
    ) -> Result<bool, Error> {
        self.guesses().look(tried, self.now())?;
        let fits = self.hasher().verify(password, hash).await?;
        self.guesses().look(tried, self.now())?;
        if !fits {
            self.guesses().wrong(tried.clone(), self.now());
        }
        Ok(fits)
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
