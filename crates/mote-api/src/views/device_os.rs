//! Releases of Device OS, in the form that the Particle CLI reads, which is that of the npm package `binary-version-reader`.

use mote_core::device_os::{Module, Release, ReleasePage};
use mote_core::firmware::binary::{Binary, Prefix, Suffix};
use serde::Serialize;
use utoipa::ToSchema;

use super::PageMeta;

/// A page of releases.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReleasesAnswer {
    versions: Vec<ReleaseView>,
    meta: PageMeta,
}

/// A release.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReleaseView {
    version: String,
    /// The number that its parts call themselves.
    internal_version: i32,
    /// `ga` or `preview`.
    release_state: &'static str,
    /// The same, by its older name.
    state: &'static str,
    /// The address of its binaries, without their names.
    base_url: String,
    supported_platforms: Vec<i32>,
    /// Its binaries, where one release is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    modules: Option<Vec<ModuleView>>,
}

/// A binary.
#[derive(Debug, Serialize, ToSchema)]
struct ModuleView {
    filename: String,
    /// Bytes.
    size: i64,
    crc: CrcView,
    #[serde(rename = "prefixInfo")]
    prefix: PrefixView,
    #[serde(rename = "suffixInfo")]
    suffix: SuffixView,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct CrcView {
    ok: bool,
    /// What stands at its end, in hex digits.
    stored_crc: String,
    /// What its bytes make.
    actual_crc: String,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct PrefixView {
    /// Hex digits.
    module_start_addy: String,
    /// Hex digits.
    module_end_addy: String,
    reserved: u8,
    /// Words with commas between, or `none`.
    module_flags: String,
    module_version: u16,
    #[serde(rename = "platformID")]
    platform_id: u16,
    /// Such as `system_part`.
    module_function: String,
    module_index: u8,
    dep_module_function: String,
    dep_module_index: u8,
    dep_module_version: u16,
    dep2_module_function: String,
    dep2_module_index: u8,
    dep2_module_version: u16,
    /// Where the prefix is in the file.
    prefix_offset: usize,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct SuffixView {
    /// 65535 where it is not set, -1 where there is no room for it.
    product_id: i32,
    /// Likewise.
    product_version: i32,
    /// SHA-256 as the build made it, in hex digits.
    fw_unique_id: String,
    suffix_size: u16,
    /// The CRC in hex digits.
    crc_block: String,
}

impl ReleasesAnswer {
    /// With addresses at the one that people reach the server at.
    pub(crate) fn new(page: ReleasePage, public_url: &str) -> Self {
        let ReleasePage { releases, page, per_page, total_pages, total } = page;
        let versions =
            releases.into_iter().map(|release| ReleaseView::new(release, None, public_url)).collect();
        Self { versions, meta: PageMeta { page, per_page, total_pages, total } }
    }
}

impl ReleaseView {
    /// The same of a release, alone or with its binaries.
    pub(crate) fn new(release: Release, modules: Option<Vec<Module>>, public_url: &str) -> Self {
        Self {
            base_url: format!("{public_url}/v1/firmware/device-os/v{}", release.version),
            version: release.version.to_string(),
            internal_version: release.internal_version,
            release_state: release.state.word(),
            state: release.state.word(),
            supported_platforms: release.platforms,
            modules: modules.map(|modules| modules.into_iter().map(Into::into).collect()),
        }
    }
}

impl From<Module> for ModuleView {
    fn from(module: Module) -> Self {
        let Binary { prefix, suffix, crc } = module.binary;
        let crc = format!("{crc:08x}");
        Self {
            filename: module.file_name,
            size: module.size,
            prefix: (&prefix).into(),
            suffix: SuffixView::new(&suffix, crc.clone()),
            // Nothing was registered whose bytes make another.
            crc: CrcView { ok: true, stored_crc: crc.clone(), actual_crc: crc },
        }
    }
}

impl From<&Prefix> for PrefixView {
    fn from(prefix: &Prefix) -> Self {
        let flags = Prefix::FLAGS.iter().enumerate();
        let set: Vec<&str> =
            flags.filter(|(bit, _)| prefix.flags & (1 << bit) != 0).map(|(_, flag)| *flag).collect();
        let needs = prefix.dependencies.map(|needed| {
            let function = needed.map_or("none", |needed| needed.function.word());
            (
                function.to_owned(),
                needed.map_or(0, |needed| needed.index),
                needed.map_or(0, |needed| needed.version),
            )
        });
        let [(first, first_index, first_version), (second, second_index, second_version)] = needs;
        Self {
            module_start_addy: format!("{:x}", prefix.start_address),
            module_end_addy: format!("{:x}", prefix.end_address),
            reserved: prefix.target,
            module_flags: if set.is_empty() { "none".into() } else { set.join(",") },
            module_version: prefix.module_version,
            platform_id: prefix.platform_id,
            module_function: prefix.function.word().to_owned(),
            module_index: prefix.index,
            dep_module_function: first,
            dep_module_index: first_index,
            dep_module_version: first_version,
            dep2_module_function: second,
            dep2_module_index: second_index,
            dep2_module_version: second_version,
            prefix_offset: prefix.offset,
        }
    }
}

impl SuffixView {
    fn new(suffix: &Suffix, crc_block: String) -> Self {
        let product = |number: Option<u16>| match number {
            Some(number) => i32::from(number),
            None if suffix.has_product() => i32::from(u16::MAX),
            None => -1,
        };
        Self {
            product_id: product(suffix.product_id),
            product_version: product(suffix.product_version),
            fw_unique_id: hex::encode(suffix.sha256),
            suffix_size: suffix.size,
            crc_block,
        }
    }
}
