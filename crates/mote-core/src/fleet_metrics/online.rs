//! Devices that are online: sampled once a minute.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use mote_store::devices as rows;
use mote_store::{Db, StoreError, groups};

use super::counts::{Key, ONLINE, Traits, start_of};
use crate::{Error, Moment, Mote, ProductId};

/// Seconds between two samples.
pub(super) const MINUTE: i64 = 60;
/// Devices that are looked up in one read.
const AT_ONCE: usize = 500;
/// Seconds for which it is believed which product and groups a connected device is in.
const BELIEVED: i64 = 15 * 60;

/// What is known of the devices that were online at the last sample.
#[derive(Debug, Default)]
pub struct OnlineDevices(Mutex<Inside>);

#[derive(Debug, Default)]
struct Inside {
    /// The minute of the last sample.
    sampled: Option<i64>,
    devices: HashMap<String, Believed>,
}

#[derive(Clone, Debug)]
struct Believed {
    product: Option<ProductId>,
    traits: Traits,
    since: Moment,
}

impl OnlineDevices {
    /// The start of the last minute that was sampled, in seconds since 1970.
    pub(super) fn sampled(&self) -> Option<i64> {
        self.lock().sampled
    }

    /// How many there were of each product.
    pub(super) fn by_product(&self) -> HashMap<ProductId, i64> {
        let mut counts = HashMap::new();
        for product in self.lock().devices.values().filter_map(|believed| believed.product) {
            *counts.entry(product).or_default() += 1;
        }
        counts
    }

    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Mote {
    /// Counts, once in each minute, the devices that are connected to this node. What they run and where they belong is
    /// read at their first sample, and again every quarter of an hour.
    pub async fn sample_online(&self) -> Result<(), Error> {
        let now = self.now();
        let minute = start_of(now.unix_seconds(), MINUTE);
        if self.online_devices().sampled() == Some(minute) {
            return Ok(());
        }
        let connected = self.sessions().devices();
        let mut before = std::mem::take(&mut self.online_devices().lock().devices);
        let mut devices = HashMap::with_capacity(connected.len());
        let mut to_read = Vec::new();
        for id in connected {
            match before.remove(&id) {
                Some(believed) if now < believed.since.plus_seconds(BELIEVED) => {
                    devices.insert(id, believed);
                }
                _ => to_read.push(id),
            }
        }
        for ids in to_read.chunks(AT_ONCE) {
            let ids = ids.to_vec();
            let read = move |db: &mut Db| {
                Ok::<_, StoreError>((rows::get_all(db, &ids)?, groups::names_of(db, &ids)?))
            };
            let (found, mut names) = self.store().read(read).await?;
            devices.extend(found.into_iter().map(|row| {
                let traits = Traits::of_device(&row, &names.remove(&row.id).unwrap_or_default());
                let product = row.product_id.map(ProductId);
                (row.id, Believed { product, traits, since: now })
            }));
        }
        let mut counts: HashMap<(ProductId, Traits), i64> = HashMap::new();
        for Believed { product, traits, .. } in devices.values() {
            if let Some(product) = product {
                *counts.entry((*product, traits.clone())).or_default() += 1;
            }
        }
        for ((product, traits), count) in counts {
            self.fleet_counts().add(Key { product, traits, what: ONLINE, bucket: minute }, count);
        }
        *self.online_devices().lock() = Inside { sampled: Some(minute), devices };
        Ok(())
    }
}
