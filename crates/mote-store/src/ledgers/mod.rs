//! Rows of `ledgers`, and in the files below what ledgers hold.

pub mod instances;
pub mod versions;

use diesel::prelude::*;

use crate::schema::ledgers::ledgers;
use crate::{Db, SpaceKey, StoreError};

/// Stands for the space of a ledger that is gone with its owner.
const GONE: i16 = 0;

/// A ledger: what is kept under one name.
#[derive(Clone, Queryable, Selectable, Insertable, Identifiable)]
#[diesel(table_name = ledgers)]
pub struct LedgerRow {
    /// Key.
    pub id: i64,
    /// [`SpaceKey::kind`] of whose it is.
    pub space_kind: i16,
    /// [`SpaceKey::id`] of whose it is.
    pub space_id: i64,
    /// Name, unique there.
    pub name: String,
    /// Description.
    pub description: String,
    /// What there is one instance for each of; the domain numbers the scopes.
    pub scope: i16,
    /// Which way its data goes; the domain numbers the directions.
    pub direction: i16,
    /// How many instances it has; kept with each change.
    pub instance_count: i64,
    /// Made.
    pub created_at: i64,
    /// Changed.
    pub updated_at: i64,
    /// Archived; null while in use.
    pub archived_at: Option<i64>,
}

/// What a listing is narrowed to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// Only of this scope.
    pub scope: Option<i16>,
    /// Only archived ones, or only the others.
    pub archived: Option<bool>,
}

macro_rules! of {
    ($space:expr) => {
        ledgers::table
            .filter(ledgers::space_kind.eq($space.kind()).and(ledgers::space_id.eq($space.id())))
            .into_boxed()
    };
}

/// By key.
pub fn get(db: &mut Db, id: i64) -> Result<Option<LedgerRow>, StoreError> {
    Ok(ledgers::table.find(id).select(LedgerRow::as_select()).first(db).optional()?)
}

/// By name.
pub fn by_name(db: &mut Db, space: SpaceKey, name: &str) -> Result<Option<LedgerRow>, StoreError> {
    let query = of!(space).filter(ledgers::name.eq(name));
    Ok(query.select(LedgerRow::as_select()).first(db).optional()?)
}

/// How many a space has.
pub fn count(db: &mut Db, space: SpaceKey) -> Result<i64, StoreError> {
    Ok(of!(space).count().get_result(db)?)
}

/// A page of those of a space, by name, and how many there are on all pages.
pub fn page(
    db: &mut Db,
    space: SpaceKey,
    filter: Filter,
    offset: i64,
    limit: i64,
) -> Result<(Vec<LedgerRow>, i64), StoreError> {
    macro_rules! wanted {
        () => {{
            let mut query = of!(space);
            if let Some(scope) = filter.scope {
                query = query.filter(ledgers::scope.eq(scope));
            }
            match filter.archived {
                Some(true) => query.filter(ledgers::archived_at.is_not_null()),
                Some(false) => query.filter(ledgers::archived_at.is_null()),
                None => query,
            }
        }};
    }
    let total = wanted!().count().get_result(db)?;
    let query = wanted!().order(ledgers::name).offset(offset).limit(limit);
    Ok((query.select(LedgerRow::as_select()).load(db)?, total))
}

/// Adds one; a taken name is [`StoreError::is_duplicate`].
pub fn insert(db: &mut Db, row: &LedgerRow) -> Result<(), StoreError> {
    diesel::insert_into(ledgers::table).values(row).execute(db)?;
    Ok(())
}

/// Writes what people can change of one: never the count of its instances, which others write meanwhile.
pub fn update(db: &mut Db, row: &LedgerRow) -> Result<(), StoreError> {
    diesel::update(ledgers::table.find(row.id))
        .set((
            ledgers::description.eq(&row.description),
            ledgers::direction.eq(row.direction),
            ledgers::updated_at.eq(row.updated_at),
            ledgers::archived_at.eq(row.archived_at),
        ))
        .execute(db)?;
    Ok(())
}

/// Takes note that `added` instances came (or went, below zero).
pub fn instances_changed(db: &mut Db, id: i64, added: i64) -> Result<(), StoreError> {
    diesel::update(ledgers::table.find(id))
        .set(ledgers::instance_count.eq(ledgers::instance_count + added))
        .execute(db)?;
    Ok(())
}

/// Takes all ledgers from a space that ends; [`sweep_gone`] removes them and what they hold.
pub fn leave_space(db: &mut Db, space: SpaceKey) -> Result<(), StoreError> {
    let own = ledgers::space_kind.eq(space.kind()).and(ledgers::space_id.eq(space.id()));
    diesel::update(ledgers::table.filter(own))
        .set((ledgers::space_kind.eq(GONE), ledgers::space_id.eq(ledgers::id)))
        .execute(db)?;
    Ok(())
}

/// Removes at most `limit` rows of ledgers that are gone with their space, what they hold first; how many.
pub fn sweep_gone(db: &mut Db, limit: i64) -> Result<usize, StoreError> {
    let gone = ledgers::table.filter(ledgers::space_kind.eq(GONE)).select(ledgers::id);
    let Some(id) = gone.first::<i64>(db).optional()? else { return Ok(0) };
    let held = versions::delete_of_ledger(db, id, limit)? + instances::delete_of_ledger(db, id, limit)?;
    if held > 0 {
        return Ok(held);
    }
    Ok(diesel::delete(ledgers::table.find(id)).execute(db)?)
}
