//! Rows of `environments`: variables of a space, and under a product's of its devices.

use diesel::prelude::*;

use crate::schema::environments::environments;
use crate::{Db, SpaceKey, StoreError};

/// Stands for the space itself.
pub const SPACE: &str = "";

/// Variables of one level. Sets of them are JSON objects of name to value.
#[derive(Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = environments, treat_none_as_null = true)]
pub struct EnvironmentRow {
    /// [`SpaceKey::kind`] of whose they are.
    pub space_kind: i16,
    /// [`SpaceKey::id`] of whose they are.
    pub space_id: i64,
    /// The device, or [`SPACE`].
    pub device_id: String,
    /// What was set.
    pub latest: String,
    /// What was rolled out of it.
    pub snapshot: String,
    /// First set.
    pub created_at: Option<i64>,
    /// By whom.
    pub created_by: Option<String>,
    /// Last set.
    pub updated_at: Option<i64>,
    /// By whom.
    pub updated_by: Option<String>,
    /// Last rolled out.
    pub rollout_at: Option<i64>,
    /// By whom.
    pub rollout_by: Option<String>,
    /// When devices were to get it then; the domain numbers the ways.
    pub rollout_when: Option<i16>,
    /// What the device says that it has.
    pub reported: Option<String>,
    /// When it said so.
    pub reported_at: Option<i64>,
}

impl EnvironmentRow {
    /// One where nothing was set yet.
    #[must_use]
    pub fn new(space: SpaceKey, device: &str) -> Self {
        Self {
            space_kind: space.kind(),
            space_id: space.id(),
            device_id: device.to_owned(),
            latest: "{}".into(),
            snapshot: "{}".into(),
            created_at: None,
            created_by: None,
            updated_at: None,
            updated_by: None,
            rollout_at: None,
            rollout_by: None,
            rollout_when: None,
            reported: None,
            reported_at: None,
        }
    }
}

/// The variables of a space, or of a device in it.
pub fn get(db: &mut Db, space: SpaceKey, device: &str) -> Result<Option<EnvironmentRow>, StoreError> {
    let query = environments::table.find((space.kind(), space.id(), device));
    Ok(query.select(EnvironmentRow::as_select()).first(db).optional()?)
}

/// Writes them, whether or not there were any.
pub fn put(db: &mut Db, row: &EnvironmentRow) -> Result<(), StoreError> {
    let place = environments::table.find((row.space_kind, row.space_id, &row.device_id));
    if diesel::update(place).set(row).execute(db)? == 0 {
        diesel::insert_into(environments::table).values(row).execute(db)?;
    }
    Ok(())
}

/// Removes those of a space, or of a device in it.
pub fn delete(db: &mut Db, space: SpaceKey, device: &str) -> Result<(), StoreError> {
    diesel::delete(environments::table.find((space.kind(), space.id(), device))).execute(db)?;
    Ok(())
}

/// Removes all of a space and the devices in it.
pub fn delete_of_space(db: &mut Db, space: SpaceKey) -> Result<(), StoreError> {
    let own = environments::space_kind.eq(space.kind()).and(environments::space_id.eq(space.id()));
    diesel::delete(environments::table.filter(own)).execute(db)?;
    Ok(())
}
