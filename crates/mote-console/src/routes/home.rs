//! Home: the account's products, and the organizations that it is in.

use askama::Template;
use axum::extract::State;
use axum::response::{Redirect, Response};
use mote_core::Mote;
use mote_core::authorization::table::{OrganizationsList, ProductsList};
use mote_core::fleet_metrics::ProductHealth;
use mote_core::organizations::Organization;
use mote_core::products::Product;

use crate::access::OfAccount;
use crate::address::Query;
use crate::failure::Failure;
use crate::page::{Done, Shell, page};
use crate::session::Person;

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage {
    shell: Shell,
    products: Vec<(Product, ProductHealth)>,
    organizations: Vec<Organization>,
}

/// `GET /`
pub(super) async fn see(
    State(mote): State<Mote>,
    person: Person,
    OfAccount(access): OfAccount<ProductsList>,
    OfAccount(of_organizations): OfAccount<OrganizationsList>,
    Query(done): Query<Done>,
) -> Result<Response, Failure> {
    let products = mote.list_products_and_health(&access).await?;
    let organizations = mote.list_organizations(&of_organizations).await?;
    let shell = Shell::new("Products", &person).with_done(done.done.as_deref());
    Ok(page(&HomePage { shell, products, organizations }))
}

/// `GET /products`: every product's pages are under it, and the list of them is at home.
pub(super) async fn of_products() -> Redirect {
    Redirect::to("/")
}
