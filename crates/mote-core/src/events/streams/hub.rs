//! All open streams.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use super::Topic;
use super::mailbox::{Mailbox, Pushed};
use super::standing::Standing;
use crate::events::Event;
use crate::keys::Digest;
use crate::products::Product;
use crate::teams::TeamId;
use crate::tokens::Grant;
use crate::{AccountId, Error, ProductId, TokenId};

/// Streams that one token may have open (Cloud API reference, "Open server-sent event streams": there by address, which
/// behind a proxy or a carrier's network says little).
pub const MOST_PER_TOKEN: usize = 100;
/// Bytes of events that wait for readers at most, each event counted once however many wait for it.
const MOST_WAITING: usize = 64 * 1024 * 1024;
/// Parts of the index, each under a lock of its own, so that publishers seldom wait for one another.
const PARTS: usize = 16;

/// One who listens.
#[derive(Debug)]
pub(super) struct Listener {
    id: u64,
    /// The second only for a product of an organization.
    topics: [Option<Topic>; 2],
    prefix: Box<str>,
    pub(super) standing: Standing,
    pub(super) mailbox: Mailbox,
}

type Part = RwLock<HashMap<Topic, BTreeMap<u64, Arc<Listener>>>>;

/// The index of all open streams, and their counters. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct EventHub(Arc<Inside>);

#[derive(Debug, Default)]
struct Inside {
    parts: [Part; PARTS],
    last: AtomicU64,
    open: AtomicUsize,
    by_token: Mutex<HashMap<TokenId, usize>>,
    waiting: Arc<AtomicUsize>,
    closed: AtomicBool,
    streamed: AtomicU64,
    dropped: AtomicU64,
}

impl EventHub {
    /// Streams that are open.
    #[must_use]
    pub fn open(&self) -> usize {
        self.0.open.load(Relaxed)
    }

    /// Events put into streams since the start: an event that three heard of counts three times.
    #[must_use]
    pub fn streamed(&self) -> u64 {
        self.0.streamed.load(Relaxed)
    }

    /// Streams that were dropped since the start, because their readers were too slow.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.0.dropped.load(Relaxed)
    }

    /// Ends every stream, and lets nobody open another: the server stops.
    pub fn close(&self) {
        self.0.closed.store(true, Relaxed);
        self.each(|listener| listener.mailbox.close());
    }

    /// Puts an event into the streams that are about it.
    pub(in crate::events) fn send(&self, event: &Arc<Event>) {
        if self.open() == 0 {
            return;
        }
        let (mut heard, mut full) = (0, Vec::new());
        for topic in Topic::all_of(event) {
            let part = self.part(&topic).read().unwrap_or_else(PoisonError::into_inner);
            let Some(listeners) = part.get(&topic) else { continue };
            event.weigh_on(&self.0.waiting);
            for listener in listeners.values() {
                if !event.name.as_str().starts_with(&*listener.prefix) {
                    continue;
                }
                match listener.mailbox.push(event) {
                    Pushed::In => heard += 1,
                    Pushed::Full => full.push(listener.standing.grant.id()),
                    Pushed::Over => {}
                }
            }
        }
        self.0.streamed.fetch_add(heard, Relaxed);
        self.dropped_for_slowness(&full);
        if self.0.waiting.load(Relaxed) > MOST_WAITING {
            self.make_room();
        }
    }

    /// Drops the slowest: those who have at least half as much waiting as the one who has most.
    fn make_room(&self) {
        let mut most = 0;
        self.each(|listener| most = most.max(listener.mailbox.bytes()));
        let mut slow = Vec::new();
        self.each(|listener| {
            let bytes = listener.mailbox.bytes();
            if bytes > 0 && bytes >= most / 2 {
                listener.mailbox.close();
                slow.push(listener.standing.grant.id());
            }
        });
        self.dropped_for_slowness(&slow);
    }

    fn dropped_for_slowness(&self, tokens: &[TokenId]) {
        if tokens.is_empty() {
            return;
        }
        self.0.dropped.fetch_add(tokens.len() as u64, Relaxed);
        tracing::info!(streams = tokens.len(), token = %tokens[0], "event streams were dropped: their readers are too slow");
    }

    /// Puts a stream into the index, where no more than `most` are open with it.
    ///
    /// Fails with [`Error::TooMany`] where the token has as many as it may have, [`Error::Busy`] where all together have, or
    /// the server stops.
    pub(super) fn add(
        &self,
        most: usize,
        topics: [Option<Topic>; 2],
        prefix: &str,
        standing: Standing,
    ) -> Result<Arc<Listener>, Error> {
        let token = standing.grant.id();
        {
            let mut by_token = self.by_token();
            let open = by_token.entry(token).or_default();
            if *open == MOST_PER_TOKEN {
                let text = format!(
                    "This token has {MOST_PER_TOKEN} event streams open, which is the most; close some, or let one \
                     stream carry more"
                );
                return Err(Error::TooMany(text));
            }
            *open += 1;
        }
        let is_one_too_many = self.0.open.fetch_add(1, Relaxed) >= most;
        let id = self.0.last.fetch_add(1, Relaxed);
        let listener =
            Arc::new(Listener { id, topics, prefix: prefix.into(), standing, mailbox: Mailbox::default() });
        for topic in topics.iter().flatten() {
            let mut part = self.part(topic).write().unwrap_or_else(PoisonError::into_inner);
            part.entry(*topic).or_default().insert(id, Arc::clone(&listener));
        }
        // Closed is looked at after it is in the index, so that one of the two sees the other.
        if is_one_too_many || self.0.closed.load(Relaxed) {
            self.remove(&listener);
            return Err(Error::Busy);
        }
        Ok(listener)
    }

    /// Takes a stream out.
    pub(super) fn remove(&self, listener: &Listener) {
        for topic in listener.topics.iter().flatten() {
            let mut part = self.part(topic).write().unwrap_or_else(PoisonError::into_inner);
            if let Some(listeners) = part.get_mut(topic) {
                listeners.remove(&listener.id);
                if listeners.is_empty() {
                    part.remove(topic);
                }
            }
        }
        self.0.open.fetch_sub(1, Relaxed);
        let (mut by_token, token) = (self.by_token(), listener.standing.grant.id());
        if let Some(open) = by_token.get_mut(&token) {
            *open -= 1;
            if *open == 0 {
                by_token.remove(&token);
            }
        }
    }

    /// Memory has forgotten grants: the streams that rest on them prove their right again.
    pub(crate) fn grants_forgotten(&self, over: &dyn Fn(&Digest, &Grant) -> bool) {
        self.recheck(|standing| over(&standing.grant.in_memory, &standing.grant));
    }

    /// Likewise of products.
    pub(crate) fn products_forgotten(&self, over: &dyn Fn(&ProductId, &Product) -> bool) {
        self.recheck(|standing| standing.product().is_some_and(|product| over(&product.id, product)));
    }

    /// Likewise of roles.
    pub(crate) fn roles_forgotten(&self, over: &dyn Fn(TeamId, AccountId) -> bool) {
        self.recheck(|standing| {
            let member = standing.member_of();
            member.is_some_and(|(account, teams)| teams.into_iter().flatten().any(|team| over(team, account)))
        });
    }

    fn recheck(&self, concerns: impl Fn(&Standing) -> bool) {
        if self.open() > 0 {
            self.each(|listener| {
                if concerns(&listener.standing) {
                    listener.mailbox.recheck();
                }
            });
        }
    }

    fn each(&self, mut visit: impl FnMut(&Listener)) {
        for part in &self.0.parts {
            let part = part.read().unwrap_or_else(PoisonError::into_inner);
            for (topic, listeners) in part.iter() {
                // Those that stand under two topics are visited under their first.
                let first = |listener: &&Arc<Listener>| listener.topics[0] == Some(*topic);
                listeners.values().filter(first).for_each(|listener| visit(listener));
            }
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "what is above the low bits does not count")]
    fn part(&self, topic: &Topic) -> &Part {
        let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(topic);
        &self.0.parts[hash as usize % PARTS]
    }

    fn by_token(&self) -> MutexGuard<'_, HashMap<TokenId, usize>> {
        self.0.by_token.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
