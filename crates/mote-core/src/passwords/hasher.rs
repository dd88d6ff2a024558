//! Hashing on threads of its own: a flood of sign-ins slows sign-ins and nothing else.

use std::io;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use super::Password;
use super::argon::{Cost, Memory};
use super::job::{Answered, Job};
use super::queue::{Next, Queue};
use super::watch::Watch;
use crate::Error;

/// Sign-ins that wait at most; beyond, they are told to come again. At some 20 ms each the last of them waits for little
/// more than a second per thread.
const QUEUE: usize = 64;
/// How long a thread that has nothing to do keeps its memory.
const PATIENCE: Duration = Duration::from_secs(1);

/// Hashes and verifies passwords, a few at a time.
#[derive(Clone, Debug)]
pub struct PasswordHasher(Arc<Pool>);

#[derive(Debug)]
struct Pool {
    queue: Arc<Queue<Arc<Job>>>,
    watch: Arc<Watch<Job>>,
    cost: Cost,
    /// What the password of an account that does not exist is compared with, so that it takes as long.
    nobody: String,
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.queue.close();
        self.watch.close();
    }
}

/// Whether requests go first where processors are short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// Threads that hash take what nobody else wants. On Linux; elsewhere as [`Self::Equal`].
    Last,
    /// They are threads like others.
    Equal,
}

impl PasswordHasher {
    /// Starts the threads: one less than there are cores, at least one, so that one core stays free for requests. They
    /// end when the last clone is gone.
    pub fn start() -> Result<Self, Error> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self::with(Cost::recommended(), cores.saturating_sub(1).max(1), QUEUE, Standing::Last)
    }

    /// With costs so small that nothing is protected, and nothing to stand back for; for tests, which sign up hundreds of
    /// accounts.
    pub fn start_cheap() -> Result<Self, Error> {
        Self::with(Cost::least(), 1, QUEUE, Standing::Equal)
    }

    fn with(
        cost: Result<Cost, argon2::Error>,
        threads: usize,
        limit: usize,
        standing: Standing,
    ) -> Result<Self, Error> {
        fn broken(e: impl std::fmt::Display) -> Error {
            Error::Internal(format!("cannot start hashing passwords: {e}"))
        }
        let cost = cost.map_err(broken)?;
        let nobody = cost.hash_of_nobody().map_err(broken)?;
        let (queue, watch) = (Arc::new(Queue::new(limit)), Arc::new(Watch::new(threads)));
        let pool = Pool { queue, watch, cost, nobody };
        pool.start(threads, standing).map_err(broken)?;
        Ok(Self(Arc::new(pool)))
    }

    /// The PHC string to keep for a password. [`Error::Busy`] where too many wait already.
    pub async fn hash(&self, password: Password) -> Result<String, Error> {
        self.ask(Job::hash(password)).await
    }

    /// Whether the password is the one that was hashed. `None`, for an account that does not exist, takes as long and is
    /// false. [`Error::Busy`] where too many wait already.
    pub async fn verify(&self, password: Password, hash: Option<String>) -> Result<bool, Error> {
        let exists = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.0.nobody.clone());
        let fits = self.ask(Job::verify(password, hash)).await?;
        Ok(fits && exists)
    }

    async fn ask<T>(&self, (job, answered): (Job, Answered<T>)) -> Result<T, Error> {
        self.0.queue.push(Arc::new(job)).map_err(|_| Error::Busy)?;
        answered.await.map_err(|_| Error::Internal("hashing a password was given up".into()))?
    }
}

impl Pool {
    /// Starts the threads that hash, and on Linux one that watches over them where they stand back.
    fn start(&self, threads: usize, standing: Standing) -> io::Result<()> {
        match standing {
            #[cfg(target_os = "linux")]
            Standing::Last => {
                let (tell, told) = std::sync::mpsc::channel();
                let stand_back = move || {
                    // It is heard, unless the one that watches could not be started.
                    let _ = tell.send(super::room::stand_back());
                };
                self.start_hands(threads, stand_back)?;
                let pacer = super::pacer::Pacer {
                    watch: Arc::clone(&self.watch),
                    queue: Arc::clone(&self.queue),
                    cost: self.cost.clone(),
                };
                let thread = thread::Builder::new().name("mote-pacer".into());
                thread.spawn(move || pacer.run(super::room::Room::new(told.iter().collect())))?;
                Ok(())
            }
            _ => self.start_hands(threads, || ()),
        }
    }

    /// Starts threads that hash, each after what it does first.
    fn start_hands(&self, threads: usize, first: impl FnOnce() + Clone + Send + 'static) -> io::Result<()> {
        for number in 0..threads {
            let (queue, watch) = (Arc::clone(&self.queue), Arc::clone(&self.watch));
            let (hands, first) = (Hands { queue, watch, cost: self.cost.clone(), number }, first.clone());
            let work = move || {
                first();
                hands.work();
            };
            thread::Builder::new().name("mote-passwords".into()).spawn(work)?;
        }
        Ok(())
    }
}

/// A thread that hashes.
struct Hands {
    queue: Arc<Queue<Arc<Job>>>,
    watch: Arc<Watch<Job>>,
    cost: Cost,
    /// Which of them it is.
    number: usize,
}

impl Hands {
    /// What it does all its life.
    fn work(self) {
        let mut memory = Memory::default();
        // A thread that holds no memory has no reason to wake up.
        let mut patience = None;
        loop {
            match self.queue.pop(patience) {
                Next::Job(job) => {
                    let begun = self.watch.begin(self.number, Arc::clone(&job), Instant::now());
                    job.run(&self.cost, &mut memory);
                    drop(begun);
                    patience = Some(PATIENCE);
                }
                Next::Idle => {
                    memory.give_back();
                    patience = None;
                }
                Next::Closed => return memory.give_back(),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    fn password(text: &str) -> Password {
        Password::new(text.into())
    }

    #[tokio::test]
    async fn a_password_verifies_against_its_hash_alone() {
        let hasher = PasswordHasher::start_cheap().unwrap();
        let hash = hasher.hash(password("right one")).await.unwrap();
        assert!(hash.starts_with("$argon2id$") && !hash.contains("right"));
        assert!(hasher.verify(password("right one"), Some(hash.clone())).await.unwrap());
        assert!(!hasher.verify(password("wrong one"), Some(hash)).await.unwrap());
        assert!(!hasher.verify(password("right one"), None).await.unwrap());
        assert!(matches!(
            hasher.verify(password("right one"), Some("damaged".into())).await,
            Err(Error::Internal(_))
        ));
    }

    #[tokio::test]
    async fn what_is_hashed_costs_what_is_recommended() {
        let hasher = PasswordHasher::start().unwrap();
        let hash = hasher.hash(password("right one")).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
    }

    #[test]
    fn a_flood_is_told_to_come_again() {
        // No thread takes anything out.
        let hasher = PasswordHasher::with(Cost::least(), 0, 2, Standing::Equal).unwrap();
        let mut context = Context::from_waker(Waker::noop());
        let mut first = pin!(hasher.verify(password("guess"), None));
        assert!(first.as_mut().poll(&mut context).is_pending());
        {
            let mut second = pin!(hasher.hash(password("guess")));
            assert!(second.as_mut().poll(&mut context).is_pending());
            let mut third = pin!(hasher.verify(password("guess"), None));
            assert!(matches!(third.as_mut().poll(&mut context), Poll::Ready(Err(Error::Busy))));
        }
        // The second has gone away: there is room.
        let mut fourth = pin!(hasher.verify(password("guess"), None));
        assert!(fourth.as_mut().poll(&mut context).is_pending());
    }

    #[test]
    fn the_threads_end_with_the_last_clone() {
        for standing in [Standing::Last, Standing::Equal] {
            let hasher = PasswordHasher::with(Cost::least(), 2, 1, standing).unwrap();
            let queue = Arc::downgrade(&hasher.0.queue);
            let clone = hasher.clone();
            drop(hasher);
            assert!(queue.upgrade().is_some());
            drop(clone);
            while queue.upgrade().is_some() {
                std::thread::yield_now();
            }
        }
    }
}
