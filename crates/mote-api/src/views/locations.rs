//! Where devices are, and where they were.

use mote_core::locations::{DeviceLocations, LocatedDevice, LocationPage, Place};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// A device and where it was (contract: Location-GetLocations).
#[derive(Debug, Serialize, ToSchema)]
struct LocationView {
    device_id: String,
    product_id: i64,
    device_name: Option<String>,
    /// Names of its groups.
    groups: Vec<String>,
    /// Whether satellites told the last of these places.
    gps_lock: bool,
    /// When it was at the last of them; ISO 8601.
    last_heard: String,
    /// When it was at each; ISO 8601.
    timestamps: Vec<String>,
    /// Whether it is connected now; with a history.
    #[serde(skip_serializing_if = "Option::is_none")]
    online: Option<bool>,
    geometry: GeometryView,
}

/// `GeoJSON` (RFC 7946): each place is its longitude, then its latitude.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "type", content = "coordinates")]
enum GeometryView {
    /// The last place.
    Point([f64; 2]),
    /// The places of a history, oldest first.
    LineString(Vec<[f64; 2]>),
}

impl LocationView {
    /// The device's places, and what else it told at each.
    fn new(device: LocatedDevice) -> (Self, Vec<Value>) {
        let coordinates = |place: &Place| [place.lon, place.lat];
        let (places, geometry, online) = match device.places {
            DeviceLocations::Last(place) => {
                let geometry = GeometryView::Point(coordinates(&place));
                (vec![place], geometry, None)
            }
            DeviceLocations::History(places, online) => {
                let geometry = GeometryView::LineString(places.iter().map(coordinates).collect());
                (places, geometry, Some(online))
            }
        };
        let view = Self {
            device_id: device.id,
            product_id: device.product.0,
            device_name: device.name,
            groups: device.groups,
            gps_lock: device.gps_lock,
            last_heard: device.last_heard.to_iso(),
            timestamps: places.iter().map(|place| place.at.to_iso()).collect(),
            online,
            geometry,
        };
        (view, places.into_iter().map(|place| place.properties).collect())
    }
}

/// Where the devices of a fleet are.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FleetLocationsView {
    locations: Vec<LocationView>,
}

impl From<Vec<LocatedDevice>> for FleetLocationsView {
    fn from(devices: Vec<LocatedDevice>) -> Self {
        Self { locations: devices.into_iter().map(|device| LocationView::new(device).0).collect() }
    }
}

/// A page of devices and where they were.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LocationPageView {
    locations: Vec<LocationView>,
    meta: LocationPageMeta,
}

#[derive(Debug, Serialize, ToSchema)]
struct LocationPageMeta {
    page: i64,
    per_page: i64,
    total_pages: i64,
    /// Devices on all pages.
    devices_found: i64,
}

impl From<LocationPage> for LocationPageView {
    fn from(page: LocationPage) -> Self {
        let meta = LocationPageMeta {
            page: page.page,
            per_page: page.per_page,
            total_pages: page.total_pages(),
            devices_found: page.found,
        };
        Self { locations: page.devices.into_iter().map(|device| LocationView::new(device).0).collect(), meta }
    }
}

/// Where a device was, with all that it told.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeviceLocationView {
    location: DetailedView,
    meta: NoMeta,
}

#[derive(Debug, Serialize, ToSchema)]
struct DetailedView {
    #[serde(flatten)]
    location: LocationView,
    /// What else the device told at each place: heading, speed, accuracy, and what its maker added.
    #[schema(value_type = Vec<Object>)]
    properties: Vec<Value>,
}

/// Nothing.
#[derive(Debug, Serialize, ToSchema)]
struct NoMeta {}

impl From<LocatedDevice> for DeviceLocationView {
    fn from(device: LocatedDevice) -> Self {
        let (location, properties) = LocationView::new(device);
        Self { location: DetailedView { location, properties }, meta: NoMeta {} }
    }
}
