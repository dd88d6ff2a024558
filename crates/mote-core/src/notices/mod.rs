//! Word from the operator's commands, which are processes of their own, to the servers that run on the same store.

use std::collections::HashSet;
use std::net::IpAddr;

use mote_store::Db;
use mote_store::notices as rows;
use mote_store::notices::NoticeRow;

use crate::names::Username;
use crate::{AccountId, Error, Moment, Mote};

/// How long a notice is there to be read, in seconds: servers look once a second, and have missed none of these even where
/// clocks of machines differ by minutes.
const KEPT: i64 = 600;
/// Notices that are read at a time.
const MOST: i64 = 1000;

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Notice {
    /// An account's tokens and sessions were ended.
    AccountSignedOut(AccountId),
    /// Whoever was locked out by this address or name may guess again.
    Unlocked(Locked),
}

/// Who can be locked out.
#[derive(Clone, Debug, PartialEq, Eq)]
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

impl Notice {
    const ACCOUNT_SIGNED_OUT: i16 = 1;
    const UNLOCKED: i16 = 2;

    fn to_row(&self, id: i64, now: Moment) -> NoticeRow {
        let (kind, subject) = match self {
            Self::AccountSignedOut(account) => (Self::ACCOUNT_SIGNED_OUT, account.to_string()),
            Self::Unlocked(Locked::Address(address)) => (Self::UNLOCKED, address.to_string()),
            Self::Unlocked(Locked::Name(name)) => (Self::UNLOCKED, name.clone()),
        };
        NoticeRow { id, kind, subject, created_at: now.0 }
    }

    /// None where it is a word of a later version.
    fn of_row(row: &NoticeRow) -> Option<Self> {
        match row.kind {
            Self::ACCOUNT_SIGNED_OUT => Some(Self::AccountSignedOut(AccountId(row.subject.parse().ok()?))),
            Self::UNLOCKED => Locked::parse(&row.subject).ok().map(Self::Unlocked),
            _ => None,
        }
    }
}

/// The notices that a server has heard already.
#[derive(Debug)]
pub struct Heard {
    ids: HashSet<i64>,
}

impl Mote {
    /// Writes a notice, in the transaction of what it tells of.
    pub(crate) fn leave_notice(&self, db: &mut Db, id: i64, notice: &Notice) -> Result<(), Error> {
        Ok(rows::insert(db, &notice.to_row(id, self.now()))?)
    }

    /// Lets whoever was locked out guess again, on every server that runs on this store.
    pub async fn unlock(&self, who: Locked) -> Result<(), Error> {
        let (mote, id) = (self.clone(), self.new_key(self.now()));
        self.store().write(move |db| mote.leave_notice(db, id, &Notice::Unlocked(who.clone()))).await
    }

    /// A server that starts has nothing in memory that an earlier notice could be about.
    pub async fn heard_until_now(&self) -> Result<Heard, Error> {
        Ok(Heard { ids: self.notices().await?.iter().map(|row| row.id).collect() })
    }

    /// Hears what is new, and has memory forget what it must. Gives the network addresses that are not locked any more, of
    /// which the doors keep count.
    pub async fn hear_notices(&self, heard: &mut Heard) -> Result<Vec<IpAddr>, Error> {
        let present = self.notices().await?;
        let mut addresses = Vec::new();
        for row in present.iter().filter(|row| !heard.ids.contains(&row.id)) {
            match Notice::of_row(row) {
                Some(Notice::AccountSignedOut(account)) => self.forget_grants_of_account(account),
                Some(Notice::Unlocked(Locked::Address(address))) => addresses.push(address),
                Some(Notice::Unlocked(Locked::Name(name))) => self.guesses().forget(&name),
                None => {}
            }
        }
        heard.ids = present.iter().map(|row| row.id).collect();
        Ok(addresses)
    }

    async fn notices(&self) -> Result<Vec<NoticeRow>, Error> {
        let since = self.now().plus_seconds(-KEPT);
        Ok(self.store().read(move |db| rows::since(db, since.0, MOST)).await?)
    }
}

/// Removes those that every server has heard; how many.
pub(crate) fn sweep(db: &mut Db, now: Moment, limit: i64) -> Result<usize, Error> {
    Ok(rows::sweep(db, now.plus_seconds(-2 * KEPT).0, limit)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notices_come_back_as_they_were_written() {
        for notice in [
            Notice::AccountSignedOut(AccountId(7)),
            Notice::Unlocked(Locked::parse(" 192.0.2.1 ").unwrap()),
            Notice::Unlocked(Locked::parse("2001:db8::1").unwrap()),
            Notice::Unlocked(Locked::parse("Me@Example.com").unwrap()),
        ] {
            assert_eq!(Notice::of_row(&notice.to_row(1, Moment(5))), Some(notice));
        }
        let later = NoticeRow { id: 1, kind: 99, subject: "x".into(), created_at: 0 };
        assert_eq!(Notice::of_row(&later), None);
        assert!(Locked::parse("nobody").is_err());
    }
}
