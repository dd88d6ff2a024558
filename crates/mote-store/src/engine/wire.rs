//! A connection to PostgreSQL of one's own, outside of the pool: for what must not wait behind requests, and for what a
//! connection carries beside queries.

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};

use super::postgres::with_patience;
use super::{Db, Location};
use crate::StoreError;

/// Such a connection. All of it blocks; each statement is a transaction of its own. Useless after an error.
pub struct Wire {
    db: Db,
}

impl std::fmt::Debug for Wire {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Wire").finish_non_exhaustive()
    }
}

/// What came on a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The channel.
    pub channel: String,
    /// What was said.
    pub text: String,
}

impl Wire {
    pub(super) fn open(url: &str) -> Result<Self, StoreError> {
        let location = || Location::Postgres(url.to_owned()).to_string();
        let db = PgConnection::establish(&with_patience(url))
            .map_err(|e| StoreError::Open { location: location(), cause: e.to_string() })?;
        Ok(Self { db: Db::Postgres(db) })
    }

    /// For queries.
    pub fn db(&mut self) -> &mut Db {
        &mut self.db
    }

    /// Hears from now on what is said on a channel.
    pub fn listen(&mut self, channel: &'static str) -> Result<(), StoreError> {
        Ok(self.db.batch_execute(&format!("LISTEN {channel}"))?)
    }

    /// What has come, without waiting for more.
    pub fn heard(&mut self) -> Result<Vec<Message>, StoreError> {
        let Db::Postgres(db) = &mut self.db else { return Err(StoreError::Closed) };
        let all = db.notifications_iter();
        let all = all.map(|one| one.map(|one| Message { channel: one.channel, text: one.payload }));
        Ok(all.collect::<Result<_, _>>()?)
    }
}
