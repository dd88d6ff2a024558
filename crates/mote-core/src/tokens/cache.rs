//! The grants in use, in memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use quick_cache::sync::Cache;

use super::Grant;
use crate::keys::Digest;

/// Grants kept at most; the least used make room.
const CAPACITY: usize = 200_000;

/// Grants by the digest of their access token.
///
/// A grant that is dropped stays dropped: whoever loads one tells `keep` which `epoch` the
/// load began in, and a load that overlapped a drop is not kept.
#[derive(Debug)]
pub struct GrantCache {
    grants: Cache<Digest, Arc<Grant>>,
    epoch: AtomicU64,
}

impl Default for GrantCache {
    fn default() -> Self {
        Self { grants: Cache::new(CAPACITY), epoch: AtomicU64::new(0) }
    }
}

impl GrantCache {
    pub(crate) fn get(&self, digest: &Digest) -> Option<Arc<Grant>> {
        self.grants.get(digest)
    }

    /// To be read before a grant is loaded from the store.
    pub(crate) fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::SeqCst)
    }

    /// Keeps a grant that was loaded, unless something was dropped since `epoch`.
    pub(crate) fn keep(&self, digest: Digest, grant: &Arc<Grant>, epoch: u64) {
        self.grants.insert(digest, Arc::clone(grant));
        if self.epoch() != epoch {
            self.grants.remove(&digest);
        }
    }

    /// Drops one grant. Like every drop: after the commit that ended it, before the answer.
    pub(crate) fn drop_one(&self, digest: &Digest) {
        self.epoch.fetch_add(1, Ordering::SeqCst);
        self.grants.remove(digest);
    }

    /// Drops every grant that `over` names.
    pub(crate) fn drop_where(&self, over: impl Fn(&Grant) -> bool) {
        self.epoch.fetch_add(1, Ordering::SeqCst);
        self.grants.retain(|_, grant| !over(grant));
    }

    /// How many are in memory.
    #[must_use]
    pub fn len(&self) -> usize {
        self.grants.len()
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.grants.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clients::Limits;
    use crate::tokens::Holder;
    use crate::{AccountId, ClientKey, TokenId};

    fn grant() -> Arc<Grant> {
        Arc::new(Grant {
            id: TokenId(1),
            family: TokenId(1),
            holder: Holder::User(AccountId(1)),
            client: ClientKey(-1),
            limits: Limits::None,
            expires_at: None,
        })
    }

    #[test]
    fn a_load_that_overlaps_a_drop_is_not_kept() {
        let cache = GrantCache::default();
        let digest = Digest { key: 1, rest: [0; 12] };
        let before = cache.epoch();
        cache.drop_where(|_| false);
        cache.keep(digest, &grant(), before);
        assert!(cache.get(&digest).is_none());
        cache.keep(digest, &grant(), cache.epoch());
        assert!(cache.get(&digest).is_some());
    }

    #[test]
    fn dropped_is_gone() {
        let cache = GrantCache::default();
        let digest = Digest { key: 1, rest: [0; 12] };
        cache.keep(digest, &grant(), cache.epoch());
        cache.drop_one(&digest);
        assert!(cache.get(&digest).is_none());
    }
}
