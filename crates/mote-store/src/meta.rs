//! Facts about the database itself, and counters.

use diesel::prelude::*;

use crate::schema::meta::{counters, meta};
use crate::{Db, StoreError};

/// A fact by its name.
pub fn get(db: &mut Db, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
    Ok(meta::table.find(name).select(meta::value).first(db).optional()?)
}

/// Writes a fact that was not there.
pub fn insert(db: &mut Db, name: &str, value: &[u8]) -> Result<(), StoreError> {
    diesel::insert_into(meta::table).values((meta::name.eq(name), meta::value.eq(value))).execute(db)?;
    Ok(())
}

/// Writes a fact, whether or not it was there.
pub fn set(db: &mut Db, name: &str, value: &[u8]) -> Result<(), StoreError> {
    if diesel::update(meta::table.find(name)).set(meta::value.eq(value)).execute(db)? == 0 {
        insert(db, name, value)?;
    }
    Ok(())
}

/// Removes a fact.
pub fn remove(db: &mut Db, name: &str) -> Result<(), StoreError> {
    diesel::delete(meta::table.find(name)).execute(db)?;
    Ok(())
}

/// The next number of a series that begins at `first`; never the same twice, whatever is deleted meanwhile.
pub fn next_number(db: &mut Db, series: &str, first: i64) -> Result<i64, StoreError> {
    let last: Option<i64> = counters::table.find(series).select(counters::value).first(db).optional()?;
    let next = last.map_or(first, |last| last + 1);
    if last.is_some() {
        diesel::update(counters::table.find(series)).set(counters::value.eq(next)).execute(db)?;
    } else {
        diesel::insert_into(counters::table)
            .values((counters::name.eq(series), counters::value.eq(next)))
            .execute(db)?;
    }
    Ok(next)
}

/// How much a counter stands at; 0 for one that nothing was added to.
pub fn count(db: &mut Db, name: &str) -> Result<i64, StoreError> {
    let count: Option<i64> = counters::table.find(name).select(counters::value).first(db).optional()?;
    Ok(count.unwrap_or(0))
}

/// Adds to a counter (or takes away, below zero).
pub fn add_to_count(db: &mut Db, name: &str, more: i64) -> Result<(), StoreError> {
    let changed = diesel::update(counters::table.find(name))
        .set(counters::value.eq(counters::value + more))
        .execute(db)?;
    if changed == 0 {
        diesel::insert_into(counters::table)
            .values((counters::name.eq(name), counters::value.eq(more)))
            .execute(db)?;
    }
    Ok(())
}

/// Removes a counter.
pub fn forget_count(db: &mut Db, name: &str) -> Result<(), StoreError> {
    diesel::delete(counters::table.find(name)).execute(db)?;
    Ok(())
}
