//! Where a product's devices are, and where they were.

use axum::Json;
use axum::extract::State;
use mote_core::Mote;
use mote_core::authorization::table::LocationsGet;
use mote_core::locations::{DateRange, Devices, LocationQuery, Rectangle};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::ApiError;
use crate::access::OfProduct;
use crate::body::{Path, Query, lenient};
use crate::views::{DeviceLocationView, FleetLocationsView, LocationPageView};

/// Which devices.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    /// What the ID begins with.
    device_id: Option<String>,
    /// What the name begins with, in either case.
    device_name: Option<String>,
    /// Names of groups, with commas between, or as `groups[]`; only devices in one of them.
    #[serde(default, deserialize_with = "lenient::texts")]
    groups: Vec<String>,
}

impl From<Which> for Devices {
    fn from(which: Which) -> Self {
        Self { device_id: which.device_id, device_name: which.device_name, groups: which.groups }
    }
}

/// When and where.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct When {
    /// `START,END` in ISO 8601, both within; where it is left out, the last location.
    date_range: Option<String>,
    /// Bottom left corner of a rectangle: `LATITUDE,LONGITUDE`. One that is east of `rect_tr` goes over the date line.
    rect_bl: Option<String>,
    /// Top right corner.
    rect_tr: Option<String>,
}

impl When {
    fn parse(self) -> Result<(Option<DateRange>, Option<Rectangle>), ApiError> {
        let given = |text: Option<String>| text.filter(|text| !text.is_empty());
        let dates = given(self.date_range).as_deref().map(DateRange::parse).transpose()?;
        let rectangle = match (given(self.rect_bl), given(self.rect_tr)) {
            (Some(bottom_left), Some(top_right)) => Some(Rectangle::parse(&bottom_left, &top_right)?),
            (None, None) => None,
            _ => {
                return Err(ApiError::bad_request("rect_bl and rect_tr come together: a rectangle has both"));
            }
        };
        Ok((dates, rectangle))
    }
}

/// Which page.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Paging {
    /// From 1.
    #[serde(default, deserialize_with = "lenient::integer")]
    page: Option<i64>,
    /// Devices on a page: 20 unless asked otherwise, 100 at most.
    #[serde(default, deserialize_with = "lenient::integer")]
    per_page: Option<i64>,
}

/// See where all devices of the product are
///
/// The last location of each that has told one in thirty days: by ID, the first ten thousand.
#[utoipa::path(
    get, path = "/v1/products/{productIdOrSlug}/fleet_locations", tag = "Location", security(("bearer" = [])),
    params(("productIdOrSlug" = String, Path), Which),
    responses((status = 200, body = FleetLocationsView), (status = 400), (status = 401), (status = 403))
)]
pub(super) async fn of_fleet(
    State(mote): State<Mote>,
    OfProduct(access): OfProduct<LocationsGet>,
    Query(which): Query<Which>,
) -> Result<Json<FleetLocationsView>, ApiError> {
    Ok(Json(mote.fleet_locations(&access, which.into()).await?.into()))
}

/// See where devices of the product are, or were
///
/// By ID. With `date_range` all that they told in that time, of the last thirty days: twenty thousand points on a page at
/// most, which its devices share; of a device that has more, the newest.
#[utoipa::path(
    get, path = "/v1/products/{productIdOrSlug}/locations", tag = "Location", security(("bearer" = [])),
    params(("productIdOrSlug" = String, Path), Which, When, Paging),
    responses((status = 200, body = LocationPageView), (status = 400), (status = 401), (status = 403))
)]
pub(super) async fn of_devices(
    State(mote): State<Mote>,
    OfProduct(access): OfProduct<LocationsGet>,
    Query(which): Query<Which>,
    Query(when): Query<When>,
    Query(Paging { page, per_page }): Query<Paging>,
) -> Result<Json<LocationPageView>, ApiError> {
    let (dates, rectangle) = when.parse()?;
    let query = LocationQuery { devices: which.into(), dates, rectangle, page, per_page };
    Ok(Json(mote.product_locations(&access, query).await?.into()))
}

/// See where a device of the product is, or was
///
/// With `date_range` all that it told in that time, of the last thirty days: of more than ten thousand points the newest.
#[utoipa::path(
    get, path = "/v1/products/{productIdOrSlug}/locations/{deviceId}", tag = "Location", security(("bearer" = [])),
    params(("productIdOrSlug" = String, Path), ("deviceId" = String, Path), When),
    responses((status = 200, body = DeviceLocationView), (status = 400), (status = 401), (status = 403), (status = 404))
)]
pub(super) async fn of_device(
    State(mote): State<Mote>,
    OfProduct(access): OfProduct<LocationsGet>,
    Path((_, device)): Path<(String, String)>,
    Query(when): Query<When>,
) -> Result<Json<DeviceLocationView>, ApiError> {
    let (dates, rectangle) = when.parse()?;
    Ok(Json(mote.device_locations(&access, &device, dates, rectangle).await?.into()))
}
