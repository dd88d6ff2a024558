//! Rows of `fleet_counts` and `fleet_traits`.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use crate::schema::fleet_metrics::{fleet_counts, fleet_traits};
use crate::{Db, StoreError};

/// What a product's devices have in common that metrics can be narrowed by.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, Identifiable)]
#[diesel(table_name = fleet_traits)]
pub struct TraitsRow {
    /// Key.
    pub id: i64,
    /// Whose devices.
    pub product_id: i64,
    /// Product firmware version; -1 for unknown.
    pub product_fw: i32,
    /// Device OS version; empty for unknown.
    pub device_os: String,
    /// JSON array of names, sorted.
    pub groups: String,
    /// Last used, to the day or so.
    pub used_at: i64,
}

/// Where something is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// Whose.
    pub product_id: i64,
    /// What is counted.
    pub what: i16,
    /// The bucket's width in seconds.
    pub width: i32,
    /// The bucket's start in seconds since 1970.
    pub bucket: i64,
    /// The traits of the devices.
    pub traits_id: i64,
}

/// Part of a product's counts.
#[derive(Clone, Debug)]
pub struct Range {
    /// Whose.
    pub product_id: i64,
    /// What is counted.
    pub what: Vec<i16>,
    /// The buckets' width in seconds.
    pub width: i32,
    /// The first bucket's start.
    pub from: i64,
    /// The last bucket's start.
    pub to: i64,
    /// Of devices with these traits only.
    pub traits: Option<Vec<i64>>,
}

/// Counts more.
pub fn add(db: &mut Db, place: Place, more: i64) -> Result<(), StoreError> {
    let Place { product_id, what, width, bucket, traits_id } = place;
    let there = fleet_counts::table.find((product_id, what, width, bucket, traits_id));
    let updated =
        diesel::update(there).set(fleet_counts::count.eq(fleet_counts::count + more)).execute(db)?;
    if updated == 0 {
        let row = (
            fleet_counts::product_id.eq(product_id),
            fleet_counts::what.eq(what),
            fleet_counts::width.eq(width),
            fleet_counts::bucket.eq(bucket),
            fleet_counts::traits_id.eq(traits_id),
            fleet_counts::count.eq(more),
        );
        diesel::insert_into(fleet_counts::table).values(row).execute(db)?;
    }
    Ok(())
}

/// What was counted: bucket, what, sum over the traits; by bucket. As many at most as buckets in the range, for each
/// thing that is counted.
pub fn sums(db: &mut Db, range: &Range) -> Result<Vec<(i64, i16, i64)>, StoreError> {
    let mut query = fleet_counts::table
        .filter(fleet_counts::product_id.eq(range.product_id))
        .filter(fleet_counts::what.eq_any(&range.what))
        .filter(fleet_counts::width.eq(range.width))
        .filter(fleet_counts::bucket.between(range.from, range.to))
        .group_by((fleet_counts::bucket, fleet_counts::what))
        .order((fleet_counts::bucket, fleet_counts::what))
        .select((fleet_counts::bucket, fleet_counts::what, sql::<BigInt>("CAST(SUM(count) AS BIGINT)")))
        .into_boxed();
    if let Some(traits) = &range.traits {
        query = query.filter(fleet_counts::traits_id.eq_any(traits));
    }
    Ok(query.load(db)?)
}

/// What was counted of several products in buckets from `from` on: product, what, sum.
pub fn totals(
    db: &mut Db,
    products: &[i64],
    what: &[i16],
    width: i32,
    from: i64,
) -> Result<Vec<(i64, i16, i64)>, StoreError> {
    let query = fleet_counts::table
        .filter(fleet_counts::product_id.eq_any(products))
        .filter(fleet_counts::what.eq_any(what))
        .filter(fleet_counts::width.eq(width).and(fleet_counts::bucket.ge(from)))
        .group_by((fleet_counts::product_id, fleet_counts::what))
        .select((fleet_counts::product_id, fleet_counts::what, sql::<BigInt>("CAST(SUM(count) AS BIGINT)")));
    Ok(query.load(db)?)
}

/// The traits of a product's devices, oldest first.
pub fn traits_of(db: &mut Db, product: i64, limit: i64) -> Result<Vec<TraitsRow>, StoreError> {
    let query = fleet_traits::table.filter(fleet_traits::product_id.eq(product)).order(fleet_traits::id);
    Ok(query.select(TraitsRow::as_select()).limit(limit).load(db)?)
}

/// Adds some.
pub fn insert_traits(db: &mut Db, row: &TraitsRow) -> Result<(), StoreError> {
    diesel::insert_into(fleet_traits::table).values(row).execute(db)?;
    Ok(())
}

/// Takes note that some are used; whether they still are there.
pub fn use_traits(db: &mut Db, id: i64, now: i64) -> Result<bool, StoreError> {
    Ok(diesel::update(fleet_traits::table.find(id)).set(fleet_traits::used_at.eq(now)).execute(db)? > 0)
}

/// Removes at most `limit` counts of this width that began before.
pub fn sweep_counts(db: &mut Db, width: i32, before: i64, limit: i64) -> Result<usize, StoreError> {
    type Key = (i64, i16, i64, i64);
    let old: Vec<Key> = fleet_counts::table
        .filter(fleet_counts::width.eq(width).and(fleet_counts::bucket.lt(before)))
        .order(fleet_counts::bucket)
        .select((fleet_counts::product_id, fleet_counts::what, fleet_counts::bucket, fleet_counts::traits_id))
        .limit(limit)
        .load(db)?;
    for (product, what, bucket, traits) in &old {
        diesel::delete(fleet_counts::table.find((product, what, width, bucket, traits))).execute(db)?;
    }
    Ok(old.len())
}

/// Removes at most `limit` traits that were last used before.
pub fn sweep_traits(db: &mut Db, before: i64, limit: i64) -> Result<usize, StoreError> {
    let old: Vec<i64> = fleet_traits::table
        .filter(fleet_traits::used_at.lt(before))
        .order(fleet_traits::used_at)
        .select(fleet_traits::id)
        .limit(limit)
        .load(db)?;
    Ok(diesel::delete(fleet_traits::table.filter(fleet_traits::id.eq_any(old))).execute(db)?)
}
