//! Listing customers.

use std::collections::HashMap;

use mote_store::{customers as rows, devices};

use crate::authorization::ProductAccess;
use crate::authorization::table::CustomersList;
use crate::paging::Paging;
use crate::{CustomerId, Error, Mote, ProductId};

/// Customers on a page, if nothing is asked for; as many as devices.
const PER_PAGE: i64 = 25;
/// Devices in one answer at most. A page of a thousand customers has as many if each owns ten.
const MOST_DEVICES: i64 = 10_000;

/// A customer of a product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Customer {
    /// Key.
    pub id: CustomerId,
    /// Address, or another name.
    pub username: String,
    /// IDs of his devices.
    pub devices: Vec<String>,
}

/// A customer's device, in short.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomerDevice {
    /// 24 hex digits.
    pub id: String,
    /// The product it is in.
    pub product: ProductId,
    /// Address at its last connection.
    pub last_ip_address: Option<String>,
    /// Product firmware version that it runs.
    pub firmware_version: Option<i32>,
    /// Whether it is connected.
    pub online: bool,
}

/// A page of customers, with their devices.
#[derive(Debug)]
pub struct CustomerPage {
    /// The customers, the first first.
    pub customers: Vec<Customer>,
    /// Devices of theirs, ten thousand at most.
    pub devices: Vec<CustomerDevice>,
    /// How many pages there are.
    pub total_pages: i64,
}

impl Mote {
    /// A page of the product's customers.
    pub async fn list_customers(
        &self,
        access: &ProductAccess<CustomersList>,
        page: Option<i64>,
        per_page: Option<i64>,
    ) -> Result<CustomerPage, Error> {
        let paging = Paging::asked(page, per_page, PER_PAGE)?;
        let product = access.product().id;
        let (found, owned, total) = self
            .store()
            .read(move |db| -> Result<_, Error> {
                let found = rows::of_product(db, product.0, paging.offset(), paging.per_page)?;
                let keys: Vec<i64> = found.iter().map(|row| row.id).collect();
                let owned = devices::of_owners(db, &keys, MOST_DEVICES)?;
                Ok((found, owned, rows::count_of_product(db, product.0)?))
            })
            .await?;
        let mut by_owner: HashMap<i64, Vec<String>> = HashMap::new();
        for device in &owned {
            if let Some(owner) = device.owner_id {
                by_owner.entry(owner).or_default().push(device.id.clone());
            }
        }
        let customers = found.into_iter().map(|row| Customer {
            id: CustomerId(row.id),
            devices: by_owner.remove(&row.id).unwrap_or_default(),
            username: row.username,
        });
        let devices = owned.into_iter().map(|device| CustomerDevice {
            online: self.sessions().of(&device.id).is_some(),
            id: device.id,
            product: device.product_id.map_or(product, ProductId),
            last_ip_address: device.last_ip_address,
            firmware_version: Some(device.firmware_version).filter(|version| *version >= 0),
        });
        Ok(CustomerPage {
            customers: customers.collect(),
            devices: devices.collect(),
            total_pages: paging.pages(total),
        })
    }
}
