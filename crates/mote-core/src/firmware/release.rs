//! Releasing firmware.

use std::collections::BTreeSet;

use mote_store::firmware as rows;
use mote_store::{Db, groups, products};

use super::Firmware;
use super::change::entry;
use super::upload::version_number;
use super::version::unknown;
use crate::audit::Action;
use crate::authorization::ProductAccess;
use crate::authorization::table::FirmwareRelease;
use crate::notices::Notice;
use crate::{Error, Mote};

/// What is to be released to whom. What is not said stays as it is.
#[derive(Clone, Debug, Default)]
pub struct Release {
    /// Version.
    pub version: i64,
    /// Whether it is to be the product's default; false takes that from it.
    pub product_default: Option<bool>,
    /// Names of the groups that it is to be released to, and no others.
    pub groups: Option<Vec<String>>,
    /// Whether connected devices are to get it at once, and not only when they connect anew.
    pub intelligent: bool,
}

impl Mote {
    /// Releases a version of the product's firmware, or takes its release back. A group has one version at a time.
    ///
    /// The vendor asks that a version runs on one device before its first release; here that is left to the caller.
    pub async fn release_firmware(
        &self,
        access: &ProductAccess<FirmwareRelease>,
        release: Release,
    ) -> Result<Firmware, Error> {
        let version = version_number(release.version)?;
        if release.product_default.is_none() && release.groups.is_none() {
            return Err(Error::invalid("product_default", "or groups is needed: whom to release it to"));
        }
        let (product, now, recorder) = (access.product().id, self.now(), self.recorder(access.caller()));
        let intelligent = release.intelligent;
        let named: Option<BTreeSet<String>> = release.groups.map(|names| names.into_iter().collect());
        let work = move |db: &mut Db| -> Result<(), Error> {
            let (mut row, _) = rows::get(db, product.0, version)?.ok_or_else(unknown)?;
            let (of_product, ..) = products::get(db, product.0)?.ok_or_else(unknown)?;
            let is_default = of_product.default_firmware == Some(version);
            match release.product_default {
                Some(true) if !is_default => products::release(db, product.0, Some(version), now.0)?,
                Some(false) if is_default => products::release(db, product.0, None, now.0)?,
                _ => {}
            }
            if let Some(named) = &named {
                let mut unknown = named.clone();
                for group in groups::of_products(db, &[product.0])? {
                    let wanted = unknown.remove(&group.name);
                    let has = group.firmware_version == Some(version);
                    if wanted != has {
                        groups::release(db, group.id, wanted.then_some(version), now.0)?;
                    }
                }
                if !unknown.is_empty() {
                    return Err(Error::invalid("groups", "are groups of the product; one of these is none"));
                }
            }
            let releases =
                release.product_default == Some(true) || named.as_ref().is_some_and(|n| !n.is_empty());
            if releases {
                row.released_at = row.released_at.or(Some(now.0));
                row.intelligent = intelligent;
            }
            row.updated_at = now.0;
            let entry = entry(Action::FirmwareReleased, product, version, &row.title);
            let groups = named.as_ref().map(|named| named.iter().cloned().collect::<Vec<_>>());
            recorder
                .record(db, entry.with("product_default", release.product_default).with("groups", groups))?;
            Ok(rows::update(db, &row)?)
        };
        self.write_and_forget(work, move |()| [Notice::ProductChanged(product)]).await?;
        if intelligent {
            self.update_connected(product);
        }
        self.load_firmware(product, version).await
    }
}
