//! Giving a configuration to devices that are connected, beside the request that set it.

use mote_store::configurations as rows;

use super::use_cases::State;
use crate::{Error, Mote, ProductId};

impl Mote {
    /// Gives devices what they are to have, if they are connected: those named, or for [`rows::PRODUCT`] all of the
    /// product's. What cannot be given stays pending.
    pub(super) fn push_configuration(&self, product: ProductId, places: Vec<String>) {
        let of_all = places.iter().any(|place| place == rows::PRODUCT);
        let devices = if of_all { self.sessions().devices() } else { places };
        self.each_connected("a configuration", devices, move |mote, row| async move {
            if row.product_id != Some(product.0) {
                return Ok(());
            }
            let device = row.id.clone();
            let state = mote.store().read(move |db| State::load(db, product, &device)).await?;
            match mote.configure_connected(product, &row.id, state).await {
                Err(Error::DeviceRejected(why)) => {
                    tracing::info!(device = row.id, why, "a device refused its configuration");
                    Ok(())
                }
                other => other.map(drop),
            }
        });
    }
}
