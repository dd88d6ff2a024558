//! Listing devices.

use mote_store::devices as rows;
use mote_store::devices::{Filter, Order};

use super::Device;
use crate::authorization::table::{DevicesList, OwnDevicesList};
use crate::authorization::{OwnerAccess, ProductAccess};
use crate::{Error, Mote};

/// Devices on a page, if nothing is asked for (contract: Devices-listDevicesForProduct).
const PER_PAGE: i64 = 25;
/// Devices on a page at most.
const MOST_PER_PAGE: i64 = 1000;

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
        (self.total + self.per_page - 1) / self.per_page
    }
}

/// A page's number and size, within their bounds.
pub(crate) fn page_of(page: Option<i64>, per_page: Option<i64>, default: i64) -> Result<(i64, i64), Error> {
    let page = page.unwrap_or(1);
    let per_page = per_page.unwrap_or(default);
    if !(1..=1_000_000_000).contains(&page) {
        return Err(Error::invalid("page", "is a number from 1"));
    }
    if !(1..=MOST_PER_PAGE).contains(&per_page) {
        return Err(Error::invalid("per_page", format!("is a number from 1 to {MOST_PER_PAGE}")));
    }
    Ok((page, per_page))
}

impl Mote {
    /// Devices that the account claimed, the last connected first: all of them up to a thousand, or a page.
    pub async fn account_devices(
        &self,
        access: &OwnerAccess<OwnDevicesList>,
        page: Option<i64>,
        per_page: Option<i64>,
    ) -> Result<Vec<Device>, Error> {
        let (page, per_page) = page_of(page, per_page, MOST_PER_PAGE)?;
        let owner = access.owner();
        let found =
            self.store().read(move |db| rows::of_owner(db, owner.0, (page - 1) * per_page, per_page)).await?;
        self.as_they_are(found)
    }

    /// A page of the product's devices.
    pub async fn product_devices(
        &self,
        access: &ProductAccess<DevicesList>,
        query: ListQuery,
    ) -> Result<DevicePage, Error> {
        let (page, per_page) = page_of(query.page, query.per_page, PER_PAGE)?;
        let (order, ascending) = match query.sort_by {
            SortBy::LastConnection => (Order::LastConnection, query.ascending.unwrap_or(false)),
            SortBy::DeviceName => (Order::Name, query.ascending.unwrap_or(true)),
            SortBy::DeviceId => (Order::Id, query.ascending.unwrap_or(true)),
            SortBy::FirmwareVersion => (Order::FirmwareVersion, query.ascending.unwrap_or(true)),
        };
        if !query.groups.is_empty() {
            // No device is in a group as long as there are none.
            return Ok(DevicePage { devices: Vec::new(), page, per_page, total: 0 });
        }
        let filter = Filter {
            name: query.device_name.filter(|part| !part.is_empty()),
            id: query.device_id.filter(|part| !part.is_empty()),
            serial_number: query.serial_number.filter(|part| !part.is_empty()),
            quarantined: query.quarantined,
        };
        let product = access.product().id;
        let offset = (page - 1) * per_page;
        let unfiltered = filter.name.is_none()
            && filter.id.is_none()
            && filter.serial_number.is_none()
            && filter.quarantined.is_none();
        let (found, total) = if unfiltered {
            self.page_by_anchors(product, order, ascending, offset, per_page).await?
        } else {
            let wanted = move |db: &mut _| {
                rows::filtered_page(db, product.0, &filter, order, !ascending, offset, per_page)
            };
            self.store().read(wanted).await?
        };
        let devices = self.as_they_are(found)?;
        Ok(DevicePage { devices, page, per_page, total })
    }
}
