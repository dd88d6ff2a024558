//! Listing libraries and their versions, and seeing one.

use mote_store::Db;
use mote_store::libraries as rows;
use mote_store::libraries::{LibraryRow, VersionRow};

use super::library::{find, find_version, sorted, unknown};
use super::{Library, LibraryQuery};
use crate::authorization::AccountAccess;
use crate::authorization::table::LibrariesList;
use crate::{AccountId, Error, Mote};

/// Libraries on a page, if nothing is asked for.
const PER_PAGE: i64 = 10;
/// The same at most.
const MOST_PER_PAGE: i64 = 100;

/// A page of libraries, or of versions of one.
#[derive(Debug)]
pub struct LibraryPage {
    /// Them, in their order.
    pub libraries: Vec<Library>,
    /// Which page.
    pub page: i64,
    /// How many are on a full page.
    pub limit: i64,
    /// How many are on all pages.
    pub total: i64,
}

impl Mote {
    /// The libraries that the account sees, each by its highest version that it sees.
    pub async fn list_libraries(
        &self,
        access: &AccountAccess<LibrariesList>,
        query: LibraryQuery,
    ) -> Result<LibraryPage, Error> {
        let account = access.account();
        let (page, limit) = bounded(query.page, query.limit)?;
        let (filter, orders) = (query.filter()?, query.orders()?);
        let offset = (page - 1) * limit;
        let (found, total) =
            self.store().read(move |db| rows::page(db, account.0, &filter, &orders, offset, limit)).await?;
        self.page_of(&found, account, (page, limit, total))
    }

    /// A library by a version: the highest that the account sees, where none is named.
    pub async fn library(
        &self,
        access: &AccountAccess<LibrariesList>,
        name: &str,
        version: Option<String>,
    ) -> Result<Library, Error> {
        let (account, name) = (access.account(), name.to_owned());
        let (library, version) = self
            .store()
            .read(move |db| -> Result<_, Error> {
                let (library, all) = seen(db, &name, account)?;
                let version = match version.as_deref() {
                    None | Some("" | "latest") => rows::latest(db, library.id, !all)?.ok_or_else(unknown)?,
                    Some(version) => find_version(db, library.id, version)?,
                };
                if !all && version.published_at == 0 {
                    return Err(unknown());
                }
                Ok((library, version))
            })
            .await?;
        self.library_of_rows(&library, &version, account)
    }

    /// The versions of a library that the account sees, the highest first.
    pub async fn list_library_versions(
        &self,
        access: &AccountAccess<LibrariesList>,
        name: &str,
        page: Option<i64>,
        limit: Option<i64>,
    ) -> Result<LibraryPage, Error> {
        let (account, name) = (access.account(), name.to_owned());
        let (page, limit) = bounded(page, limit)?;
        let (found, total) = self
            .store()
            .read(move |db| -> Result<_, Error> {
                let (library, all) = seen(db, &name, account)?;
                let mut ids = sorted(db, library.id)?;
                ids.retain(|(_, published)| all || *published > 0);
                let total = i64::try_from(ids.len()).unwrap_or(i64::MAX);
                if total == 0 {
                    return Err(unknown());
                }
                let (skip, take) = (usize::try_from((page - 1) * limit), usize::try_from(limit));
                let ids = ids.into_iter().skip(skip.unwrap_or(usize::MAX)).take(take.unwrap_or(0));
                let ids: Vec<i64> = ids.map(|(id, _)| id).collect();
                let mut found = rows::versions(db, &ids)?;
                found.sort_by_key(|version| ids.iter().position(|id| *id == version.id));
                let found: Vec<_> = found.into_iter().map(|version| (library.clone(), version)).collect();
                Ok((found, total))
            })
            .await?;
        self.page_of(&found, account, (page, limit, total))
    }

    /// A library for whoever may see this version, with the link to it.
    pub(super) fn library_of_rows(
        &self,
        library: &LibraryRow,
        version: &VersionRow,
        caller: AccountId,
    ) -> Result<Library, Error> {
        Library::of_rows(library, version, caller, self.link_to_archive(version))
    }

    fn page_of(
        &self,
        found: &[(LibraryRow, VersionRow)],
        caller: AccountId,
        (page, limit, total): (i64, i64, i64),
    ) -> Result<LibraryPage, Error> {
        let shown = found.iter().map(|(library, version)| self.library_of_rows(library, version, caller));
        Ok(LibraryPage { libraries: shown.collect::<Result<_, _>>()?, page, limit, total })
    }
}

/// A library, and whether the account sees its private versions too.
fn seen(db: &mut Db, name: &str, account: AccountId) -> Result<(LibraryRow, bool), Error> {
    let library = find(db, name)?;
    let own = library.owner_id == Some(account.0);
    Ok((library, own))
}

fn bounded(page: Option<i64>, limit: Option<i64>) -> Result<(i64, i64), Error> {
    let (page, limit) = (page.unwrap_or(1), limit.unwrap_or(PER_PAGE));
    if !(1..=1_000_000_000).contains(&page) {
        return Err(Error::invalid("page", "is a number from 1"));
    }
    if !(1..=MOST_PER_PAGE).contains(&limit) {
        return Err(Error::invalid("limit", format!("is a number from 1 to {MOST_PER_PAGE}")));
    }
    Ok((page, limit))
}
