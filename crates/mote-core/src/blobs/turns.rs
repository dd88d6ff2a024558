//! Turns to upload: what is uploaded is in memory as a whole while it is checked.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::BlobError;

/// Uploads at a time.
const UPLOADS: usize = 8;
/// Of them those of one caller: however slowly he sends, others have the rest.
const OF_ONE: usize = 2;

/// Room in memory for an upload, for as long as this is held.
#[derive(Debug)]
pub struct Turn {
    _own: OwnedSemaphorePermit,
    _all: OwnedSemaphorePermit,
}

#[derive(Clone, Debug)]
pub(super) struct Turns {
    all: Arc<Semaphore>,
    callers: Arc<Mutex<HashMap<u128, Arc<Semaphore>>>>,
}

impl Default for Turns {
    fn default() -> Self {
        Self { all: Arc::new(Semaphore::new(UPLOADS)), callers: Arc::default() }
    }
}

impl Turns {
    /// Waits for a turn: first for one of the caller's own, so that he stands in the common queue no more often than he may
    /// be served.
    pub(super) async fn take(&self, whose: u128) -> Result<Turn, BlobError> {
        let own = {
            let mut callers = self.callers.lock().unwrap_or_else(PoisonError::into_inner);
            // Those who have no turn and wait for none.
            callers.retain(|_, turns| Arc::strong_count(turns) > 1);
            Arc::clone(callers.entry(whose).or_insert_with(|| Arc::new(Semaphore::new(OF_ONE))))
        };
        let own = own.acquire_owned().await.map_err(|_| BlobError::Stopped)?;
        let all = Arc::clone(&self.all).acquire_owned().await.map_err(|_| BlobError::Stopped)?;
        Ok(Turn { _own: own, _all: all })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn one_caller_leaves_turns_for_others() {
        let turns = Turns::default();
        let soon = Duration::from_millis(1);
        let mut held = Vec::new();
        for whose in 0..4 {
            for _ in 0..OF_ONE {
                held.push(turns.take(whose).await.unwrap());
            }
            assert!(tokio::time::timeout(soon, turns.take(whose)).await.is_err());
        }
        // All are taken; the first that is given back is the next caller's.
        assert!(tokio::time::timeout(soon, turns.take(4)).await.is_err());
        held.pop();
        held.push(turns.take(4).await.unwrap());
        held.clear();
        drop(turns.take(5).await.unwrap());
        assert_eq!(turns.callers.lock().unwrap().len(), 1);
    }
}
