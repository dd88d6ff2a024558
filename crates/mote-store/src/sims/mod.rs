//! Rows of `sims`: SIM cards of accounts and products.

mod usage;

use diesel::prelude::*;

use crate::devices::lower;
use crate::schema::devices::devices;
use crate::schema::sims::sims;
use crate::{Db, StoreError, pattern};

pub use usage::{
    DayUsage, UsageRow, add_fleet_usage, delete_usage, fleet_usage, put_usage, sweep_usage, usage_between,
    usage_on,
};

/// A SIM card.
#[derive(Clone, Queryable, Selectable, Insertable, Identifiable, AsChangeset)]
#[diesel(table_name = sims, primary_key(iccid), treat_none_as_null = true)]
pub struct SimRow {
    /// The number of the card.
    pub iccid: String,
    /// The account it belongs to, or
    pub account_id: Option<i64>,
    /// the product.
    pub product_id: Option<i64>,
    /// Whether it may connect.
    pub active: bool,
    /// Times activated.
    pub activations: i32,
    /// Times deactivated.
    pub deactivations: i32,
    /// First activation.
    pub first_activated_at: i64,
    /// Last activation.
    pub last_activated_at: i64,
    /// How that was asked for; the domain numbers the ways.
    pub last_activated_via: i16,
    /// What was last done to it; the domain numbers the actions.
    pub last_action: i16,
    /// MB that it may use a month.
    pub mb_limit: Option<i32>,
    /// The month that the next is of.
    pub period: i32,
    /// Bytes used in that month.
    pub period_bytes: i64,
    /// The last request for the state of the network.
    pub status_task: Option<i64>,
    /// When that was asked for.
    pub status_asked_at: Option<i64>,
    /// Came to its present holder.
    pub created_at: i64,
    /// Changed.
    pub updated_at: i64,
}

/// Whose SIM cards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// An account's.
    Account(i64),
    /// A product's.
    Product(i64),
}

/// What a listing is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Part of the number.
    pub iccid: Option<String>,
    /// Part of the ID of the device that has the card.
    pub device_id: Option<String>,
    /// Part of that device's name, in either case of ASCII letters.
    pub device_name: Option<String>,
}

/// The device that has a card: the card's number, the device's ID and name.
pub type Holder = (String, String, String);

/// By number.
pub fn get(db: &mut Db, iccid: &str) -> Result<Option<SimRow>, StoreError> {
    Ok(sims::table.find(iccid).select(SimRow::as_select()).first(db).optional()?)
}

/// Those of these numbers, in no order.
pub fn get_all(db: &mut Db, iccids: &[String]) -> Result<Vec<SimRow>, StoreError> {
    Ok(sims::table.filter(sims::iccid.eq_any(iccids)).select(SimRow::as_select()).load(db)?)
}

/// Adds several.
pub fn insert_all(db: &mut Db, rows: &[SimRow]) -> Result<(), StoreError> {
    match db {
        Db::Postgres(db) => {
            // As many values as a statement takes there: 65,535.
            for some in rows.chunks(1000) {
                diesel::insert_into(sims::table).values(some).execute(db)?;
            }
        }
        Db::Sqlite(db) => {
            for row in rows {
                diesel::insert_into(sims::table).values(row).execute(db)?;
            }
        }
    }
    Ok(())
}

/// Adds one.
pub fn insert(db: &mut Db, row: &SimRow) -> Result<(), StoreError> {
    diesel::insert_into(sims::table).values(row).execute(db)?;
    Ok(())
}

/// Writes every column of a row that exists.
pub fn update(db: &mut Db, row: &SimRow) -> Result<(), StoreError> {
    diesel::update(row).set(row).execute(db)?;
    Ok(())
}

/// Removes one, and what is known of its usage.
pub fn delete(db: &mut Db, iccid: &str) -> Result<(), StoreError> {
    delete_usage(db, iccid)?;
    diesel::delete(sims::table.find(iccid)).execute(db)?;
    Ok(())
}

/// Removes those of an account, which has a bounded number of them.
pub fn delete_of_account(db: &mut Db, account: i64) -> Result<(), StoreError> {
    let own: Vec<String> = sims::table.filter(sims::account_id.eq(account)).select(sims::iccid).load(db)?;
    for iccid in own {
        delete(db, &iccid)?;
    }
    Ok(())
}

/// How many there are.
pub fn count(db: &mut Db, owner: Owner) -> Result<i64, StoreError> {
    Ok(match owner {
        Owner::Account(id) => sims::table.filter(sims::account_id.eq(id)).count().get_result(db),
        Owner::Product(id) => sims::table.filter(sims::product_id.eq(id)).count().get_result(db),
    }?)
}

/// How many of a product's may connect.
pub fn count_active(db: &mut Db, product: i64) -> Result<i64, StoreError> {
    let active = sims::product_id.eq(product).and(sims::active.eq(true));
    Ok(sims::table.filter(active).count().get_result(db)?)
}

/// A page in the order of their numbers, and how many there are on all pages. A filter by device goes through the owner's
/// devices, one by number through the owner's cards: a part of a text has no index.
pub fn page(
    db: &mut Db,
    owner: Owner,
    filter: &Filter,
    offset: i64,
    limit: i64,
) -> Result<(Vec<SimRow>, i64), StoreError> {
    macro_rules! narrowed {
        ($query:expr) => {{
            let mut query = $query;
            if let Some(part) = &filter.iccid {
                query = query.filter(sims::iccid.like(pattern(part)).escape('\\'));
            }
            // The owner's cards that such a device has.
            let (id, name) = (filter.device_id.as_deref(), filter.device_name.as_deref());
            let with_card = devices::table
                .filter(devices::iccid.is_not_null())
                .filter(devices::id.like(pattern(id.unwrap_or_default())).escape('\\'))
                .filter(lower(devices::name).like(pattern(name.unwrap_or_default())).escape('\\'))
                .select(devices::iccid.assume_not_null());
            let by_device = id.is_some() || name.is_some();
            match owner {
                Owner::Account(id) => {
                    query = query.filter(sims::account_id.eq(id));
                    if by_device {
                        query = query.filter(sims::iccid.eq_any(with_card.filter(devices::owner_id.eq(id))));
                    }
                }
                Owner::Product(id) => {
                    query = query.filter(sims::product_id.eq(id));
                    if by_device {
                        query =
                            query.filter(sims::iccid.eq_any(with_card.filter(devices::product_id.eq(id))));
                    }
                }
            }
            query
        }};
    }
    let total = narrowed!(sims::table.count().into_boxed()).get_result(db)?;
    let query = narrowed!(sims::table.select(SimRow::as_select()).into_boxed());
    Ok((query.order(sims::iccid).offset(offset).limit(limit).load(db)?, total))
}

/// The owner's devices that have these cards, the last connected first.
pub fn holders(db: &mut Db, owner: Owner, iccids: &[String]) -> Result<Vec<Holder>, StoreError> {
    // Whose they are is looked at here: with it in the query SQLite would walk the owner's devices instead of the few.
    let mut found: Vec<(Holder, i64, Option<i64>, Option<i64>)> = devices::table
        .filter(devices::iccid.eq_any(iccids))
        .select((
            (devices::iccid.assume_not_null(), devices::id, devices::name),
            devices::last_handshake_at,
            devices::owner_id,
            devices::product_id,
        ))
        .limit(MOST_HOLDERS)
        .load(db)?;
    found.retain(|(_, _, owner_id, product_id)| match owner {
        Owner::Account(id) => *owner_id == Some(id),
        Owner::Product(id) => *product_id == Some(id),
    });
    found.sort_by(|(one, heard, ..), (other, heard_other, ..)| {
        heard_other.cmp(heard).then_with(|| one.1.cmp(&other.1))
    });
    Ok(found.into_iter().map(|(holder, ..)| holder).collect())
}

/// The IDs of devices, anybody's, that have one of these cards; the first `limit`.
pub fn device_ids(db: &mut Db, iccids: &[String], limit: i64) -> Result<Vec<String>, StoreError> {
    let query = devices::table.filter(devices::iccid.eq_any(iccids)).order(devices::id).limit(limit);
    Ok(query.select(devices::id).load(db)?)
}

/// Devices looked at for the cards of a page: each has one as a rule.
const MOST_HOLDERS: i64 = 10_000;
