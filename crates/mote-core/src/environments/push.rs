//! Giving variables to devices that are connected, beside the request that rolled them out.

use super::level::Level;
use super::variables::check_size;
use crate::products::ProductRef;
use crate::{Error, Mote, ProductId};

impl Mote {
    /// Gives the devices at or below a level what they are to have, if they are connected. Who is not, or does not take it,
    /// gets it when it connects.
    pub(super) fn push_environment(&self, level: Level) {
        let devices =
            level.device().map_or_else(|| self.sessions().devices(), |device| vec![device.to_owned()]);
        self.each_connected("environment variables", devices, move |mote, row| {
            let level = level.clone();
            async move {
                let Some(product) = row.product_id else { return Ok(()) };
                let product = mote.find_product(&ProductRef::Id(ProductId(product))).await?;
                let own = product.map(|product| Level::of_device(&product, row.id.clone()));
                let Some(own) = own.filter(|own| own.is_within(&level)) else { return Ok(()) };
                let variables = mote.store().read(move |db| own.load(db)).await?.rendered();
                if let Err(error) = check_size(&variables) {
                    tracing::warn!(device = row.id, %error, "a device keeps the variables that it has");
                    return Ok(());
                }
                match mote.sessions().of(&row.id) {
                    Some(session) => session.set_environment(variables).await.map_err(Error::from),
                    None => Ok(()),
                }
            }
        });
    }
}
