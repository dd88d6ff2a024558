//! Looking for devices and SIM cards by what people remember of them. Every query here walks an index from a place in it,
//! and is bounded by the number of rows that it may give.

use diesel::prelude::*;

use crate::devices::lower;
use crate::schema::devices::devices;
use crate::schema::sims::sims;
use crate::sims::SimRow;
use crate::{Db, StoreError, end_of, sims as cards};

/// Where devices are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Within {
    /// Among those that an account claimed.
    Owner(i64),
    /// Among those of a product.
    Product(i64),
}

/// A device that was found.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = devices)]
pub struct FoundDevice {
    /// ID.
    pub id: String,
    /// Name; empty for none.
    pub name: String,
    /// The product it is in.
    pub product_id: Option<i64>,
    /// Whose it is.
    pub owner_id: Option<i64>,
}

macro_rules! within {
    ($query:expr, $within:expr, $db:expr) => {
        match $within {
            Within::Owner(id) => $query.filter(devices::owner_id.eq(id)).load($db),
            Within::Product(id) => $query.filter(devices::product_id.eq(id)).load($db),
        }
    };
}

/// Devices whose ID begins with `start`, in lower case.
pub fn devices_by_id(
    db: &mut Db,
    within: Within,
    start: &str,
    limit: i64,
) -> Result<Vec<FoundDevice>, StoreError> {
    let query = devices::table
        .filter(devices::id.ge(start).and(devices::id.lt(end_of(start))))
        .order(devices::id)
        .limit(limit)
        .select(FoundDevice::as_select());
    Ok(within!(query, within, db)?)
}

/// Devices whose name begins with `start`, which is in lower case as the engines have it: of ASCII letters alone.
pub fn devices_by_name(
    db: &mut Db,
    within: Within,
    start: &str,
    limit: i64,
) -> Result<Vec<FoundDevice>, StoreError> {
    let name = lower(devices::name);
    let query = devices::table
        .filter(name.ge(start).and(name.lt(end_of(start))))
        .order(name)
        .limit(limit)
        .select(FoundDevice::as_select());
    Ok(within!(query, within, db)?)
}

/// The names of the first devices in the order of names, and their IDs; those without a name left out.
pub fn device_names(db: &mut Db, within: Within, limit: i64) -> Result<Vec<(String, String)>, StoreError> {
    let query = devices::table
        .filter(devices::name.gt(""))
        .order(devices::name)
        .limit(limit)
        .select((devices::name, devices::id));
    Ok(within!(query, within, db)?)
}

/// A device by ID.
pub fn device(db: &mut Db, id: &str) -> Result<Option<FoundDevice>, StoreError> {
    Ok(devices::table.find(id).select(FoundDevice::as_select()).first(db).optional()?)
}

/// Devices with this serial number, IMEI or SIM card: at most `limit` for each, of anybody's.
pub fn devices_by_identifier(db: &mut Db, text: &str, limit: i64) -> Result<Vec<FoundDevice>, StoreError> {
    macro_rules! with {
        ($column:ident) => {
            devices::table
                .filter(devices::$column.eq(text))
                .order(devices::id)
                .limit(limit)
                .select(FoundDevice::as_select())
                .load(db)?
        };
    }
    let mut found: Vec<FoundDevice> = with!(serial_number);
    found.extend::<Vec<FoundDevice>>(with!(imei));
    found.extend::<Vec<FoundDevice>>(with!(iccid));
    Ok(found)
}

/// SIM cards whose number begins with `start`.
pub fn sims_by_number(
    db: &mut Db,
    owner: cards::Owner,
    start: &str,
    limit: i64,
) -> Result<Vec<SimRow>, StoreError> {
    let query = sims::table
        .filter(sims::iccid.ge(start).and(sims::iccid.lt(end_of(start))))
        .order(sims::iccid)
        .limit(limit)
        .select(SimRow::as_select());
    Ok(match owner {
        cards::Owner::Account(id) => query.filter(sims::account_id.eq(id)).load(db),
        cards::Owner::Product(id) => query.filter(sims::product_id.eq(id)).load(db),
    }?)
}
