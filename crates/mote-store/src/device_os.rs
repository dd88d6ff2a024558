//! Rows of `device_os_releases` and `device_os_modules`.

use diesel::prelude::*;

use crate::schema::device_os::{device_os_modules, device_os_releases};
use crate::{Db, StoreError};

/// A release of Device OS.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable)]
#[diesel(table_name = device_os_releases)]
pub struct ReleaseRow {
    /// Key.
    pub id: i64,
    /// Its semantic version, unique.
    pub version: String,
    /// The number that its parts call themselves.
    pub internal_version: i32,
    /// The number of its state.
    pub state: i16,
    /// Registered.
    pub created_at: i64,
}

/// A binary of a release.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = device_os_modules)]
pub struct ModuleRow {
    /// The release.
    pub release_id: i64,
    /// What the file is called, unique there.
    pub file_name: String,
    /// The kind of hardware that it is for.
    pub platform_id: i32,
    /// What it says of itself, in JSON.
    pub about: String,
    /// Bytes.
    pub size: i64,
    /// BLAKE3 of the bytes.
    pub digest: Vec<u8>,
}

/// Every release, in no order: the operator registers a bounded number of them.
pub fn releases(db: &mut Db) -> Result<Vec<ReleaseRow>, StoreError> {
    Ok(device_os_releases::table.select(ReleaseRow::as_select()).load(db)?)
}

/// A release by its version.
pub fn get(db: &mut Db, version: &str) -> Result<Option<ReleaseRow>, StoreError> {
    let query = device_os_releases::table.filter(device_os_releases::version.eq(version));
    Ok(query.select(ReleaseRow::as_select()).first(db).optional()?)
}

/// Adds a release.
pub fn insert(db: &mut Db, row: &ReleaseRow) -> Result<(), StoreError> {
    diesel::insert_into(device_os_releases::table).values(row).execute(db)?;
    Ok(())
}

/// Writes the state of a release.
pub fn set_state(db: &mut Db, id: i64, state: i16) -> Result<(), StoreError> {
    diesel::update(device_os_releases::table.find(id))
        .set(device_os_releases::state.eq(state))
        .execute(db)?;
    Ok(())
}

/// Removes a release and its binaries.
pub fn delete(db: &mut Db, id: i64) -> Result<(), StoreError> {
    diesel::delete(device_os_modules::table.filter(device_os_modules::release_id.eq(id))).execute(db)?;
    diesel::delete(device_os_releases::table.find(id)).execute(db)?;
    Ok(())
}

/// The release, platform pairs that there are binaries for.
pub fn platforms(db: &mut Db) -> Result<Vec<(i64, i32)>, StoreError> {
    let query =
        device_os_modules::table.select((device_os_modules::release_id, device_os_modules::platform_id));
    Ok(query.distinct().load(db)?)
}

/// The binaries of a release, by their names.
pub fn modules(db: &mut Db, release: i64) -> Result<Vec<ModuleRow>, StoreError> {
    let query = device_os_modules::table.filter(device_os_modules::release_id.eq(release));
    Ok(query.order(device_os_modules::file_name).select(ModuleRow::as_select()).load(db)?)
}

/// One of them.
pub fn module(db: &mut Db, release: i64, file_name: &str) -> Result<Option<ModuleRow>, StoreError> {
    let query = device_os_modules::table.find((release, file_name));
    Ok(query.select(ModuleRow::as_select()).first(db).optional()?)
}

/// Adds a binary.
pub fn insert_module(db: &mut Db, row: &ModuleRow) -> Result<(), StoreError> {
    diesel::insert_into(device_os_modules::table).values(row).execute(db)?;
    Ok(())
}
