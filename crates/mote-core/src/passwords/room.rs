//! Room for requests on processors that hash, on Linux.
//!
//! The kernel gives a thread of low priority little where others want the same processor, but it looks at one processor at a
//! time: while such a thread has one to itself, that one counts as busy, and what waits for another is not fetched before the
//! next tick, 4 ms later at 250 Hz. A processor that the thread *leaves* is idle, and an idle processor fetches at once. So
//! while more want to run than there are processors, threads that hash are sent from one to the next.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::time::Duration;

use rustix::thread::{CpuSet, Pid, sched_getaffinity, sched_setaffinity};

use super::rounds::Rounds;

/// How soon to look again while others wait.
const SHORTEST: Duration = Duration::from_micros(500);
/// How soon to look again at the latest; each look takes some 20 microseconds from a hash.
const LONGEST: Duration = Duration::from_millis(8);
/// How far a thread stands back. The kernel's policy for what nobody waits for, `SCHED_IDLE`, would cost sign-ins more than it
/// gives requests: whoever wakes up is put on the processor of such a thread even where another has nothing to do.
const NICE: i32 = 19;

/// Makes the calling thread one that others go before, for the rest of its life: nobody without privileges may take that
/// back. Of this thread alone (setpriority(2), "C library/kernel differences"). Where it is refused, nothing is lost but that.
/// The thread's ID is for [`Room`].
pub(super) fn stand_back() -> Pid {
    let _ = rustix::process::setpriority_process(None, NICE);
    rustix::thread::gettid()
}

/// Sends threads that stand back from processor to processor.
#[derive(Debug)]
pub(super) struct Room {
    threads: Vec<Pid>,
    /// Says how many want to run.
    load: Option<File>,
    /// The processors that this program may use.
    all: CpuSet,
    rounds: Option<Rounds>,
    moved: bool,
    pause: Duration,
}

impl Room {
    /// For these threads. Where the system does not tell how many want to run, or there is one processor alone, they stay
    /// where they are.
    pub(super) fn new(threads: Vec<Pid>) -> Self {
        let load = File::open("/proc/loadavg").ok();
        let mut room = Self { threads, load, all: CpuSet::new(), rounds: None, moved: false, pause: LONGEST };
        room.find_processors();
        room
    }

    /// Looks whether somebody waits, makes room if so, and says when to look again.
    pub(super) fn look(&mut self) -> Duration {
        if self.is_crowded() {
            self.make();
            // By halves: that somebody waits for a moment is usual where hashing is all there is to do.
            self.pause = (self.pause / 2).max(SHORTEST);
        } else {
            self.release();
            self.pause = (self.pause * 2).min(LONGEST);
        }
        self.pause
    }

    /// Lets the threads be on any processor again.
    pub(super) fn release(&mut self) {
        if std::mem::take(&mut self.moved) {
            // It may have changed, by an administrator or by a container's engine.
            self.find_processors();
            for &thread in &self.threads {
                let _ = sched_setaffinity(Some(thread), &self.all);
            }
        }
    }

    fn make(&mut self) {
        if let Some(rounds) = &mut self.rounds {
            let (thread, processor) = rounds.step();
            let mut there = CpuSet::new();
            there.set(processor);
            self.moved = true;
            if sched_setaffinity(Some(self.threads[thread]), &there).is_err() {
                self.release();
            }
        }
    }

    /// Of the calling thread, which is never sent anywhere.
    fn find_processors(&mut self) {
        self.all = sched_getaffinity(None).unwrap_or_else(|_| CpuSet::new());
        let processors: Vec<_> = (0..CpuSet::MAX_CPU).filter(|&number| self.all.is_set(number)).collect();
        self.rounds = Rounds::new(self.threads.len(), &processors);
    }

    /// Whether more want to run than there are processors. Who looks is one of them, and has taken somebody's place.
    fn is_crowded(&self) -> bool {
        let mut buffer = [0; 64];
        let Some(length) = self.load.as_ref().and_then(|load| load.read_at(&mut buffer, 0).ok()) else {
            return false;
        };
        runnable(&buffer[..length]).is_some_and(|runnable| runnable > self.all.count())
    }
}

/// The threads that run or want to, of `/proc/loadavg` (proc(5)): the fourth field, before its slash.
fn runnable(load: &[u8]) -> Option<u32> {
    let load = std::str::from_utf8(load).ok()?;
    load.split(' ').nth(3)?.split_once('/')?.0.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn the_system_tells_how_many_want_to_run() {
        assert_eq!(runnable(b"1.94 0.72 0.26 3/94 6421\n"), Some(3));
        for nonsense in ["", "1 2 3", "1 2 3 4", "1 2 3 /4", "1 2 3 -4/5 6", "\u{fffd}"] {
            assert_eq!(runnable(nonsense.as_bytes()), None, "{nonsense}");
        }
        let real = std::fs::read("/proc/loadavg").unwrap();
        assert!(runnable(&real).unwrap() >= 1, "this test runs");
    }

    #[test]
    fn who_stands_back_does_so_alone() {
        let nice = || rustix::process::getpriority_process(None).unwrap();
        let before = nice();
        let lowered = std::thread::spawn(move || {
            stand_back();
            nice()
        });
        assert_eq!(lowered.join().unwrap(), NICE);
        assert_eq!(nice(), before);
    }

    #[test]
    fn a_thread_is_sent_around_and_let_go_again() {
        let (tell, told) = mpsc::channel();
        let (end, ended) = mpsc::channel::<()>();
        let thread = std::thread::spawn(move || {
            tell.send(stand_back()).unwrap();
            let _ = ended.recv();
        });
        let sent = told.recv().unwrap();
        let mut room = Room::new(vec![sent]);
        let before = sched_getaffinity(Some(sent)).unwrap();
        assert_eq!(room.all, before);
        let mut seen = Vec::new();
        for _ in 0..before.count() {
            room.make();
            let now = sched_getaffinity(Some(sent)).unwrap();
            assert_eq!(now.count(), 1, "processors are to spare on a machine that runs tests");
            seen.push((0..CpuSet::MAX_CPU).find(|&number| now.is_set(number)).unwrap());
        }
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), before.count() as usize, "each in turn");
        room.release();
        assert_eq!(sched_getaffinity(Some(sent)).unwrap(), before);
        drop(end);
        thread.join().unwrap();
    }

    #[test]
    fn a_thread_that_is_not_there_is_sent_nowhere() {
        // Above what the kernel gives to any: one that has just ended can still be found for a moment.
        let mut room = Room::new(vec![Pid::from_raw(i32::MAX).unwrap()]);
        room.make();
        assert!(!room.moved);
    }

    #[test]
    fn the_less_there_is_to_do_the_rarer_it_is_looked() {
        let mut room = Room::new(Vec::new());
        room.pause = SHORTEST;
        room.load = None;
        let looks = [(); 5].map(|()| room.look().as_micros());
        assert_eq!(looks, [1000, 2000, 4000, 8000, 8000]);
        // Thousands want to run.
        let mut load = tempfile::tempfile().unwrap();
        std::io::Write::write_all(&mut load, b"0.00 0.00 0.00 9999/9999 1\n").unwrap();
        room.load = Some(load);
        let looks = [(); 5].map(|()| room.look().as_micros());
        assert_eq!(looks, [4000, 2000, 1000, 500, 500]);
    }
}
