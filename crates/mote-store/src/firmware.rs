//! Rows of `firmware`, and which devices a release reaches.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use crate::schema::accounts::accounts;
use crate::schema::devices::devices;
use crate::schema::firmware::firmware;
use crate::schema::groups::group_members;
use crate::{Db, StoreError};

/// A version of a product's firmware.
#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = firmware)]
pub struct FirmwareRow {
    /// Key.
    pub id: i64,
    /// The product that it is of.
    pub product_id: i64,
    /// Version, unique there.
    pub version: i32,
    /// Title.
    pub title: String,
    /// Description.
    pub description: String,
    /// What the file was called.
    pub file_name: String,
    /// Bytes.
    pub size: i64,
    /// BLAKE3 of the bytes.
    pub digest: Vec<u8>,
    /// Whether updates that pass it stop at it.
    pub mandatory: bool,
    /// Whether its last release was an intelligent one.
    pub intelligent: bool,
    /// The account that uploaded it.
    pub uploader_id: Option<i64>,
    /// What else uploaded it.
    pub uploader_name: Option<String>,
    /// First released.
    pub released_at: Option<i64>,
    /// Uploaded.
    pub created_at: i64,
    /// Changed.
    pub updated_at: i64,
}

/// Firmware with the address of the account that uploaded it.
pub type Uploaded = (FirmwareRow, Option<String>);

macro_rules! uploaded {
    ($product:expr) => {
        firmware::table
            .left_join(accounts::table.on(firmware::uploader_id.eq(accounts::id.nullable())))
            .filter(firmware::product_id.eq($product))
            .select((FirmwareRow::as_select(), accounts::username.nullable()))
    };
}

/// All of a product, the newest version first.
pub fn of_product(db: &mut Db, product: i64) -> Result<Vec<Uploaded>, StoreError> {
    Ok(uploaded!(product).order(firmware::version.desc()).load(db)?)
}

/// By version.
pub fn get(db: &mut Db, product: i64, version: i32) -> Result<Option<Uploaded>, StoreError> {
    Ok(uploaded!(product).filter(firmware::version.eq(version)).first(db).optional()?)
}

/// How many a product has.
pub fn count(db: &mut Db, product: i64) -> Result<i64, StoreError> {
    Ok(firmware::table.filter(firmware::product_id.eq(product)).count().get_result(db)?)
}

/// The versions of a product that updates must not pass, ascending.
pub fn mandatory(db: &mut Db, product: i64) -> Result<Vec<i32>, StoreError> {
    let query = firmware::table.filter(firmware::product_id.eq(product).and(firmware::mandatory.eq(true)));
    Ok(query.order(firmware::version).select(firmware::version).load(db)?)
}

/// Adds one; a version that is there is [`StoreError::is_duplicate`].
pub fn insert(db: &mut Db, row: &FirmwareRow) -> Result<(), StoreError> {
    diesel::insert_into(firmware::table).values(row).execute(db)?;
    Ok(())
}

/// Writes what can be changed.
pub fn update(db: &mut Db, row: &FirmwareRow) -> Result<(), StoreError> {
    diesel::update(firmware::table.find(row.id))
        .set((
            firmware::title.eq(&row.title),
            firmware::description.eq(&row.description),
            firmware::mandatory.eq(row.mandatory),
            firmware::intelligent.eq(row.intelligent),
            firmware::released_at.eq(row.released_at),
            firmware::updated_at.eq(row.updated_at),
        ))
        .execute(db)?;
    Ok(())
}

/// Removes one.
pub fn delete(db: &mut Db, id: i64) -> Result<(), StoreError> {
    diesel::delete(firmware::table.find(id)).execute(db)?;
    Ok(())
}

/// How many of a product's devices run each version.
pub fn running(db: &mut Db, product: i64) -> Result<Vec<(i32, i64)>, StoreError> {
    let query = devices::table.filter(devices::product_id.eq(product)).group_by(devices::firmware_version);
    Ok(query.select((devices::firmware_version, diesel::dsl::count_star())).load(db)?)
}

/// How many of them run one.
pub fn running_one(db: &mut Db, product: i64, version: i32) -> Result<i64, StoreError> {
    let query =
        devices::table.filter(devices::product_id.eq(product).and(devices::firmware_version.eq(version)));
    Ok(query.count().get_result(db)?)
}

/// How many of a product's devices are locked to a version.
pub fn locked(db: &mut Db, product: i64, version: i32) -> Result<i64, StoreError> {
    let query = devices::table
        .filter(devices::product_id.eq(product).and(devices::desired_firmware_version.eq(version)));
    Ok(query.count().get_result(db)?)
}

/// Devices of a product that releases reach; in the words of the index for it.
macro_rules! reached {
    ($product:expr) => {
        devices::table.filter(
            devices::product_id
                .eq($product)
                .and(devices::desired_firmware_version.is_null())
                .and(sql::<Bool>("NOT devices.development AND NOT devices.quarantined")),
        )
    };
}

/// How many of the devices that releases reach run each version.
pub fn reached_by_version(db: &mut Db, product: i64) -> Result<Vec<(i32, i64)>, StoreError> {
    let query = reached!(product).group_by(devices::firmware_version);
    Ok(query.select((devices::firmware_version, diesel::dsl::count_star())).load(db)?)
}

/// Memberships in some groups of devices that releases reach: the device, the version it runs, the group. By device, from
/// the one behind `after` on, `limit` at most.
pub fn reached_members(
    db: &mut Db,
    product: i64,
    groups: &[i64],
    after: &str,
    limit: i64,
) -> Result<Vec<(String, i32, i64)>, StoreError> {
    let query = reached!(product)
        .inner_join(group_members::table.on(group_members::device_id.eq(devices::id)))
        .filter(group_members::group_id.eq_any(groups).and(group_members::device_id.gt(after)))
        .order((group_members::device_id, group_members::group_id))
        .limit(limit)
        .select((group_members::device_id, devices::firmware_version, group_members::group_id));
    Ok(query.load(db)?)
}

/// Those of some devices that are in a product.
pub fn among(db: &mut Db, product: i64, ids: &[String]) -> Result<Vec<String>, StoreError> {
    let query = reached!(product).filter(devices::id.eq_any(ids)).order(devices::id);
    Ok(query.select(devices::id).load(db)?)
}
