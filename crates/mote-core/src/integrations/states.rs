//! What is going on at each integration: how much waits, how much is at work, and whether it sleeps.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::take::Load;
use crate::{IntegrationId, Moment, SpaceKey};

/// Failures one after the other that put an integration to sleep.
const TOO_MANY_FAILURES: u32 = 10;
/// The first sleep, in seconds ("a cooldown period of a few seconds", Webhook reference, "Limits"); each further one is twice
/// as long as the last,
const FIRST_NAP: i64 = 5;
/// up to this.
const LONGEST_NAP: i64 = 60;
/// Events that wait for all integrations at most,
const MOST_QUEUED_IN_ALL: i64 = 100_000;
/// for those of one space,
const MOST_QUEUED_OF_SPACE: i64 = MOST_QUEUED_IN_ALL / 10;
/// and for one: what a receiver that is gone leaves to the others of its space.
const MOST_QUEUED: i64 = MOST_QUEUED_OF_SPACE / 2;
/// Events of one integration at work at once: what a slow receiver can take of what its space has.
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

/// What a space has of the queue and of the workers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Share {
    queued: i64,
    at_work: usize,
}

#[derive(Debug, Default)]
struct All {
    states: HashMap<IntegrationId, State>,
    shares: HashMap<SpaceKey, Share>,
    queued: i64,
}

impl All {
    fn change<T>(&mut self, id: IntegrationId, change: impl FnOnce(&mut State) -> T) -> T {
        change_one(&mut self.states, id, change)
    }

    fn change_share<T>(&mut self, space: SpaceKey, change: impl FnOnce(&mut Share) -> T) -> T {
        change_one(&mut self.shares, space, change)
    }
}

/// Changes what there is of one; where nothing is, there is no entry.
fn change_one<K: Hash + Eq + Copy, S: Default + PartialEq, T>(
    all: &mut HashMap<K, S>,
    key: K,
    change: impl FnOnce(&mut S) -> T,
) -> T {
    let one = all.entry(key).or_default();
    let done = change(one);
    if *one == S::default() {
        all.remove(&key);
    }
    done
}

/// The states of integrations with which something is going on; all others have none.
#[derive(Clone, Debug, Default)]
pub(super) struct States(Arc<Mutex<All>>);

/// An event at work; counted off when it goes.
#[derive(Debug)]
pub(super) struct AtWork {
    states: States,
    space: SpaceKey,
    id: IntegrationId,
}

impl Drop for AtWork {
    fn drop(&mut self) {
        let mut all = self.states.lock();
        all.change(self.id, |state| state.at_work = state.at_work.saturating_sub(1));
        all.change_share(self.space, |share| share.at_work = share.at_work.saturating_sub(1));
    }
}

impl States {
    fn lock(&self) -> MutexGuard<'_, All> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change<T>(&self, id: IntegrationId, change: impl FnOnce(&mut State) -> T) -> T {
        self.lock().change(id, change)
    }

    /// Counts one event in, if there is room for it.
    pub(super) fn queue(&self, space: SpaceKey, id: IntegrationId) -> bool {
        let mut all = self.lock();
        let room = all.queued < MOST_QUEUED_IN_ALL
            && all.shares.get(&space).is_none_or(|share| share.queued < MOST_QUEUED_OF_SPACE)
            && all.states.get(&id).is_none_or(|state| state.queued < MOST_QUEUED);
        if room {
            all.queued += 1;
            all.change_share(space, |share| share.queued += 1);
            all.change(id, |state| state.queued += 1);
        }
        room
    }

    /// Counts one event out.
    pub(super) fn unqueue(&self, space: SpaceKey, id: IntegrationId) {
        let mut all = self.lock();
        all.queued -= 1;
        all.change_share(space, |share| share.queued = (share.queued - 1).max(0));
        all.change(id, |state| state.queued = (state.queued - 1).max(0));
    }

    /// Takes over what was counted in the store.
    pub(super) fn recount(&self, counts: &[(SpaceKey, i64, i64)]) {
        let mut all = self.lock();
        all.queued = counts.iter().map(|(.., count)| count).sum();
        all.states.values_mut().for_each(|state| state.queued = 0);
        all.shares.values_mut().for_each(|share| share.queued = 0);
        for (space, id, count) in counts {
            all.states.entry(IntegrationId(*id)).or_default().queued += *count;
            all.shares.entry(*space).or_default().queued += *count;
        }
        all.states.retain(|_, state| *state != State::default());
        all.shares.retain(|_, share| *share != Share::default());
    }

    /// How many events wait.
    pub(super) fn queued(&self) -> i64 {
        self.lock().queued.max(0)
    }

    /// Counts an event as at work.
    pub(super) fn begin(&self, space: SpaceKey, id: IntegrationId) -> AtWork {
        let mut all = self.lock();
        all.change(id, |state| state.at_work += 1);
        all.change_share(space, |share| share.at_work += 1);
        AtWork { states: self.clone(), space, id }
    }

    /// How much is at work, of each integration and each space.
    pub(super) fn load(&self) -> Load {
        let all = self.lock();
        let integrations = all.states.iter().filter(|(_, state)| state.at_work > 0);
        let spaces = all.shares.iter().filter(|(_, share)| share.at_work > 0);
        Load {
            integrations: integrations.map(|(id, state)| (id.0, state.at_work)).collect(),
            spaces: spaces.map(|(space, share)| (*space, share.at_work)).collect(),
            newcomers: all.shares.values().any(|share| share.at_work == 0),
        }
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
    const SPACE: SpaceKey = SpaceKey::Account(1);

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
        let fill = |space: SpaceKey, id: i64, times: i64| {
            let taken = (0..times).filter(|_| states.queue(space, IntegrationId(id))).count();
            i64::try_from(taken).unwrap()
        };
        assert_eq!(fill(SPACE, 7, MOST_QUEUED + 5), MOST_QUEUED);
        assert_eq!(fill(SPACE, 8, 5), 5, "one leaves room to others of its space");
        states.unqueue(SPACE, ID);
        assert!(states.queue(SPACE, ID) && !states.queue(SPACE, ID));
        // And a space to others.
        let of_a_thousand: i64 = (0..1000).map(|id| fill(SPACE, 1000 + id, 102)).sum();
        assert_eq!(of_a_thousand + MOST_QUEUED + 5, MOST_QUEUED_OF_SPACE);
        assert_eq!((fill(SPACE, 9, 1), fill(SpaceKey::Product(1), 10, 1)), (0, 1));
        assert_eq!(states.queued(), MOST_QUEUED_OF_SPACE + 1);
        let other = SpaceKey::Organization(1);
        states.recount(&[(other, 8, MOST_QUEUED_IN_ALL - 10), (SPACE, 7, 10)]);
        assert_eq!((fill(SPACE, 7, 1), fill(other, 9, 1)), (0, 0));
        states.recount(&[]);
        assert_eq!(states.queued(), 0);
        assert!(states.lock().states.is_empty() && states.lock().shares.is_empty());
    }

    #[test]
    fn what_is_at_work_is_counted_off_when_it_goes() {
        let states = States::default();
        assert!(states.queue(SPACE, ID) && states.load().newcomers);
        let (one, two) = (states.begin(SPACE, ID), states.begin(SPACE, ID));
        let load = states.load();
        assert_eq!((load.integrations.get(&7), load.spaces.get(&SPACE)), (Some(&2), Some(&2)));
        assert!(!load.newcomers);
        states.unqueue(SPACE, ID);
        drop((one, two));
        assert!(states.lock().states.is_empty() && states.lock().shares.is_empty());
    }
}
