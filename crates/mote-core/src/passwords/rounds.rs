//! Who goes where, so that one processor after the other is left to others.

use std::collections::VecDeque;

/// Sends threads around: one at a time, each to the processor that was left longest ago.
#[derive(Debug)]
pub(super) struct Rounds {
    /// The processor of each thread.
    seats: Vec<usize>,
    /// Processors that no thread is on, the one that was left first in front.
    free: VecDeque<usize>,
    next: usize,
}

impl Rounds {
    /// `None` where no processor is left over to go to.
    pub(super) fn new(threads: usize, processors: &[usize]) -> Option<Self> {
        let (seats, free) = processors.split_at_checked(threads)?;
        let goes = !seats.is_empty() && !free.is_empty();
        goes.then(|| Self { seats: seats.to_vec(), free: free.iter().copied().collect(), next: 0 })
    }

    /// The thread that goes now, and to which processor.
    pub(super) fn step(&mut self) -> (usize, usize) {
        let thread = self.next;
        self.next = (thread + 1) % self.seats.len();
        let left = self.seats[thread];
        self.free.push_back(left);
        // It was just pushed to, at the latest.
        let taken = self.free.pop_front().unwrap_or(left);
        self.seats[thread] = taken;
        (thread, taken)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn one_thread_on_two_processors_goes_to_and_fro() {
        let mut rounds = Rounds::new(1, &[4, 6]).unwrap();
        assert_eq!([(); 4].map(|()| rounds.step()), [(0, 6), (0, 4), (0, 6), (0, 4)]);
    }

    #[test]
    fn without_a_processor_to_spare_nobody_goes() {
        for (threads, processors) in [(1, 1), (2, 2), (3, 2), (0, 2), (0, 0)] {
            assert!(Rounds::new(threads, &(0..processors).collect::<Vec<_>>()).is_none());
        }
    }

    proptest::proptest! {
        #[test]
        fn two_are_never_on_one_processor_and_each_is_left_in_turn(threads in 1_usize..9, spare in 1_usize..9) {
            let processors: Vec<_> = (0..threads + spare).collect();
            let mut rounds = Rounds::new(threads, &processors).unwrap();
            let mut seats: Vec<_> = (0..threads).collect();
            let mut left = HashSet::new();
            for _ in 0..threads + spare {
                let (thread, processor) = rounds.step();
                proptest::prop_assert!(!seats.contains(&processor));
                left.insert(seats[thread]);
                seats[thread] = processor;
            }
            proptest::prop_assert_eq!(left.len(), processors.len());
        }
    }
}
