//! Changing what people say of a device.

use mote_store::devices as rows;
use mote_store::products;

use super::Device;
use super::lookup::Reach;
use super::owner::with_owner;
use crate::authorization::table::{DevicesUpdate, OwnDevicesUpdate};
use crate::authorization::{OwnerAccess, ProductAccess};
use crate::names::DeviceName;
use crate::{Error, Mote};

/// Characters of a device's notes at most.
const LONGEST_NOTES: usize = 4000;

/// What is to be changed of a device.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeviceChange {
    /// New name.
    pub name: Option<String>,
    /// New notes; empty for none.
    pub notes: Option<String>,
    /// Whether it is made to take updates.
    pub firmware_updates_forced: Option<bool>,
}

impl Mote {
    /// Changes a device of the account.
    pub async fn update_account_device(
        &self,
        access: &OwnerAccess<OwnDevicesUpdate>,
        named: &str,
        change: DeviceChange,
    ) -> Result<Device, Error> {
        self.update_device(Reach::Owner(access.owner()), named, change).await
    }

    /// Changes a device of the product.
    pub async fn update_product_device(
        &self,
        access: &ProductAccess<DevicesUpdate>,
        named: &str,
        change: DeviceChange,
    ) -> Result<Device, Error> {
        self.update_device(Reach::Product(access.product().id), named, change).await
    }

    async fn update_device(&self, reach: Reach, named: &str, change: DeviceChange) -> Result<Device, Error> {
        let name = change.name.as_deref().map(DeviceName::parse).transpose()?;
        if let Some(notes) = &change.notes {
            let fits = notes.chars().count() <= LONGEST_NOTES && !notes.contains('\0');
            if !fits {
                return Err(Error::invalid(
                    "notes",
                    format!("are text of {LONGEST_NOTES} characters at most"),
                ));
            }
        }
        let (named, now) = (named.to_owned(), self.now());
        let found = self
            .store()
            .write(move |db| -> Result<_, Error> {
                let mut row = reach.find(db, &named)?;
                if let Some(name) = &name {
                    row.name = name.to_string();
                    if let Some(product) = row.product_id {
                        // Listings by name come out differently.
                        products::devices_changed(db, product, 0)?;
                    }
                }
                if let Some(notes) = &change.notes {
                    row.notes = Some(notes.clone()).filter(|notes| !notes.is_empty());
                }
                row.firmware_updates_forced =
                    change.firmware_updates_forced.unwrap_or(row.firmware_updates_forced);
                row.updated_at = now.0;
                rows::update(db, &row)?;
                with_owner(db, row)
            })
            .await?;
        self.as_it_is(found)
    }
}
