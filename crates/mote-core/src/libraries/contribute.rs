//! Contributing a version of a library.

use bytes::Bytes;
use mote_store::Db;
use mote_store::libraries as rows;
use mote_store::libraries::{LibraryRow, VersionRow};

use super::library::mark_latest;
use super::{Library, Properties, archive};
use crate::authorization::AccountAccess;
use crate::authorization::table::LibrariesContribute;
use crate::blobs::{BlobId, let_go, need};
use crate::spaces::still_there;
use crate::{AccountId, Error, Moment, Mote};

/// Libraries of an account at most.
const MOST_LIBRARIES: i64 = 500;
/// Versions of a library at most.
const MOST_VERSIONS: usize = 500;

impl Mote {
    /// Takes an archive (gzipped tar) as a private version of a library: a new one, or in place of the private one with the
    /// same number. The library is the account's from then on, if it was nobody's.
    pub async fn contribute_library(
        &self,
        access: &AccountAccess<LibrariesContribute>,
        file: Bytes,
    ) -> Result<Library, Error> {
        let account = access.account();
        let size = i64::try_from(file.len()).unwrap_or(i64::MAX);
        let bytes = file.clone();
        let read = tokio::task::spawn_blocking(move || archive::read(&bytes)).await;
        let properties =
            read.map_err(|_| Error::Internal("the reading of an archive ended early".into()))??;
        // Refused before anything is written; asked again when it counts.
        let asked = properties.clone();
        self.store().read(move |db| has_room(db, account, &asked).map(drop)).await?;
        let blob = self.keep_blob(file).await?;
        let now = self.now();
        let keys = (self.new_key(now), self.new_key(now));
        let new = New { account, properties, blob, size, keys, now };
        let rows = self.store().write(move |db| new.write(db)).await?;
        self.library_of_rows(&rows.0, &rows.1, account)
    }
}

/// A version that is to be written.
struct New {
    account: AccountId,
    properties: Properties,
    blob: BlobId,
    size: i64,
    /// For the library, if it is new, and for the version.
    keys: (i64, i64),
    now: Moment,
}

impl New {
    fn write(&self, db: &mut Db) -> Result<(LibraryRow, VersionRow), Error> {
        let now = self.now.0;
        still_there(db, self.account.into())?;
        let (library, before) = has_room(db, self.account, &self.properties)?;
        let library = match library {
            Some(library) => library,
            None => self.insert_library(db)?,
        };
        need(db, &self.blob, now)?;
        let row = VersionRow {
            id: before.as_ref().map_or(self.keys.1, |before| before.id),
            library_id: library.id,
            version: self.properties.version.clone(),
            // Marked behind it.
            latest: false,
            latest_public: false,
            properties: serde_json::to_string(&self.properties)
                .map_err(|e| Error::Internal(format!("the properties of a library: {e}")))?,
            category: self.properties.category.to_lowercase(),
            all_architectures: self.properties.architectures.is_empty(),
            size: self.size,
            digest: self.blob.digest().to_vec(),
            published_at: 0,
            created_at: before.as_ref().map_or(now, |before| before.created_at),
            updated_at: now,
        };
        match before {
            Some(before) => {
                rows::update_version(db, &row)?;
                let_go(db, &before.digest, now)?;
            }
            None => rows::insert_version(db, &row)?,
        }
        rows::set_architectures(db, row.id, &self.properties.folded_architectures())?;
        mark_latest(db, library.id)?;
        Ok((library, row))
    }

    fn insert_library(&self, db: &mut Db) -> Result<LibraryRow, Error> {
        let row = LibraryRow {
            id: self.keys.0,
            folded: self.properties.name.to_lowercase(),
            owner_id: Some(self.account.0),
            official: false,
            verified: false,
            featured: false,
            installs: 0,
            created_at: self.now.0,
        };
        rows::insert(db, &row)?;
        Ok(row)
    }
}

/// The library that a version is of, if there is one, and the private version that it replaces, if there is one. Refuses
/// what is somebody else's, what is public, and what is too much.
fn has_room(
    db: &mut Db,
    account: AccountId,
    new: &Properties,
) -> Result<(Option<LibraryRow>, Option<VersionRow>), Error> {
    let refused = |text: String| Err(Error::Conflict(text));
    let Some(library) = rows::get(db, &new.name.to_lowercase())? else {
        if rows::count_of_owner(db, account.0)? >= MOST_LIBRARIES {
            return refused(format!("An account has {MOST_LIBRARIES} libraries at most; delete one first"));
        }
        return Ok((None, None));
    };
    if library.owner_id != Some(account.0) {
        return refused(format!("The name {} belongs to somebody else's library; choose another", new.name));
    }
    if let Some(before) = rows::version(db, library.id, &new.version)? {
        if before.published_at > 0 {
            let text = "is public already, and stays as it is: raise the version in library.properties";
            return refused(format!("Version {} of {} {text}", new.version, new.name));
        }
        return Ok((Some(library), Some(before)));
    }
    if rows::version_numbers(db, library.id)?.len() >= MOST_VERSIONS {
        return refused(format!(
            "A library has {MOST_VERSIONS} versions at most; delete a private one first"
        ));
    }
    Ok((Some(library), None))
}
