//! What the audit trail tells of a device.

use mote_store::devices::DeviceRow;

use crate::audit::{Action, Entry};
use crate::{OwnerId, ProductId};

/// That something was done to a device, which concerns its product and its owner.
pub(super) fn entry(action: Action, row: &DeviceRow) -> Entry {
    let entry = Entry::new(action, &row.id, &row.name).of_owner(row.owner_id.map(OwnerId::from_key));
    match row.product_id {
        Some(product) => entry.of(ProductId(product)),
        None => entry,
    }
}
