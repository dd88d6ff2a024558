//! The two engines behind one pair of calls.

mod pool;
mod postgres;
mod sqlite;
mod wire;

use std::fmt;
use std::path::PathBuf;

use crate::{Failure, StoreError};

pub use wire::{Message, Wire};

/// A connection to either engine. Queries are written once, over this type.
#[derive(diesel::MultiConnection)]
pub enum Db {
    /// A file of this machine.
    Sqlite(diesel::SqliteConnection),
    /// A server.
    Postgres(diesel::PgConnection),
}

/// Where a database is.
#[derive(Clone, PartialEq, Eq)]
pub enum Location {
    /// An SQLite file; it and its folder are made where missing.
    Sqlite(PathBuf),
    /// A `postgres://` URL; libpq's parameters (`sslmode`, …) work in it.
    Postgres(String),
}

impl Location {
    /// A `postgres://` or `postgresql://` URL, or else the path of an SQLite file.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            Self::Postgres(text.to_owned())
        } else {
            Self::Sqlite(PathBuf::from(text))
        }
    }
}

impl fmt::Display for Location {
    /// The location without the user and password that a URL may carry.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "{}", path.display()),
            Self::Postgres(url) => {
                let (scheme, rest) = url.split_once("://").unwrap_or(("postgres", url));
                let rest = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
                // Parameters may hold a password too.
                write!(f, "{scheme}://{}", rest.split('?').next().unwrap_or_default())
            }
        }
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The database of a Mote server. Clones share it.
#[derive(Clone, Debug)]
pub struct Store {
    engine: Engine,
}

#[derive(Clone, Debug)]
enum Engine {
    Sqlite(sqlite::Sqlite),
    Postgres(postgres::Postgres),
}

impl Store {
    /// Opens the database, makes it where it is missing, and brings its schema up to date. Blocks.
    pub fn open(location: &Location) -> Result<Self, StoreError> {
        let engine = match location {
            Location::Sqlite(path) => Engine::Sqlite(sqlite::Sqlite::open(path)?),
            Location::Postgres(url) => Engine::Postgres(postgres::Postgres::open(url, location)?),
        };
        Ok(Self { engine })
    }

    /// Whether other processes may be at work on the same data.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        matches!(self.engine, Engine::Postgres(_))
    }

    /// A connection of the caller's own. Blocks; only where the store [is shared](Self::is_shared).
    pub fn wire(&self) -> Result<Wire, StoreError> {
        match &self.engine {
            Engine::Sqlite(_) => Err(StoreError::Closed),
            Engine::Postgres(engine) => engine.wire(),
        }
    }

    /// Runs `work` on one consistent view of the data. What it writes is undone.
    pub async fn read<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: Failure,
        F: FnOnce(&mut Db) -> Result<T, E> + Send + 'static,
    {
        match &self.engine {
            Engine::Sqlite(engine) => engine.read(work).await,
            Engine::Postgres(engine) => engine.read(work).await,
        }
    }

    /// Runs `work` as a transaction that sees no other halfway. When this returns `Ok`, what it wrote survives a power
    /// cut; when it returns `Err`, nothing of it was kept. `work` may run more than once (PostgreSQL, after a conflict),
    /// so all it does must be in the database.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: Failure,
        F: FnMut(&mut Db) -> Result<T, E> + Send + 'static,
    {
        self.write_then(work, |_| ()).await
    }

    /// The same, and then `after` with what came of it: after the commit, before the answer, and whether or not the caller
    /// still waits for it. What memory holds of the data is brought up to date there.
    pub async fn write_then<T, E, F, A>(&self, work: F, after: A) -> Result<T, E>
    where
        T: Send + 'static,
        E: Failure,
        F: FnMut(&mut Db) -> Result<T, E> + Send + 'static,
        A: FnOnce(Result<&T, &E>) + Send + 'static,
    {
        match &self.engine {
            Engine::Sqlite(engine) => engine.write(work, after).await,
            Engine::Postgres(engine) => engine.write(work, after).await,
        }
    }
}
