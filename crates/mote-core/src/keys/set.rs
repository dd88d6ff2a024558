//! All keys that are derived from a ring, ready for use.

use super::ring::KeyRing;
use super::{Digester, Sealer, ServerKey};
use crate::audit::ChainKeys;
use crate::{Error, Moment};

/// The keys that a server works with at a time.
pub(crate) struct KeySet {
    /// What the ring is sealed under.
    pub(crate) server_key: ServerKey,
    /// The ring.
    pub(crate) ring: KeyRing,
    /// The ring as the database has it; none where the server key was never replaced.
    pub(crate) stored: Option<Vec<u8>>,
    /// Makes digests.
    pub(crate) digester: Digester,
    /// Seals and opens.
    pub(crate) sealer: Sealer,
    /// Chains the audit trail.
    pub(crate) chain: ChainKeys,
    active: usize,
}

impl KeySet {
    /// Of a ring as the database has it.
    pub(crate) fn open(server_key: ServerKey, stored: Option<Vec<u8>>, now: Moment) -> Result<Self, Error> {
        let ring = match &stored {
            Some(sealed) => KeyRing::open(&server_key, sealed)
                .map_err(|_| Error::Internal("the ring of keys in the database does not open".into()))?,
            None => KeyRing::first(&server_key),
        };
        let active = ring.active(now);
        Ok(Self {
            digester: Digester::of_ring(&ring, active),
            sealer: Sealer::of_ring(&ring, active),
            chain: ChainKeys::of_ring(&ring, active),
            server_key,
            ring,
            stored,
            active,
        })
    }

    /// The number of the generation that is made with.
    pub(crate) fn generation(&self) -> u16 {
        self.ring.generations()[self.active].number
    }

    /// Whether another generation is to be made with from now on.
    pub(crate) fn is_over(&self, now: Moment) -> bool {
        self.ring.active(now) != self.active
    }
}
