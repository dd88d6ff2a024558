//! What is asked of the threads that hash.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use super::Password;
use super::argon::{Cost, Kept, Memory};
use super::queue::Abandonable;
use crate::Error;

/// A password to be hashed, or compared with a hash. Whoever computes it first answers.
#[derive(Debug)]
pub(super) struct Job {
    password: Password,
    purpose: Purpose,
}

#[derive(Debug)]
enum Purpose {
    Hash(Answer<String>),
    Verify { hash: String, answer: Answer<bool> },
}

pub(super) type Answered<T> = oneshot::Receiver<Result<T, Error>>;

impl Job {
    /// The PHC string to keep for a password.
    pub(super) fn hash(password: Password) -> (Self, Answered<String>) {
        let (answer, answered) = Answer::new();
        (Self { password, purpose: Purpose::Hash(answer) }, answered)
    }

    /// Whether this is the password that was hashed.
    pub(super) fn verify(password: Password, hash: String) -> (Self, Answered<bool>) {
        let (answer, answered) = Answer::new();
        (Self { password, purpose: Purpose::Verify { hash, answer } }, answered)
    }

    /// Computes it, for the milliseconds that this takes, and answers unless somebody else has. A panic ends this job;
    /// ending the thread would end all sign-ins.
    pub(super) fn run(&self, cost: &Cost, memory: &mut Memory) {
        if catch_unwind(AssertUnwindSafe(|| self.compute(cost, memory))).is_err() {
            tracing::error!("hashing a password panicked");
        }
    }

    fn compute(&self, cost: &Cost, memory: &mut Memory) {
        let password = self.password.as_bytes();
        match &self.purpose {
            Purpose::Hash(answer) => answer
                .give(cost.hash(password, memory).map_err(|why| format!("cannot hash a password: {why}"))),
            Purpose::Verify { hash, answer } => answer.give(
                Kept::read(hash)
                    .and_then(|kept| kept.fits(password, memory))
                    .map_err(|why| format!("a kept password is damaged: {why}")),
            ),
        }
    }
}

impl Abandonable for Arc<Job> {
    fn is_wanted(&self) -> bool {
        match &self.purpose {
            Purpose::Hash(answer) => answer.is_wanted(),
            Purpose::Verify { answer, .. } => answer.is_wanted(),
        }
    }
}

/// The way back to whoever asked; gone once it was used.
#[derive(Debug)]
struct Answer<T>(Mutex<Option<oneshot::Sender<Result<T, Error>>>>);

impl<T> Answer<T> {
    fn new() -> (Self, Answered<T>) {
        let (answer, answered) = oneshot::channel();
        (Self(Mutex::new(Some(answer))), answered)
    }

    fn give(&self, result: Result<T, String>) {
        if let Some(answer) = self.lock().take() {
            // An answer that nobody takes any more is no loss.
            let _ = answer.send(result.map_err(Error::Internal));
        }
    }

    fn is_wanted(&self) -> bool {
        self.lock().as_ref().is_some_and(|answer| !answer.is_closed())
    }

    fn lock(&self) -> MutexGuard<'_, Option<oneshot::Sender<Result<T, Error>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn two_who_compute_the_same_give_one_answer() {
        let (cost, mut memory) = (Cost::least().unwrap(), Memory::default());
        let (job, answered) = Job::hash(Password::new("right one".into()));
        let job = Arc::new(job);
        assert!(job.is_wanted());
        job.run(&cost, &mut memory);
        assert!(!job.is_wanted(), "it is answered");
        job.run(&cost, &mut memory);
        let hash = answered.await.unwrap().unwrap();
        let (job, answered) = Job::verify(Password::new("right one".into()), hash);
        job.run(&cost, &mut memory);
        assert!(answered.await.unwrap().unwrap());
    }

    #[test]
    fn what_nobody_waits_for_is_not_wanted() {
        let (job, answered) = Job::hash(Password::new("right one".into()));
        drop(answered);
        assert!(!Arc::new(job).is_wanted());
    }
}
