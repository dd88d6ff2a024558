//! Product firmware.

use mote_core::firmware::{Firmware, Impact};
use serde::Serialize;
use utoipa::ToSchema;

/// A version of a product's firmware.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_excessive_bools, reason = "the contract has them")]
pub(crate) struct FirmwareView {
    /// 24 hex digits.
    #[serde(rename = "_id")]
    id: String,
    version: i32,
    title: String,
    description: String,
    /// What the file was called.
    name: String,
    /// Bytes.
    size: i64,
    /// Whether it is released to all of the product's devices.
    product_default: bool,
    /// The same, by its older name.
    current: bool,
    /// Names of the groups that it is released to.
    groups: Vec<String>,
    /// How many of the product's devices run it.
    device_count: i64,
    /// Whether updates that pass it stop at it.
    mandatory: bool,
    /// Whether its last release reached connected devices at once.
    intelligent: bool,
    /// ISO 8601.
    uploaded_on: String,
    /// ISO 8601.
    updated_at: String,
    product_id: i64,
    uploaded_by: Uploader,
}

/// Who uploaded firmware.
#[derive(Debug, Serialize, ToSchema)]
struct Uploader {
    /// Address of an account, or the name of an API user or OAuth client; null where that account is gone.
    username: Option<String>,
}

impl From<Firmware> for FirmwareView {
    fn from(firmware: Firmware) -> Self {
        Self {
            id: format!("{:024x}", firmware.id),
            version: firmware.version,
            title: firmware.title,
            description: firmware.description,
            name: firmware.file_name,
            size: firmware.size,
            product_default: firmware.product_default,
            current: firmware.product_default,
            groups: firmware.groups,
            device_count: firmware.device_count,
            mandatory: firmware.mandatory,
            intelligent: firmware.intelligent,
            uploaded_on: firmware.uploaded_at.to_iso(),
            updated_at: firmware.updated_at.to_iso(),
            product_id: firmware.product.0,
            uploaded_by: Uploader { username: firmware.uploaded_by },
        }
    }
}

/// How many devices a planned release would update.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ImpactAnswer {
    devices: ImpactOnDevices,
}

#[derive(Debug, Serialize, ToSchema)]
struct ImpactOnDevices {
    firmware_update: ImpactView,
}

#[derive(Debug, Serialize, ToSchema)]
struct ImpactView {
    total: i64,
    /// By the version that devices would get.
    by_version: Vec<ImpactOfVersion>,
}

#[derive(Debug, Serialize, ToSchema)]
struct ImpactOfVersion {
    version: i32,
    total: i64,
}

impl From<Impact> for ImpactAnswer {
    fn from(impact: Impact) -> Self {
        let total = impact.total();
        let by_version = impact.by_version.into_iter();
        let by_version = by_version.map(|(version, total)| ImpactOfVersion { version, total }).collect();
        Self { devices: ImpactOnDevices { firmware_update: ImpactView { total, by_version } } }
    }
}
