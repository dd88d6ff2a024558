//! What the audit trail tells of a device.

use mote_store::Db;
use mote_store::devices as rows;
use mote_store::devices::DeviceRow;

use crate::audit::{Action, Entry, Recorder};
use crate::{Error, OwnerId, ProductId};

/// IDs of devices in one entry at most; of more the entry has the count.
const MOST_NAMED: i64 = 500;

/// That something was done to a device, which concerns its product and its owner.
pub(super) fn entry(action: Action, row: &DeviceRow) -> Entry {
    let entry = Entry::new(action, &row.id, &row.name).of_owner(row.owner_id.map(OwnerId::from_key));
    match row.product_id {
        Some(product) => entry.of(ProductId(product)),
        None => entry,
    }
}

/// Frees all devices of an owner who goes, for others to claim; the trails of their products tell of it, in
/// one entry each, however many they are.
pub(crate) fn release_all(db: &mut Db, owner: OwnerId, recorder: &Recorder) -> Result<(), Error> {
    for (product, count) in rows::count_in_products(db, owner.key())? {
        let ids = rows::first_of_owner(db, owner.key(), product, MOST_NAMED)?;
        let first = ids.first().map(String::as_str).unwrap_or_default();
        let entry = Entry::new(Action::DeviceReleased, first, "").of(ProductId(product));
        recorder.record(db, entry.with("count", count).with("ids", ids))?;
    }
    Ok(rows::release_all(db, owner.key())?)
}
