//! Turns at sending: bounds of all requests at once, of those of one space, and of those to one host. Whoever waits for one
//! holds none of the others.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use crate::SpaceKey;

/// Requests at once.
const AT_ONCE: usize = 256;
/// Requests of one space at once: what its slow receivers can take of them.
const PER_SPACE: usize = AT_ONCE / 8;
/// Requests to one host at once.
const PER_HOST: usize = 8;

/// Who sends, and who waits for it. Clones share everything.
#[derive(Clone, Debug, Default)]
pub(super) struct Turns(Arc<Mutex<Sending>>);

#[derive(Debug, Default)]
struct Sending {
    all: usize,
    of_space: HashMap<SpaceKey, usize>,
    to_host: HashMap<String, usize>,
    /// In the order in which they came.
    waiting: VecDeque<Waiting>,
}

#[derive(Debug)]
struct Waiting {
    space: SpaceKey,
    host: String,
    call: oneshot::Sender<Turn>,
}

/// May send; others may when it goes.
#[derive(Debug)]
pub(super) struct Turn {
    turns: Turns,
    space: SpaceKey,
    host: String,
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.turns.lock().end(self.space, &self.host);
        self.turns.call();
    }
}

impl Sending {
    fn of_space(&self, space: SpaceKey) -> usize {
        self.of_space.get(&space).copied().unwrap_or(0)
    }

    fn has_room(&self, space: SpaceKey, host: &str) -> bool {
        self.all < AT_ONCE
            && self.of_space(space) < PER_SPACE
            && self.to_host.get(host).is_none_or(|count| *count < PER_HOST)
    }

    fn begin(&mut self, space: SpaceKey, host: &str) {
        self.all += 1;
        *self.of_space.entry(space).or_default() += 1;
        *self.to_host.entry(host.to_owned()).or_default() += 1;
    }

    fn end(&mut self, space: SpaceKey, host: &str) {
        self.all -= 1;
        if let Some(count) = self.of_space.get_mut(&space) {
            *count -= 1;
        }
        if let Some(count) = self.to_host.get_mut(host) {
            *count -= 1;
        }
        self.of_space.retain(|_, count| *count > 0);
        self.to_host.retain(|_, count| *count > 0);
    }

    /// Who may send next: of those for whom there is room, one of the space that sends least; of these, who came first.
    fn next(&mut self) -> Option<Waiting> {
        let fit = self.waiting.iter().enumerate().filter(|(_, one)| self.has_room(one.space, &one.host));
        let (at, _) = fit.min_by_key(|(_, one)| self.of_space(one.space))?;
        self.waiting.remove(at)
    }
}

impl Turns {
    fn lock(&self) -> MutexGuard<'_, Sending> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a turn of the space at the host.
    pub(super) async fn wait(&self, space: SpaceKey, host: &str) -> Option<Turn> {
        let called = {
            let mut sending = self.lock();
            // Whoever waits already waits for a room that this one does not take.
            if sending.has_room(space, host) {
                sending.begin(space, host);
                return Some(Turn { turns: self.clone(), space, host: host.to_owned() });
            }
            let (call, called) = oneshot::channel();
            sending.waiting.push_back(Waiting { space, host: host.to_owned(), call });
            called
        };
        called.await.ok()
    }

    /// Calls those for whom there is room now.
    fn call(&self) {
        let mut next = Vec::new();
        {
            let mut sending = self.lock();
            while let Some(one) = sending.next() {
                sending.begin(one.space, &one.host);
                next.push(one);
            }
        }
        for Waiting { space, host, call } in next {
            // Whoever waits no more gives it back at once.
            drop(call.send(Turn { turns: self.clone(), space, host }));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::{Pin, pin};
    use std::task::{Context, Poll, Waker};

    use super::*;

    const ONE: SpaceKey = SpaceKey::Account(1);
    const TWO: SpaceKey = SpaceKey::Product(1);

    fn poll<T>(future: Pin<&mut impl Future<Output = Option<T>>>) -> Option<T> {
        match future.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(turn) => turn,
            Poll::Pending => None,
        }
    }

    fn now(turns: &Turns, space: SpaceKey, host: &str) -> Option<Turn> {
        poll(pin!(turns.wait(space, host)))
    }

    #[test]
    fn a_host_and_a_space_have_bounds() {
        let turns = Turns::default();
        let of_host: Vec<_> = (0..20).filter_map(|_| now(&turns, ONE, "a")).collect();
        assert_eq!(of_host.len(), PER_HOST);
        let of_space: Vec<_> = (0..100).filter_map(|at| now(&turns, ONE, &format!("h{at}"))).collect();
        assert_eq!(of_space.len(), PER_SPACE - PER_HOST);
        assert!(now(&turns, TWO, "a").is_none() && now(&turns, TWO, "b").is_some());
        drop((of_host, of_space));
        assert!(now(&turns, TWO, "a").is_some());
        let sending = turns.lock();
        assert!(sending.all == 0 && sending.of_space.is_empty() && sending.to_host.is_empty());
        assert!(sending.waiting.is_empty(), "whoever waits no more is called once, and gone");
    }

    #[test]
    fn whoever_sends_least_is_next() {
        let turns = Turns::default();
        let mut first: Vec<_> = (0..PER_HOST).filter_map(|_| now(&turns, ONE, "a")).collect();
        let mut same = pin!(turns.wait(ONE, "a"));
        let mut other = pin!(turns.wait(TWO, "a"));
        assert!(poll(same.as_mut()).is_none() && poll(other.as_mut()).is_none());
        drop(first.pop());
        assert!(poll(same.as_mut()).is_none());
        let turn = poll(other.as_mut());
        assert!(turn.is_some());
        drop(turn);
        assert!(poll(same.as_mut()).is_some());
    }
}
