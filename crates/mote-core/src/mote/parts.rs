//! The parts of a server, for those who work with them.

use std::sync::{Arc, Mutex, PoisonError};

use mote_store::Store;

use super::Mote;
use crate::accounts::Guesses;
use crate::blobs::Blobs;
use crate::cache::Kept;
use crate::clients::Client;
use crate::configurations::SchemaCache;
use crate::devices::{PageAnchors, TransferRequests};
use crate::events::{EventCounts, EventHub, Relay};
use crate::fleet_metrics::{FleetCounts, KnownTraits, OnlineDevices};
use crate::integrations::Hooks;
use crate::keys::{Digest, Digester, KeyProgress, KeySet, ServerKeys};
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
use crate::{Moment, Settings};

impl Mote {
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

    pub(crate) fn store(&self) -> &Store {
        &self.inner.store
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

    pub(crate) fn transfers(&self) -> &TransferRequests {
        &self.inner.transfers
    }

    /// Wrong passwords and codes, by whom they were tried on.
    pub(crate) fn guesses(&self) -> &Guesses {
        &self.inner.guesses
    }

    /// Who was told lately that somebody wanted his address for another account.
    pub(crate) fn told_owners(&self) -> &Lockouts<Username> {
        &self.inner.told_owners
    }

    /// Addresses that somebody wanted for an account of late, and that got mails of it.
    pub(crate) fn asked_addresses(&self) -> &Lockouts<Username> {
        &self.inner.asked_addresses
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
}
