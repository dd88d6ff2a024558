//! What memory holds of integrations.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ipnet::IpNet;
use mote_outbound::{Guard, Outbound};
use tokio::sync::Notify;

use super::integration::Hook;
use super::states::States;
use super::triggers::Triggers;
use super::turns::Turns;
use super::{azure, maps};
use crate::cache::Kept;
use crate::nodes::Trust;
use crate::shares::Shares;
use crate::{IntegrationId, SpaceKey};

/// Spaces whose triggers are kept; most have none, which is known too then.
const MOST_SPACES: usize = 100_000;
/// Integrations that are kept ready for use.
const MOST_HOOKS: usize = 10_000;
/// Trials at a time: each holds a caller for as long as the receiver takes.
const TRIALS: usize = 64;
/// Of them those in spaces of one owner: however slow his receivers are, others try theirs.
const TRIALS_OF_ONE: usize = 4;

/// What an operator decides about integrations.
#[derive(Clone, Debug)]
pub struct HookSettings {
    /// Networks of the server's own that requests may enter all the same.
    pub allowed_networks: Vec<IpNet>,
    /// Where Azure's hubs are; `{hub}` stands for the name of one. Not for operators: tests have a hub of their own.
    pub azure_iot_hub: String,
    /// Where Google's Geolocation API is; likewise.
    pub google_maps: String,
}

impl Default for HookSettings {
    fn default() -> Self {
        Self {
            allowed_networks: Vec::new(),
            azure_iot_hub: azure::USUAL_BASE.into(),
            google_maps: maps::USUAL_BASE.into(),
        }
    }
}

/// What became of an event at an integration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The receiver answered 2xx.
    Success,
    /// It answered otherwise or not at all, and it is tried again.
    Again,
    /// Likewise, and it was the last time.
    Failure,
    /// It was not sent, again and again, since the integration slept after many failures.
    Asleep,
    /// It was not sent: there was no more room in the queue, or the integration was gone or switched off.
    Dropped,
}

impl Outcome {
    /// Each.
    pub const ALL: [Self; 5] = [Self::Success, Self::Again, Self::Failure, Self::Asleep, Self::Dropped];

    /// A word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Again => "again",
            Self::Failure => "failure",
            Self::Asleep => "asleep",
            Self::Dropped => "dropped",
        }
    }
}

/// How many deliveries there were since the start, by outcome.
#[derive(Debug, Default)]
pub struct DeliveryCounts([AtomicU64; Outcome::ALL.len()]);

impl DeliveryCounts {
    pub(super) fn count(&self, outcome: Outcome) {
        self.0[outcome as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// How many ended so.
    #[must_use]
    pub fn of(&self, outcome: Outcome) -> u64 {
        self.0[outcome as usize].load(Ordering::Relaxed)
    }
}

/// What memory holds of integrations, and what they are sent with.
#[derive(Debug)]
pub struct Hooks {
    pub(super) settings: HookSettings,
    pub(super) outbound: Outbound,
    pub(super) triggers: Kept<SpaceKey, Triggers>,
    pub(super) kept: Kept<IntegrationId, Hook>,
    pub(super) states: States,
    pub(super) counts: DeliveryCounts,
    /// Rung when something is put into the queue.
    pub(super) bell: Notify,
    /// By the owner of their space.
    pub(super) trials: Shares<SpaceKey>,
    pub(super) turns: Turns,
}

impl Hooks {
    pub(crate) fn new(settings: HookSettings, trust: &Arc<Trust>) -> Self {
        Self {
            outbound: Outbound::new(Guard::new(&settings.allowed_networks)),
            settings,
            triggers: Kept::new(MOST_SPACES).trusting(trust),
            kept: Kept::new(MOST_HOOKS).trusting(trust),
            states: States::default(),
            counts: DeliveryCounts::default(),
            bell: Notify::new(),
            trials: Shares::new(TRIALS, TRIALS_OF_ONE),
            turns: Turns::default(),
        }
    }

    /// How many deliveries there were.
    #[must_use]
    pub fn counts(&self) -> &DeliveryCounts {
        &self.counts
    }

    /// How many events wait to be delivered.
    #[must_use]
    pub fn queued(&self) -> i64 {
        self.states.queued()
    }

    /// Drops all that memory holds; where it is not known whether a write was committed.
    pub(crate) fn forget_all(&self) {
        self.triggers.drop_where(|_| true);
        self.kept.drop_where(|_| true);
    }
}
