//! The servers on one PostgreSQL, its "nodes": who is there, whether this one hears of the others in time, and which one does
//! what one is enough for.
//!
//! Nothing is configured: a node holds an advisory lock of the database for as long as its connection lives, by which the
//! others know of it. On SQLite a server is alone, and none of this costs anything.

mod listen;
mod trust;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

pub use listen::Hearing;
use mote_store::nodes::Node;
pub(crate) use trust::{LONGEST_UNHEARD, Trust};

use crate::Mote;

/// What is known of the other nodes.
#[derive(Debug)]
pub(crate) struct Nodes {
    number: i32,
    trust: Arc<Trust>,
    serving: AtomicBool,
    leads: AtomicBool,
    /// Whether there are notices of which the others are to be told.
    tells: AtomicBool,
    accompanied: AtomicBool,
    others: Mutex<Vec<Node>>,
}

impl Default for Nodes {
    fn default() -> Self {
        let mut bytes = [0; 4];
        crate::keys::random::fill(&mut bytes);
        Self {
            // Never 0, which stands for nobody.
            number: (i32::from_le_bytes(bytes) & i32::MAX).max(1),
            trust: Arc::default(),
            serving: AtomicBool::default(),
            leads: AtomicBool::default(),
            tells: AtomicBool::default(),
            accompanied: AtomicBool::default(),
            others: Mutex::default(),
        }
    }
}

impl Nodes {
    /// What this process is known by among those on the store; another one after each start.
    pub(crate) const fn number(&self) -> i32 {
        self.number
    }

    /// Whether what memory holds may be believed.
    pub(crate) const fn trust(&self) -> &Arc<Trust> {
        &self.trust
    }

    /// Whether this process is a server, which hears of what others do; commands do not.
    pub(crate) fn is_serving(&self) -> bool {
        self.serving.load(Ordering::Relaxed)
    }

    /// Whether there are others.
    pub(crate) fn are_there_others(&self) -> bool {
        self.accompanied.load(Ordering::Relaxed)
    }

    /// The others, as of the last look.
    pub(crate) fn others(&self) -> Vec<Node> {
        self.others.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// There are notices for the others: they are told soon, so that they do not find them only at their next look.
    pub(crate) fn tell(&self) {
        self.tells.store(true, Ordering::Relaxed);
    }

    fn met(&self, others: Vec<Node>) {
        self.accompanied.store(!others.is_empty(), Ordering::Relaxed);
        *self.others.lock().unwrap_or_else(PoisonError::into_inner) = others;
    }
}

impl Mote {
    /// How many other nodes there are.
    #[must_use]
    pub fn other_nodes(&self) -> usize {
        self.nodes().others().len()
    }

    /// Whether this node has heard within the last second of all that others did.
    #[must_use]
    pub fn hears_others(&self) -> bool {
        self.nodes().trust.holds()
    }

    /// Whether this node is the one that does what one is enough for: sweeps. Who never began to hear of others is taken for
    /// alone.
    #[must_use]
    pub fn leads(&self) -> bool {
        let nodes = self.nodes();
        !self.store().is_shared() || !nodes.is_serving() || nodes.leads.load(Ordering::Relaxed)
    }
}
