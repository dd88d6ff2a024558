//! Rows of `libraries` and `library_versions`.

mod listing;

use diesel::prelude::*;

use crate::schema::libraries::{libraries, library_architectures, library_versions};
use crate::{Db, StoreError};

pub use listing::{Filter, Order, Reach, page};

/// A library.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = libraries)]
pub struct LibraryRow {
    /// Key.
    pub id: i64,
    /// Its name in lower case, unique.
    pub folded: String,
    /// The account that may contribute to it; none where that is gone.
    pub owner_id: Option<i64>,
    /// Whether it is the operator's own.
    pub official: bool,
    /// Whether the operator vouches for it.
    pub verified: bool,
    /// Whether the operator points it out.
    pub featured: bool,
    /// Downloads.
    pub installs: i64,
    /// First contributed.
    pub created_at: i64,
}

/// A version of a library.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable, AsChangeset)]
#[diesel(table_name = library_versions)]
pub struct VersionRow {
    /// Key.
    pub id: i64,
    /// The library.
    pub library_id: i64,
    /// Its semantic version, unique there.
    pub version: String,
    /// Whether it is the library's highest.
    pub latest: bool,
    /// Whether it is the library's highest of those that everybody sees.
    pub latest_public: bool,
    /// What `library.properties` says, in JSON.
    pub properties: String,
    /// Category in lower case; empty for none.
    pub category: String,
    /// Whether it is for all architectures.
    pub all_architectures: bool,
    /// Bytes of the archive.
    pub size: i64,
    /// BLAKE3 of the archive.
    pub digest: Vec<u8>,
    /// When everybody first saw it; 0 for never.
    pub published_at: i64,
    /// Contributed.
    pub created_at: i64,
    /// Changed.
    pub updated_at: i64,
}

/// By its name in lower case.
pub fn get(db: &mut Db, folded: &str) -> Result<Option<LibraryRow>, StoreError> {
    let query = libraries::table.filter(libraries::folded.eq(folded));
    Ok(query.select(LibraryRow::as_select()).first(db).optional()?)
}

/// How many an account has.
pub fn count_of_owner(db: &mut Db, account: i64) -> Result<i64, StoreError> {
    Ok(libraries::table.filter(libraries::owner_id.eq(account)).count().get_result(db)?)
}

/// Those of an account, which has a bounded number of them.
pub fn of_owner(db: &mut Db, account: i64) -> Result<Vec<LibraryRow>, StoreError> {
    let query = libraries::table.filter(libraries::owner_id.eq(account)).order(libraries::folded);
    Ok(query.select(LibraryRow::as_select()).load(db)?)
}

/// Those after a name in lower case (empty from the start), by name.
pub fn list(db: &mut Db, after: &str, limit: i64) -> Result<Vec<LibraryRow>, StoreError> {
    let query = libraries::table.filter(libraries::folded.gt(after)).order(libraries::folded).limit(limit);
    Ok(query.select(LibraryRow::as_select()).load(db)?)
}

/// Adds one; a name that is taken is [`StoreError::is_duplicate`].
pub fn insert(db: &mut Db, row: &LibraryRow) -> Result<(), StoreError> {
    diesel::insert_into(libraries::table).values(row).execute(db)?;
    Ok(())
}

/// Writes every column but the count of downloads, which others may be adding to.
pub fn update(db: &mut Db, row: &LibraryRow) -> Result<(), StoreError> {
    let marks = (
        libraries::official.eq(row.official),
        libraries::verified.eq(row.verified),
        libraries::featured.eq(row.featured),
        libraries::owner_id.eq(row.owner_id),
    );
    diesel::update(libraries::table.find(row.id)).set(marks).execute(db)?;
    Ok(())
}

/// Counts a download.
pub fn count_install(db: &mut Db, id: i64) -> Result<(), StoreError> {
    diesel::update(libraries::table.find(id))
        .set(libraries::installs.eq(libraries::installs + 1))
        .execute(db)?;
    Ok(())
}

/// Removes a library that has no versions any more.
pub fn delete(db: &mut Db, id: i64) -> Result<(), StoreError> {
    diesel::delete(libraries::table.find(id)).execute(db)?;
    Ok(())
}

/// Key, version, and when everybody first saw it (0 for never) of every version of a library, in no order. A library has a
/// bounded number of them.
pub fn version_numbers(db: &mut Db, library: i64) -> Result<Vec<(i64, String, i64)>, StoreError> {
    let query = library_versions::table.filter(library_versions::library_id.eq(library));
    let columns = (library_versions::id, library_versions::version, library_versions::published_at);
    Ok(query.select(columns).load(db)?)
}

/// Versions by their keys, in no order.
pub fn versions(db: &mut Db, ids: &[i64]) -> Result<Vec<VersionRow>, StoreError> {
    let query = library_versions::table.filter(library_versions::id.eq_any(ids));
    Ok(query.select(VersionRow::as_select()).load(db)?)
}

/// A version of a library.
pub fn version(db: &mut Db, library: i64, version: &str) -> Result<Option<VersionRow>, StoreError> {
    let query = library_versions::table
        .filter(library_versions::library_id.eq(library).and(library_versions::version.eq(version)));
    Ok(query.select(VersionRow::as_select()).first(db).optional()?)
}

/// The highest version of a library: of all, or of those that everybody sees.
pub fn latest(db: &mut Db, library: i64, public: bool) -> Result<Option<VersionRow>, StoreError> {
    let of_library = library_versions::table
        .filter(library_versions::library_id.eq(library))
        .select(VersionRow::as_select());
    Ok(if public {
        of_library.filter(library_versions::latest_public.eq(true)).first(db)
    } else {
        of_library.filter(library_versions::latest.eq(true)).first(db)
    }
    .optional()?)
}

/// Adds a version, without its architectures.
pub fn insert_version(db: &mut Db, row: &VersionRow) -> Result<(), StoreError> {
    diesel::insert_into(library_versions::table).values(row).execute(db)?;
    Ok(())
}

/// Writes every column of a version that exists.
pub fn update_version(db: &mut Db, row: &VersionRow) -> Result<(), StoreError> {
    diesel::update(row).set(row).execute(db)?;
    Ok(())
}

/// Says which architectures a version is for, in lower case.
pub fn set_architectures(db: &mut Db, version: i64, architectures: &[String]) -> Result<(), StoreError> {
    diesel::delete(library_architectures::table.filter(library_architectures::version_id.eq(version)))
        .execute(db)?;
    for architecture in architectures {
        let columns = (
            library_architectures::version_id.eq(version),
            library_architectures::architecture.eq(architecture),
        );
        diesel::insert_into(library_architectures::table).values(columns).execute(db)?;
    }
    Ok(())
}

/// Removes a version.
pub fn delete_version(db: &mut Db, id: i64) -> Result<(), StoreError> {
    set_architectures(db, id, &[])?;
    diesel::delete(library_versions::table.find(id)).execute(db)?;
    Ok(())
}

/// Marks the highest version of a library, and the highest that everybody sees, and no others.
pub fn mark_latest(
    db: &mut Db,
    library: i64,
    latest: Option<i64>,
    latest_public: Option<i64>,
) -> Result<(), StoreError> {
    let of_library = library_versions::table.filter(library_versions::library_id.eq(library));
    let none = (library_versions::latest.eq(false), library_versions::latest_public.eq(false));
    diesel::update(of_library).set(none).execute(db)?;
    if let Some(id) = latest {
        diesel::update(library_versions::table.find(id))
            .set(library_versions::latest.eq(true))
            .execute(db)?;
    }
    if let Some(id) = latest_public {
        let marked = library_versions::latest_public.eq(true);
        diesel::update(library_versions::table.find(id)).set(marked).execute(db)?;
    }
    Ok(())
}

/// Whether a library has a version.
pub fn has_versions(db: &mut Db, library: i64) -> Result<bool, StoreError> {
    let versions = library_versions::table.filter(library_versions::library_id.eq(library));
    Ok(versions.select(library_versions::id).first::<i64>(db).optional()?.is_some())
}
