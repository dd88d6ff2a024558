//! The whole of the domain: what its use cases share.

use std::sync::{Arc, Mutex, PoisonError, RwLock};

use mote_store::{Db, Location, Store, StoreError};

use crate::accounts::Guesses;
use crate::blobs::Blobs;
use crate::cache::Kept;
use crate::clients::Client;
use crate::configurations::SchemaCache;
use crate::devices::PageAnchors;
use crate::devices::TransferRequests;
use crate::events::{EventCounts, EventHub, Relay};
use crate::fleet_metrics::{FleetCounts, KnownTraits, OnlineDevices};
use crate::ids::KeyMaker;
use crate::integrations::{HookSettings, Hooks};
use crate::keys::{Digest, Digester, KEY_CHECK, KeyProgress, KeySet, ServerKey, ServerKeys};
use crate::mail::Mailer;
use crate::nodes::Nodes;
use crate::notices::Notice;
use crate::organizations::OrganizationCache;
use crate::passwords::PasswordHasher;
use crate::products::ProductCache;
use crate::secrets::SecretCache;
use crate::sessions::Sessions;
use crate::teams::RoleCache;
use crate::tokens::Grant;
use crate::uses::Uses;
use crate::{Clock, Error, Moment};

/// What an operator decides.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Whether anybody may make an account.
    pub open_signup: bool,
    /// Whether product APIs are open to the tokens of the product's team, on all products.
    pub team_tokens: bool,
    /// Whether an account may claim a device that the server has never heard of.
    pub claim_unknown: bool,
    /// The address that people reach this server at, for links in mails; without a slash at the end.
    pub public_url: String,
    /// What integrations may do.
    pub hooks: HookSettings,
    /// Days that what devices and integrations tell is kept: vitals, locations, logs of deliveries.
    pub history_days: u16,
    /// Days that entries of the audit trail are kept.
    pub audit_days: u16,
    /// Event streams that are open at a time, of everybody together: each holds a connection, and some must be left for
    /// those who ask for something.
    pub most_streams: usize,
}

impl Default for Settings {
    /// All that could be let in is shut; the public address is unknown.
    fn default() -> Self {
        Self {
            open_signup: false,
            team_tokens: false,
            claim_unknown: false,
            public_url: String::new(),
            hooks: HookSettings::default(),
            history_days: 30,
            audit_days: 365,
            most_streams: 8000,
        }
    }
}

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
    transfers: TransferRequests,
    uses: Uses,
    nodes: Nodes,
    relay: Relay,
}

/// How much is in a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Accounts.
    pub accounts: i64,
    /// Products.
    pub products: i64,
    /// Devices.
    pub devices: i64,
    /// Grants, expired ones too until they are swept.
    pub tokens: i64,
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

    /// What the operator decided.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> Moment {
        self.inner.clock.now()
    }

    /// Whether mails go to people; where no mail server is configured they go into the log.
    #[must_use]
    pub fn mails_reach_people(&self) -> bool {
        self.mailer().reaches_people()
    }

    /// The oldest moment of which history is kept: vitals, locations, logs of deliveries.
    #[must_use]
    pub fn oldest_history(&self) -> Moment {
        self.now().plus_seconds(-i64::from(self.settings().history_days) * 86_400)
    }

    /// The grants in memory, for metrics.
    #[must_use]
    pub fn grants(&self) -> &Kept<Digest, Grant> {
        &self.inner.grants
    }

    /// How many events there were, for metrics.
    #[must_use]
    pub fn event_counts(&self) -> &EventCounts {
        &self.inner.event_counts
    }

    /// Where blobs are.
    #[must_use]
    pub fn blobs(&self) -> &Blobs {
        &self.inner.blobs
    }

    /// The devices that are connected.
    #[must_use]
    pub fn sessions(&self) -> &Sessions {
        &self.inner.sessions
    }

    /// What memory holds of integrations, for metrics.
    #[must_use]
    pub fn hooks(&self) -> &Hooks {
        &self.inner.hooks
    }

    /// How this server keeps up with the keys, for metrics.
    #[must_use]
    pub fn key_progress(&self) -> &KeyProgress {
        &self.inner.key_progress
    }

    /// The generation of keys that is made with, for metrics.
    #[must_use]
    pub fn key_generation(&self) -> u16 {
        self.keys().generation()
    }

    /// The open streams of events, for metrics and for the end of the server.
    #[must_use]
    pub fn event_hub(&self) -> &EventHub {
        &self.inner.event_hub
    }

    /// Whether the store answers.
    pub async fn is_ready(&self) -> bool {
        self.store().read(|db| mote_store::meta::get(db, KEY_CHECK)).await.is_ok()
    }

    /// How much is in the store. Counts row by row: for the command line, and for the start.
    pub async fn counts(&self) -> Result<Counts, Error> {
        self.store()
            .read(|db| -> Result<Counts, Error> {
                Ok(Counts {
                    accounts: mote_store::accounts::count(db)?,
                    products: mote_store::products::count(db)?,
                    devices: mote_store::devices::count(db)?,
                    tokens: mote_store::tokens::count(db)?,
                })
            })
            .await
    }

    /// Whether there is an account already.
    pub async fn has_accounts(&self) -> Result<bool, Error> {
        Ok(self.store().read(mote_store::accounts::any).await?)
    }

    pub(crate) fn store(&self) -> &Store {
        &self.inner.store
    }

    /// Writes, and lets memory forget what the write changed: after the commit, before the answer, and whether or not the
    /// caller still waits, so that what was revoked is refused from then on. Where the store failed and it is not known
    /// whether the write was committed, memory forgets everything.
    ///
    /// `forget` says of what came of the write what is wrong in memory now. Where other processes have a memory too, it is
    /// written for them in the same transaction: this is the one place where what a deed makes wrong becomes a notice.
    pub(crate) async fn write_and_forget<T, F, G, N>(&self, mut work: F, forget: G) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnMut(&mut Db) -> Result<T, Error> + Send + 'static,
        G: Fn(&T) -> N + Send + 'static,
        N: IntoIterator<Item = Notice>,
    {
        let (mote, writer) = (self.clone(), self.clone());
        let tells = self.store().is_shared() || !self.nodes().is_serving();
        let write = move |db: &mut Db| -> Result<(T, Vec<Notice>), Error> {
            let done = work(db)?;
            let notices: Vec<_> = forget(&done).into_iter().collect();
            if tells {
                writer.leave_notices(db, &notices)?;
            }
            Ok((done, notices))
        };
        let after = move |done: Result<&(T, Vec<Notice>), &Error>| match done {
            Ok((_, notices)) => {
                for notice in notices {
                    mote.heed(notice);
                }
                if tells && !notices.is_empty() {
                    mote.nodes().tell();
                }
            }
            Err(Error::Store(error)) if !error.is_undone() => mote.forget_everything(),
            Err(_) => {}
        };
        Ok(self.store().write_then(write, after).await?.0)
    }

    /// Drops all that memory holds of what can be changed.
    pub(crate) fn forget_everything(&self) {
        self.grants().drop_where(|_| true);
        self.clients().drop_where(|_| true);
        self.products().drop_where(|_| true);
        self.organizations().drop_where(|_| true);
        self.forget_roles();
        self.secrets().forget_all();
        self.hooks().forget_all();
    }

    /// What digests, seals and the audit trail are made with.
    pub(crate) fn keys(&self) -> Arc<KeySet> {
        Arc::clone(&self.inner.key_set.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn set_keys(&self, keys: KeySet) {
        *self.inner.key_set.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
    }

    /// The server key as its owner keeps it.
    pub(crate) fn server_keys(&self) -> &ServerKeys {
        &self.inner.server_keys
    }

    /// What memory knows secrets by.
    pub(crate) fn memory(&self) -> &Digester {
        &self.inner.memory
    }

    pub(crate) fn hasher(&self) -> &PasswordHasher {
        &self.inner.hasher
    }

    pub(crate) fn mailer(&self) -> &Mailer {
        &self.inner.mailer
    }

    pub(crate) fn clients(&self) -> &Kept<String, Client> {
        &self.inner.clients
    }

    pub(crate) fn products(&self) -> &ProductCache {
        &self.inner.products
    }

    pub(crate) fn organizations(&self) -> &OrganizationCache {
        &self.inner.organizations
    }

    pub(crate) fn roles(&self) -> &RoleCache {
        &self.inner.roles
    }

    pub(crate) fn page_anchors(&self) -> &PageAnchors {
        &self.inner.page_anchors
    }

    pub(crate) fn fleet_counts(&self) -> &FleetCounts {
        &self.inner.fleet_counts
    }

    pub(crate) fn known_traits(&self) -> &KnownTraits {
        &self.inner.known_traits
    }

    pub(crate) fn online_devices(&self) -> &OnlineDevices {
        &self.inner.online_devices
    }

    pub(crate) fn secrets(&self) -> &SecretCache {
        &self.inner.secrets
    }

    pub(crate) fn configuration_schemas(&self) -> &SchemaCache {
        &self.inner.configuration_schemas
    }

    /// What the link that makes the first account is known by.
    pub(crate) fn set_up(&self) -> &Mutex<Option<Digest>> {
        &self.inner.set_up
    }

    /// Wrong passwords and codes, by whom they were tried on.
    pub(crate) fn transfers(&self) -> &TransferRequests {
        &self.inner.transfers
    }

    pub(crate) fn guesses(&self) -> &Guesses {
        &self.inner.guesses
    }

    /// Uses of credentials that wait to be written.
    pub(crate) fn uses(&self) -> &Uses {
        &self.inner.uses
    }

    /// What is known of the other nodes.
    pub(crate) fn nodes(&self) -> &Nodes {
        &self.inner.nodes
    }

    /// What carries events to other nodes.
    pub(crate) fn event_relay(&self) -> &Relay {
        &self.inner.relay
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
