//! One device of a product.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use mote_core::authorization::ProductAccess;
use mote_core::authorization::table::{
    DevicesCall, DevicesGet, DevicesRead, DevicesRelease, DevicesRemove, DevicesUpdate, DiagnosticsGet,
    DiagnosticsUpdate, LocationsGet, ProductEventsListen,
};
use mote_core::devices::{Device, DeviceChange};
use mote_core::firmware::platform_name;
use mote_core::locations::{DateRange, DeviceLocations};
use mote_core::{Error, Mote};
use serde::Deserialize;

use super::TAB;
use super::ask::Answered;
use super::vitals::Vitals;
use crate::access::OfProduct;
use crate::address::{Path, Query};
use crate::failure::{Failure, to_tell};
use crate::form::{Form, Nothing};
use crate::frames::ProductFrame;
use crate::map::{Spot, Way};
use crate::page::{Done, Shell, Shown, page, shown};
use crate::session::Person;

/// Seconds of a way that is drawn.
const WAY: i64 = 7 * 86_400;

/// The parameters of a device's path.
#[derive(Deserialize)]
pub(in crate::routes) struct Named {
    pub(super) device: String,
}

#[derive(Template)]
#[template(path = "device.html")]
struct DevicePageOf {
    shell: Shell,
    frame: ProductFrame,
    device: Device,
    platform: String,
    vitals: Option<Vitals>,
    location: Option<(Spot, Shown)>,
    way: Option<Way>,
    /// What the device was just asked, and its answer.
    answered: Option<Answered>,
    may_not: MayNot,
}

/// Why the person may not do things to the device, where he may not, or cannot now.
struct MayNot {
    update: Option<String>,
    release: Option<String>,
    remove: Option<String>,
    call: Option<String>,
    read: Option<String>,
    refresh: Option<String>,
    listen: Option<String>,
}

impl MayNot {
    fn new(frame: &ProductFrame, device: &Device) -> Self {
        let off = || match device.online {
            _ if device.quarantined => Some("The device is in quarantine: approve it first.".to_owned()),
            true => None,
            false => Some("The device is not connected: this is what it told when it was last.".to_owned()),
        };
        Self {
            update: frame.why_not::<DevicesUpdate>(),
            release: frame.why_not::<DevicesRelease>(),
            remove: frame.why_not::<DevicesRemove>(),
            call: frame.why_not::<DevicesCall>().or_else(off),
            read: frame.why_not::<DevicesRead>().or_else(off),
            refresh: frame.why_not::<DiagnosticsUpdate>().or_else(off),
            listen: frame.why_not::<ProductEventsListen>(),
        }
    }
}

/// The rights to all that a device's page shows.
pub(super) type Seeing = (OfProduct<DevicesGet>, OfProduct<DiagnosticsGet>, OfProduct<LocationsGet>);

/// What has just come of a form of the page.
#[derive(Default)]
pub(super) struct Said<'a> {
    pub(super) done: Option<&'a str>,
    pub(super) refused: Option<String>,
    pub(super) answered: Option<Answered>,
}

/// None where there is no such thing.
fn found<T>(result: Result<T, Error>) -> Result<Option<T>, Error> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(Error::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Where a device is, and the way that it went.
async fn located(
    mote: &Mote,
    access: &ProductAccess<LocationsGet>,
    id: &str,
) -> Result<(Option<(Spot, Shown)>, Option<Way>), Error> {
    let Some(last) = found(mote.device_locations(access, id, None, None).await)? else {
        return Ok((None, None));
    };
    let DeviceLocations::Last(place) = last.places else { return Ok((None, None)) };
    let spot = Some((Spot::of(&place), shown(place.at)));
    // The week before it was heard of there.
    let dates = DateRange::parse(&format!("{},{}", place.at.plus_seconds(-WAY).to_iso(), place.at.to_iso()))?;
    let history = found(mote.device_locations(access, id, Some(dates), None).await)?;
    let way = match history.map(|device| device.places) {
        Some(DeviceLocations::History(places, _)) => Way::of(&places),
        _ => None,
    };
    Ok((spot, way))
}

pub(super) async fn device_page(
    mote: &Mote,
    person: &Person,
    (OfProduct(access), OfProduct(of_vitals), OfProduct(of_locations)): &Seeing,
    named: &str,
    said: Said<'_>,
) -> Result<Response, Failure> {
    let device = mote.product_device(access, named).await?;
    let (shell, frame) = ProductFrame::new(mote, person, access, TAB).await?;
    let shell = shell.with_done(said.done).with_refused(said.refused);
    let vitals = found(mote.last_product_device_vitals(of_vitals, &device.id).await)?;
    let (location, way) = located(mote, of_locations, &device.id).await?;
    Ok(page(&DevicePageOf {
        shell,
        platform: platform_name(device.platform_id.into()),
        vitals: vitals.as_ref().map(Vitals::of),
        location,
        way,
        answered: said.answered,
        may_not: MayNot::new(&frame, &device),
        frame,
        device,
    }))
}

/// `GET /products/{product}/devices/{device}`
pub(in crate::routes) async fn see(
    State(mote): State<Mote>,
    person: Person,
    seeing: Seeing,
    Path(named): Path<Named>,
    Query(done): Query<Done>,
) -> Result<Response, Failure> {
    let said = Said { done: done.done.as_deref(), ..Said::default() };
    device_page(&mote, &person, &seeing, &named.device, said).await
}

/// What can be changed. Boxes that are not ticked are not sent.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::routes) struct Change {
    name: Option<String>,
    notes: String,
    groups: Vec<String>,
    /// Names of further groups, which are made where there are none.
    more_groups: String,
    development: Option<String>,
}

/// `POST /products/{product}/devices/{device}`
pub(in crate::routes) async fn update(
    State(mote): State<Mote>,
    person: Person,
    OfProduct(access): OfProduct<DevicesUpdate>,
    seeing: Seeing,
    Path(named): Path<Named>,
    Form(form): Form<Change>,
) -> Result<Response, Failure> {
    let new = form.more_groups.split([' ', ',']).filter(|name| !name.is_empty()).map(str::to_owned);
    let groups: Vec<String> = form.groups.into_iter().chain(new).collect();
    let change = async {
        let change = DeviceChange {
            name: form.name,
            notes: Some(form.notes),
            groups: Some(mote.assignment("groups", &groups)?),
            development: Some(form.development.is_some()),
            ..DeviceChange::default()
        };
        mote.update_product_device(&access, &named.device, change).await
    };
    match change.await {
        Ok(device) => {
            let (slug, id) = (&access.product().slug, device.id);
            Ok(Redirect::to(&format!("/products/{slug}/devices/{id}?done=saved")).into_response())
        }
        Err(error) => {
            let said = Said { refused: Some(to_tell(error)?), ..Said::default() };
            device_page(&mote, &person, &seeing, &named.device, said).await
        }
    }
}

/// `POST /products/{product}/devices/{device}/release`
pub(in crate::routes) async fn release(
    State(mote): State<Mote>,
    OfProduct(access): OfProduct<DevicesRelease>,
    Path(named): Path<Named>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Redirect, Failure> {
    mote.release_product_device(&access, &named.device).await?;
    let slug = &access.product().slug;
    Ok(Redirect::to(&format!("/products/{slug}/devices/{}?done=released", named.device)))
}

/// `POST /products/{product}/devices/{device}/remove`
pub(in crate::routes) async fn remove(
    State(mote): State<Mote>,
    OfProduct(access): OfProduct<DevicesRemove>,
    Path(named): Path<Named>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Redirect, Failure> {
    mote.remove_product_device(&access, &named.device, false).await?;
    Ok(Redirect::to(&format!("/products/{}/devices?done=removed", access.product().slug)))
}
