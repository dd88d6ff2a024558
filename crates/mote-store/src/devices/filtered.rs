//! Pages of those of a product's devices that a filter leaves.

use diesel::dsl::{exists, sql};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};

use super::{DeviceRow, Order};
use crate::schema::devices::devices;
use crate::schema::groups::{device_groups, group_members};
use crate::schema::products::products;
use crate::{Db, StoreError, pattern};

/// What a listing is narrowed to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Part of the name, in either case of ASCII letters.
    pub name: Option<String>,
    /// Part of the ID.
    pub id: Option<String>,
    /// Part of the serial number.
    pub serial_number: Option<String>,
    /// Only those in quarantine, or only the others.
    pub quarantined: Option<bool>,
    /// Only those in one of these groups, by their keys.
    pub groups: Option<Vec<i64>>,
}

diesel::define_sql_function! {
    /// Lower case, of ASCII letters: in PostgreSQL too, where the columns it is used on are `COLLATE "C"`.
    fn lower(text: Text) -> Text;
}

/// A page of the devices that a filter leaves, and how many those are. By groups it reads the
/// members of those alone; by parts of a name it walks all of the product's devices, since these have no index.
pub fn filtered_page(
    db: &mut Db,
    product: i64,
    filter: &Filter,
    order: Order,
    descending: bool,
    offset: i64,
    limit: i64,
) -> Result<(Vec<DeviceRow>, i64), StoreError> {
    macro_rules! narrowed {
        ($query:expr, $way:expr) => {{
            let mut query = $query;
            match (&filter.groups, $way) {
                (None, _) => query = query.filter(devices::product_id.eq(product)),
                (Some(groups), Way::ByFleet) => {
                    let members = group_members::table.filter(group_members::device_id.eq(devices::id));
                    let member = exists(members.filter(group_members::group_id.eq_any(groups)));
                    query = query.filter(devices::product_id.eq(product)).filter(member);
                }
                (Some(groups), Way::ByMembers) => {
                    let members = group_members::table.filter(group_members::group_id.eq_any(groups));
                    let members = members.select(group_members::device_id);
                    // The sum keeps the planner from the indexes that begin with the product.
                    let of_product = sql::<Bool>("devices.product_id + 0 = ").bind::<BigInt, _>(product);
                    query = query.filter(of_product).filter(devices::id.eq_any(members));
                }
            }
            if let Some(part) = &filter.name {
                query = query.filter(lower(devices::name).like(pattern(part)).escape('\\'));
            }
            if let Some(part) = &filter.id {
                query = query.filter(devices::id.like(pattern(part)).escape('\\'));
            }
            if let Some(part) = &filter.serial_number {
                let serial = devices::serial_number.assume_not_null();
                query = query.filter(
                    devices::serial_number.is_not_null().and(lower(serial).like(pattern(part)).escape('\\')),
                );
            }
            if let Some(quarantined) = filter.quarantined {
                query = query.filter(devices::quarantined.eq(quarantined));
            }
            query
        }};
    }
    macro_rules! ordered {
        ($query:expr, $column:ident) => {
            if descending {
                $query.order((devices::$column.desc(), devices::id.desc()))
            } else {
                $query.order((devices::$column.asc(), devices::id.asc()))
            }
        };
    }
    let way = way(db, product, filter, offset.saturating_add(limit))?;
    let total = match kept_count(db, filter)? {
        Some(total) => total,
        None => narrowed!(devices::table.count().into_boxed(), way).get_result(db)?,
    };
    let query = devices::table.select(DeviceRow::as_select()).into_boxed();
    let query = narrowed!(query, way);
    let query = match order {
        Order::LastConnection => ordered!(query, last_handshake_at),
        Order::Name => ordered!(query, name),
        Order::Id => ordered!(query, id),
        Order::FirmwareVersion => ordered!(query, firmware_version),
    };
    Ok((query.offset(offset).limit(limit).load(db)?, total))
}

/// How the members of groups are found.
#[derive(Clone, Copy)]
enum Way {
    /// Along the order of the listing, asking of each device whether it is a member: soon done where many are.
    ByFleet,
    /// From the members of the groups, which are then sorted: soon done where they are few.
    ByMembers,
}

/// The way that takes fewer steps to the end of the page.
fn way(db: &mut Db, product: i64, filter: &Filter, end: i64) -> Result<Way, StoreError> {
    let Some(groups) = &filter.groups else { return Ok(Way::ByFleet) };
    let counts: Vec<i64> = device_groups::table
        .filter(device_groups::id.eq_any(groups))
        .select(device_groups::device_count)
        .load(db)?;
    let fleet = products::table.find(product).select(products::device_count).first::<i64>(db).optional()?;
    let (members, fleet) = (counts.iter().sum::<i64>(), fleet.unwrap_or(0));
    let steps = end.saturating_mul(fleet) / members.max(1);
    Ok(if steps < members { Way::ByFleet } else { Way::ByMembers })
}

/// How many devices a filter leaves, where that is kept: for one group and nothing else.
fn kept_count(db: &mut Db, filter: &Filter) -> Result<Option<i64>, StoreError> {
    let Some([group]) = filter.groups.as_deref() else { return Ok(None) };
    if *filter != (Filter { groups: filter.groups.clone(), ..Filter::default() }) {
        return Ok(None);
    }
    let group = device_groups::table.find(*group).select(device_groups::device_count);
    Ok(group.first(db).optional()?)
}
