//! The account's own devices: claimed, and let go again.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use mote_core::authorization::table::{OwnDevicesClaim, OwnDevicesList, OwnDevicesRelease, ProductsGet};
use mote_core::devices::{Claim, Device};
use mote_core::products::{Product, ProductRef};
use mote_core::{Error, Mote, ProductId};
use serde::Deserialize;

use crate::address::{Path, Query};
use crate::failure::{Failure, to_tell};
use crate::form::{Form, Nothing};
use crate::page::{Shell, mailed, page};
use crate::session::Person;

/// Devices on a page.
const PER_PAGE: i64 = 50;

#[derive(Template)]
#[template(path = "own_devices.html")]
struct DevicesPage {
    shell: Shell,
    devices: Vec<Device>,
    /// Those of their products that the account may see.
    products: HashMap<ProductId, Arc<Product>>,
    number: i64,
    /// Whether this page is full, and so another may follow.
    is_full: bool,
    id: String,
}

/// Which page of the list.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    page: Option<i64>,
    done: Option<String>,
}

async fn devices_page(
    mote: &Mote,
    person: &Person,
    asked: Asked,
    id: String,
    refused: Option<String>,
) -> Result<Response, Failure> {
    let access = mote.owner_access::<OwnDevicesList>(person.caller.clone())?;
    let number = asked.page.unwrap_or(1);
    let found = mote.account_devices(&access, Some(number), Some(PER_PAGE)).await?;
    let shell = Shell::new("My devices", person).with_done(asked.done.as_deref()).with_refused(refused);
    let (devices, is_full) = (found.devices, found.has_more);
    let products = products_of(mote, person, &devices).await?;
    Ok(page(&DevicesPage { shell, devices, products, number, is_full, id }))
}

/// The products of some devices, as far as the account may see them: of the others it is told the ID alone, as by the API.
async fn products_of(
    mote: &Mote,
    person: &Person,
    devices: &[Device],
) -> Result<HashMap<ProductId, Arc<Product>>, Error> {
    let ids: HashSet<ProductId> = devices.iter().filter_map(|device| device.product).collect();
    let mut products = HashMap::new();
    for id in ids {
        match mote.product_access::<ProductsGet>(person.caller.clone(), &ProductRef::Id(id)).await {
            Ok(access) => drop(products.insert(id, Arc::clone(access.product()))),
            Err(Error::Denied(_) | Error::NotFound(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(products)
}

/// `GET /devices`
pub(super) async fn list(
    State(mote): State<Mote>,
    person: Person,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    devices_page(&mote, &person, asked, String::new(), None).await
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    id: String,
    transfer: Option<String>,
}

/// `POST /devices`: claims one, or asks its owner for it.
pub(super) async fn claim(
    State(mote): State<Mote>,
    person: Person,
    Form(form): Form<Wanted>,
) -> Result<Response, Failure> {
    let access = mote.owner_access::<OwnDevicesClaim>(person.caller.clone())?;
    match mote.claim_device(&access, form.id.trim(), form.transfer.is_some()).await {
        Ok(Claim::Claimed { .. }) => Ok(Redirect::to("/devices?done=claimed").into_response()),
        Ok(Claim::TransferAsked { .. }) => {
            let done = mailed(&mote, "transfer-asked");
            Ok(Redirect::to(&format!("/devices?done={done}")).into_response())
        }
        Err(error) => devices_page(&mote, &person, Asked::default(), form.id, Some(to_tell(error)?)).await,
    }
}

/// The parameters of a device's path.
#[derive(Deserialize)]
pub(super) struct Named {
    device: String,
}

/// `POST /devices/{device}/release`
pub(super) async fn release(
    State(mote): State<Mote>,
    person: Person,
    Path(named): Path<Named>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Redirect, Failure> {
    let access = mote.owner_access::<OwnDevicesRelease>(person.caller)?;
    mote.release_account_device(&access, &named.device).await?;
    Ok(Redirect::to("/devices?done=released"))
}
