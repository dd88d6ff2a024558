//! Home: the account's products.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use mote_core::Mote;
use mote_core::authorization::table::ProductsList;
use mote_core::fleet_metrics::ProductHealth;
use mote_core::products::Product;

use crate::access::OfAccount;
use crate::failure::Failure;
use crate::page::{Done, Shell, page};
use crate::session::Person;

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage {
    shell: Shell,
    products: Vec<(Product, ProductHealth)>,
}

/// `GET /`
pub(super) async fn see(
    State(mote): State<Mote>,
    person: Person,
    OfAccount(access): OfAccount<ProductsList>,
    Query(done): Query<Done>,
) -> Result<Response, Failure> {
    let products = mote.list_products_and_health(&access).await?;
    Ok(page(&HomePage { shell: Shell::new("Products", &person).with_done(done.done.as_deref()), products }))
}
