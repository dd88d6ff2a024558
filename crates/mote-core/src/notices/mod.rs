//! Word from one process to the others on the same store: from the operator's commands, and from one node to the rest.
//!
//! What a deed makes wrong in memory is a value, a `Notice`. `Mote::write_and_forget` writes it in the transaction of the
//! deed where others are to hear of it, and has this process's own memory heed it after the commit; [`Mote::hear_notices`]
//! has it heed those of others.

mod notice;

use std::collections::HashSet;
use std::net::IpAddr;

use mote_store::notices as rows;
use mote_store::notices::News;
use mote_store::{Db, StoreError, accounts};
use serde::{Deserialize, Serialize};

#[cfg(feature = "fuzzing")]
pub use notice::fuzz;

pub(crate) use notice::Notice;

use crate::audit::{Action, Actor, Entry};
use crate::names::Username;
use crate::{AccountId, Error, Mote};

/// How long a notice is there to be read, in milliseconds of the database's clock.
const KEPT: i64 = 20 * 60 * 1000;
/// Notices that are read at a time. Whoever finds more forgets everything instead.
const MOST: i64 = 5000;

/// Stands for the writer of what concerns every process, the writer too.
const NOBODY: i32 = 0;

/// Who can be locked out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Locked {
    /// Callers from a network address.
    Address(IpAddr),
    /// The account and the customers of this name.
    Name(String),
}

impl Locked {
    /// Reads what an operator typed: a network address, or an account's or customer's e-mail address.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        if let Ok(address) = text.parse() {
            return Ok(Self::Address(address));
        }
        let name = Username::parse(text).map_err(|_| {
            Error::invalid("who", "is a network address, or the e-mail address of an account")
        })?;
        Ok(Self::Name(name.as_str().to_owned()))
    }
}

/// What a process has heard already.
#[derive(Debug)]
pub struct Heard {
    /// From where it reads on.
    next: i64,
    /// Which it read from there on already.
    ids: HashSet<i64>,
}

impl Heard {
    /// A process that starts has nothing in memory that an earlier notice could be about.
    pub(crate) fn until_now(db: &mut Db) -> Result<Self, StoreError> {
        Ok(Self { next: rows::start(db)?, ids: HashSet::new() })
    }

    /// What there is to read.
    pub(crate) fn news(&self, db: &mut Db) -> Result<News, StoreError> {
        rows::since(db, self.next, MOST)
    }
}

impl Mote {
    /// Writes notices, in the transaction of what they tell of.
    pub(crate) fn leave_notices(&self, db: &mut Db, notices: &[Notice]) -> Result<(), StoreError> {
        leave(db, self.nodes().number(), notices)
    }

    /// Lets whoever was locked out guess again, on every server that runs on this store.
    pub async fn unlock(&self, who: Locked) -> Result<(), Error> {
        let recorder = self.recorder(Actor::operator());
        let unlock = move |db: &mut Db| -> Result<(), Error> {
            let (named, account) = match &who {
                Locked::Address(address) => (address.to_string(), None),
                Locked::Name(name) => (name.clone(), accounts::by_username(db, name)?),
            };
            let entry = Entry::new(Action::LockLifted, &named, "");
            // Whose account it is may see it.
            let entry = match account {
                Some(account) => entry.of(AccountId(account.id)),
                None => entry,
            };
            recorder.record(db, entry)?;
            Ok(leave(db, NOBODY, &[Notice::Unlocked(who.clone())])?)
        };
        self.store().write(unlock).await
    }

    /// Begins to hear what others do.
    pub async fn heard_until_now(&self) -> Result<Heard, Error> {
        Ok(self.store().read(Heard::until_now).await?)
    }

    /// Hears what is new, and has memory forget what it must. Gives the network addresses that are not locked any more, of
    /// which the doors keep count.
    pub async fn hear_notices(&self, heard: &mut Heard) -> Result<Vec<IpAddr>, Error> {
        let from = Heard { next: heard.next, ids: HashSet::new() };
        let news = self.store().read(move |db| from.news(db)).await?;
        Ok(self.take_news(heard, &news))
    }

    /// The same of what was read already.
    pub(crate) fn take_news(&self, heard: &mut Heard, news: &News) -> Vec<IpAddr> {
        let (mut addresses, mut ended) = (Vec::new(), HashSet::new());
        if news.rows.len() >= usize::try_from(MOST).unwrap_or(usize::MAX) {
            self.forget_everything();
        }
        for row in &news.rows {
            // What this process did itself was heeded when it did it.
            if heard.ids.contains(&row.id) || row.node == self.nodes().number() {
                continue;
            }
            match Notice::of_body(&row.body) {
                // One walk through memory for all of them.
                Some(Notice::TokenEnded(id)) => drop(ended.insert(id)),
                Some(notice) => {
                    self.heed(&notice);
                    if let Notice::Unlocked(Locked::Address(address)) = notice {
                        addresses.push(address);
                    }
                }
                // Of a later version, of which it is not known what it is about.
                None => self.forget_everything(),
            }
        }
        if !ended.is_empty() {
            self.grants().drop_where(|grant| ended.contains(&grant.id));
        }
        // What comes again the next time is among these: it is read from a later place then, if from another at all.
        heard.ids = news.rows.iter().map(|row| row.id).collect();
        heard.next = news.next;
        addresses
    }
}

fn leave(db: &mut Db, node: i32, notices: &[Notice]) -> Result<(), StoreError> {
    let bodies: Vec<_> = notices.iter().map(Notice::to_body).collect();
    rows::insert(db, node, &bodies)
}

/// Removes those that everybody has heard; how many.
pub(crate) fn sweep(db: &mut Db, limit: i64) -> Result<usize, StoreError> {
    rows::sweep(db, KEPT, limit)
}
