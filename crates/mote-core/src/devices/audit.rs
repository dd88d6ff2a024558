//! What the audit trail tells of a device.

use mote_store::Db;
use mote_store::devices as rows;
use mote_store::devices::DeviceRow;

use crate::audit::{Action, Entry, Recorder};
use crate::{Error, OwnerId, ProductId};

/// IDs of devices in one entry at most.
const BATCH: usize = 500;

/// That something was done to a device, which concerns its product and its owner.
pub(super) fn entry(action: Action, row: &DeviceRow) -> Entry {
    let entry = Entry::new(action, &row.id, &row.name).of_owner(row.owner_id.map(OwnerId::from_key));
    match row.product_id {
        Some(product) => entry.of(ProductId(product)),
        None => entry,
    }
}

/// Frees all devices of an owner who goes, for others to claim; the trails of their products tell of it.
pub(crate) fn release_all(db: &mut Db, owner: OwnerId, recorder: &Recorder) -> Result<(), Error> {
    let devices = rows::of_owner_in_products(db, owner.key())?;
    for of_product in devices.chunk_by(|(one, _), (next, _)| one == next) {
        for batch in of_product.chunks(BATCH) {
            let Some((product, _)) = batch.first() else { continue };
            let ids = batch.iter().map(|(_, id)| id.as_str());
            recorder.record_batch(db, Action::DeviceReleased, ProductId(*product), ids)?;
        }
    }
    Ok(rows::release_all(db, owner.key())?)
}
