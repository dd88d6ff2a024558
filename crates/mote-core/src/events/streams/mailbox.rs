//! What waits for one stream.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use crate::events::Event;

/// Events that wait for one stream at most.
const MOST_EVENTS: usize = 1024;
/// Their bytes at most, though others may wait for the same events.
const MOST_BYTES: usize = 4 * 1024 * 1024;

/// Events on their way to one stream.
#[derive(Debug, Default)]
pub(super) struct Mailbox(Mutex<Inside>);

#[derive(Debug, Default)]
struct Inside {
    events: VecDeque<Arc<Event>>,
    bytes: usize,
    recheck: bool,
    over: bool,
    reader: Option<Waker>,
}

/// What became of an event that was put in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pushed {
    /// It waits.
    In,
    /// There was no room: the mailbox is closed now, and what was in it is gone.
    Full,
    /// The mailbox was closed before.
    Over,
}

/// What a reader finds.
#[derive(Debug)]
pub(super) enum Mail {
    /// The next event.
    Event(Arc<Event>),
    /// Something that the right to listen rests on has changed.
    Recheck,
    /// There will be no more.
    Over,
}

impl Mailbox {
    /// Puts an event in.
    pub(super) fn push(&self, event: &Arc<Event>) -> Pushed {
        let mut inside = self.lock();
        if inside.over {
            return Pushed::Over;
        }
        let bytes = inside.bytes + event.weight();
        if inside.events.len() == MOST_EVENTS || (bytes > MOST_BYTES && !inside.events.is_empty()) {
            Self::close_with(inside);
            return Pushed::Full;
        }
        inside.bytes = bytes;
        inside.events.push_back(Arc::clone(event));
        Self::wake(inside);
        Pushed::In
    }

    /// Tells the reader that his right may have ended.
    pub(super) fn recheck(&self) {
        let mut inside = self.lock();
        inside.recheck = true;
        Self::wake(inside);
    }

    /// Ends it. What was in it is freed at once, whether or not anybody reads.
    pub(super) fn close(&self) {
        Self::close_with(self.lock());
    }

    /// Bytes that wait.
    pub(super) fn bytes(&self) -> usize {
        self.lock().bytes
    }

    /// What comes next; a change of rights before any event.
    pub(super) fn poll(&self, context: &mut Context<'_>) -> Poll<Mail> {
        let mut inside = self.lock();
        if inside.over {
            return Poll::Ready(Mail::Over);
        }
        if std::mem::take(&mut inside.recheck) {
            return Poll::Ready(Mail::Recheck);
        }
        if let Some(event) = inside.events.pop_front() {
            inside.bytes -= event.weight();
            if inside.events.is_empty() {
                // An idle stream keeps no room for the burst it once had.
                inside.events = VecDeque::new();
            }
            return Poll::Ready(Mail::Event(event));
        }
        match &mut inside.reader {
            Some(reader) => reader.clone_from(context.waker()),
            reader => *reader = Some(context.waker().clone()),
        }
        Poll::Pending
    }

    fn close_with(mut inside: MutexGuard<'_, Inside>) {
        inside.over = true;
        inside.bytes = 0;
        let events = std::mem::take(&mut inside.events);
        Self::wake(inside);
        drop(events);
    }

    /// Wakes the reader once the lock is free.
    fn wake(mut inside: MutexGuard<'_, Inside>) {
        let reader = inside.reader.take();
        drop(inside);
        if let Some(reader) = reader {
            reader.wake();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Moment;
    use crate::events::{DEFAULT_TTL, EventData, EventName, NewEvent, Origin, Source};

    fn event(data: &str) -> Arc<Event> {
        let (name, data) = (EventName::of_server("x"), Some(EventData::parse(data.into()).unwrap()));
        let source = Source::default();
        let new = NewEvent { origin: Origin::Program, source, name, data, ttl: DEFAULT_TTL };
        Arc::new(Event::new(new, Moment(0)))
    }

    fn next(mailbox: &Mailbox) -> Option<String> {
        match mailbox.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Mail::Event(event)) => Some(event.data.as_ref().unwrap().as_str().to_owned()),
            Poll::Ready(other) => Some(format!("{other:?}")),
            Poll::Pending => None,
        }
    }

    #[test]
    fn events_come_in_order_and_a_change_of_rights_before_them() {
        let mailbox = Mailbox::default();
        assert_eq!([mailbox.push(&event("1")), mailbox.push(&event("2"))], [Pushed::In; 2]);
        mailbox.recheck();
        for expected in [Some("Recheck"), Some("1"), Some("2"), None] {
            assert_eq!(next(&mailbox).as_deref(), expected);
        }
        assert_eq!(mailbox.bytes(), 0);
    }

    #[test]
    fn a_full_mailbox_is_closed_and_holds_nothing() {
        let (small, large) = (event("x"), event(&"x".repeat(16_000)));
        let most_large = MOST_BYTES / large.weight();
        for (event, most) in [(small, MOST_EVENTS), (large, most_large)] {
            let mailbox = Mailbox::default();
            let fits = (0..2 * MOST_EVENTS).take_while(|_| mailbox.push(&event) == Pushed::In).count();
            assert_eq!(fits, most);
            assert_eq!((mailbox.bytes(), Arc::strong_count(&event)), (0, 1));
            assert_eq!(next(&mailbox).as_deref(), Some("Over"));
            // Nobody reads any more: nothing is kept for him.
            assert_eq!(mailbox.push(&event), Pushed::Over);
            assert_eq!(Arc::strong_count(&event), 1);
        }
    }
}
