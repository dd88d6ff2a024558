//! What is going on at each integration: how much waits, how much is at work, and whether it sleeps.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::{IntegrationId, Moment};

/// Failures one after the other that put an integration to sleep.
const TOO_MANY_FAILURES: u32 = 10;
/// The first sleep, in seconds ("a cooldown period of a few seconds", Webhook reference, "Limits"); each further one is twice
/// as long as the last,
const FIRST_NAP: i64 = 5;
/// up to this.
const LONGEST_NAP: i64 = 60;
/// Events that wait for one integration at most: what a receiver that is gone can take of the queue.
const MOST_QUEUED: i64 = 10_000;
/// Events that wait for all of them at most.
const MOST_QUEUED_IN_ALL: i64 = 100_000;
/// Events of one integration at work at once: what a slow receiver can take of the workers.
pub(super) const AT_ONCE: usize = 16;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct State {
    queued: i64,
    at_work: usize,
    failures: u32,
    naps: u32,
    sleeping_until: Option<Moment>,
    /// Until when a trial after a sleep may go on: nothing else is sent meanwhile.
    trial_until: Option<Moment>,
}

#[derive(Debug, Default)]
struct All {
    states: HashMap<IntegrationId, State>,
    queued: i64,
}

/// The states of integrations with which something is going on; all others have none.
#[derive(Clone, Debug, Default)]
pub(super) struct States(Arc<Mutex<All>>);

/// An event at work; counted off when it goes.
#[derive(Debug)]
pub(super) struct AtWork {
    states: States,
    id: IntegrationId,
}

impl Drop for AtWork {
    fn drop(&mut self) {
        self.states.change(self.id, |state| state.at_work = state.at_work.saturating_sub(1));
    }
}

impl States {
    fn lock(&self) -> MutexGuard<'_, All> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change<T>(&self, id: IntegrationId, change: impl FnOnce(&mut State) -> T) -> T {
        let mut all = self.lock();
        let state = all.states.entry(id).or_default();
        let done = change(state);
        if *state == State::default() {
            all.states.remove(&id);
        }
        done
    }

    /// Counts one event in, if there is room for it.
    pub(super) fn queue(&self, id: IntegrationId) -> bool {
        let room = {
            let mut all = self.lock();
            let room = all.queued < MOST_QUEUED_IN_ALL;
            all.queued += i64::from(room);
            room
        };
        let taken = room
            && self.change(id, |state| {
                let room = state.queued < MOST_QUEUED;
                state.queued += i64::from(room);
                room
            });
        if room && !taken {
            self.lock().queued -= 1;
        }
        taken
    }

    /// Counts one event out.
    pub(super) fn unqueue(&self, id: IntegrationId) {
        self.lock().queued -= 1;
        self.change(id, |state| state.queued = (state.queued - 1).max(0));
    }

    /// Takes over what was counted in the store.
    pub(super) fn recount(&self, counts: &[(i64, i64)]) {
        let mut all = self.lock();
        all.queued = counts.iter().map(|(_, count)| count).sum();
        for state in all.states.values_mut() {
            state.queued = 0;
        }
        for (id, count) in counts {
            all.states.entry(IntegrationId(*id)).or_default().queued = *count;
        }
        all.states.retain(|_, state| *state != State::default());
    }

    /// How many events wait.
    pub(super) fn queued(&self) -> i64 {
        self.lock().queued.max(0)
    }

    /// Counts an event as at work.
    pub(super) fn begin(&self, id: IntegrationId) -> AtWork {
        self.change(id, |state| state.at_work += 1);
        AtWork { states: self.clone(), id }
    }

    /// How many events of each integration are at work.
    pub(super) fn at_work(&self) -> HashMap<i64, usize> {
        let all = self.lock();
        let busy = all.states.iter().filter(|(_, state)| state.at_work > 0);
        busy.map(|(id, state)| (id.0, state.at_work)).collect()
    }

    /// Whether a request may be sent: not while the integration sleeps. The first one after its sleep is a trial, during
    /// which the others still wait.
    pub(super) fn may_send(&self, id: IntegrationId, now: Moment) -> bool {
        self.change(id, |state| {
            let waits = |until: Option<Moment>| until.is_some_and(|until| until > now);
            if waits(state.sleeping_until) || waits(state.trial_until) {
                return false;
            }
            if state.sleeping_until.is_some() {
                state.trial_until = Some(now.plus_seconds(LONGEST_NAP));
            }
            true
        })
    }

    /// Notes a success: whatever there was is over.
    pub(super) fn succeeded(&self, id: IntegrationId) {
        self.change(id, |state| {
            *state = State { queued: state.queued, at_work: state.at_work, ..State::default() };
        });
    }

    /// Notes a failure. Whether it put the integration to sleep: the tenth in a row does, and a trial's.
    pub(super) fn failed(&self, id: IntegrationId, now: Moment) -> bool {
        self.change(id, |state| {
            state.failures = state.failures.saturating_add(1);
            let sleeps = match state.sleeping_until {
                // It was on its way when the integration fell asleep.
                Some(until) if until > now => false,
                Some(_) => true,
                None => state.failures >= TOO_MANY_FAILURES,
            };
            if sleeps {
                state.sleeping_until = Some(now.plus_seconds(nap(state.naps)));
                state.trial_until = None;
                state.naps = state.naps.saturating_add(1);
            }
            sleeps
        })
    }

    /// Until when the integration sleeps, if it does.
    pub(super) fn sleeps_until(&self, id: IntegrationId, now: Moment) -> Option<Moment> {
        self.lock().states.get(&id)?.sleeping_until.filter(|until| *until > now)
    }

    /// Wakes an integration up: it was changed, or is gone.
    pub(super) fn wake(&self, id: IntegrationId) {
        self.succeeded(id);
    }
}

fn nap(before: u32) -> i64 {
    (FIRST_NAP << before.min(10)).min(LONGEST_NAP)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: IntegrationId = IntegrationId(7);

    fn fail(states: &States, times: u32, now: Moment) -> Vec<bool> {
        (0..times).map(|_| states.failed(ID, now)).collect()
    }

    #[test]
    fn ten_failures_in_a_row_put_it_to_sleep_and_a_success_wakes_it() {
        let (states, start) = (States::default(), Moment(0));
        assert!(!fail(&states, 9, start).contains(&true));
        states.succeeded(ID);
        assert!(!fail(&states, 9, start).contains(&true));
        assert!(states.failed(ID, start));
        assert_eq!(states.sleeps_until(ID, start), Some(start.plus_seconds(FIRST_NAP)));
        assert!(!states.may_send(ID, start.plus_seconds(4)));
        // One that was on its way makes the sleep no longer.
        assert!(!states.failed(ID, start.plus_seconds(1)));
        let awake = start.plus_seconds(5);
        assert!(states.may_send(ID, awake) && !states.may_send(ID, awake), "there is one trial");
        states.succeeded(ID);
        assert!(states.may_send(ID, awake) && states.may_send(ID, awake));
        assert!(states.lock().states.is_empty(), "nothing is kept of what is well");
    }

    #[test]
    fn each_failed_trial_doubles_the_sleep_up_to_a_minute() {
        let (states, mut now) = (States::default(), Moment(0));
        fail(&states, 10, now);
        for seconds in [5, 10, 20, 40, 60, 60] {
            assert_eq!(states.sleeps_until(ID, now), Some(now.plus_seconds(seconds)));
            now = now.plus_seconds(seconds);
            assert!(states.may_send(ID, now));
            assert!(states.failed(ID, now));
        }
    }

    #[test]
    fn a_trial_that_nothing_is_heard_of_is_not_the_last() {
        let states = States::default();
        fail(&states, 10, Moment(0));
        assert!(states.may_send(ID, Moment(5000)) && !states.may_send(ID, Moment(6000)));
        assert!(states.may_send(ID, Moment(65_000)));
    }

    #[test]
    fn what_waits_is_counted_and_bounded() {
        let states = States::default();
        let other = IntegrationId(8);
        let taken = (0..MOST_QUEUED + 5).filter(|_| states.queue(ID)).count();
        assert_eq!(i64::try_from(taken).unwrap(), MOST_QUEUED);
        assert!(states.queue(other));
        assert_eq!(states.queued(), MOST_QUEUED + 1);
        states.unqueue(ID);
        assert!(states.queue(ID) && !states.queue(ID));
        states.recount(&[(8, MOST_QUEUED_IN_ALL - 10_000), (7, 10_000)]);
        assert!(!states.queue(ID) && !states.queue(IntegrationId(9)));
        states.recount(&[]);
        assert_eq!(states.queued(), 0);
        assert!(states.lock().states.is_empty());
    }

    #[test]
    fn what_is_at_work_is_counted_off_when_it_goes() {
        let states = States::default();
        let (one, two) = (states.begin(ID), states.begin(ID));
        assert_eq!(states.at_work().get(&7), Some(&2));
        drop((one, two));
        assert!(states.at_work().is_empty() && states.lock().states.is_empty());
    }
}
