//! Who calls.

use std::net::IpAddr;
use std::sync::Arc;

use crate::tokens::Grant;

/// Who calls: what he came with, and from where.
#[derive(Clone, Debug)]
pub struct Caller {
    grant: Arc<Grant>,
    address: Option<IpAddr>,
}

impl Caller {
    /// Whoever holds this token or session, and the network address that he came from, if he came over a network.
    #[must_use]
    pub fn new(grant: Arc<Grant>, address: Option<IpAddr>) -> Self {
        Self { grant, address }
    }

    /// His token or session.
    #[must_use]
    pub fn grant(&self) -> &Arc<Grant> {
        &self.grant
    }

    /// The network address that he came from.
    #[must_use]
    pub fn address(&self) -> Option<IpAddr> {
        self.address
    }
}
