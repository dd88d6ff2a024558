//! A bounded queue between requests, which never wait to put something in, and threads, which wait to take it out.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// What may be given up by whoever asked for it.
pub(super) trait Abandonable {
    /// Whether somebody still waits for it.
    fn is_wanted(&self) -> bool;
}

/// There is no room; come again soon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Full;

/// What a thread finds.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next<T> {
    /// Something to do.
    Job(T),
    /// Nothing, for as long as the thread was willing to wait.
    Idle,
    /// Nothing ever again.
    Closed,
}

/// First in, first out.
#[derive(Debug)]
pub(super) struct Queue<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
    limit: usize,
}

#[derive(Debug)]
struct State<T> {
    waiting: VecDeque<T>,
    closed: bool,
}

impl<T: Abandonable> State<T> {
    fn take(&mut self) -> Option<T> {
        std::iter::from_fn(|| self.waiting.pop_front()).find(T::is_wanted)
    }
}

impl<T: Abandonable> Queue<T> {
    /// With room for `limit` that wait.
    pub(super) fn new(limit: usize) -> Self {
        let state = State { waiting: VecDeque::with_capacity(limit), closed: false };
        Self { state: Mutex::new(state), changed: Condvar::new(), limit }
    }

    /// Puts a job at the end. What was given up makes room for it.
    pub(super) fn push(&self, job: T) -> Result<(), Full> {
        let mut state = self.lock();
        if state.waiting.len() >= self.limit {
            state.waiting.retain(T::is_wanted);
        }
        if state.waiting.len() >= self.limit {
            return Err(Full);
        }
        state.waiting.push_back(job);
        drop(state);
        self.changed.notify_one();
        Ok(())
    }

    /// The first job that somebody still waits for. Waits for one as long as `patience` lasts, or for ever.
    pub(super) fn pop(&self, patience: Option<Duration>) -> Next<T> {
        let until = patience.map(|patience| Instant::now() + patience);
        let mut state = self.lock();
        loop {
            if state.closed {
                return Next::Closed;
            }
            if let Some(job) = state.take() {
                return Next::Job(job);
            }
            state = match until.map(|until| until.saturating_duration_since(Instant::now())) {
                None => self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(Duration::ZERO) => return Next::Idle,
                Some(left) => {
                    self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }

    /// The first job that somebody still waits for, if it is there.
    pub(super) fn take(&self) -> Option<T> {
        self.lock().take()
    }

    /// Drops what waits and sends the threads home.
    pub(super) fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        state.waiting.clear();
        drop(state);
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        // Nothing here panics between two changes that belong together.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    /// A number that somebody waits for, or does not.
    #[derive(Debug, PartialEq, Eq)]
    struct Number(u8, bool);

    impl Abandonable for Number {
        fn is_wanted(&self) -> bool {
            self.1
        }
    }

    const NOT_AT_ALL: Option<Duration> = Some(Duration::ZERO);

    #[test]
    fn first_in_first_out_and_no_more_than_the_limit() {
        let queue = Queue::new(2);
        assert_eq!(queue.push(Number(1, true)), Ok(()));
        assert_eq!(queue.push(Number(2, true)), Ok(()));
        assert_eq!(queue.push(Number(3, true)), Err(Full));
        assert_eq!(queue.pop(NOT_AT_ALL), Next::Job(Number(1, true)));
        assert_eq!(queue.push(Number(3, true)), Ok(()));
        assert_eq!(queue.pop(NOT_AT_ALL), Next::Job(Number(2, true)));
        assert_eq!(queue.pop(NOT_AT_ALL), Next::Job(Number(3, true)));
        assert_eq!(queue.pop(NOT_AT_ALL), Next::Idle);
    }

    #[test]
    fn what_was_given_up_costs_nobody_anything() {
        let queue = Queue::new(2);
        queue.push(Number(1, false)).unwrap();
        queue.push(Number(2, false)).unwrap();
        queue.push(Number(3, true)).unwrap();
        queue.push(Number(4, false)).unwrap();
        assert_eq!(queue.pop(NOT_AT_ALL), Next::Job(Number(3, true)));
        assert_eq!(queue.take(), None);
        assert_eq!(queue.pop(NOT_AT_ALL), Next::Idle);
    }

    #[test]
    fn a_thread_that_waits_gets_the_job_and_goes_home_when_closed() {
        let queue = Arc::new(Queue::new(1));
        let thread = std::thread::spawn({
            let queue = Arc::clone(&queue);
            move || (queue.pop(None), queue.pop(None))
        });
        queue.push(Number(7, true)).unwrap();
        // Closed only once it is taken, since closing drops what waits.
        while !queue.lock().waiting.is_empty() {
            std::thread::yield_now();
        }
        queue.close();
        assert_eq!(thread.join().unwrap(), (Next::Job(Number(7, true)), Next::Closed));
    }
}
