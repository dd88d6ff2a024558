//! What a library is, by one of its versions.

use mote_store::Db;
use mote_store::libraries as rows;
use mote_store::libraries::{LibraryRow, VersionRow};
use semver::Version;

use super::properties::is_name;
use super::{LibraryMarks, Properties};
use crate::{AccountId, Error, Moment};

/// A library as somebody sees it, by one of its versions.
#[derive(Clone, Debug)]
pub struct Library {
    /// What this version says of itself.
    pub properties: Properties,
    /// Downloads of all versions.
    pub installs: i64,
    /// What the operator says of it.
    pub marks: LibraryMarks,
    /// Whether it is the caller's.
    pub mine: bool,
    /// Contributed.
    pub created_at: Moment,
    /// Contributed again, or published.
    pub updated_at: Moment,
    /// When everybody first saw this version; none while it is private.
    pub published_at: Option<Moment>,
    /// How to download this version.
    pub download: Download,
}

/// What is in the link to an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Download {
    /// Nothing: everybody may have it.
    Open,
    /// Until when it works (seconds since 1970), and what proves that it was given out here.
    Signed {
        /// Seconds since 1970.
        expires: i64,
        /// Hex digits.
        signature: String,
    },
}

impl Library {
    /// From its rows, for whoever may see this version.
    pub(super) fn of_rows(
        library: &LibraryRow,
        version: &VersionRow,
        caller: AccountId,
        download: Download,
    ) -> Result<Self, Error> {
        let properties = serde_json::from_str(&version.properties)
            .map_err(|e| Error::Internal(format!("the properties of library version {}: {e}", version.id)))?;
        Ok(Self {
            properties,
            installs: library.installs,
            marks: LibraryMarks::of_row(library),
            mine: library.owner_id == Some(caller.0),
            created_at: Moment(version.created_at),
            updated_at: Moment(version.updated_at),
            published_at: Some(Moment(version.published_at)).filter(|at| at.0 > 0),
            download,
        })
    }
}

/// There is no such library, or none that the caller sees: which of the two is not said.
pub(super) fn unknown() -> Error {
    Error::NotFound("Library not found: there is none of this name and version that you may see".into())
}

/// A library by its name in any case, whoever may see it. What is no name is not looked for.
pub(super) fn find(db: &mut Db, name: &str) -> Result<LibraryRow, Error> {
    let found = if is_name(name) { rows::get(db, &name.to_lowercase())? } else { None };
    found.ok_or_else(unknown)
}

/// A version of a library, whoever may see it.
pub(super) fn find_version(db: &mut Db, library: i64, version: &str) -> Result<VersionRow, Error> {
    let is_version = Version::parse(version).is_ok();
    let found = if is_version { rows::version(db, library, version)? } else { None };
    found.ok_or_else(unknown)
}

/// A library of the caller's; somebody else's that is public is his to see, and to change nothing.
pub(super) fn own(db: &mut Db, name: &str, account: AccountId) -> Result<LibraryRow, Error> {
    let row = find(db, name)?;
    if row.owner_id == Some(account.0) {
        return Ok(row);
    }
    match rows::latest(db, row.id, true)? {
        Some(_) => {
            Err(Error::Forbidden("This library is somebody else's: its owner alone can change it".into()))
        }
        None => Err(unknown()),
    }
}

/// The keys of versions, the highest first, each with when everybody first saw it (0 for never).
pub(super) fn sorted(db: &mut Db, library: i64) -> Result<Vec<(i64, i64)>, Error> {
    let numbers = rows::version_numbers(db, library)?;
    let parse = |(id, version, published): (i64, String, i64)| {
        let version = Version::parse(&version)
            .map_err(|e| Error::Internal(format!("library version {id} has no semantic version: {e}")))?;
        Ok((version, id, published))
    };
    let mut numbers = numbers.into_iter().map(parse).collect::<Result<Vec<_>, Error>>()?;
    numbers.sort_unstable_by(|one, other| other.cmp(one));
    Ok(numbers.into_iter().map(|(_, id, published)| (id, published)).collect())
}

/// Marks anew which version is the highest; after every change of them, in the same write.
pub(super) fn mark_latest(db: &mut Db, library: i64) -> Result<(), Error> {
    let sorted = sorted(db, library)?;
    let latest = sorted.first().map(|(id, _)| *id);
    let public = sorted.iter().find(|(_, published)| *published > 0).map(|(id, _)| *id);
    Ok(rows::mark_latest(db, library, latest, public)?)
}
