//! Which devices were where, and when.

use diesel::dsl::exists;
use diesel::prelude::*;

use super::{LastLocationRow, LocationRow};
use crate::devices::lower;
use crate::schema::devices::devices;
use crate::schema::groups::group_members;
use crate::schema::locations::{last_locations, locations};
use crate::{Db, StoreError, end_of};

/// Part of the world.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Area {
    /// Its southern border.
    pub south: f64,
    /// Its northern border.
    pub north: f64,
    /// Its borders in the west and in the east; two pairs of the same, or the two parts of an area that the date line
    /// cuts.
    pub longitudes: [(f64, f64); 2],
}

impl Area {
    /// All of it.
    pub const WORLD: Self = Self { south: -90.0, north: 90.0, longitudes: [(-180.0, 180.0); 2] };

    /// Whether a place is in it.
    #[must_use]
    pub fn holds(self, lat: f64, lon: f64) -> bool {
        (self.south..=self.north).contains(&lat)
            && self.longitudes.into_iter().any(|(west, east)| (west..=east).contains(&lon))
    }
}

/// Time from its first moment to its last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Its first moment.
    pub first: i64,
    /// Its last.
    pub last: i64,
}

/// Which devices.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// What the ID begins with, in lower case.
    pub device_id: Option<String>,
    /// What the name begins with, in lower case of ASCII letters.
    pub device_name: Option<String>,
    /// Those in one of these groups (keys); none at all if there are none of them.
    pub groups: Option<Vec<i64>>,
    /// Those that were there last; or, with a time, at some moment of it.
    pub area: Option<Area>,
    /// Those that told of themselves in this time.
    pub time: Option<Span>,
    /// Those that told of themselves since.
    pub since: i64,
}

/// A device's last location, and its name.
pub type Located = (LastLocationRow, String);

macro_rules! is_within {
    ($table:ident, $area:expr) => {{
        let [(west, east), (other_west, other_east)] = $area.longitudes;
        let longitude = $table::lon.between(west, east).or($table::lon.between(other_west, other_east));
        $table::lat.between($area.south, $area.north).and(longitude)
    }};
}

/// A page of the product's devices that were somewhere, by ID, and how many there are on all pages. Devices that are no longer
/// in the product are left out.
///
/// With a time, each of the product's devices that the rest of the filter leaves is looked up in it; with an area besides,
/// its points are walked until one is within.
pub fn page(
    db: &mut Db,
    product: i64,
    filter: &Filter,
    offset: i64,
    limit: i64,
) -> Result<(Vec<Located>, i64), StoreError> {
    macro_rules! narrowed {
        ($query:expr) => {{
            let mut query = $query
                .filter(last_locations::product_id.eq(product).and(last_locations::at.ge(filter.since)))
                .filter(devices::product_id.eq(product));
            if let Some(start) = &filter.device_id {
                let end = end_of(start);
                query =
                    query.filter(last_locations::device_id.ge(start).and(last_locations::device_id.lt(end)));
            }
            if let Some(start) = &filter.device_name {
                let name = lower(devices::name);
                query = query.filter(name.ge(start).and(name.lt(end_of(start))));
            }
            if let Some(groups) = &filter.groups {
                let members = group_members::table
                    .filter(group_members::device_id.eq(last_locations::device_id))
                    .filter(group_members::group_id.eq_any(groups));
                query = query.filter(exists(members));
            }
            match (filter.time, filter.area) {
                (None, None) => {}
                (None, Some(area)) => query = query.filter(is_within!(last_locations, area)),
                (Some(time), area) => {
                    let area = area.unwrap_or(Area::WORLD);
                    let points = locations::table
                        .filter(locations::product_id.eq(product))
                        .filter(locations::device_id.eq(last_locations::device_id))
                        .filter(locations::at.between(time.first, time.last))
                        .filter(is_within!(locations, area));
                    query = query.filter(exists(points));
                }
            }
            query
        }};
    }
    macro_rules! located {
        () => {
            last_locations::table.inner_join(devices::table.on(devices::id.eq(last_locations::device_id)))
        };
    }
    let total = narrowed!(located!().count().into_boxed()).get_result(db)?;
    let query = located!().select((LastLocationRow::as_select(), devices::name)).into_boxed();
    let query = narrowed!(query).order(last_locations::device_id);
    Ok((query.offset(offset).limit(limit).load(db)?, total))
}

/// Where a device was in this time and area, oldest first; of more than `limit` points the newest.
pub fn points(
    db: &mut Db,
    product: i64,
    device: &str,
    time: Span,
    area: Option<Area>,
    limit: i64,
) -> Result<Vec<LocationRow>, StoreError> {
    let area = area.unwrap_or(Area::WORLD);
    let mut points = locations::table
        .filter(locations::product_id.eq(product))
        .filter(locations::device_id.eq(device))
        .filter(locations::at.between(time.first, time.last))
        .filter(is_within!(locations, area))
        .order(locations::at.desc())
        .limit(limit)
        .select(LocationRow::as_select())
        .load(db)?;
    points.reverse();
    Ok(points)
}
