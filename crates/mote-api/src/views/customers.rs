//! Customers.

use mote_core::customers::{Customer, CustomerDevice, CustomerPage};
use serde::Serialize;
use utoipa::ToSchema;

/// A customer (contract: Customers-ListProductCustomers).
#[derive(Debug, Serialize, ToSchema)]
struct CustomerView {
    /// 24 hex digits.
    id: String,
    /// E-mail address, or another name.
    username: String,
    /// IDs of his devices.
    devices: Vec<String>,
}

impl From<Customer> for CustomerView {
    fn from(customer: Customer) -> Self {
        Self { id: customer.id.to_hex(), username: customer.username, devices: customer.devices }
    }
}

/// A customer's device, in short.
#[derive(Debug, Serialize, ToSchema)]
struct CustomerDeviceView {
    /// 24 hex digits.
    id: String,
    product_id: i64,
    last_ip_address: Option<String>,
    firmware_version: Option<i32>,
    online: bool,
}

impl From<CustomerDevice> for CustomerDeviceView {
    fn from(device: CustomerDevice) -> Self {
        Self {
            id: device.id,
            product_id: device.product.0,
            last_ip_address: device.last_ip_address,
            firmware_version: device.firmware_version,
            online: device.online,
        }
    }
}

/// A page of a product's customers, with their devices.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CustomerPageView {
    customers: Vec<CustomerView>,
    devices: Vec<CustomerDeviceView>,
    meta: CustomerPageMeta,
}

#[derive(Debug, Serialize, ToSchema)]
struct CustomerPageMeta {
    total_pages: i64,
}

impl From<CustomerPage> for CustomerPageView {
    fn from(page: CustomerPage) -> Self {
        Self {
            customers: page.customers.into_iter().map(Into::into).collect(),
            devices: page.devices.into_iter().map(Into::into).collect(),
            meta: CustomerPageMeta { total_pages: page.total_pages },
        }
    }
}
