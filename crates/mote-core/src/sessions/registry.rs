//! Who is connected to this node.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};

use super::Session;

/// The sessions of this node by the ID of their device. Locked for as long as it takes to look at the map.
#[derive(Debug, Default)]
pub struct Sessions {
    live: RwLock<HashMap<String, Session>>,
    next: AtomicU64,
}

impl Sessions {
    /// The session of a device that is connected.
    #[must_use]
    pub fn of(&self, device: &str) -> Option<Session> {
        self.live.read().unwrap_or_else(PoisonError::into_inner).get(device).cloned()
    }

    /// The IDs of all devices that are connected.
    #[must_use]
    pub fn devices(&self) -> Vec<String> {
        self.live.read().unwrap_or_else(PoisonError::into_inner).keys().cloned().collect()
    }

    /// How many devices are connected.
    #[must_use]
    pub fn len(&self) -> usize {
        self.live.read().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(super) fn next_number(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    /// Puts a session in; one that the device had before ends with that.
    pub(super) fn put(&self, device: String, session: Session) {
        self.live.write().unwrap_or_else(PoisonError::into_inner).insert(device, session);
    }

    /// Takes a session out, unless a newer one of the device stands in its place.
    pub(super) fn take(&self, device: &str, number: u64) {
        let mut live = self.live.write().unwrap_or_else(PoisonError::into_inner);
        if live.get(device).is_some_and(|session| session.pulse().number() == number) {
            live.remove(device);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Moment;

    #[tokio::test]
    async fn a_newer_session_ends_the_older_and_outlives_it() {
        let sessions = Sessions::default();
        let mut queues = Vec::new();
        for number in 0..2 {
            let (session, queue) = Session::open(number, Moment(0));
            sessions.put("a".into(), session);
            queues.push(queue);
        }
        assert!(queues[0].recv().await.is_none());
        sessions.take("a", 0);
        assert_eq!(sessions.of("a").map(|session| session.pulse().number()), Some(1));
        sessions.take("a", 1);
        assert!(sessions.is_empty() && queues[1].recv().await.is_none());
    }
}
