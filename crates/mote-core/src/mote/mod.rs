//! The whole of the domain: what its use cases share.

mod counts;
mod parts;
mod settings;
mod writes;

use std::sync::{Arc, Mutex, RwLock};

use mote_store::{Location, Store, StoreError};

use crate::accounts::{Guesses, TOLD_AGAIN};
use crate::blobs::Blobs;
use crate::cache::Kept;
use crate::clients::Client;
use crate::configurations::SchemaCache;
use crate::devices::{PageAnchors, TransferRequests};
use crate::events::{EventCounts, EventHub, Relay};
use crate::fleet_metrics::{FleetCounts, KnownTraits, OnlineDevices};
use crate::ids::KeyMaker;
use crate::integrations::Hooks;
use crate::keys::{Digest, Digester, KeyProgress, KeySet, ServerKey, ServerKeys};
use crate::lockouts::Lockouts;
use crate::mail::Mailer;
use crate::names::Username;
use crate::nodes::Nodes;
use crate::organizations::OrganizationCache;
use crate::passwords::PasswordHasher;
use crate::products::ProductCache;
use crate::secrets::SecretCache;
use crate::sessions::Sessions;
use crate::teams::RoleCache;
use crate::tokens::Grant;
use crate::uses::Uses;
use crate::{Clock, Error, Moment};

pub use counts::Counts;
pub use settings::Settings;

/// A Mote server without its doors. Clones share everything.
#[derive(Clone)]
pub struct Mote {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    server_keys: ServerKeys,
    /// Replaced as a whole, when the server key is.
    key_set: RwLock<Arc<KeySet>>,
    key_progress: KeyProgress,
    /// What memory knows secrets by: of this process alone, so that a token is found there with one digest, whichever
    /// generation of keys its row was made with.
    memory: Digester,
    hasher: PasswordHasher,
    mailer: Mailer,
    blobs: Blobs,
    settings: Settings,
    clock: Clock,
    keys: KeyMaker,
    grants: Kept<Digest, Grant>,
    clients: Kept<String, Client>,
    products: ProductCache,
    organizations: OrganizationCache,
    roles: RoleCache,
    page_anchors: PageAnchors,
    event_counts: EventCounts,
    event_hub: EventHub,
    fleet_counts: FleetCounts,
    known_traits: KnownTraits,
    online_devices: OnlineDevices,
    secrets: SecretCache,
    configuration_schemas: SchemaCache,
    sessions: Sessions,
    hooks: Hooks,
    set_up: Mutex<Option<Digest>>,
    guesses: Guesses,
    told_owners: Lockouts<Username>,
    asked_addresses: Lockouts<Username>,
    transfers: TransferRequests,
    uses: Uses,
    nodes: Nodes,
    relay: Relay,
}

/// Tokens in use that are kept in memory; the least used make room.
const MOST_GRANTS: usize = 200_000;
/// Likewise OAuth clients, whose tokens are made without a query but the write.
const MOST_CLIENTS: usize = 10_000;

impl Mote {
    /// Puts the parts together.
    ///
    /// Fails with [`StoreError`] faults, or [`Error::Forbidden`] when the database was made with another server key:
    /// nothing in it could be opened, and nothing is changed.
    pub async fn open(
        store: Store,
        keys: impl Into<ServerKeys>,
        hasher: PasswordHasher,
        mailer: Mailer,
        blobs: Blobs,
        settings: Settings,
        clock: Clock,
    ) -> Result<Self, Error> {
        let server_keys = keys.into();
        let keys = crate::keys::open(&store, &server_keys, clock.now()).await?;
        let event_hub = EventHub::default();
        let hub = event_hub.clone();
        let nodes = Nodes::default();
        let trust = nodes.trust();
        let inner = Inner {
            server_keys,
            key_set: RwLock::new(Arc::new(keys)),
            key_progress: KeyProgress::default(),
            memory: Digester::new(&ServerKey::generate()),
            keys: KeyMaker::new(random_u16()),
            grants: Kept::watched(MOST_GRANTS, Box::new(move |over| hub.grants_forgotten(over)))
                .trusting(trust),
            clients: Kept::new(MOST_CLIENTS).trusting(trust),
            products: ProductCache::new(event_hub.clone(), trust),
            organizations: OrganizationCache::new(trust),
            roles: RoleCache::new(event_hub.clone(), trust),
            page_anchors: PageAnchors::default(),
            event_counts: EventCounts::default(),
            event_hub,
            fleet_counts: FleetCounts::default(),
            known_traits: KnownTraits::default(),
            online_devices: OnlineDevices::default(),
            secrets: SecretCache::new(trust),
            configuration_schemas: SchemaCache::default(),
            sessions: Sessions::default(),
            set_up: Mutex::default(),
            guesses: Guesses::default(),
            told_owners: Lockouts::new(TOLD_AGAIN),
            asked_addresses: Lockouts::new(TOLD_AGAIN),
            transfers: TransferRequests::default(),
            uses: Uses::default(),
            hooks: Hooks::new(settings.hooks.clone(), trust),
            store,
            hasher,
            mailer,
            blobs,
            settings,
            clock,
            nodes,
            relay: Relay::default(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Opens the store at `location`, off the runtime's threads.
    pub async fn open_store(location: Location) -> Result<Store, StoreError> {
        tokio::task::spawn_blocking(move || Store::open(&location)).await.map_err(|_| StoreError::Panicked)?
    }

    /// Gives this, for as long as somebody else has it too: for what works on its own and must not keep it alive.
    pub(crate) fn while_it_lives(&self) -> impl Fn() -> Option<Self> + Send + 'static + use<> {
        let inner = Arc::downgrade(&self.inner);
        move || inner.upgrade().map(|inner| Self { inner })
    }

    pub(crate) fn new_key(&self, now: Moment) -> i64 {
        self.inner.keys.next(now)
    }
}

pub(crate) fn random_u16() -> u16 {
    let mut bytes = [0; 2];
    crate::keys::random::fill(&mut bytes);
    u16::from_le_bytes(bytes)
}
