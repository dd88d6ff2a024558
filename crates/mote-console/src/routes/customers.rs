//! The customers of a product.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use mote_core::Mote;
use mote_core::authorization::ProductAccess;
use mote_core::authorization::table::{CustomersList, CustomersRemove, CustomersUpdate};
use mote_core::customers::CustomerPage;
use mote_core::passwords::Password;
use serde::Deserialize;

use crate::access::OfProduct;
use crate::address::Query;
use crate::failure::{Failure, to_tell};
use crate::form::Form;
use crate::frames::ProductFrame;
use crate::page::{Shell, page};
use crate::session::Person;

const TAB: &str = "Customers";

#[derive(Template)]
#[template(path = "customers.html")]
struct CustomersPage {
    shell: Shell,
    frame: ProductFrame,
    found: CustomerPage,
    number: i64,
    may_not_update: Option<String>,
    may_not_remove: Option<String>,
}

/// Which page of the list.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    page: Option<i64>,
    done: Option<String>,
}

async fn customers_page(
    mote: &Mote,
    person: &Person,
    access: &ProductAccess<CustomersList>,
    asked: Asked,
    refused: Option<String>,
) -> Result<Response, Failure> {
    let (shell, frame) = ProductFrame::new(mote, person, access, TAB).await?;
    let shell = shell.with_done(asked.done.as_deref()).with_refused(refused);
    let number = asked.page.unwrap_or(1);
    let found = mote.list_customers(access, Some(number), None).await?;
    let (may_not_update, may_not_remove) =
        (frame.why_not::<CustomersUpdate>(), frame.why_not::<CustomersRemove>());
    Ok(page(&CustomersPage { shell, frame, found, number, may_not_update, may_not_remove }))
}

/// `GET /products/{product}/customers`
pub(super) async fn list(
    State(mote): State<Mote>,
    person: Person,
    OfProduct(access): OfProduct<CustomersList>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    customers_page(&mote, &person, &access, asked, None).await
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct NewPassword {
    username: String,
    password: String,
    end_tokens: Option<String>,
}

/// `POST /products/{product}/customers/password`
pub(super) async fn set_password(
    State(mote): State<Mote>,
    person: Person,
    OfProduct(access): OfProduct<CustomersUpdate>,
    OfProduct(looking): OfProduct<CustomersList>,
    Form(form): Form<NewPassword>,
) -> Result<Response, Failure> {
    let password = Password::new(form.password);
    match mote.update_customer(&access, &form.username, password, form.end_tokens.is_some()).await {
        Ok(()) => {
            let slug = &looking.product().slug;
            Ok(Redirect::to(&format!("/products/{slug}/customers?done=customer-password")).into_response())
        }
        Err(error) => customers_page(&mote, &person, &looking, Asked::default(), Some(to_tell(error)?)).await,
    }
}

#[derive(Deserialize)]
pub(super) struct Gone {
    username: Option<String>,
}

/// `POST /products/{product}/customers/delete`
pub(super) async fn delete(
    State(mote): State<Mote>,
    person: Person,
    OfProduct(access): OfProduct<CustomersRemove>,
    OfProduct(looking): OfProduct<CustomersList>,
    Form(form): Form<Gone>,
) -> Result<Response, Failure> {
    match mote.delete_customer(&access, &form.username.unwrap_or_default()).await {
        Ok(()) => {
            let slug = &looking.product().slug;
            Ok(Redirect::to(&format!("/products/{slug}/customers?done=removed")).into_response())
        }
        Err(error) => customers_page(&mote, &person, &looking, Asked::default(), Some(to_tell(error)?)).await,
    }
}
