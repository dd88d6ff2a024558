//! Finding the device that a request means, within the caller's reach.

use mote_store::Db;
use mote_store::devices as rows;
use mote_store::devices::DeviceRow;

use super::Device;
use super::owner::with_owner;
use crate::authorization::table::{DevicesGet, OwnDevicesGet, SerialNumbersLookUp};
use crate::authorization::{OwnerAccess, ProductAccess, TokenAccess};
use crate::names::DeviceId;
use crate::tokens::Holder;
use crate::{Error, Mote, OwnerId, ProductId};

/// Whose devices a request may reach.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Reach {
    /// Those that the account or customer claimed; their names serve as IDs too.
    Owner(OwnerId),
    /// Those in the product.
    Product(ProductId),
}

/// What a serial number leads to.
#[derive(Debug)]
pub struct SerialNumber {
    /// The device.
    pub device_id: String,
    /// Its SIM card.
    pub iccid: Option<String>,
}

impl Reach {
    /// The device that `named` stands for. A device out of reach is answered like one that does not exist.
    pub(crate) fn find(self, db: &mut Db, named: &str) -> Result<DeviceRow, Error> {
        let row = match DeviceId::parse(named) {
            Some(id) => rows::get(db, id.as_str())?.filter(|row| self.holds(row)),
            None => None,
        };
        match (row, self) {
            (Some(row), _) => Ok(row),
            (None, Self::Owner(owner)) => {
                let ids = rows::of_owner_named(db, owner.key(), named)?;
                match ids.as_slice() {
                    [id] => rows::get(db, id)?.ok_or_else(|| self.unknown()),
                    [] => Err(self.unknown()),
                    _ => Err(Error::Conflict(
                        "Several of your devices have this name; use the device ID".into(),
                    )),
                }
            }
            (None, Self::Product(_)) => Err(self.unknown()),
        }
    }

    fn holds(self, row: &DeviceRow) -> bool {
        match self {
            Self::Owner(owner) => row.owner_id == Some(owner.key()),
            Self::Product(product) => row.product_id == Some(product.0),
        }
    }

    pub(super) fn unknown(self) -> Error {
        Error::NotFound(match self {
            Self::Owner(_) => "Device not found: no device of yours has this ID or name".into(),
            Self::Product(_) => "Device not found for this product".into(),
        })
    }
}

impl Mote {
    /// A device of the account, by ID or name.
    pub async fn account_device(
        &self,
        access: &OwnerAccess<OwnDevicesGet>,
        named: &str,
    ) -> Result<Device, Error> {
        self.device_within(Reach::Owner(access.owner()), named).await
    }

    /// A device of the product, by ID.
    pub async fn product_device(
        &self,
        access: &ProductAccess<DevicesGet>,
        named: &str,
    ) -> Result<Device, Error> {
        self.device_within(Reach::Product(access.product().id), named).await
    }

    pub(crate) async fn device_within(&self, reach: Reach, named: &str) -> Result<Device, Error> {
        let named = named.to_owned();
        let found = self
            .store()
            .read(move |db| {
                let row = reach.find(db, &named)?;
                with_owner(db, row)
            })
            .await?;
        self.as_it_is(found, reach).await
    }

    /// The device with this serial number, of anybody's (contract: `Devices-GetV1Serial-numbersSerial-number`); for a
    /// customer only within his product.
    pub async fn look_up_serial_number(
        &self,
        access: &TokenAccess<SerialNumbersLookUp>,
        number: &str,
    ) -> Result<SerialNumber, Error> {
        let number = number.to_owned();
        let row = self.store().read(move |db| rows::by_serial_number(db, &number)).await?;
        let reached = |row: &DeviceRow| match access.grant().holder() {
            Holder::Customer(_, product) => row.product_id == Some(product.0),
            _ => true,
        };
        let row =
            row.filter(reached).ok_or_else(|| Error::NotFound("No device has this serial number".into()))?;
        Ok(SerialNumber { device_id: row.id, iccid: row.iccid })
    }
}
