//! The thread that watches over those that hash: it makes room for requests, and sees to it that sign-ins get on.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::argon::{Cost, Memory};
use super::job::Job;
use super::queue::Queue;
use super::room::Room;
use super::watch::{Late, Watch};

/// How long a hash may take before it is computed once more, at the usual priority. A thread that stands back gets next to
/// nothing where others take every processor, and sign-ins would take many seconds. Beside as many requests as a server of two
/// processors answers, a hash takes a tenth of this.
const PATIENCE: Duration = Duration::from_secs(1);

/// Who watches, and over what.
pub(super) struct Pacer {
    pub(super) watch: Arc<Watch<Job>>,
    pub(super) queue: Arc<Queue<Arc<Job>>>,
    pub(super) cost: Cost,
}

impl Pacer {
    /// Watches until the watch is over. At the usual priority, and asleep while nothing is hashed.
    pub(super) fn run(&self, mut room: Room) {
        let mut memory = Memory::default();
        loop {
            if self.watch.is_idle() {
                room.release();
            }
            if !self.watch.wait() {
                return memory.give_back();
            }
            if !self.relieve(Instant::now(), &mut memory) {
                memory.give_back();
                std::thread::sleep(room.look());
            }
        }
    }

    /// Computes one job that should have been done by now, if there is one.
    fn relieve(&self, now: Instant, memory: &mut Memory) -> bool {
        let late = match self.watch.late(now, PATIENCE) {
            Late::Nothing => None,
            Late::Job(job) => Some(job),
            Late::Everything => self.queue.take(),
        };
        let Some(job) = late else { return false };
        tracing::debug!("hashing passwords gets no processor; one is hashed at the usual priority");
        job.run(&self.cost, memory);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::super::Password;
    use super::*;

    #[test]
    fn a_sign_in_gets_on_where_hashing_gets_no_processor() {
        let pacer = Pacer {
            watch: Arc::new(Watch::new(1)),
            queue: Arc::new(Queue::new(2)),
            cost: Cost::least().unwrap(),
        };
        let ask = || {
            let (job, answered) = Job::hash(Password::new("right one".into()));
            (Arc::new(job), answered)
        };
        let ((stuck, mut first), (waiting, mut second)) = (ask(), ask());
        let (began, mut memory) = (Instant::now(), Memory::default());
        let computing = pacer.watch.begin(0, stuck, began);
        pacer.queue.push(waiting).unwrap();
        assert!(!pacer.relieve(began, &mut memory), "it may still come");
        assert!(first.try_recv().is_err());
        let later = began + PATIENCE;
        assert!(pacer.relieve(later, &mut memory));
        assert!(first.try_recv().unwrap().is_ok());
        assert!(second.try_recv().is_err());
        assert!(pacer.relieve(later, &mut memory), "the thread is still stuck");
        assert!(second.try_recv().unwrap().is_ok());
        assert!(!pacer.relieve(later, &mut memory), "nothing is left");
        drop(computing);
        assert!(!pacer.relieve(later, &mut memory));
    }
}
