//! Looking at releases, and downloading their binaries.

use mote_store::Db;
use mote_store::device_os as rows;

use super::register::{all, is_file_name};
use super::release::{find, unknown};
use super::{Module, Release, ReleaseState};
use crate::authorization::TokenAccess;
use crate::authorization::table::DeviceOsVersionsList;
use crate::blobs::{BlobId, BlobReader};
use crate::paging::Paging;
use crate::{Error, Mote};

/// Releases on a page, if nothing is asked for.
const PER_PAGE: i64 = 25;

/// Which releases, which page.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReleaseQuery {
    /// Those with binaries for this kind of hardware.
    pub platform_id: Option<i64>,
    /// Those whose parts call themselves this.
    pub internal_version: Option<i64>,
    /// Page, from 1.
    pub page: Option<i64>,
    /// Releases on a page.
    pub per_page: Option<i64>,
}

/// A page of releases.
#[derive(Debug)]
pub struct ReleasePage {
    /// The releases, the highest version first.
    pub releases: Vec<Release>,
    /// Which page.
    pub page: i64,
    /// Releases on a full page.
    pub per_page: i64,
    /// How many pages there are.
    pub total_pages: i64,
    /// Releases on all pages.
    pub total: i64,
}

impl Mote {
    /// The releases that are registered, the highest version first.
    pub async fn list_device_os(
        &self,
        _access: &TokenAccess<DeviceOsVersionsList>,
        query: ReleaseQuery,
    ) -> Result<ReleasePage, Error> {
        let paging = Paging::asked(query.page, query.per_page, PER_PAGE)?;
        let mut releases = self.store().read(all).await?;
        releases.retain(|release| {
            query.platform_id.is_none_or(|id| release.is_for(id))
                && query.internal_version.is_none_or(|version| i64::from(release.internal_version) == version)
        });
        let total = i64::try_from(releases.len()).unwrap_or(i64::MAX);
        let (skip, take) = (usize::try_from(paging.offset()), usize::try_from(paging.per_page));
        let releases =
            releases.into_iter().skip(skip.unwrap_or(usize::MAX)).take(take.unwrap_or(0)).collect();
        let Paging { page, per_page } = paging;
        Ok(ReleasePage { releases, page, per_page, total_pages: paging.pages(total), total })
    }

    /// A release and its binaries, those for one kind of hardware if that is named. `version` is one, the number that its
    /// parts call themselves, or `latest`: the highest for everybody.
    pub async fn device_os(
        &self,
        _access: &TokenAccess<DeviceOsVersionsList>,
        version: &str,
        platform_id: Option<i64>,
    ) -> Result<(Release, Vec<Module>), Error> {
        let version = version.to_owned();
        self.store()
            .read(move |db| {
                let fits = |release: &Release| platform_id.is_none_or(|id| release.is_for(id));
                let mut releases = all(db)?.into_iter().filter(fits);
                let release = releases.find(|release| release.is_called(&version)).ok_or_else(unknown)?;
                let found = rows::modules(db, release.id)?.into_iter();
                let found = found.filter(|row| platform_id.is_none_or(|id| i64::from(row.platform_id) == id));
                let modules = found.map(Module::of_row).collect::<Result<_, _>>()?;
                Ok((release, modules))
            })
            .await
    }

    /// Opens a binary of a release.
    pub async fn open_device_os_binary(&self, version: &str, file_name: &str) -> Result<BlobReader, Error> {
        let (version, file_name) = (version.to_owned(), file_name.to_owned());
        let find = move |db: &mut Db| -> Result<BlobId, Error> {
            let release = find(db, &version)?;
            let none = || Error::NotFound("This release of Device OS has no binary of this name".into());
            let found =
                if is_file_name(&file_name) { rows::module(db, release.id, &file_name)? } else { None };
            let module = found.ok_or_else(none)?;
            BlobId::of_digest(db, &module.digest)
        };
        let blob = self.store().read(find).await?;
        self.open_blob(&blob).await
    }
}

impl Release {
    fn is_for(&self, platform: i64) -> bool {
        self.platforms.iter().any(|own| i64::from(*own) == platform)
    }

    /// Whether somebody who asks for this version, number or `latest` means it; asked of the highest release first.
    fn is_called(&self, version: &str) -> bool {
        match version {
            "latest" => self.state == ReleaseState::Ga,
            _ => self.version.to_string() == version || self.internal_version.to_string() == version,
        }
    }
}
