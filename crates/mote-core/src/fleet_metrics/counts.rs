//! Counters in memory.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use mote_store::devices::DeviceRow;

use crate::{Mote, ProductId};

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
    /// Those of a device, as its row says.
    pub(crate) fn of_device(row: &DeviceRow) -> Self {
        Self {
            product_fw: (row.firmware_version >= 0).then_some(row.firmware_version),
            device_os: row.system_firmware_version.as_deref().map(Arc::from),
            groups: Arc::default(),
        }
    }
}

/// What was counted since it was last taken.
#[derive(Debug, Default)]
pub struct FleetCounts(Mutex<HashMap<(ProductId, Counted, Traits), u64>>);

impl Mote {
    /// Counts that `what` happened in the product just now; `traits` are those of the device that it happened to.
    pub fn count(&self, product: ProductId, traits: &Traits, what: Counted) {
        let mut counts = self.fleet_counts().0.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry((product, what, traits.clone())).or_default() += 1;
    }
}
