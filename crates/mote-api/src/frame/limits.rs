//! What bounds the frame's work.

use std::time::Duration;

use mote_core::Clock;

use super::Rates;

/// Limits of the frame.
#[derive(Clone, Debug)]
pub struct Limits {
    /// How long a request may take, body and all.
    pub time: Duration,
    /// Requests at work at a time; beyond, callers are told to come again.
    pub at_once: usize,
    /// Networks of proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<ipnet::IpNet>,
    /// How much one network address may ask.
    pub rates: Rates,
    /// What time it is there.
    pub clock: Clock,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            time: Duration::from_secs(30),
            at_once: 4096,
            trusted_proxies: Vec::new(),
            rates: Rates::default(),
            clock: Clock::System,
        }
    }
}
