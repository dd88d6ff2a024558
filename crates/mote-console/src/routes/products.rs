//! Making a product.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use mote_core::Mote;
use mote_core::authorization::table::{OrganizationProductsCreate, OrganizationsList, ProductsCreate};
use mote_core::firmware::PLATFORMS;
use mote_core::names::LONGEST_NAME;
use mote_core::organizations::{Organization, OrganizationRef};
use mote_core::products::NewProduct;
use serde::Deserialize;

use crate::access::OfAccount;
use crate::address::Query;
use crate::failure::{Failure, to_tell};
use crate::form::Form;
use crate::page::{Shell, page};
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
    let access = mote.account_access::<OrganizationsList>(person.caller.clone())?;
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
            mote.organization_access::<OrganizationProductsCreate>(person.caller.clone(), &named).await?;
        mote.create_organization_product(&access, new).await
    };
    match made.await {
        Ok(product) => Ok(Redirect::to(&format!("/products/{}", product.slug)).into_response()),
        Err(error) => new_page(&mote, &person, form, Some(to_tell(error)?)).await,
    }
}
