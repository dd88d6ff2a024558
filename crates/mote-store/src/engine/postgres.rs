//! PostgreSQL: a pool, and a serializable transaction per write, tried again when it met another.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use diesel::connection::{AnsiTransactionManager, TransactionManager};
use diesel::{Connection, PgConnection};

use super::pool::Pool;
use super::{Db, Location, Wire};
use crate::{Failure, StoreError, migrate};

/// Connections of one node at most.
const CONNECTIONS: usize = 16;
/// How often a write is tried that meets others at the same rows, before its caller is told.
const TRIES: u32 = 40;
/// How often a write is tried that found a row where it put one. What another put there between its look and its own is seen
/// the next time; what it never looked for is found again, and is its caller's.
const TRIES_OF_DUPLICATE: u32 = 3;
/// How often it meets others before these have to wait for it. Of writes that met the database lets the first to end pass: one
/// that does much would never come to its end beside many that do little.
const PATIENT: u32 = 5;
/// What libpq is told where the URL says nothing of it: a server that is gone without a word, as behind a cable that was
/// pulled, is given up after seconds, not after the quarter of an hour that TCP takes.
const PATIENCE: [(&str, u32); 5] = [
    ("connect_timeout", 5),
    ("tcp_user_timeout", 5000),
    ("keepalives_idle", 5),
    ("keepalives_interval", 2),
    ("keepalives_count", 2),
];

/// The URL with them.
pub(super) fn with_patience(url: &str) -> String {
    PATIENCE.iter().fold(url.to_owned(), |url, (name, value)| {
        if url.contains(&format!("{name}=")) {
            return url;
        }
        let before = if url.contains('?') { '&' } else { '?' };
        format!("{url}{before}{name}={value}")
    })
}

#[derive(Clone, Debug)]
pub(super) struct Postgres {
    pool: Pool,
    connector: Connector,
    /// Has a password in it, perhaps.
    url: Url,
    turns: Arc<Turns>,
}

/// Writes of this node go side by side; one that has met others too often goes alone.
#[derive(Debug, Default)]
struct Turns(RwLock<()>);

impl Turns {
    /// Does it when its turn has come.
    fn take<T>(&self, alone: bool, work: impl FnOnce() -> T) -> T {
        if alone {
            let _turn = self.0.write().unwrap_or_else(PoisonError::into_inner);
            work()
        } else {
            let _turn = self.0.read().unwrap_or_else(PoisonError::into_inner);
            work()
        }
    }
}

#[derive(Clone)]
struct Url(String);

impl fmt::Debug for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&Location::Postgres(self.0.clone()).to_string())
    }
}

/// Makes connections.
#[derive(Clone)]
struct Connector(Arc<dyn Fn() -> Result<PgConnection, StoreError> + Send + Sync>);

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connector").finish_non_exhaustive()
    }
}

impl Postgres {
    pub(super) fn open(url: &str, location: &Location) -> Result<Self, StoreError> {
        let shown = location.to_string();
        let (patient, url) = (with_patience(url), Url(url.to_owned()));
        let connect = move || {
            PgConnection::establish(&patient)
                .map_err(|e| StoreError::Open { location: shown.clone(), cause: e.to_string() })
        };
        migrate::postgres(&mut connect()?)?;
        let connector = Connector(Arc::new(connect));
        let connect = Arc::clone(&connector.0);
        let pool = Pool::new(CONNECTIONS, move || connect().map(Db::Postgres));
        Ok(Self { pool, connector, url, turns: Arc::default() })
    }

    pub(super) fn wire(&self) -> Result<Wire, StoreError> {
        Wire::open(&self.url.0)
    }

    pub(super) async fn read<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: Failure,
        F: FnOnce(&mut Db) -> Result<T, E> + Send + 'static,
    {
        let connector = self.connector.clone();
        self.pool
            .with(move |db| {
                connector.begin(db, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
                let done = work(db);
                Db::rollback_transaction(db).map_err(StoreError::from)?;
                done
            })
            .await
    }

    pub(super) async fn write<T, E, F, A>(&self, mut work: F, after: A) -> Result<T, E>
    where
        T: Send + 'static,
        E: Failure,
        F: FnMut(&mut Db) -> Result<T, E> + Send + 'static,
        A: FnOnce(Result<&T, &E>) + Send + 'static,
    {
        let (connector, turns) = (self.connector.clone(), Arc::clone(&self.turns));
        self.pool
            .with(move |db| {
                for tried in 1.. {
                    let done = turns.take(tried > PATIENT, || attempt(db, &connector, &mut work));
                    let again = |error: &StoreError| {
                        (error.is_conflict() && tried < TRIES)
                            || (error.is_duplicate() && tried < TRIES_OF_DUPLICATE)
                    };
                    if !done.as_ref().err().and_then(Failure::store_error).is_some_and(again) {
                        after(done.as_ref());
                        return done;
                    }
                    // Those that met part again: a wait that grows, and differs from thread to thread.
                    let spread = u64::from(std::process::id().wrapping_mul(tried) % 7);
                    std::thread::sleep(std::time::Duration::from_millis(u64::from(tried.min(10)) + spread));
                }
                Err(StoreError::Closed.into())
            })
            .await
    }
}

fn begin(db: &mut Db, sql: &str) -> Result<(), StoreError> {
    match db {
        Db::Postgres(inner) => Ok(AnsiTransactionManager::begin_transaction_sql(inner, sql)?),
        Db::Sqlite(_) => Err(StoreError::Closed),
    }
}

impl Connector {
    /// Begins a transaction. A connection that the server has ended meanwhile, as when it was started anew, is replaced:
    /// nothing was asked by it yet.
    fn begin(&self, db: &mut Db, sql: &str) -> Result<(), StoreError> {
        match begin(db, sql) {
            Err(error) if error.is_lost_connection() => {
                *db = Db::Postgres((self.0)()?);
                begin(db, sql)
            }
            begun => begun,
        }
    }
}

fn attempt<T, E: Failure>(
    db: &mut Db,
    connector: &Connector,
    work: &mut impl FnMut(&mut Db) -> Result<T, E>,
) -> Result<T, E> {
    connector.begin(db, "BEGIN ISOLATION LEVEL SERIALIZABLE")?;
    let done = work(db);
    match &done {
        Ok(_) => Db::commit_transaction(db).map_err(StoreError::from)?,
        Err(_) => Db::rollback_transaction(db).map_err(StoreError::from)?,
    }
    done
}
