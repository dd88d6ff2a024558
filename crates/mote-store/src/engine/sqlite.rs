//! SQLite: one thread writes, and puts the writes that wait into one commit; a few connections read.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::{Connection, SqliteConnection};
use tokio::sync::{mpsc, oneshot};

use super::Db;
use super::pool::Pool;
use crate::{Failure, StoreError, migrate};

/// Writes that one commit carries at most: more callers share an fsync, but the first of them waits for the last.
const BATCH: usize = 256;
/// Writes that wait at most; a caller beyond waits for room.
const QUEUE: usize = 4096;
/// Connections that read. Reads are short; more would only cost memory for their page caches.
const READERS: usize = 4;

#[derive(Clone, Debug)]
pub(super) struct Sqlite {
    readers: Pool,
    writer: mpsc::Sender<Box<dyn Job>>,
}

impl Sqlite {
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        let mut db = connect(path)?;
        db.batch_execute("PRAGMA journal_mode = WAL").map_err(|e| cannot_open(path, &e))?;
        migrate::sqlite(&mut db)?;
        let (writer, jobs) = mpsc::channel(QUEUE);
        std::thread::Builder::new()
            .name("mote-writer".into())
            .spawn(move || write_all(&mut Db::Sqlite(db), jobs))
            .map_err(|e| cannot_open(path, &e))?;
        let path = path.to_owned();
        Ok(Self { readers: Pool::new(READERS, move || connect(&path).map(Db::Sqlite)), writer })
    }

    pub(super) async fn read<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: Failure,
        F: FnOnce(&mut Db) -> Result<T, E> + Send + 'static,
    {
        self.readers
            .with(|db| {
                Db::begin_transaction(db).map_err(StoreError::from)?;
                let done = work(db);
                Db::rollback_transaction(db).map_err(StoreError::from)?;
                done
            })
            .await
    }

    pub(super) async fn write<T, E, F, A>(&self, work: F, after: A) -> Result<T, E>
    where
        T: Send + 'static,
        E: Failure,
        F: FnMut(&mut Db) -> Result<T, E> + Send + 'static,
        A: FnOnce(Result<&T, &E>) + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let job = Box::new(Write { work, result: None, after, answer });
        self.writer.send(job).await.map_err(|_| StoreError::Closed)?;
        answered.await.unwrap_or_else(|_| Err(StoreError::Closed.into()))
    }
}

fn cannot_open(path: &Path, cause: &dyn std::fmt::Display) -> StoreError {
    StoreError::Open { location: path.display().to_string(), cause: cause.to_string() }
}

fn connect(path: &Path) -> Result<SqliteConnection, StoreError> {
    let name = path.to_str().ok_or_else(|| cannot_open(path, &"the path is not UTF-8"))?;
    let mut db = SqliteConnection::establish(name).map_err(|e| cannot_open(path, &e))?;
    // FULL makes a commit in WAL mode survive a power cut. Another process (`mote token create`) may hold the lock briefly.
    db.batch_execute(
        "PRAGMA busy_timeout = 5000; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -4096;",
    )
    .map_err(|e| cannot_open(path, &e))?;
    Ok(db)
}

/// A write that waits for its turn, its result, and its commit.
trait Job: Send {
    /// Runs in a savepoint of the batch's transaction.
    fn run(&mut self, db: &mut Db);
    /// Answers the caller, once it is known whether the batch was committed.
    fn finish(self: Box<Self>, committed: Result<(), &str>);
}

struct Write<T, E, F, A> {
    work: F,
    result: Option<Result<T, E>>,
    after: A,
    answer: oneshot::Sender<Result<T, E>>,
}

impl<T, E, F, A> Job for Write<T, E, F, A>
where
    T: Send + 'static,
    E: Failure,
    F: FnMut(&mut Db) -> Result<T, E> + Send + 'static,
    A: FnOnce(Result<&T, &E>) + Send + 'static,
{
    fn run(&mut self, db: &mut Db) {
        let work = &mut self.work;
        let mut savepoint = || -> Result<T, E> {
            Db::begin_transaction(db).map_err(StoreError::from)?;
            let done = catch_unwind(AssertUnwindSafe(|| work(db)))
                .unwrap_or_else(|_| Err(StoreError::Panicked.into()));
            match &done {
                Ok(_) => Db::commit_transaction(db).map_err(StoreError::from)?,
                Err(_) => Db::rollback_transaction(db).map_err(StoreError::from)?,
            }
            done
        };
        self.result = Some(savepoint());
    }

    fn finish(self: Box<Self>, committed: Result<(), &str>) {
        let result = match (committed, self.result) {
            // What failed was undone by itself, whatever became of the batch.
            (_, Some(Err(error))) => Err(error),
            (Ok(()), Some(done)) => done,
            (Err(cause), _) => Err(StoreError::Commit(cause.to_owned()).into()),
            (Ok(()), None) => Err(StoreError::Closed.into()),
        };
        let after = self.after;
        if catch_unwind(AssertUnwindSafe(|| after(result.as_ref()))).is_err() {
            tracing::error!("what was to follow a write panicked");
        }
        // A caller that went away has nobody to answer to.
        let _ = self.answer.send(result);
    }
}

/// The writer's thread: until every `Store` is gone.
fn write_all(db: &mut Db, mut jobs: mpsc::Receiver<Box<dyn Job>>) {
    let mut batch = Vec::with_capacity(BATCH);
    while jobs.blocking_recv_many(&mut batch, BATCH) > 0 {
        let committed = write_batch(db, &mut batch);
        if let Err(cause) = &committed {
            tracing::error!(%cause, writes = batch.len(), "a group of writes could not be committed");
        }
        for job in batch.drain(..) {
            job.finish(committed.as_ref().copied().map_err(String::as_str));
        }
    }
}

fn write_batch(db: &mut Db, batch: &mut [Box<dyn Job>]) -> Result<(), String> {
    let Db::Sqlite(inner) = db else { return Err("the writer's connection is not SQLite".into()) };
    AnsiTransactionManager::begin_transaction_sql(inner, "BEGIN IMMEDIATE").map_err(|e| e.to_string())?;
    for job in &mut *batch {
        job.run(db);
    }
    Db::commit_transaction(db).map_err(|error| {
        // After a failed COMMIT the transaction may still be open; the next batch needs a clean start.
        let _ = Db::rollback_transaction(db);
        error.to_string()
    })
}
