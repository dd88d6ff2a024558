//! Rows of `deliveries`: the queue.

use diesel::prelude::*;

use crate::schema::integrations::deliveries;
use crate::{Db, SpaceKey, StoreError};

/// An event that is due at an integration.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = deliveries)]
pub struct DeliveryRow {
    /// Key, growing with time.
    pub id: i64,
    /// The integration.
    pub integration_id: i64,
    /// The event, as JSON.
    pub event: String,
    /// How often it was tried.
    pub attempts: i16,
    /// From when on it may be taken.
    pub due_at: i64,
    /// Whether somebody took it; `due_at` is when he is given up then.
    pub leased: bool,
    /// When the event was.
    pub created_at: i64,
    /// The node that took it; 0 where nobody has.
    pub node: i32,
    /// [`SpaceKey::kind`] of whose integration it is.
    pub space_kind: i16,
    /// [`SpaceKey::id`] of whose integration it is.
    pub space_id: i64,
}

impl DeliveryRow {
    /// Whose integration it is.
    #[must_use]
    pub fn space(&self) -> SpaceKey {
        space(self.space_kind, self.space_id)
    }
}

/// A kind that nobody knows is nobody's.
fn space(kind: i16, id: i64) -> SpaceKey {
    SpaceKey::from_parts(kind, id).unwrap_or(SpaceKey::Account(0))
}

/// What stays where it is when rows are taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PassedOver {
    /// Rows of these integrations.
    pub integrations: Vec<i64>,
    /// Rows of these spaces.
    pub spaces: Vec<SpaceKey>,
}

impl PassedOver {
    /// The spaces of the kind of this one.
    fn like(&self, kind: i16) -> Vec<i64> {
        self.spaces.iter().filter(|space| space.kind() == kind).map(|space| space.id()).collect()
    }
}

macro_rules! but {
    ($passed_over:expr) => {{
        let [account, product, organization] =
            [SpaceKey::Account(0), SpaceKey::Product(0), SpaceKey::Organization(0)].map(SpaceKey::kind);
        deliveries::table
            .filter(deliveries::integration_id.ne_all($passed_over.integrations.clone()))
            .filter(
                deliveries::space_kind
                    .ne(account)
                    .or(deliveries::space_id.ne_all($passed_over.like(account))),
            )
            .filter(
                deliveries::space_kind
                    .ne(product)
                    .or(deliveries::space_id.ne_all($passed_over.like(product))),
            )
            .filter(
                deliveries::space_kind
                    .ne(organization)
                    .or(deliveries::space_id.ne_all($passed_over.like(organization))),
            )
    }};
}

/// Puts some into the queue.
pub fn insert(db: &mut Db, rows: &[DeliveryRow]) -> Result<(), StoreError> {
    for row in rows {
        diesel::insert_into(deliveries::table).values(row).execute(db)?;
    }
    Ok(())
}

/// Those that are due, the first `limit`, but for what is passed over; on PostgreSQL without those that another node is just
/// taking.
pub fn due(
    db: &mut Db,
    now: i64,
    limit: i64,
    passed_over: &PassedOver,
) -> Result<Vec<DeliveryRow>, StoreError> {
    let due = but!(passed_over).filter(deliveries::due_at.le(now));
    let due = due.order((deliveries::due_at, deliveries::id)).limit(limit);
    Ok(match db {
        Db::Sqlite(db) => due.select(DeliveryRow::as_select()).load(db)?,
        Db::Postgres(db) => due.select(DeliveryRow::as_select()).for_update().skip_locked().load(db)?,
    })
}

/// Takes these for a node: until `until` they are due for nobody else.
pub fn lease(db: &mut Db, ids: &[i64], until: i64, node: i32) -> Result<(), StoreError> {
    if !ids.is_empty() {
        diesel::update(deliveries::table.filter(deliveries::id.eq_any(ids.to_vec())))
            .set((deliveries::due_at.eq(until), deliveries::leased.eq(true), deliveries::node.eq(node)))
            .execute(db)?;
    }
    Ok(())
}

/// When the next one is due, but for what is passed over.
pub fn next_due(db: &mut Db, passed_over: &PassedOver) -> Result<Option<i64>, StoreError> {
    let query = but!(passed_over).order((deliveries::due_at, deliveries::id)).select(deliveries::due_at);
    Ok(query.first(db).optional()?)
}

/// Puts one back, to be taken from `due_at` on.
pub fn put_back(db: &mut Db, id: i64, attempts: i16, due_at: i64) -> Result<(), StoreError> {
    diesel::update(deliveries::table.find(id))
        .set((deliveries::attempts.eq(attempts), deliveries::due_at.eq(due_at), deliveries::leased.eq(false)))
        .execute(db)?;
    Ok(())
}

/// Makes all that somebody took due at once: for a start, when nobody else can be at work on them.
pub fn release(db: &mut Db, now: i64) -> Result<usize, StoreError> {
    Ok(diesel::update(deliveries::table.filter(deliveries::leased.eq(true)))
        .set((deliveries::due_at.eq(now), deliveries::leased.eq(false)))
        .execute(db)?)
}

/// The nodes that took something of which nothing was heard yet.
pub fn takers(db: &mut Db) -> Result<Vec<i32>, StoreError> {
    let taken = deliveries::table.filter(deliveries::leased.eq(true));
    Ok(taken.select(deliveries::node).distinct().load(db)?)
}

/// Makes all due at once that these nodes took: they are gone. How much it is.
pub fn release_of(db: &mut Db, nodes: &[i32], now: i64) -> Result<usize, StoreError> {
    let taken =
        deliveries::table.filter(deliveries::leased.eq(true).and(deliveries::node.eq_any(nodes.to_vec())));
    Ok(diesel::update(taken).set((deliveries::due_at.eq(now), deliveries::leased.eq(false))).execute(db)?)
}

/// Removes these.
pub fn delete(db: &mut Db, ids: &[i64]) -> Result<(), StoreError> {
    if !ids.is_empty() {
        diesel::delete(deliveries::table.filter(deliveries::id.eq_any(ids.to_vec()))).execute(db)?;
    }
    Ok(())
}

/// How many wait for each integration, with whose it is.
pub fn counts(db: &mut Db) -> Result<Vec<(SpaceKey, i64, i64)>, StoreError> {
    let by = (deliveries::space_kind, deliveries::space_id, deliveries::integration_id);
    let query = deliveries::table.group_by(by).select((by, diesel::dsl::count_star()));
    let found: Vec<((i16, i64, i64), i64)> = query.load(db)?;
    Ok(found
        .into_iter()
        .map(|((kind, id, integration), count)| (space(kind, id), integration, count))
        .collect())
}

/// Removes at most `limit` of those from before `before`; how many.
pub fn sweep(db: &mut Db, before: i64, limit: i64) -> Result<usize, StoreError> {
    let old = deliveries::table.filter(deliveries::created_at.lt(before)).select(deliveries::id);
    let old: Vec<i64> = old.order(deliveries::created_at).limit(limit).load(db)?;
    delete(db, &old)?;
    Ok(old.len())
}
