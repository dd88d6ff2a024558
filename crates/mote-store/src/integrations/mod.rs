//! Rows of `integrations`, of their queue ([`deliveries`]) and of their logs ([`logs`]).

pub mod deliveries;
pub mod logs;

use diesel::prelude::*;

use crate::schema::integrations::integrations;
use crate::{Db, SpaceKey, StoreError};

/// An integration.
#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = integrations)]
pub struct IntegrationRow {
    /// Key, growing with time.
    pub id: i64,
    /// [`SpaceKey::kind`] of whose it is.
    pub space_kind: i16,
    /// [`SpaceKey::id`] of whose it is.
    pub space_id: i64,
    /// Its type; the domain numbers them.
    pub kind: i16,
    /// What the names of the events begin with that fire it.
    pub event: String,
    /// What people call it.
    pub name: String,
    /// The one device whose events fire it; null for all.
    pub device_id: Option<String>,
    /// Whether it is switched off.
    pub disabled: bool,
    /// The rest of its settings, under the server key.
    pub sealed: Vec<u8>,
    /// Made.
    pub created_at: i64,
    /// Changed.
    pub updated_at: i64,
}

/// What decides whether an event fires an integration.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = integrations)]
pub struct TriggerRow {
    /// Key.
    pub id: i64,
    /// What the event's name begins with.
    pub event: String,
    /// The one device.
    pub device_id: Option<String>,
}

macro_rules! of {
    ($space:expr) => {
        integrations::table
            .filter(integrations::space_kind.eq($space.kind()).and(integrations::space_id.eq($space.id())))
    };
}

/// By key.
pub fn get(db: &mut Db, id: i64) -> Result<Option<IntegrationRow>, StoreError> {
    Ok(integrations::table.find(id).select(IntegrationRow::as_select()).first(db).optional()?)
}

/// Those of a space, oldest first, the first `limit`.
pub fn list(db: &mut Db, space: SpaceKey, limit: i64) -> Result<Vec<IntegrationRow>, StoreError> {
    Ok(of!(space).order(integrations::id).limit(limit).select(IntegrationRow::as_select()).load(db)?)
}

/// What fires those of a space that are switched on, the first `limit`.
pub fn triggers(db: &mut Db, space: SpaceKey, limit: i64) -> Result<Vec<TriggerRow>, StoreError> {
    let on = of!(space).filter(integrations::disabled.eq(false));
    Ok(on.order(integrations::id).limit(limit).select(TriggerRow::as_select()).load(db)?)
}

/// How many a space has.
pub fn count(db: &mut Db, space: SpaceKey) -> Result<i64, StoreError> {
    Ok(of!(space).count().get_result(db)?)
}

/// Adds one.
pub fn insert(db: &mut Db, row: &IntegrationRow) -> Result<(), StoreError> {
    diesel::insert_into(integrations::table).values(row).execute(db)?;
    Ok(())
}

/// Puts another in the place of one: all but its key, its space and when it was made.
pub fn replace(db: &mut Db, row: &IntegrationRow) -> Result<(), StoreError> {
    diesel::update(integrations::table.find(row.id))
        .set((
            integrations::kind.eq(row.kind),
            integrations::event.eq(&row.event),
            integrations::name.eq(&row.name),
            integrations::device_id.eq(&row.device_id),
            integrations::disabled.eq(row.disabled),
            integrations::sealed.eq(&row.sealed),
            integrations::updated_at.eq(row.updated_at),
        ))
        .execute(db)?;
    Ok(())
}

/// Removes one. What is queued for it is dropped when it is due, and its logs with their age.
pub fn delete(db: &mut Db, id: i64) -> Result<(), StoreError> {
    diesel::delete(integrations::table.find(id)).execute(db)?;
    Ok(())
}

/// Removes all of a space; their keys.
pub fn delete_of_space(db: &mut Db, space: SpaceKey) -> Result<Vec<i64>, StoreError> {
    let gone = of!(space).select(integrations::id).load(db)?;
    diesel::delete(of!(space)).execute(db)?;
    Ok(gone)
}
