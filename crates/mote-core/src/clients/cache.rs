//! The clients in use, in memory, so that minting a token costs no query but its own write.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use quick_cache::sync::Cache;

use super::Client;

/// Clients kept at most.
const CAPACITY: usize = 10_000;

/// Clients by client ID; what was dropped while a load ran is not kept (as in [`crate::tokens::GrantCache`]).
#[derive(Debug)]
pub struct ClientCache {
    clients: Cache<String, Arc<Client>>,
    epoch: AtomicU64,
}

impl Default for ClientCache {
    fn default() -> Self {
        Self { clients: Cache::new(CAPACITY), epoch: AtomicU64::new(0) }
    }
}

impl ClientCache {
    pub(crate) fn get(&self, id: &str) -> Option<Arc<Client>> {
        self.clients.get(id)
    }

    pub(crate) fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::SeqCst)
    }

    pub(crate) fn keep(&self, client: &Arc<Client>, epoch: u64) {
        self.clients.insert(client.id.clone(), Arc::clone(client));
        if self.epoch() != epoch {
            self.clients.remove(&client.id);
        }
    }

    pub(crate) fn drop_where(&self, over: impl Fn(&Client) -> bool) {
        self.epoch.fetch_add(1, Ordering::SeqCst);
        self.clients.retain(|_, client| !over(client));
    }
}
