//! Variables of devices that are connected: what a door gives them, and what they say that they have.

use mote_store::environments as rows;

use super::Variables;
use super::level::Level;
use super::variables::{check_size, to_json};
use crate::products::ProductRef;
use crate::sessions::Connection;
use crate::{Error, ProductId};

impl Connection {
    /// All variables that the device is to have; none for one of no product.
    ///
    /// Fails with [`Error::Invalid`] where what is inherited and its own have become too much together: the device keeps
    /// what it has.
    pub async fn environment(&self) -> Result<Option<Variables>, Error> {
        let Some(level) = self.level().await? else { return Ok(None) };
        let rendered = self.mote().store().read(move |db| level.load(db)).await?.rendered();
        check_size(&rendered)?;
        Ok(Some(rendered))
    }

    /// Takes note of all the variables that the device says it has.
    pub async fn report_environment(&self, variables: &Variables) -> Result<(), Error> {
        check_size(variables)?;
        let Some(level) = self.level().await? else { return Ok(()) };
        let (reported, now) = (to_json(variables)?, self.mote().now().0);
        self.mote()
            .store()
            .write(move |db| -> Result<(), Error> {
                let mut row = level.load(db)?.row;
                row.reported = Some(reported.clone());
                row.reported_at = Some(now);
                Ok(rows::put(db, &row)?)
            })
            .await
    }

    async fn level(&self) -> Result<Option<Level>, Error> {
        let id = self.device().to_string();
        let row = self.mote().store().read(move |db| mote_store::devices::get(db, &id)).await?;
        let Some((id, product)) = row.and_then(|row| Some((row.id, row.product_id?))) else {
            return Ok(None);
        };
        let product = self.mote().find_product(&ProductRef::Id(ProductId(product))).await?;
        Ok(product.map(|product| Level::of_device(&product, id)))
    }
}
