//! Making a product, and what one sees of it first.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use mote_core::Mote;
use mote_core::authorization::table::{
    DevicesList, OrganizationProductsCreate, OrganizationsList, ProductsCreate, ProductsGet,
};
use mote_core::devices::ListQuery;
use mote_core::firmware::{PLATFORMS, platform_name};
use mote_core::organizations::{Organization, OrganizationRef};
use mote_core::products::{NewProduct, ProductRef};
use serde::Deserialize;

use crate::access::{OfAccount, OfProduct};
use crate::failure::{Failure, to_tell};
use crate::form::Form;
use crate::frames::ProductFrame;
use crate::page::{Done, Shell, page};
use crate::session::Person;

#[derive(Template)]
#[template(path = "product_new.html")]
struct NewPage {
    shell: Shell,
    form: NewForm,
    platforms: &'static [(i64, &'static str)],
    /// Those in whose name a product can be made.
    organizations: Vec<Organization>,
}

async fn new_page(
    mote: &Mote,
    person: &Person,
    form: NewForm,
    refused: Option<String>,
) -> Result<Response, Failure> {
    let access = mote.account_access::<OrganizationsList>(person.grant.clone())?;
    let organizations = mote.list_organizations(&access).await?;
    let shell = Shell::new("New product", person).with_refused(refused);
    Ok(page(&NewPage { shell, form, platforms: &PLATFORMS, organizations }))
}

/// A new product's fields.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct NewForm {
    name: String,
    description: String,
    platform: String,
    /// Slug of the organization that it is to be of; empty for the account's own.
    organization: String,
}

/// `GET /products/new`
pub(super) async fn ask(
    State(mote): State<Mote>,
    person: Person,
    Query(form): Query<NewForm>,
) -> Result<Response, Failure> {
    new_page(&mote, &person, form, None).await
}

/// `POST /products/new`
pub(super) async fn create(
    State(mote): State<Mote>,
    person: Person,
    OfAccount(access): OfAccount<ProductsCreate>,
    Form(form): Form<NewForm>,
) -> Result<Response, Failure> {
    let new = NewProduct {
        name: form.name.clone(),
        description: Some(form.description.clone()),
        // What is no number is no platform.
        platform_id: form.platform.parse().unwrap_or(-1),
        settings: serde_json::Map::new(),
    };
    let made = async {
        if form.organization.is_empty() {
            return mote.create_product(&access, new).await;
        }
        let named = OrganizationRef::parse(&form.organization);
        let access =
            mote.organization_access::<OrganizationProductsCreate>(person.grant.clone(), &named).await?;
        mote.create_organization_product(&access, new).await
    };
    match made.await {
        Ok(product) => Ok(Redirect::to(&format!("/products/{}", product.slug)).into_response()),
        Err(error) => new_page(&mote, &person, form, Some(to_tell(error)?)).await,
    }
}

#[derive(Template)]
#[template(path = "product.html")]
struct ProductPage {
    shell: Shell,
    frame: ProductFrame,
    platform: String,
    url: String,
    devices: i64,
    waiting: i64,
}

/// `GET /products/{product}`
pub(super) async fn see(
    State(mote): State<Mote>,
    person: Person,
    OfProduct(access): OfProduct<ProductsGet>,
    Query(done): Query<Done>,
) -> Result<Response, Failure> {
    let (shell, frame) = ProductFrame::new(&mote, &person, &access, "Overview").await?;
    let shell = shell.with_done(done.done.as_deref());
    let platform = platform_name(frame.product.platform_id.into());
    let named = ProductRef::Id(access.product().id);
    let of_devices = mote.product_access::<DevicesList>(person.grant, &named).await?;
    let count = async |quarantined| {
        let query = ListQuery { quarantined, per_page: Some(1), ..ListQuery::default() };
        mote.product_devices(&of_devices, query).await.map(|page| page.total)
    };
    let (devices, waiting) = (count(None).await?, count(Some(true)).await?);
    Ok(page(&ProductPage {
        shell,
        frame,
        platform,
        url: mote.settings().public_url.clone(),
        devices,
        waiting,
    }))
}
