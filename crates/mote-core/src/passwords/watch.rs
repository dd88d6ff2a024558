//! Which thread computes what, and since when.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Notes what threads compute, for one that watches over them.
#[derive(Debug)]
pub(super) struct Watch<J> {
    state: Mutex<State<J>>,
    changed: Condvar,
}

#[derive(Debug)]
struct State<J> {
    /// By thread.
    running: Vec<Option<Running<J>>>,
    closed: bool,
}

#[derive(Debug)]
struct Running<J> {
    since: Instant,
    job: Arc<J>,
    taken_over: bool,
}

/// What has taken too long.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Late<J> {
    /// Nothing.
    Nothing,
    /// This, which is now its finder's to compute.
    Job(Arc<J>),
    /// What every single thread computes, and all of it was found before.
    Everything,
}

impl<J> Watch<J> {
    /// Over so many threads.
    pub(super) fn new(threads: usize) -> Self {
        let running = (0..threads).map(|_| None).collect();
        Self { state: Mutex::new(State { running, closed: false }), changed: Condvar::new() }
    }

    /// That this thread computes this, from now on and until what it gets back is dropped.
    pub(super) fn begin(&self, thread: usize, job: Arc<J>, now: Instant) -> Begun<'_, J> {
        self.lock().running[thread] = Some(Running { since: now, job, taken_over: false });
        self.changed.notify_one();
        Begun { watch: self, thread }
    }

    /// Waits until something is computed; false when the watch is over.
    pub(super) fn wait(&self) -> bool {
        let idle = |state: &mut State<J>| !state.closed && state.running.iter().all(Option::is_none);
        let state = self.changed.wait_while(self.lock(), idle).unwrap_or_else(PoisonError::into_inner);
        !state.closed
    }

    /// Whether nothing is computed.
    pub(super) fn is_idle(&self) -> bool {
        self.lock().running.iter().all(Option::is_none)
    }

    /// What was begun longer ago than `patience` lasts.
    pub(super) fn late(&self, now: Instant, patience: Duration) -> Late<J> {
        let mut state = self.lock();
        let mut in_time = false;
        for running in &mut state.running {
            match running {
                Some(running) if now.saturating_duration_since(running.since) >= patience => {
                    if !running.taken_over {
                        running.taken_over = true;
                        return Late::Job(Arc::clone(&running.job));
                    }
                }
                _ => in_time = true,
            }
        }
        if in_time { Late::Nothing } else { Late::Everything }
    }

    /// Ends the watch.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State<J>> {
        // Nothing here panics between two changes that belong together.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A thread that computes.
pub(super) struct Begun<'a, J> {
    watch: &'a Watch<J>,
    thread: usize,
}

impl<J> Drop for Begun<'_, J> {
    fn drop(&mut self) {
        self.watch.lock().running[self.thread] = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(1);

    #[test]
    fn what_takes_too_long_is_found_once() {
        let watch = Watch::new(2);
        assert!(watch.is_idle());
        let began = Instant::now();
        let first = watch.begin(0, Arc::new("first"), began);
        assert!(!watch.is_idle());
        assert_eq!(watch.late(began, PATIENCE), Late::Nothing);
        assert_eq!(watch.late(began + PATIENCE, PATIENCE), Late::Job(Arc::new("first")));
        assert_eq!(
            watch.late(began + PATIENCE, PATIENCE),
            Late::Nothing,
            "the other thread is there to compute"
        );
        let second = watch.begin(1, Arc::new("second"), began + PATIENCE);
        assert_eq!(watch.late(began + PATIENCE, PATIENCE), Late::Nothing);
        assert_eq!(watch.late(began + 2 * PATIENCE, PATIENCE), Late::Job(Arc::new("second")));
        assert_eq!(watch.late(began + 2 * PATIENCE, PATIENCE), Late::Everything);
        drop(first);
        assert_eq!(watch.late(began + 2 * PATIENCE, PATIENCE), Late::Nothing);
        drop(second);
        assert!(watch.is_idle());
    }

    #[test]
    fn whoever_watches_sleeps_while_nothing_is_computed() {
        let watch = Arc::new(Watch::new(1));
        let (tell, told) = std::sync::mpsc::channel();
        let watcher = std::thread::spawn({
            let watch = Arc::clone(&watch);
            move || {
                while watch.wait() {
                    tell.send("woken").unwrap();
                    while !watch.is_idle() {
                        std::thread::yield_now();
                    }
                }
            }
        });
        let begun = watch.begin(0, Arc::new("something"), Instant::now());
        assert_eq!(told.recv(), Ok("woken"));
        drop(begun);
        watch.close();
        watcher.join().unwrap();
        assert!(told.recv().is_err(), "nothing else woke it");
    }
}
