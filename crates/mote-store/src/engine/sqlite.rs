//! SQLite: one thread writes, and puts the writes that wait into one commit; a few connections read.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sqlite::Sqlite as Backend;
use diesel::{Connection, QueryResult, RunQueryDsl, SqliteConnection};
use tokio::sync::{mpsc, oneshot};

use super::Db;
use super::pool::Pool;
use crate::{Failure, StoreError, migrate};

/// Writes that one commit carries at most: more callers share an fsync, but the first of them waits for the last.
const BATCH: usize = 256;
/// Writes that wait at most; a caller beyond waits for room.
const QUEUE: usize = 4096;
/// What a commit is taken to cost at most: a disk that hangs for a moment must not slow down those after it.
const SLOWEST: Duration = Duration::from_millis(20);
/// Connections that read. Reads are short; more would only cost memory for their page caches.
const READERS: usize = 4;

#[derive(Clone, Debug)]
pub(super) struct Sqlite {
    readers: Pool,
    writer: mpsc::Sender<Box<dyn Job>>,
}

impl Sqlite {
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        // On a thread of its own, which leaves none of the pages behind that migrations read and wrote.
        let prepared = std::thread::scope(|scope| scope.spawn(|| prepare(path)).join());
        prepared.unwrap_or(Err(StoreError::Panicked))?;
        let db = connect(path)?;
        let (writer, jobs) = mpsc::channel(QUEUE);
        std::thread::Builder::new()
            .name("mote-writer".into())
            .spawn({
                let path = path.to_owned();
                move || write_all(&path, Db::Sqlite(db), jobs)
            })
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

/// Makes the file, for its owner alone, where there is none; what the engine puts beside it has the same permissions. Not all
/// that is in it is sealed.
fn make(path: &Path) -> Result<(), StoreError> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(cannot_open(path, &error)),
        _ => Ok(()),
    }
}

/// Makes the file where there is none, and brings it to the present schema.
fn prepare(path: &Path) -> Result<(), StoreError> {
    make(path)?;
    let mut db = connect(path)?;
    db.batch_execute("PRAGMA journal_mode = WAL").map_err(|e| cannot_open(path, &e))?;
    migrate::sqlite(&mut db)
}

fn connect(path: &Path) -> Result<SqliteConnection, StoreError> {
    let name = path.to_str().ok_or_else(|| cannot_open(path, &"the path is not UTF-8"))?;
    let mut db = SqliteConnection::establish(name).map_err(|e| cannot_open(path, &e))?;
    // FULL makes a commit in WAL mode survive a power cut. Another process (`mote token create`) may hold the lock briefly.
    // The log goes into the database every 16 MiB, not every 4: digests come in no order, so each time nearly as many pages
    // are written as tokens were made since, and the writes wait for it.
    db.batch_execute(
        "PRAGMA busy_timeout = 5000; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -4096; \
         PRAGMA wal_autocheckpoint = 4000;",
    )
    .map_err(|e| cannot_open(path, &e))?;
    Ok(db)
}

/// A write that waits for its turn, its result, and its commit.
trait Job: Send {
    /// Runs in a savepoint of the batch's transaction. Fails where that, or its connection, is of no more use, and says why.
    fn run(&mut self, db: &mut Db) -> Result<(), String>;
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
    fn run(&mut self, db: &mut Db) -> Result<(), String> {
        let work = &mut self.work;
        Savepoint::Begin.run(db).map_err(|error| error.to_string())?;
        let done =
            catch_unwind(AssertUnwindSafe(|| work(db))).unwrap_or_else(|_| Err(StoreError::Panicked.into()));
        let undone = if done.is_err() { Savepoint::Undo.run(db) } else { Ok(()) };
        let ended = undone.and_then(|()| Savepoint::End.run(db));
        // A full or failing disk makes SQLite undo the whole transaction, savepoints and all; and a connection that was opened
        // while nothing could be written never writes. What failed says why.
        let failed = done.as_ref().err().and_then(Failure::store_error);
        let whole = match (ended, failed) {
            (_, Some(error @ StoreError::Query(_))) if error.trouble().is_some() => Err(error.to_string()),
            (Err(lost), _) => Err(lost.to_string()),
            (Ok(()), _) => Ok(()),
        };
        self.result = Some(done);
        whole
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

/// The statements around each write. They stay prepared, which diesel's own do not: parsing them anew would be a good part
/// of the time of a small write.
#[derive(Clone, Copy)]
enum Savepoint {
    Begin,
    Undo,
    End,
}

/// One of them as a query: a type of its own, by which diesel keeps it prepared.
#[derive(QueryId)]
struct Prepared<const STATEMENT: usize>;

impl<const STATEMENT: usize> QueryFragment<Backend> for Prepared<STATEMENT> {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        pass.push_sql(["SAVEPOINT job", "ROLLBACK TO job", "RELEASE job"][STATEMENT]);
        Ok(())
    }
}

impl<const STATEMENT: usize> RunQueryDsl<SqliteConnection> for Prepared<STATEMENT> {}

impl Savepoint {
    fn run(self, db: &mut Db) -> Result<(), StoreError> {
        let Db::Sqlite(db) = db else { return Err(StoreError::Closed) };
        match self {
            Self::Begin => Prepared::<0>.execute(db),
            Self::Undo => Prepared::<1>.execute(db),
            Self::End => Prepared::<2>.execute(db),
        }?;
        Ok(())
    }
}

/// The writer's thread: until every `Store` is gone.
fn write_all(path: &Path, mut db: Db, mut jobs: mpsc::Receiver<Box<dyn Job>>) {
    let mut batch = Vec::with_capacity(BATCH);
    let mut crowd = Crowd::default();
    while jobs.blocking_recv_many(&mut batch, BATCH) > 0 {
        let committed = write_batch(&mut db, &mut batch, &mut jobs, &mut crowd);
        if let Err(cause) = &committed {
            tracing::error!(%cause, writes = batch.len(), "a group of writes could not be committed");
            // Where a transaction ended in another way than by COMMIT or ROLLBACK, diesel takes its connection for broken.
            match connect(path) {
                Ok(new) => db = Db::Sqlite(new),
                Err(error) => tracing::error!(%error, "the writer keeps the connection that it has"),
            }
        }
        for job in batch.drain(..) {
            job.finish(committed.as_ref().copied().map_err(String::as_str));
        }
    }
}

fn write_batch(
    db: &mut Db,
    batch: &mut Vec<Box<dyn Job>>,
    jobs: &mut mpsc::Receiver<Box<dyn Job>>,
    crowd: &mut Crowd,
) -> Result<(), String> {
    let Db::Sqlite(inner) = db else { return Err("the writer's connection is not SQLite".into()) };
    AnsiTransactionManager::begin_transaction_sql(inner, "BEGIN IMMEDIATE").map_err(|e| e.to_string())?;
    let (mut done, opened) = (0, Instant::now());
    while done < batch.len() {
        for job in &mut batch[done..] {
            if let Err(cause) = job.run(db) {
                // Nothing of the others is left either, and the next would be a transaction of its own.
                let _ = Db::rollback_transaction(db);
                return Err(cause);
            }
        }
        done = batch.len();
        let left = crowd.patience().saturating_sub(opened.elapsed());
        crowd.gather(batch, jobs, left, receive_within);
    }
    let began = Instant::now();
    let committed = Db::commit_transaction(db).map_err(|error| {
        // After a failed COMMIT the transaction may still be open; the next batch needs a clean start.
        let _ = Db::rollback_transaction(db);
        error.to_string()
    });
    crowd.committed(batch.len(), began.elapsed());
    committed
}

/// The callers who write at a time, and what a commit costs them.
///
/// Those whom a commit answers come back one after the other. The first of them is written at once, and the commit that
/// follows has him alone, while all others wait for the next: two commits where one would do. Where a commit costs more than
/// the writes that it carries, as on a disk that takes its time, it is worth while to let more join: a transaction is kept
/// open for part of the time that commits take, as long as fewer have come than the last one had. Where commits are cheap, it
/// is over before the first of them: then it is better to commit for some while others are on their way.
#[derive(Debug, Default)]
struct Crowd {
    writes: usize,
    /// The usual time of a commit: one that also moves the log into the database (a checkpoint) is no measure.
    commit: Duration,
}

impl Crowd {
    fn committed(&mut self, writes: usize, took: Duration) {
        self.writes = writes;
        self.commit = (self.commit * 7 + took.min(SLOWEST)) / 8;
    }

    /// How long a transaction is kept open for more to join, its own writes included.
    fn patience(&self) -> Duration {
        // Half was the best of 1/1 to 1/8 where a commit takes 4 ms, and costs nothing where it takes 0.2 ms.
        self.commit / 2
    }

    /// Takes the writes that have come meanwhile, or else waits for one as `wait` does: if there is time `left`, and not as
    /// many are there as last time.
    fn gather<J>(
        &self,
        batch: &mut Vec<J>,
        jobs: &mut mpsc::Receiver<J>,
        left: Duration,
        wait: impl FnOnce(&mut mpsc::Receiver<J>, Duration) -> Option<J>,
    ) {
        if left.is_zero() {
            return;
        }
        let had = batch.len();
        while batch.len() < BATCH
            && let Ok(job) = jobs.try_recv()
        {
            batch.push(job);
        }
        if batch.len() == had && had < self.writes.min(BATCH) {
            batch.extend(wait(jobs, left));
        }
    }
}

/// Wakes a thread that parks.
struct Unpark(std::thread::Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// What comes within that time; the channel itself waits for ever or not at all.
fn receive_within<J>(jobs: &mut mpsc::Receiver<J>, time: Duration) -> Option<J> {
    let until = Instant::now() + time;
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut context = Context::from_waker(&waker);
    loop {
        if let Poll::Ready(job) = jobs.poll_recv(&mut context) {
            return job;
        }
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return None;
        }
        std::thread::park_timeout(left);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transaction_waits_for_those_who_were_there_before() {
        let (sender, mut jobs) = mpsc::channel(QUEUE);
        let (mut crowd, mut batch) = (Crowd::default(), vec![1]);
        let left = Duration::from_millis(1);
        let never = |_: &mut _, _| panic!("nobody is to be waited for");
        // Nobody else was there before.
        crowd.gather(&mut batch, &mut jobs, left, never);
        assert_eq!(batch, [1]);
        // Who is there is written at once, and only then others are waited for.
        crowd.committed(3, left);
        sender.blocking_send(2).unwrap();
        crowd.gather(&mut batch, &mut jobs, left, never);
        assert_eq!(batch, [1, 2]);
        crowd.gather(&mut batch, &mut jobs, left, |_, time| (time == left).then_some(3));
        assert_eq!(batch, [1, 2, 3]);
        crowd.gather(&mut batch, &mut jobs, left, never);
        // Once the time is over, the next transaction is for those who come.
        sender.blocking_send(4).unwrap();
        crowd.gather(&mut batch, &mut jobs, Duration::ZERO, never);
        assert_eq!(batch, [1, 2, 3]);
    }

    #[test]
    fn patience_follows_what_commits_usually_take() {
        let mut crowd = Crowd::default();
        assert_eq!(crowd.patience(), Duration::ZERO);
        for _ in 0..100 {
            crowd.committed(1, Duration::from_millis(4));
        }
        let usual = crowd.patience();
        assert!(usual > Duration::from_millis(1) && usual < Duration::from_millis(4), "{usual:?}");
        crowd.committed(1, Duration::from_hours(1));
        assert!(crowd.patience() < usual * 2);
    }

    #[test]
    fn what_comes_in_time_is_received_and_nothing_is_waited_for_for_ever() {
        let (sender, mut jobs) = mpsc::channel(1);
        assert_eq!(receive_within(&mut jobs, Duration::from_millis(1)), None);
        let late = std::thread::spawn(move || sender.blocking_send(7).map(|()| sender));
        assert_eq!(receive_within(&mut jobs, Duration::from_hours(1)), Some(7));
        drop(late.join().unwrap().unwrap());
        assert_eq!(receive_within(&mut jobs, Duration::from_hours(1)), None::<i32>);
    }
}
