//! Bringing firmware onto connected devices.

use std::sync::Arc;

use mote_store::devices::DeviceRow;
use mote_store::{Db, devices, firmware as rows, groups};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::blobs::BlobId;
use crate::products::{Product, ProductRef};
use crate::sessions::Update;
use crate::{Error, Mote, ProductId};

/// Devices that a release updates at a time.
const AT_ONCE: usize = 16;
/// Devices looked at in one query.
const BATCH: usize = 500;

impl Mote {
    /// Has a connected device take the firmware that it should have, if that is another than it runs. It returns when the
    /// device has begun to. Whether there was something to take.
    pub(crate) async fn update_device_if_due(&self, device: &str) -> Result<bool, Error> {
        let Some(session) = self.sessions().of(device) else { return Ok(false) };
        let Some(update) = self.due_update(device).await? else { return Ok(false) };
        session.update(update).await?;
        Ok(true)
    }

    /// The same in the background, for a device that has just connected or was told to take something now.
    pub(crate) fn begin_update(&self, device: &str) {
        let (mote, device) = (self.clone(), device.to_owned());
        tokio::spawn(async move {
            if let Err(error) = mote.update_device_if_due(&device).await {
                tracing::warn!(device, %error, "a device did not begin to take its firmware");
            }
        });
    }

    /// Has all connected devices of a product take what they should have, in the background: an intelligent release.
    pub(crate) fn update_connected(&self, product: ProductId) {
        let mote = self.clone();
        tokio::spawn(async move {
            let room = Arc::new(Semaphore::new(AT_ONCE));
            let mut updates = JoinSet::new();
            for connected in mote.sessions().devices().chunks(BATCH) {
                let ids = connected.to_vec();
                let reached = match mote.store().read(move |db| rows::among(db, product.0, &ids)).await {
                    Ok(reached) => reached,
                    Err(error) => return tracing::error!(%error, "a release could not be brought to devices"),
                };
                for device in reached {
                    let Ok(permit) = Arc::clone(&room).acquire_owned().await else { return };
                    let mote = mote.clone();
                    updates.spawn(async move {
                        if let Err(error) = mote.update_device_if_due(&device).await {
                            tracing::warn!(device, %error, "a device did not begin to take a release");
                        }
                        drop(permit);
                    });
                }
            }
            updates.join_all().await;
        });
    }

    /// The firmware that a device is to take next: on the way to the version that it should have, if it runs another.
    async fn due_update(&self, device: &str) -> Result<Option<Update>, Error> {
        let named = device.to_owned();
        let found = self.store().read(move |db| devices::get(db, &named)).await?;
        let Some((row, product)) = found.and_then(|row| row.product_id.map(|product| (row, product))) else {
            return Ok(None);
        };
        let Some(product) = self.find_product(&ProductRef::Id(ProductId(product))).await? else {
            return Ok(None);
        };
        if !(row.firmware_updates_enabled || row.firmware_updates_forced) {
            return Ok(None);
        }
        self.store().read(move |db| next_update(db, &product, &row)).await
    }
}

fn next_update(db: &mut Db, product: &Product, device: &DeviceRow) -> Result<Option<Update>, Error> {
    let own: Vec<i64> =
        groups::of_devices(db, &[&device.id])?.into_iter().map(|(_, group, _)| group).collect();
    let running = device.firmware_version;
    let Some(target) = product.target(device, &own).filter(|target| *target != running) else {
        return Ok(None);
    };
    let version = next_step(running, target, &rows::mandatory(db, product.id.0)?);
    let Some((row, _)) = rows::get(db, product.id.0, version)? else { return Ok(None) };
    let blob = BlobId::of_digest(db, &row.digest)?;
    Ok(Some(Update { version, size: row.size, blob }))
}

/// The version to take on the way from one to another: the first mandatory one in between, or else the other itself. A
/// device that runs no known version (below zero) goes straight there.
fn next_step(running: i32, target: i32, mandatory: &[i32]) -> i32 {
    if running < 0 {
        return target;
    }
    let between = |version: &&i32| {
        (running < **version && **version < target) || (target < **version && **version < running)
    };
    let between = mandatory.iter().filter(between);
    let first = if running < target { between.min() } else { between.max() };
    first.copied().unwrap_or(target)
}

#[cfg(test)]
mod tests {
    use super::next_step;

    #[test]
    fn updates_stop_at_what_is_mandatory() {
        let mandatory = [3, 5, 8];
        for (running, target, next) in [
            (1, 9, 3),
            (3, 9, 5),
            (4, 5, 5),
            (8, 9, 9),
            (9, 1, 8),
            (8, 1, 5),
            (3, 1, 1),
            (5, 4, 4),
            (-1, 9, 9),
            (0, 2, 2),
        ] {
            assert_eq!(next_step(running, target, &mandatory), next, "from {running} to {target}");
        }
    }
}
