//! Another address for an account: asked for on its page, and made by the link in a mail.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use mote_core::Mote;
use mote_core::accounts::{AccountChange as Change, AddressChange};
use mote_core::authorization::AccountAccess;
use mote_core::authorization::table::AccountChange;
use mote_core::passwords::Password;
use serde::Deserialize;

use super::after;
use crate::access::OfAccount;
use crate::address::Query;
use crate::failure::{Failure, to_tell};
use crate::form::Form;
use crate::page::{Shell, mailed, page};
use crate::session::Person;

#[derive(Deserialize)]
pub(in crate::routes) struct NewAddress {
    username: Option<String>,
    current_password: Option<String>,
}

/// `POST /account/address`
pub(in crate::routes) async fn ask(
    State(mote): State<Mote>,
    person: Person,
    OfAccount(access): OfAccount<AccountChange>,
    Form(form): Form<NewAddress>,
) -> Result<Response, Failure> {
    let current_password = Some(Password::new(form.current_password.unwrap_or_default()));
    let username = Some(form.username.unwrap_or_default());
    let asked =
        mote.update_account(&access, Change { username, current_password, ..Change::default() }).await;
    after(&mote, &person, &mailed(&mote, "address-asked"), asked).await
}

#[derive(Template)]
#[template(path = "change_address.html")]
struct ChangePage {
    shell: Shell,
    token: String,
    /// What the link does; nothing where it is used or over.
    change: Option<AddressChange>,
}

async fn change_page(
    mote: &Mote,
    person: &Person,
    access: &AccountAccess<AccountChange>,
    token: String,
    refused: Option<String>,
) -> Result<Response, Failure> {
    let change = mote.address_change(access, &token).await?;
    let shell = Shell::new("New address", person).with_refused(refused.filter(|_| change.is_some()));
    Ok(page(&ChangePage { shell, token, change }))
}

#[derive(Deserialize)]
pub(in crate::routes) struct Link {
    token: Option<String>,
}

/// `GET /change-address`: where the link in a mail leads.
pub(in crate::routes) async fn see(
    State(mote): State<Mote>,
    person: Person,
    OfAccount(access): OfAccount<AccountChange>,
    Query(link): Query<Link>,
) -> Result<Response, Failure> {
    change_page(&mote, &person, &access, link.token.unwrap_or_default(), None).await
}

/// `POST /change-address`
pub(in crate::routes) async fn change(
    State(mote): State<Mote>,
    person: Person,
    OfAccount(access): OfAccount<AccountChange>,
    Form(link): Form<Link>,
) -> Result<Response, Failure> {
    let token = link.token.unwrap_or_default();
    match mote.confirm_address(&access, &token).await {
        Ok(_) => Ok(Redirect::to("/account?done=address").into_response()),
        Err(error) => change_page(&mote, &person, &access, token, Some(to_tell(error)?)).await,
    }
}
