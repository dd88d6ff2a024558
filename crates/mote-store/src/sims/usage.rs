//! Rows of `sim_usage` and `sim_fleet_usage`: bytes by day.

use diesel::prelude::*;

use crate::schema::sims::{sim_fleet_usage, sim_usage};
use crate::{Db, StoreError};

/// What a card used on a day.
#[derive(Clone, Queryable, Selectable, Insertable, Identifiable, AsChangeset)]
#[diesel(table_name = sim_usage, primary_key(iccid, day), treat_none_as_null = true)]
pub struct UsageRow {
    /// The card.
    pub iccid: String,
    /// The day, in days since 1970.
    pub day: i32,
    /// The product whose the card was when that day was first recorded.
    pub product_id: Option<i64>,
    /// Bytes.
    pub bytes: i64,
}

/// A day, and the bytes used on it.
pub type DayUsage = (i32, i64);

/// What a card used on a day, if that was recorded.
pub fn usage_on(db: &mut Db, iccid: &str, day: i32) -> Result<Option<UsageRow>, StoreError> {
    Ok(sim_usage::table.find((iccid, day)).select(UsageRow::as_select()).first(db).optional()?)
}

/// Writes what a card used on a day.
pub fn put_usage(db: &mut Db, row: &UsageRow) -> Result<(), StoreError> {
    if diesel::update(row).set(row).execute(db)? == 0 {
        diesel::insert_into(sim_usage::table).values(row).execute(db)?;
    }
    Ok(())
}

/// What a card used from `first` to `last`, days without a record left out.
pub fn usage_between(db: &mut Db, iccid: &str, first: i32, last: i32) -> Result<Vec<DayUsage>, StoreError> {
    let days = sim_usage::iccid.eq(iccid).and(sim_usage::day.between(first, last));
    let query = sim_usage::table.filter(days).order(sim_usage::day);
    Ok(query.select((sim_usage::day, sim_usage::bytes)).load(db)?)
}

/// Adds to what a product's cards used on a day (or takes from it, below zero).
pub fn add_fleet_usage(db: &mut Db, product: i64, day: i32, bytes: i64) -> Result<(), StoreError> {
    let of_day = sim_fleet_usage::table.find((product, day));
    let added = sim_fleet_usage::bytes.eq(sim_fleet_usage::bytes + bytes);
    if diesel::update(of_day).set(added).execute(db)? == 0 {
        let row = (
            sim_fleet_usage::product_id.eq(product),
            sim_fleet_usage::day.eq(day),
            sim_fleet_usage::bytes.eq(bytes),
        );
        diesel::insert_into(sim_fleet_usage::table).values(row).execute(db)?;
    }
    Ok(())
}

/// What a product's cards used from `first` to `last`, days without a record left out.
pub fn fleet_usage(db: &mut Db, product: i64, first: i32, last: i32) -> Result<Vec<DayUsage>, StoreError> {
    let days = sim_fleet_usage::product_id.eq(product).and(sim_fleet_usage::day.between(first, last));
    let query = sim_fleet_usage::table.filter(days).order(sim_fleet_usage::day);
    Ok(query.select((sim_fleet_usage::day, sim_fleet_usage::bytes)).load(db)?)
}

/// Forgets what a card used: a few months of days at most.
pub fn delete_usage(db: &mut Db, iccid: &str) -> Result<(), StoreError> {
    diesel::delete(sim_usage::table.filter(sim_usage::iccid.eq(iccid))).execute(db)?;
    Ok(())
}

/// Removes at most `limit` records of days before `day`, of cards and of products each; how many.
pub fn sweep_usage(db: &mut Db, day: i32, limit: i64) -> Result<usize, StoreError> {
    let old: Vec<(String, i32)> = sim_usage::table
        .filter(sim_usage::day.lt(day))
        .order(sim_usage::day)
        .select((sim_usage::iccid, sim_usage::day))
        .limit(limit)
        .load(db)?;
    for (iccid, day) in &old {
        diesel::delete(sim_usage::table.find((iccid, day))).execute(db)?;
    }
    let of_fleets: Vec<(i64, i32)> = sim_fleet_usage::table
        .filter(sim_fleet_usage::day.lt(day))
        .order(sim_fleet_usage::day)
        .select((sim_fleet_usage::product_id, sim_fleet_usage::day))
        .limit(limit)
        .load(db)?;
    for (product, day) in &of_fleets {
        diesel::delete(sim_fleet_usage::table.find((product, day))).execute(db)?;
    }
    Ok(old.len() + of_fleets.len())
}
