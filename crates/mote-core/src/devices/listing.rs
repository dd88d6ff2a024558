//! Listing devices.

use std::collections::HashSet;

use mote_store::devices as rows;
use mote_store::devices::{Filter, Order};

use super::Device;
use super::lookup::Reach;
use super::owner::with_owners;
use crate::authorization::table::{DevicesList, OwnDevicesList};
use crate::authorization::{OwnerAccess, ProductAccess};
use crate::paging::Paging;
use crate::{CustomerId, Error, Mote, OwnerId};

/// Devices on a page, if nothing is asked for (contract: Devices-listDevicesForProduct).
const PER_PAGE: i64 = 25;

/// What a product's listing is sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SortBy {
    /// Last connection; newest first unless asked otherwise.
    #[default]
    LastConnection,
    /// Name.
    DeviceName,
    /// ID.
    DeviceId,
    /// Product firmware version.
    FirmwareVersion,
}

/// Which devices of a product, in which order, which page.
#[derive(Clone, Debug, Default)]
pub struct ListQuery {
    /// Names of groups; only devices in one of them.
    pub groups: Vec<String>,
    /// Part of the ID.
    pub device_id: Option<String>,
    /// Part of the name.
    pub device_name: Option<String>,
    /// Part of the serial number.
    pub serial_number: Option<String>,
    /// Only those in quarantine, or only the others.
    pub quarantined: Option<bool>,
    /// Sort key.
    pub sort_by: SortBy,
    /// Whether ascending; by last connection the default is descending, else ascending.
    pub ascending: Option<bool>,
    /// Page, from 1.
    pub page: Option<i64>,
    /// Devices on a page.
    pub per_page: Option<i64>,
}

/// A page of an account's or customer's devices.
#[derive(Debug)]
pub struct OwnDevicePage {
    /// The devices.
    pub devices: Vec<Device>,
    /// Which page.
    pub page: i64,
    /// Devices on a full page.
    pub per_page: i64,
    /// Whether there are more behind it.
    pub has_more: bool,
}

/// A page of devices.
#[derive(Debug)]
pub struct DevicePage {
    /// The devices.
    pub devices: Vec<Device>,
    /// Which page.
    pub page: i64,
    /// Devices on a full page.
    pub per_page: i64,
    /// Devices on all pages.
    pub total: i64,
}

impl DevicePage {
    /// How many pages there are.
    #[must_use]
    pub fn total_pages(&self) -> i64 {
        Paging { page: self.page, per_page: self.per_page }.pages(self.total)
    }

    /// The customers that own devices on this page, each once.
    #[must_use]
    pub fn customers(&self) -> Vec<(CustomerId, &str)> {
        let mut seen = HashSet::new();
        let owners = self.devices.iter().filter_map(|device| device.owner.as_ref());
        let customers = owners.filter_map(|owner| match owner.id {
            OwnerId::Customer(id) => Some((id, owner.username.as_str())),
            OwnerId::Account(_) => None,
        });
        customers.filter(|(id, _)| seen.insert(*id)).collect()
    }
}

impl Mote {
    /// Devices that the account claimed, the last connected first: all of them up to a thousand, or a page.
    pub async fn account_devices(
        &self,
        access: &OwnerAccess<OwnDevicesList>,
        page: Option<i64>,
        per_page: Option<i64>,
    ) -> Result<OwnDevicePage, Error> {
        let paging = Paging::asked(page, per_page, Paging::MOST)?;
        let owner = access.owner();
        let (found, has_more) = self
            .store()
            .read(move |db| {
                let rows = rows::of_owner(db, owner.key(), paging.offset(), paging.per_page + 1)?;
                let (rows, has_more) = paging.cut(rows);
                Ok::<_, Error>((with_owners(db, rows)?, has_more))
            })
            .await?;
        let devices = self.as_they_are(found, Reach::Owner(owner)).await?;
        Ok(OwnDevicePage { devices, page: paging.page, per_page: paging.per_page, has_more })
    }

    /// A page of the product's devices.
    pub async fn product_devices(
        &self,
        access: &ProductAccess<DevicesList>,
        query: ListQuery,
    ) -> Result<DevicePage, Error> {
        let paging = Paging::asked(query.page, query.per_page, PER_PAGE)?;
        let (offset, per_page) = (paging.offset(), paging.per_page);
        let (order, ascending) = match query.sort_by {
            SortBy::LastConnection => (Order::LastConnection, query.ascending.unwrap_or(false)),
            SortBy::DeviceName => (Order::Name, query.ascending.unwrap_or(true)),
            SortBy::DeviceId => (Order::Id, query.ascending.unwrap_or(true)),
            SortBy::FirmwareVersion => (Order::FirmwareVersion, query.ascending.unwrap_or(true)),
        };
        let named = |name: &String| access.product().group(name).map(|group| group.id.0);
        let groups = (!query.groups.is_empty()).then(|| query.groups.iter().filter_map(named).collect());
        let filter = Filter {
            name: query.device_name.filter(|part| !part.is_empty()),
            id: query.device_id.filter(|part| !part.is_empty()),
            serial_number: query.serial_number.filter(|part| !part.is_empty()),
            quarantined: query.quarantined,
            groups,
        };
        let product = access.product().id;
        let (found, total) = if filter == Filter::default() {
            self.page_by_anchors(product, order, ascending, offset, per_page).await?
        } else {
            let wanted = move |db: &mut _| -> Result<_, Error> {
                let (rows, total) =
                    rows::filtered_page(db, product.0, &filter, order, !ascending, offset, per_page)?;
                Ok((with_owners(db, rows)?, total))
            };
            self.store().read(wanted).await?
        };
        let devices = self.as_they_are(found, Reach::Product(product)).await?;
        Ok(DevicePage { devices, page: paging.page, per_page, total })
    }
}
