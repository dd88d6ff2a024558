//! Rows of `device_groups` and `group_members`.

use std::collections::HashMap;

use diesel::prelude::*;

use crate::schema::groups::{device_groups, gone_groups, group_members};
use crate::{Db, StoreError};

/// A device group.
#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = device_groups)]
pub struct GroupRow {
    /// Key.
    pub id: i64,
    /// The product that it is of.
    pub product_id: i64,
    /// Name, unique there.
    pub name: String,
    /// Description.
    pub description: String,
    /// Color.
    pub color: String,
    /// How many devices are in it; kept with each change.
    pub device_count: i64,
    /// The firmware version released to it.
    pub firmware_version: Option<i32>,
    /// Made.
    pub created_at: i64,
    /// Changed.
    pub updated_at: i64,
}

/// The groups of some products, product by product, each by name.
pub fn of_products(db: &mut Db, products: &[i64]) -> Result<Vec<GroupRow>, StoreError> {
    let query = device_groups::table.filter(device_groups::product_id.eq_any(products));
    let query = query.order((device_groups::product_id, device_groups::name));
    Ok(query.select(GroupRow::as_select()).load(db)?)
}

/// How many a product has.
pub fn count(db: &mut Db, product: i64) -> Result<i64, StoreError> {
    Ok(device_groups::table.filter(device_groups::product_id.eq(product)).count().get_result(db)?)
}

/// By name.
pub fn by_name(db: &mut Db, product: i64, name: &str) -> Result<Option<GroupRow>, StoreError> {
    let query = device_groups::table
        .filter(device_groups::product_id.eq(product).and(device_groups::name.eq(name)))
        .select(GroupRow::as_select());
    Ok(query.first(db).optional()?)
}

/// Adds one; a taken name is [`StoreError::is_duplicate`].
pub fn insert(db: &mut Db, row: &GroupRow) -> Result<(), StoreError> {
    diesel::insert_into(device_groups::table).values(row).execute(db)?;
    Ok(())
}

/// Writes what people can change of a group: never its count and release, which others write meanwhile.
pub fn update(db: &mut Db, row: &GroupRow) -> Result<(), StoreError> {
    diesel::update(device_groups::table.find(row.id))
        .set((
            device_groups::name.eq(&row.name),
            device_groups::description.eq(&row.description),
            device_groups::color.eq(&row.color),
            device_groups::updated_at.eq(row.updated_at),
        ))
        .execute(db)?;
    Ok(())
}

/// Releases a firmware version to a group, or none.
pub fn release(db: &mut Db, id: i64, version: Option<i32>, now: i64) -> Result<(), StoreError> {
    diesel::update(device_groups::table.find(id))
        .set((device_groups::firmware_version.eq(version), device_groups::updated_at.eq(now)))
        .execute(db)?;
    Ok(())
}

/// Removes one. Nobody is in it from here on; `gone_groups` names it until its memberships are swept.
pub fn delete(db: &mut Db, id: i64) -> Result<(), StoreError> {
    diesel::delete(device_groups::table.find(id)).execute(db)?;
    diesel::insert_into(gone_groups::table).values(gone_groups::id.eq(id)).execute(db)?;
    Ok(())
}

/// Removes all of a product, likewise.
pub fn delete_of_product(db: &mut Db, product: i64) -> Result<(), StoreError> {
    for row in of_products(db, &[product])? {
        delete(db, row.id)?;
    }
    Ok(())
}

/// Removes at most `limit` memberships of groups that are gone: how many.
pub fn sweep(db: &mut Db, limit: i64) -> Result<usize, StoreError> {
    let Some(gone) = gone_groups::table.select(gone_groups::id).first::<i64>(db).optional()? else {
        return Ok(0);
    };
    let members = group_members::table.filter(group_members::group_id.eq(gone));
    let some: Vec<String> = members.select(group_members::device_id).limit(limit).load(db)?;
    if some.is_empty() {
        diesel::delete(gone_groups::table.find(gone)).execute(db)?;
        return Ok(1);
    }
    let swept = members.filter(group_members::device_id.eq_any(&some));
    diesel::delete(swept).execute(db)?;
    Ok(some.len())
}

/// The groups that some devices are in: device by device, each with key and name, by name.
pub fn of_devices(db: &mut Db, devices: &[&str]) -> Result<Vec<(String, i64, String)>, StoreError> {
    let query = group_members::table
        .inner_join(device_groups::table.on(device_groups::id.eq(group_members::group_id)))
        .filter(group_members::device_id.eq_any(devices))
        .order((group_members::device_id, device_groups::name))
        .select((group_members::device_id, device_groups::id, device_groups::name));
    Ok(query.load(db)?)
}

/// The names of the groups that some devices are in, sorted, by device; devices in none are left out.
pub fn names_of(db: &mut Db, devices: &[String]) -> Result<HashMap<String, Vec<String>>, StoreError> {
    let ids: Vec<&str> = devices.iter().map(String::as_str).collect();
    let mut names: HashMap<String, Vec<String>> = HashMap::new();
    for (device, _, name) in of_devices(db, &ids)? {
        names.entry(device).or_default().push(name);
    }
    Ok(names)
}

/// Puts a device into a group; nothing changes where it is in it.
pub fn join(db: &mut Db, group: i64, device: &str) -> Result<(), StoreError> {
    let present = group_members::table.find((group, device)).count().get_result::<i64>(db)?;
    if present == 0 {
        let row = (group_members::group_id.eq(group), group_members::device_id.eq(device));
        diesel::insert_into(group_members::table).values(row).execute(db)?;
        count_by(db, group, 1)?;
    }
    Ok(())
}

/// Takes a device out of a group; nothing changes where it is not in it.
pub fn leave(db: &mut Db, group: i64, device: &str) -> Result<(), StoreError> {
    let left = diesel::delete(group_members::table.find((group, device))).execute(db)?;
    if left > 0 { count_by(db, group, -1) } else { Ok(()) }
}

/// Takes a device out of every group.
pub fn leave_all(db: &mut Db, device: &str) -> Result<(), StoreError> {
    let members = group_members::table.filter(group_members::device_id.eq(device));
    for group in members.select(group_members::group_id).load::<i64>(db)? {
        leave(db, group, device)?;
    }
    Ok(())
}

fn count_by(db: &mut Db, group: i64, change: i64) -> Result<(), StoreError> {
    diesel::update(device_groups::table.find(group))
        .set(device_groups::device_count.eq(device_groups::device_count + change))
        .execute(db)?;
    Ok(())
}
