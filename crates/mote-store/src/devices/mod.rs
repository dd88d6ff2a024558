//! Rows of `devices`.

mod filtered;
mod listing;

use diesel::prelude::*;

use crate::schema::devices::devices;
use crate::{Db, StoreError};

pub(crate) use filtered::lower;
pub use filtered::{Filter, filtered_page};
pub use listing::{Anchor, Order, anchors_from, page_from};

/// A device.
#[derive(Clone, Queryable, Selectable, Insertable, Identifiable, AsChangeset)]
#[diesel(table_name = devices, treat_none_as_null = true)]
#[expect(clippy::struct_excessive_bools, reason = "the contract has them so")]
pub struct DeviceRow {
    /// 24 hex digits.
    pub id: String,
    /// The product it is in.
    pub product_id: Option<i64>,
    /// The account or customer that claimed it; the domain tells them apart by the key.
    pub owner_id: Option<i64>,
    /// Name; empty for none.
    pub name: String,
    /// Notes.
    pub notes: Option<String>,
    /// The kind of hardware.
    pub platform_id: i32,
    /// Serial number.
    pub serial_number: Option<String>,
    /// SIM card.
    pub iccid: Option<String>,
    /// Modem.
    pub imei: Option<String>,
    /// Wi-Fi MAC address.
    pub mac_wifi: Option<String>,
    /// What the set-up app shares with it.
    pub mobile_secret: Option<String>,
    /// Device OS version.
    pub system_firmware_version: Option<String>,
    /// Product firmware version; -1 for unknown.
    pub firmware_version: i32,
    /// The version that it is locked to.
    pub desired_firmware_version: Option<i32>,
    /// Gets no product firmware.
    pub development: bool,
    /// Waits for approval.
    pub quarantined: bool,
    /// Refused for good.
    pub denied: bool,
    /// Takes updates.
    pub firmware_updates_enabled: bool,
    /// Is made to take updates.
    pub firmware_updates_forced: bool,
    /// JSON array of names.
    pub functions: String,
    /// JSON object of name to type.
    pub variables: String,
    /// Address at its last connection.
    pub last_ip_address: Option<String>,
    /// Last sign of life.
    pub last_heard: Option<i64>,
    /// Last connection; 0 for never.
    pub last_handshake_at: i64,
    /// Public key in PEM.
    pub public_key: Option<String>,
    /// Its algorithm.
    pub key_algorithm: Option<String>,
    /// Made known.
    pub created_at: i64,
    /// Changed.
    pub updated_at: i64,
    /// The product that its firmware was made for.
    pub firmware_product_id: Option<i64>,
}

/// By ID.
pub fn get(db: &mut Db, id: &str) -> Result<Option<DeviceRow>, StoreError> {
    Ok(devices::table.find(id).select(DeviceRow::as_select()).first(db).optional()?)
}

/// Those of these IDs, in no order.
pub fn get_all(db: &mut Db, ids: &[String]) -> Result<Vec<DeviceRow>, StoreError> {
    Ok(devices::table.filter(devices::id.eq_any(ids)).select(DeviceRow::as_select()).load(db)?)
}

/// The IDs of an owner's devices with this name; two are enough to tell that it is not clear which is meant.
pub fn of_owner_named(db: &mut Db, owner: i64, name: &str) -> Result<Vec<String>, StoreError> {
    let query = devices::table.filter(devices::owner_id.eq(owner).and(devices::name.eq(name)));
    Ok(query.order(devices::id).select(devices::id).limit(2).load(db)?)
}

/// An owner's devices, the last connected first.
pub fn of_owner(db: &mut Db, owner: i64, offset: i64, limit: i64) -> Result<Vec<DeviceRow>, StoreError> {
    let query = devices::table
        .filter(devices::owner_id.eq(owner))
        .order((devices::last_handshake_at.desc(), devices::id.desc()))
        .offset(offset)
        .limit(limit)
        .select(DeviceRow::as_select());
    Ok(query.load(db)?)
}

/// The IDs of an owner's devices, the first `limit` by ID.
pub fn ids_of_owner(db: &mut Db, owner: i64, limit: i64) -> Result<Vec<String>, StoreError> {
    let query = devices::table.filter(devices::owner_id.eq(owner)).order(devices::id).limit(limit);
    Ok(query.select(devices::id).load(db)?)
}

/// What listings of owners show of a device.
#[derive(Clone, Queryable, Selectable)]
#[diesel(table_name = devices)]
pub struct OwnedDevice {
    /// 24 hex digits.
    pub id: String,
    /// Whose.
    pub owner_id: Option<i64>,
    /// The product it is in.
    pub product_id: Option<i64>,
    /// Address at its last connection.
    pub last_ip_address: Option<String>,
    /// Product firmware version; -1 for unknown.
    pub firmware_version: i32,
}

/// The devices of some owners, the first `limit` by owner and ID.
pub fn of_owners(db: &mut Db, owners: &[i64], limit: i64) -> Result<Vec<OwnedDevice>, StoreError> {
    let query = devices::table.filter(devices::owner_id.eq_any(owners));
    let query = query.order((devices::owner_id, devices::id)).limit(limit);
    Ok(query.select(OwnedDevice::as_select()).load(db)?)
}

/// By other identifiers: those of these serial numbers, then IMEIs, then ICCIDs; each in the order of IDs.
pub fn by_identifiers(db: &mut Db, texts: &[String]) -> Result<Vec<DeviceRow>, StoreError> {
    macro_rules! with {
        ($column:ident) => {
            devices::table
                .filter(devices::$column.eq_any(texts))
                .order(devices::id)
                .select(DeviceRow::as_select())
                .load::<DeviceRow>(db)?
        };
    }
    if texts.is_empty() {
        return Ok(Vec::new());
    }
    let mut found = with!(serial_number);
    found.extend(with!(imei));
    found.extend(with!(iccid));
    Ok(found)
}

/// By serial number.
pub fn by_serial_number(db: &mut Db, text: &str) -> Result<Option<DeviceRow>, StoreError> {
    let query = devices::table.filter(devices::serial_number.eq(text)).select(DeviceRow::as_select());
    Ok(query.first(db).optional()?)
}

/// Adds one.
pub fn insert(db: &mut Db, row: &DeviceRow) -> Result<(), StoreError> {
    diesel::insert_into(devices::table).values(row).execute(db)?;
    Ok(())
}

/// Adds several.
pub fn insert_all(db: &mut Db, rows: &[&DeviceRow]) -> Result<(), StoreError> {
    match db {
        Db::Postgres(db) => {
            // As many values as a statement takes there: 65,535.
            for some in rows.chunks(1000) {
                diesel::insert_into(devices::table).values(some.to_vec()).execute(db)?;
            }
        }
        Db::Sqlite(db) => {
            for row in rows {
                diesel::insert_into(devices::table).values(*row).execute(db)?;
            }
        }
    }
    Ok(())
}

/// Brings devices into a product; they take its platform.
pub fn bring_in(
    db: &mut Db,
    ids: &[String],
    product: i64,
    platform: i32,
    now: i64,
) -> Result<(), StoreError> {
    if ids.is_empty() {
        return Ok(());
    }
    let to =
        (devices::product_id.eq(product), devices::platform_id.eq(platform), devices::updated_at.eq(now));
    diesel::update(devices::table.filter(devices::id.eq_any(ids))).set(to).execute(db)?;
    Ok(())
}

/// Lets devices out of quarantine.
pub fn approve(db: &mut Db, ids: &[String], now: i64) -> Result<(), StoreError> {
    if ids.is_empty() {
        return Ok(());
    }
    let to = (devices::quarantined.eq(false), devices::denied.eq(false), devices::updated_at.eq(now));
    diesel::update(devices::table.filter(devices::id.eq_any(ids))).set(to).execute(db)?;
    Ok(())
}

/// Makes devices somebody's.
pub fn claim(db: &mut Db, ids: &[String], owner: i64, now: i64) -> Result<(), StoreError> {
    if ids.is_empty() {
        return Ok(());
    }
    let to = (devices::owner_id.eq(owner), devices::updated_at.eq(now));
    diesel::update(devices::table.filter(devices::id.eq_any(ids))).set(to).execute(db)?;
    Ok(())
}

/// Writes every column of a row that exists.
pub fn update(db: &mut Db, row: &DeviceRow) -> Result<(), StoreError> {
    diesel::update(row).set(row).execute(db)?;
    Ok(())
}

/// Takes note of a device's sign of life, unless a later one is known.
pub fn heard(db: &mut Db, id: &str, at: i64) -> Result<(), StoreError> {
    let earlier = devices::last_heard.is_null().or(devices::last_heard.lt(at));
    diesel::update(devices::table.filter(devices::id.eq(id).and(earlier)))
        .set(devices::last_heard.eq(at))
        .execute(db)?;
    Ok(())
}

/// Takes its owner from each device of an account or customer.
pub fn release_all(db: &mut Db, owner: i64) -> Result<(), StoreError> {
    // What he said of those that are nobody's then is not for the next.
    let no_notes =
        (devices::name.eq(""), devices::notes.eq(None::<String>), devices::firmware_updates_forced.eq(false));
    let own = devices::table.filter(devices::owner_id.eq(owner).and(devices::product_id.is_null()));
    diesel::update(own).set(no_notes).execute(db)?;
    diesel::update(devices::table.filter(devices::owner_id.eq(owner)))
        .set(devices::owner_id.eq(None::<i64>))
        .execute(db)?;
    Ok(())
}

/// How many devices of an owner are in which products.
pub fn count_in_products(db: &mut Db, owner: i64) -> Result<Vec<(i64, i64)>, StoreError> {
    let query = devices::table
        .filter(devices::owner_id.eq(owner).and(devices::product_id.is_not_null()))
        .group_by(devices::product_id)
        .order(devices::product_id)
        .select((devices::product_id.assume_not_null(), diesel::dsl::count_star()));
    Ok(query.load(db)?)
}

/// The first devices of an owner in a product, by ID.
pub fn first_of_owner(db: &mut Db, owner: i64, product: i64, limit: i64) -> Result<Vec<String>, StoreError> {
    let query = devices::table
        .filter(devices::owner_id.eq(owner).and(devices::product_id.eq(product)))
        .order(devices::id)
        .select(devices::id)
        .limit(limit);
    Ok(query.load(db)?)
}

/// How many devices an owner has, and how many of them are of these platforms.
pub fn count_of_owner(db: &mut Db, owner: i64, platforms: &[i32]) -> Result<(i64, i64), StoreError> {
    let own = devices::table.filter(devices::owner_id.eq(owner));
    let all = own.count().get_result(db)?;
    let of_platforms = own.filter(devices::platform_id.eq_any(platforms)).count().get_result(db)?;
    Ok((all, of_platforms))
}

/// How many there are, for `mote check`.
pub fn count(db: &mut Db) -> Result<i64, StoreError> {
    Ok(devices::table.count().get_result(db)?)
}
