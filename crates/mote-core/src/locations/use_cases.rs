//! Where devices are, and where they were.

use std::slice;

use mote_store::locations as rows;
use mote_store::locations::{Filter, LocationRow};
use mote_store::{Db, groups};
use serde_json::Value;

use super::{DateRange, Devices, Rectangle};
use crate::authorization::ProductAccess;
use crate::authorization::table::LocationsGet;
use crate::devices::Reach;
use crate::products::Product;
use crate::{Error, Moment, Mote, ProductId};

/// Devices of a fleet that are shown at once.
const MOST_OF_FLEET: i64 = 10_000;
/// Devices on a page, if nothing is asked for, and at most (contract: Location-GetLocations).
const PER_PAGE: i64 = 20;
const MOST_PER_PAGE: i64 = 100;
/// Points on a page of several devices, and of one.
const MOST_POINTS: i64 = 20_000;
const MOST_POINTS_OF_ONE: i64 = 10_000;

/// Which locations.
#[derive(Clone, Debug, Default)]
pub struct LocationQuery {
    /// Of which devices.
    pub devices: Devices,
    /// All of this time; where it is left out, the last.
    pub dates: Option<DateRange>,
    /// Only those in this part of the world.
    pub rectangle: Option<Rectangle>,
    /// Page, from 1.
    pub page: Option<i64>,
    /// Devices on a page.
    pub per_page: Option<i64>,
}

/// A place where a device was.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// When.
    pub at: Moment,
    /// Degrees north.
    pub lat: f64,
    /// Degrees east.
    pub lon: f64,
    /// What else the device told; an object.
    pub properties: Value,
}

/// A device and where it was.
#[derive(Clone, Debug)]
pub struct LocatedDevice {
    /// ID.
    pub id: String,
    /// Name.
    pub name: Option<String>,
    /// The product.
    pub product: ProductId,
    /// Names of its groups.
    pub groups: Vec<String>,
    /// Whether satellites told the last of its places.
    pub gps_lock: bool,
    /// When it was at the last of its places.
    pub last_heard: Moment,
    /// Where it was.
    pub places: DeviceLocations,
}

/// Where a device was.
#[derive(Clone, Debug)]
pub enum DeviceLocations {
    /// Last.
    Last(Place),
    /// In a time, oldest first; and whether it is connected now.
    History(Vec<Place>, bool),
}

/// A page of devices and where they were.
#[derive(Debug)]
pub struct LocationPage {
    /// The devices, by ID.
    pub devices: Vec<LocatedDevice>,
    /// Which page.
    pub page: i64,
    /// Devices on a full page.
    pub per_page: i64,
    /// Devices on all pages.
    pub found: i64,
}

impl LocationPage {
    /// How many pages there are.
    #[must_use]
    pub fn total_pages(&self) -> i64 {
        (self.found + self.per_page - 1) / self.per_page
    }
}

impl Mote {
    /// Where the devices of the product are; the first ten thousand, by ID.
    pub async fn fleet_locations(
        &self,
        access: &ProductAccess<LocationsGet>,
        devices: Devices,
    ) -> Result<Vec<LocatedDevice>, Error> {
        let query = LocationQuery { devices, ..LocationQuery::default() };
        Ok(self.locations(access.product(), query, 1, MOST_OF_FLEET).await?.devices)
    }

    /// Where the devices of the product are, or were in a time; a page of them.
    pub async fn product_locations(
        &self,
        access: &ProductAccess<LocationsGet>,
        query: LocationQuery,
    ) -> Result<LocationPage, Error> {
        let (page, per_page) = (query.page.unwrap_or(1), query.per_page.unwrap_or(PER_PAGE));
        if !(1..=1_000_000_000).contains(&page) {
            return Err(Error::invalid("page", "is a number from 1"));
        }
        if !(1..=MOST_PER_PAGE).contains(&per_page) {
            return Err(Error::invalid("per_page", format!("is a number from 1 to {MOST_PER_PAGE}")));
        }
        self.locations(access.product(), query, page, per_page).await
    }

    /// Where a device of the product is, or was in a time.
    pub async fn device_locations(
        &self,
        access: &ProductAccess<LocationsGet>,
        named: &str,
        dates: Option<DateRange>,
        rectangle: Option<Rectangle>,
    ) -> Result<LocatedDevice, Error> {
        let (product, named) = (access.product().id, named.to_owned());
        let oldest = self.oldest_history();
        let (last, name, groups, points) = self
            .store()
            .read(move |db| -> Result<_, Error> {
                let device = Reach::Product(product).find(db, &named)?;
                let area = rectangle.map(Rectangle::area);
                let last = rows::last(db, product.0, &device.id)?.filter(|last| last.at >= oldest.0);
                let points = match dates {
                    Some(dates) => {
                        let time = dates.since(oldest);
                        Some(rows::points(db, product.0, &device.id, time, area, MOST_POINTS_OF_ONE)?)
                    }
                    None => None,
                };
                let last = match (last, &points, area) {
                    // Somewhere else is nowhere.
                    (Some(last), None, Some(area)) => {
                        Some(last).filter(|last| area.holds(last.lat, last.lon))
                    }
                    (last, ..) => last,
                };
                let last = last.ok_or_else(|| Error::NotFound("This device has told no location".into()))?;
                let groups = groups::names_of(db, slice::from_ref(&device.id))?;
                Ok((last, device.name, groups.into_values().next().unwrap_or_default(), points))
            })
            .await?;
        self.located((last, name), groups, points)
    }

    async fn locations(
        &self,
        product: &Product,
        query: LocationQuery,
        page: i64,
        per_page: i64,
    ) -> Result<LocationPage, Error> {
        let oldest = self.oldest_history();
        let asked = query.devices.checked()?;
        // Nobody is in a group that does not exist.
        let known = || asked.groups.iter().filter_map(|name| product.group(name)).map(|group| group.id.0);
        let groups = (!asked.groups.is_empty()).then(|| known().collect());
        let product = product.id;
        let time = query.dates.map(|dates| dates.since(oldest));
        let filter = Filter {
            device_id: asked.device_id,
            device_name: asked.device_name,
            groups,
            area: query.rectangle.map(Rectangle::area),
            time,
            since: oldest.0,
        };
        let (found, total) = self
            .store()
            .read(move |db| -> Result<_, Error> {
                let (found, total) = rows::page(db, product.0, &filter, (page - 1) * per_page, per_page)?;
                let ids: Vec<_> = found.iter().map(|(last, _)| last.device_id.clone()).collect();
                let mut groups = groups::names_of(db, &ids)?;
                let mut all = Vec::with_capacity(found.len());
                for located in found {
                    let points = match time {
                        Some(time) => {
                            let (device, most) = (&located.0.device_id, MOST_POINTS / per_page);
                            Some(rows::points(db, product.0, device, time, filter.area, most)?)
                        }
                        None => None,
                    };
                    let own = groups.remove(&located.0.device_id).unwrap_or_default();
                    all.push((located, own, points));
                }
                Ok((all, total))
            })
            .await?;
        let devices: Result<_, Error> = found
            .into_iter()
            .map(|(located, groups, points)| self.located(located, groups, points))
            .collect();
        Ok(LocationPage { devices: devices?, page, per_page, found: total })
    }

    fn located(
        &self,
        (last, name): rows::Located,
        groups: Vec<String>,
        points: Option<Vec<LocationRow>>,
    ) -> Result<LocatedDevice, Error> {
        let id = last.device_id.clone();
        let (gps_lock, last_heard) = match points.as_deref() {
            Some([.., newest]) => (newest.gps_lock, newest.at),
            _ => (last.gps_lock, last.at),
        };
        let product = ProductId(last.product_id);
        let places = match points {
            Some(points) => {
                let places: Result<_, Error> = points.into_iter().map(Place::try_from).collect();
                DeviceLocations::History(places?, self.sessions().of(&id).is_some())
            }
            None => DeviceLocations::Last(LocationRow::from(last).try_into()?),
        };
        Ok(LocatedDevice {
            id,
            name: Some(name).filter(|name| !name.is_empty()),
            product,
            groups,
            gps_lock,
            last_heard: Moment(last_heard),
            places,
        })
    }
}

impl TryFrom<LocationRow> for Place {
    type Error = Error;

    fn try_from(row: LocationRow) -> Result<Self, Error> {
        let broken = |_| Error::Internal(format!("a location of device {} is malformed", row.device_id));
        let properties = serde_json::from_str(&row.properties).map_err(broken)?;
        Ok(Self { at: Moment(row.at), lat: row.lat, lon: row.lon, properties })
    }
}

/// Removes a batch of locations that are no longer kept; how many.
pub(crate) fn sweep(db: &mut Db, oldest: Moment, batch: i64) -> Result<usize, Error> {
    Ok(rows::sweep(db, oldest.0, batch)?)
}
