//! Argon2id (RFC 9106) on threads of its own: a flood of sign-ins slows sign-ins and nothing else.

use std::sync::{Arc, Mutex, PoisonError};

use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::{mpsc, oneshot};

use super::Password;
use crate::Error;

/// Memory in KiB, passes, lanes: the OWASP recommendation for Argon2id.
const COST: (u32, u32, u32) = (19_456, 2, 1);
/// Sign-ins that wait at most; beyond, they are told to come again.
const QUEUE: usize = 64;

type Job = Box<dyn FnOnce(&Argon2<'static>) + Send>;

/// Hashes and verifies passwords, a few at a time.
#[derive(Clone, Debug)]
pub struct PasswordHasher {
    jobs: mpsc::Sender<Job>,
    /// What the password of an account that does not exist is compared with, so that it takes as long.
    nobody: Arc<str>,
}

impl PasswordHasher {
    /// Starts the threads: one less than there are cores, at least one, so that one core stays free for requests. They
    /// end when the last clone is gone.
    pub fn start() -> Result<Self, Error> {
        Self::with_cost(COST)
    }

    /// With costs so small that nothing is protected; for tests, which sign up hundreds of accounts.
    pub fn start_cheap() -> Result<Self, Error> {
        Self::with_cost((8, 1, 1))
    }

    fn with_cost((memory, passes, lanes): (u32, u32, u32)) -> Result<Self, Error> {
        let broken =
            |e: &dyn std::fmt::Display| Error::Internal(format!("cannot start hashing passwords: {e}"));
        let params = Params::new(memory, passes, lanes, None).map_err(|e| broken(&e))?;
        let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let nobody = hash_with(&argon, b"nobody's password")?.into();
        let (jobs, queue) = mpsc::channel::<Job>(QUEUE);
        let queue = Arc::new(Mutex::new(queue));
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        for _ in 0..cores.saturating_sub(1).max(1) {
            let (queue, argon) = (Arc::clone(&queue), argon.clone());
            let work = move || {
                lower_priority();
                loop {
                    // The lock is held while waiting for a job, never while doing it.
                    let job = queue.lock().unwrap_or_else(PoisonError::into_inner).blocking_recv();
                    match job {
                        Some(job) => job(&argon),
                        None => break,
                    }
                }
            };
            std::thread::Builder::new().name("mote-passwords".into()).spawn(work).map_err(|e| broken(&e))?;
        }
        Ok(Self { jobs, nobody })
    }

    /// The PHC string to keep for a password.
    pub async fn hash(&self, password: Password) -> Result<String, Error> {
        self.run(move |argon| hash_with(argon, password.as_bytes())).await?
    }

    /// Whether the password is the one that was hashed. `None`, for an account that does not exist, takes as long and is
    /// false.
    pub async fn verify(&self, password: Password, hash: Option<String>) -> Result<bool, Error> {
        let exists = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.nobody.to_string());
        let fits = self
            .run(move |argon| {
                let hash = PasswordHash::new(&hash)
                    .map_err(|e| Error::Internal(format!("a password's hash is malformed: {e}")))?;
                Ok::<bool, Error>(argon.verify_password(password.as_bytes(), &hash).is_ok())
            })
            .await??;
        Ok(fits && exists)
    }

    async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Argon2<'static>) -> T + Send + 'static,
    ) -> Result<T, Error> {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |argon| {
            // Nobody waits any more: the request was given up, and its hash is not worth the time.
            if !answer.is_closed() {
                let _ = answer.send(job(argon));
            }
        });
        self.jobs.try_send(job).map_err(|_| Error::Busy)?;
        answered.await.map_err(|_| Error::Busy)
    }
}

fn hash_with(argon: &Argon2<'_>, password: &[u8]) -> Result<String, Error> {
    let hash =
        argon.hash_password(password).map_err(|e| Error::Internal(format!("cannot hash a password: {e}")))?;
    Ok(hash.to_string())
}

/// Requests go first where cores are short. On Linux this is of the calling thread alone; where it is refused, nothing
/// is lost but that.
fn lower_priority() {
    #[cfg(target_os = "linux")]
    let _ = rustix::process::setpriority_process(None, 10);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_verifies_against_its_hash_alone() {
        let hasher = PasswordHasher::start_cheap().unwrap();
        let hash = hasher.hash(Password::new("right one".into())).await.unwrap();
        assert!(hash.starts_with("$argon2id$") && !hash.contains("right"));
        assert!(hasher.verify(Password::new("right one".into()), Some(hash.clone())).await.unwrap());
        assert!(!hasher.verify(Password::new("wrong one".into()), Some(hash)).await.unwrap());
        assert!(!hasher.verify(Password::new("nobody's password".into()), None).await.unwrap());
    }

    #[tokio::test]
    async fn a_flood_is_told_to_come_again() {
        let hasher = PasswordHasher::start().unwrap();
        let flood = (0..QUEUE * 3).map(|_| hasher.verify(Password::new("guess".into()), None));
        let mut answers = Vec::new();
        let mut flood: Vec<_> = flood.map(Box::pin).collect();
        for one in &mut flood {
            answers.push(futures_poll(one.as_mut()).await);
        }
        assert!(answers.iter().any(|answer| matches!(answer, Some(Err(Error::Busy)))));
    }

    /// Polls once.
    async fn futures_poll<F: Future>(mut future: std::pin::Pin<&mut F>) -> Option<F::Output> {
        std::future::poll_fn(|context| match future.as_mut().poll(context) {
            std::task::Poll::Ready(done) => std::task::Poll::Ready(Some(done)),
            std::task::Poll::Pending => std::task::Poll::Ready(None),
        })
        .await
    }
}
