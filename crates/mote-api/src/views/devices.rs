//! Devices.

use mote_core::devices::{Device, DevicePage, Imported};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::PageMeta;

/// A device (contract: Devices-GetDevice).
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_excessive_bools, reason = "the contract has them so")]
pub(crate) struct DeviceView {
    /// 24 hex digits.
    id: String,
    name: Option<String>,
    /// Address of the account or customer that claimed it.
    owner: Option<String>,
    last_ip_address: Option<String>,
    /// ISO 8601.
    last_heard: Option<String>,
    /// ISO 8601.
    last_handshake_at: Option<String>,
    /// Its product, or else its platform.
    product_id: i64,
    online: bool,
    /// The same, as older clients read it.
    connected: bool,
    platform_id: i32,
    cellular: bool,
    notes: Option<String>,
    functions: Vec<String>,
    #[schema(value_type = Object)]
    variables: Map<String, Value>,
    status: &'static str,
    serial_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    iccid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    imei: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mac_wifi: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mobile_secret: Option<String>,
    system_firmware_version: Option<String>,
    firmware_updates_enabled: bool,
    firmware_updates_forced: bool,
    device_protection: Protection,
    #[serde(flatten)]
    in_product: Option<InProduct>,
}

#[derive(Debug, Serialize, ToSchema)]
struct Protection {
    status: &'static str,
}

/// What a device has besides when it is in a product.
#[derive(Debug, Serialize, ToSchema)]
struct InProduct {
    firmware_product_id: Option<i64>,
    /// Names of its groups.
    groups: Vec<String>,
    firmware_version: Option<i32>,
    /// The version that it is locked to.
    desired_firmware_version: Option<i32>,
    /// The version that it should have; only said to its product.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i32>)]
    #[expect(clippy::option_option, reason = "left out, none and a number are three things")]
    targeted_firmware_release_version: Option<Option<i32>>,
    development: bool,
    quarantined: bool,
    denied: bool,
}

impl From<Device> for DeviceView {
    fn from(mut device: Device) -> Self {
        let groups = std::mem::take(&mut device.groups);
        let in_product = device.product.map(|_| InProduct {
            firmware_product_id: device.firmware_product.map(|product| product.0),
            groups,
            firmware_version: device.firmware_version,
            desired_firmware_version: device.desired_firmware_version,
            targeted_firmware_release_version: device.target,
            development: device.development,
            quarantined: device.quarantined,
            denied: device.denied,
        });
        Self {
            // What waits for approval, or was denied it, is not a device of the product yet.
            product_id: device
                .product
                .filter(|_| !device.quarantined)
                .map_or_else(|| i64::from(device.platform_id), |product| product.0),
            cellular: device.is_cellular(),
            online: device.online,
            connected: device.online,
            status: "normal",
            id: device.id,
            name: device.name,
            owner: device.owner.map(|owner| owner.username),
            last_ip_address: device.last_ip_address,
            last_heard: device.last_heard.map(mote_core::Moment::to_iso),
            last_handshake_at: device.last_handshake_at.map(mote_core::Moment::to_iso),
            platform_id: device.platform_id,
            notes: device.notes,
            functions: device.functions,
            variables: device.variables,
            serial_number: device.serial_number,
            iccid: device.iccid,
            imei: device.imei,
            mac_wifi: device.mac_wifi,
            mobile_secret: device.mobile_secret,
            system_firmware_version: device.system_firmware_version,
            firmware_updates_enabled: device.firmware_updates_enabled,
            firmware_updates_forced: device.firmware_updates_forced,
            device_protection: Protection { status: "disabled" },
            in_product,
        }
    }
}

/// A page of a product's devices.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DevicePageView {
    devices: Vec<DeviceView>,
    /// Customers that own devices on this page.
    customers: Vec<DeviceCustomerView>,
    meta: PageMeta,
}

/// A customer, as listings of devices name him.
#[derive(Debug, Serialize, ToSchema)]
struct DeviceCustomerView {
    /// 24 hex digits.
    id: String,
    /// Address, or another name.
    username: String,
}

impl From<DevicePage> for DevicePageView {
    fn from(page: DevicePage) -> Self {
        let meta = PageMeta {
            page: page.page,
            per_page: page.per_page,
            total_pages: page.total_pages(),
            total: page.total,
        };
        let customers = page
            .customers()
            .into_iter()
            .map(|(id, username)| DeviceCustomerView { id: id.to_hex(), username: username.to_owned() });
        Self {
            customers: customers.collect(),
            devices: page.devices.into_iter().map(Into::into).collect(),
            meta,
        }
    }
}

/// What became of devices that were to be imported; identifiers as the request had them.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(rename_all = "camelCase")]
pub(crate) struct ImportedView {
    /// How many were added.
    updated: usize,
    updated_device_ids: Vec<String>,
    existing_device_ids: Vec<String>,
    nonmember_device_ids: Vec<String>,
    invalid_device_ids: Vec<String>,
    protected_device_ids: Vec<String>,
}

impl From<Imported> for ImportedView {
    fn from(imported: Imported) -> Self {
        Self {
            updated: imported.updated.len(),
            updated_device_ids: imported.updated,
            existing_device_ids: imported.existing,
            nonmember_device_ids: imported.nonmember,
            invalid_device_ids: imported.invalid,
            protected_device_ids: Vec::new(),
        }
    }
}
