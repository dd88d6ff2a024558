//! Counters in memory.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use mote_store::devices::DeviceRow;

use super::NARROW;
use crate::{Mote, ProductId};

/// Different things that memory counts between two flushes at most; beyond, what a device runs is no longer told apart.
const MOST_KEYS: usize = 50_000;

/// Something that is counted for a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Counted {
    /// An event came from a device.
    EventReceived,
    /// A function was called on a device.
    Function(CallOutcome),
    /// A variable of a device was asked for.
    Variable(CallOutcome),
    /// A request of an integration was due.
    Integration(DeliveryOutcome),
}

/// What came of a request to a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CallOutcome {
    /// The device got it, and answered.
    Success,
    /// The device could not do it, or was not reached in time.
    Failure,
    /// It was not sent, since the device was not connected.
    Offline,
}

/// What came of a request of an integration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DeliveryOutcome {
    /// The receiver answered 2xx.
    Success,
    /// Another answer or none, after all tries.
    Failure,
    /// It was not sent, since many had failed before.
    Sleep,
}

impl Counted {
    /// The number in the store.
    pub(super) const fn number(self) -> i16 {
        match self {
            Self::EventReceived => 1,
            Self::Function(CallOutcome::Success) => 2,
            Self::Function(CallOutcome::Failure) => 3,
            Self::Function(CallOutcome::Offline) => 4,
            Self::Variable(CallOutcome::Success) => 5,
            Self::Variable(CallOutcome::Failure) => 6,
            Self::Variable(CallOutcome::Offline) => 7,
            Self::Integration(DeliveryOutcome::Success) => 8,
            Self::Integration(DeliveryOutcome::Failure) => 9,
            Self::Integration(DeliveryOutcome::Sleep) => 10,
        }
    }
}

/// The number in the store for a minute that a device was online.
pub(super) const ONLINE: i16 = 11;

/// What metrics can be narrowed by: what the device runs, and which groups it is in. Clones are cheap.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Traits {
    /// Product firmware version.
    pub product_fw: Option<i32>,
    /// Device OS version.
    pub device_os: Option<Arc<str>>,
    /// Names of its groups, sorted.
    pub groups: Arc<[String]>,
}

impl Traits {
    /// Those of a device, as its row says, with the names of its groups, sorted.
    pub(crate) fn of_device(row: &DeviceRow, groups: &[String]) -> Self {
        Self {
            product_fw: (row.firmware_version >= 0).then_some(row.firmware_version),
            device_os: row.system_firmware_version.as_deref().map(Arc::from),
            groups: groups.into(),
        }
    }
}

/// Where something is counted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub(super) product: ProductId,
    pub(super) traits: Traits,
    pub(super) what: i16,
    /// Start of the narrow bucket, in seconds since 1970.
    pub(super) bucket: i64,
}

/// What was counted since it was last taken.
#[derive(Debug, Default)]
pub struct FleetCounts(Mutex<HashMap<Key, i64>>);

impl FleetCounts {
    pub(super) fn add(&self, mut key: Key, more: i64) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() >= MOST_KEYS && !counts.contains_key(&key) {
            key.traits = Traits::default();
        }
        *counts.entry(key).or_default() += more;
    }

    pub(super) fn take(&self) -> Vec<(Key, i64)> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner)).into_iter().collect()
    }
}

impl Mote {
    /// Counts that `what` happened in the product just now; `traits` are those of the device that it happened to. Costs no
    /// query; a crash loses what was counted since the last flush, some seconds at most.
    pub fn count(&self, product: ProductId, traits: &Traits, what: Counted) {
        let bucket = start_of(self.now().unix_seconds(), NARROW);
        self.fleet_counts().add(Key { product, traits: traits.clone(), what: what.number(), bucket }, 1);
    }
}

/// The start of the bucket that a second is in.
pub(super) const fn start_of(second: i64, width: i64) -> i64 {
    second - second.rem_euclid(width)
}
