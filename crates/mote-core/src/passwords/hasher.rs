//! Hashing on threads of its own: a flood of sign-ins slows sign-ins and nothing else.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;

use super::Password;
use super::argon::{Cost, Kept, Memory};
use super::queue::{Abandonable, Next, Queue};
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
    queue: Arc<Queue<Job>>,
    cost: Cost,
    /// What the password of an account that does not exist is compared with, so that it takes as long.
    nobody: String,
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.queue.close();
    }
}

#[derive(Debug)]
enum Job {
    Hash { password: Password, answer: oneshot::Sender<Result<String, Error>> },
    Verify { password: Password, hash: String, answer: oneshot::Sender<Result<bool, Error>> },
}

impl Abandonable for Job {
    fn is_wanted(&self) -> bool {
        !match self {
            Self::Hash { answer, .. } => answer.is_closed(),
            Self::Verify { answer, .. } => answer.is_closed(),
        }
    }
}

impl Job {
    fn run(self, cost: &Cost, memory: &mut Memory) {
        // An answer that nobody takes any more is no loss.
        match self {
            Self::Hash { password, answer } => {
                let hash = cost.hash(password.as_bytes(), memory);
                let _ =
                    answer.send(hash.map_err(|e| Error::Internal(format!("cannot hash a password: {e}"))));
            }
            Self::Verify { password, hash, answer } => {
                let fits = Kept::read(&hash).and_then(|kept| kept.fits(password.as_bytes(), memory));
                let _ = answer
                    .send(fits.map_err(|e| Error::Internal(format!("a kept password is damaged: {e}"))));
            }
        }
    }
}

impl PasswordHasher {
    /// Starts the threads: one less than there are cores, at least one, so that one core stays free for requests. They
    /// end when the last clone is gone.
    pub fn start() -> Result<Self, Error> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self::with(Cost::recommended(), cores.saturating_sub(1).max(1), QUEUE)
    }

    /// With costs so small that nothing is protected; for tests, which sign up hundreds of accounts.
    pub fn start_cheap() -> Result<Self, Error> {
        Self::with(Cost::least(), 1, QUEUE)
    }

    fn with(cost: Result<Cost, argon2::Error>, threads: usize, limit: usize) -> Result<Self, Error> {
        fn broken(e: impl std::fmt::Display) -> Error {
            Error::Internal(format!("cannot start hashing passwords: {e}"))
        }
        let cost = cost.map_err(broken)?;
        let nobody = cost.hash_of_nobody().map_err(broken)?;
        let pool = Pool { queue: Arc::new(Queue::new(limit)), cost, nobody };
        for _ in 0..threads {
            let (queue, cost) = (Arc::clone(&pool.queue), pool.cost.clone());
            let thread = std::thread::Builder::new().name("mote-passwords".into());
            thread.spawn(move || work(&queue, &cost)).map_err(broken)?;
        }
        Ok(Self(Arc::new(pool)))
    }

    /// The PHC string to keep for a password. [`Error::Busy`] where too many wait already.
    pub async fn hash(&self, password: Password) -> Result<String, Error> {
        let (answer, answered) = oneshot::channel();
        self.ask(Job::Hash { password, answer }, answered).await
    }

    /// Whether the password is the one that was hashed. `None`, for an account that does not exist, takes as long and is
    /// false. [`Error::Busy`] where too many wait already.
    pub async fn verify(&self, password: Password, hash: Option<String>) -> Result<bool, Error> {
        let exists = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.0.nobody.clone());
        let (answer, answered) = oneshot::channel();
        let fits = self.ask(Job::Verify { password, hash, answer }, answered).await?;
        Ok(fits && exists)
    }

    /// Whether a hash was made at another cost than hashes are made at now: hash the password again at the next sign-in,
    /// when it is known.
    #[must_use]
    pub fn needs_rehash(&self, hash: &str) -> bool {
        self.0.cost.differs_from(hash)
    }

    async fn ask<T>(&self, job: Job, answered: oneshot::Receiver<Result<T, Error>>) -> Result<T, Error> {
        self.0.queue.push(job).map_err(|_| Error::Busy)?;
        answered.await.map_err(|_| Error::Internal("hashing a password was given up".into()))?
    }
}

/// What a thread does all its life.
fn work(queue: &Queue<Job>, cost: &Cost) {
    lower_priority();
    let mut memory = Memory::default();
    // A thread that holds no memory has no reason to wake up.
    let mut patience = None;
    loop {
        match queue.pop(patience) {
            Next::Job(job) => {
                // A panic ends this job; ending the thread would end all sign-ins.
                if catch_unwind(AssertUnwindSafe(|| job.run(cost, &mut memory))).is_err() {
                    tracing::error!("hashing a password panicked");
                }
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

/// Requests go first where cores are short. On Linux this is of the calling thread alone (setpriority(2), "C library/kernel
/// differences"); elsewhere it would be of the whole process, and is left alone. Where it is refused, nothing is lost but
/// that.
fn lower_priority() {
    #[cfg(target_os = "linux")]
    let _ = rustix::process::setpriority_process(None, NICE);
}

/// How far hashing stands back.
#[cfg(target_os = "linux")]
const NICE: i32 = 10;

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
        assert!(!hasher.needs_rehash(&hash));
        assert!(PasswordHasher::start_cheap().unwrap().needs_rehash(&hash));
    }

    #[test]
    fn a_flood_is_told_to_come_again() {
        // No thread takes anything out.
        let hasher = PasswordHasher::with(Cost::least(), 0, 2).unwrap();
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
        let hasher = PasswordHasher::with(Cost::least(), 1, 1).unwrap();
        let queue = Arc::downgrade(&hasher.0.queue);
        let clone = hasher.clone();
        drop(hasher);
        assert!(queue.upgrade().is_some());
        drop(clone);
        while queue.upgrade().is_some() {
            std::thread::yield_now();
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn hashing_stands_back_and_nothing_else_does() {
        let nice = || rustix::process::getpriority_process(None).unwrap();
        let before = nice();
        let lowered = std::thread::spawn(move || {
            lower_priority();
            nice()
        });
        assert_eq!(lowered.join().unwrap(), NICE);
        assert_eq!(nice(), before);
    }
}
