//! Publishing and deleting.

use mote_store::Db;
use mote_store::libraries as rows;
use mote_store::libraries::VersionRow;

use super::Library;
use super::library::{find_version, mark_latest, own, sorted, unknown};
use crate::authorization::AccountAccess;
use crate::authorization::table::{LibrariesRemove, LibrariesUpdate};
use crate::{AccountId, Error, Moment, Mote, blobs};

impl Mote {
    /// Shows everybody the highest version of a library of the account's own; one that is public already stays so.
    pub async fn publish_library(
        &self,
        access: &AccountAccess<LibrariesUpdate>,
        name: &str,
    ) -> Result<Library, Error> {
        let (account, name, now) = (access.account(), name.to_owned(), self.now());
        let (library, version) = self
            .store()
            .write(move |db| -> Result<_, Error> {
                let library = own(db, &name, account)?;
                let mut version = rows::latest(db, library.id, false)?.ok_or_else(unknown)?;
                if version.published_at == 0 {
                    (version.published_at, version.updated_at) = (now.0, now.0);
                    rows::update_version(db, &version)?;
                    mark_latest(db, library.id)?;
                }
                Ok((library, version))
            })
            .await?;
        self.library_of_rows(&library, &version, account)
    }

    /// Deletes a version of a library of the account's own, or all of it. What was published stays, for others build with it:
    /// a version is refused then, and of a whole library everything.
    pub async fn delete_library(
        &self,
        access: &AccountAccess<LibrariesRemove>,
        name: &str,
        version: Option<String>,
    ) -> Result<(), Error> {
        let (account, name, now) = (access.account(), name.to_owned(), self.now());
        self.store()
            .write(move |db| {
                let library = own(db, &name, account)?;
                let doomed = doomed(db, library.id, version.as_deref())?;
                if doomed.iter().any(|version| version.published_at > 0) {
                    let text = "was published, and stays, since others build with it: what is still private can be \
                                deleted (version=), and the operator of this server can take all of it back";
                    return Err(Error::Conflict(format!("{name} {text}")));
                }
                remove(db, library.id, &doomed, now)
            })
            .await
    }
}

/// The versions of a library that are to go: one, or all.
pub(super) fn doomed(db: &mut Db, library: i64, version: Option<&str>) -> Result<Vec<VersionRow>, Error> {
    if let Some(version) = version {
        return Ok(vec![find_version(db, library, version)?]);
    }
    let ids: Vec<i64> = sorted(db, library)?.into_iter().map(|(id, _)| id).collect();
    Ok(rows::versions(db, &ids)?)
}

/// Removes versions, and the library with its last one.
pub(super) fn remove(db: &mut Db, library: i64, doomed: &[VersionRow], now: Moment) -> Result<(), Error> {
    for version in doomed {
        rows::delete_version(db, version.id)?;
        blobs::let_go(db, &version.digest, now.0)?;
    }
    if rows::has_versions(db, library)? { mark_latest(db, library) } else { Ok(rows::delete(db, library)?) }
}

/// What becomes of an account's libraries when it ends, within that write: private versions go, public ones stay and are
/// nobody's.
pub(crate) fn leave(db: &mut Db, account: AccountId, now: Moment) -> Result<(), Error> {
    for mut library in rows::of_owner(db, account.0)? {
        library.owner_id = None;
        rows::update(db, &library)?;
        let mut private = doomed(db, library.id, None)?;
        private.retain(|version| version.published_at == 0);
        remove(db, library.id, &private, now)?;
    }
    Ok(())
}
