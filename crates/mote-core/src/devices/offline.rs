//! What needs a device to be connected. None is, until there is a door for devices: the answers are those for a device that
//! is off, and the device must be within the caller's reach all the same.

use super::lookup::Reach;
use crate::authorization::table::{
    DevicesCall, DevicesPing, DevicesRead, DevicesUpdate, OwnDevicesCall, OwnDevicesPing, OwnDevicesRead,
    OwnDevicesUpdate,
};
use crate::authorization::{OwnerAccess, ProductAccess};
use crate::{Error, Mote};

impl Mote {
    /// Calls a function on a device of the account.
    pub async fn call_account_device(
        &self,
        access: &OwnerAccess<OwnDevicesCall>,
        named: &str,
    ) -> Result<(), Error> {
        self.reach_device(Reach::Owner(access.owner()), named).await
    }

    /// Calls a function on a device of the product.
    pub async fn call_product_device(
        &self,
        access: &ProductAccess<DevicesCall>,
        named: &str,
    ) -> Result<(), Error> {
        self.reach_device(Reach::Product(access.product().id), named).await
    }

    /// Reads a variable of a device of the account.
    pub async fn read_account_device(
        &self,
        access: &OwnerAccess<OwnDevicesRead>,
        named: &str,
    ) -> Result<(), Error> {
        self.reach_device(Reach::Owner(access.owner()), named).await
    }

    /// Reads a variable of a device of the product.
    pub async fn read_product_device(
        &self,
        access: &ProductAccess<DevicesRead>,
        named: &str,
    ) -> Result<(), Error> {
        self.reach_device(Reach::Product(access.product().id), named).await
    }

    /// Makes the LED of a device of the account flash.
    pub async fn signal_account_device(
        &self,
        access: &OwnerAccess<OwnDevicesUpdate>,
        named: &str,
    ) -> Result<(), Error> {
        self.reach_device(Reach::Owner(access.owner()), named).await
    }

    /// Makes the LED of a device of the product flash.
    pub async fn signal_product_device(
        &self,
        access: &ProductAccess<DevicesUpdate>,
        named: &str,
    ) -> Result<(), Error> {
        self.reach_device(Reach::Product(access.product().id), named).await
    }

    /// Whether a device of the account is connected.
    pub async fn ping_account_device(
        &self,
        access: &OwnerAccess<OwnDevicesPing>,
        named: &str,
    ) -> Result<bool, Error> {
        self.device_within(Reach::Owner(access.owner()), named).await.map(|_| false)
    }

    /// Whether a device of the product is connected.
    pub async fn ping_product_device(
        &self,
        access: &ProductAccess<DevicesPing>,
        named: &str,
    ) -> Result<bool, Error> {
        self.device_within(Reach::Product(access.product().id), named).await.map(|_| false)
    }

    async fn reach_device(&self, reach: Reach, named: &str) -> Result<(), Error> {
        self.device_within(reach, named).await?;
        Err(Error::Offline)
    }
}
