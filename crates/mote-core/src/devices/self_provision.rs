//! Devices that are made by their owner, in products that let everybody do so, as particle-api-js's `provisionDevice` asks.

use mote_store::{devices as rows, products};

use super::audit::entry;
use super::device::new_row;
use crate::audit::Action;
use crate::authorization::OwnerAccess;
use crate::authorization::table::OwnDevicesClaim;
use crate::keys::random;
use crate::names::DeviceId;
use crate::products::ProductRef;
use crate::{Error, Mote};

/// Devices of one owner, beyond which he makes no more.
const MOST_OF_OWNER: i64 = 1000;

impl Mote {
    /// Makes a device of a new ID for the caller, in a product with the setting `self_provisioning`: for boards that have
    /// no ID of their own. A customer does so in his product alone. What has no such product is not told from what has no
    /// such setting.
    pub async fn provision_new_device(
        &self,
        access: &OwnerAccess<OwnDevicesClaim>,
        product: &str,
    ) -> Result<DeviceId, Error> {
        let refused = || {
            let text = "does not let people make devices in it: its setting self_provisioning is off, or there is none";
            Error::Forbidden(format!("This product {text}"))
        };
        let product = self.find_product(&ProductRef::parse(product)).await?.ok_or_else(refused)?;
        if !product.settings.self_provisioning() || access.product().is_some_and(|own| own != product.id) {
            return Err(refused());
        }
        let mut bytes = [0; 12];
        random::fill(&mut bytes);
        let made = DeviceId::parse(&hex::encode(bytes));
        let id = made.ok_or_else(|| Error::Internal("a new device ID is none".into()))?;
        let (owner, now, new) = (access.owner(), self.now(), id.clone());
        let recorder = self.recorder(access.caller());
        self.store()
            .write(move |db| -> Result<(), Error> {
                super::owner::owner(db, owner)?.ok_or(Error::InvalidToken)?;
                let (row, ..) = products::get(db, product.id.0)?.ok_or_else(refused)?;
                if rows::count_of_owner(db, owner.key(), &[])?.0 >= MOST_OF_OWNER {
                    let text = format!("You have {MOST_OF_OWNER} devices or more; let some go first");
                    return Err(Error::TooMany(text));
                }
                let device = rows::DeviceRow {
                    owner_id: Some(owner.key()),
                    product_id: Some(row.id),
                    ..new_row(&new, row.platform_id, now)
                };
                rows::insert(db, &device)?;
                recorder.record(db, entry(Action::DeviceProvisioned, &device))?;
                Ok(products::devices_changed(db, row.id, 1)?)
            })
            .await?;
        Ok(id)
    }
}
