//! Another address for an account: asked for on its page, and made by the link in a mail.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use mote_api::frame::CallerAddress;
use mote_core::Mote;
use mote_core::accounts::{AccountChange as Change, AddressChange};
use mote_core::authorization::table::AccountChange;
use mote_core::passwords::Password;
use serde::Deserialize;

use super::after;
use crate::access::OfAccount;
use crate::address::Query;
use crate::failure::{Failure, to_tell};
use crate::form::Form;
use crate::page::{Shell, mailed, page};
use crate::session::{Person, Visitor};

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

const TITLE: &str = "New address";
const DONE: &str = "address";

#[derive(Template)]
#[template(path = "change_address.html")]
struct ChangePage {
    shell: Shell,
    token: String,
    /// What the link does; nothing where it is used or over.
    change: Option<AddressChange>,
}

impl ChangePage {
    fn show(self, mote: &Mote, visitor: &Visitor) -> Response {
        let shell = Shell { form_token: visitor.form_token.clone(), ..self.shell };
        visitor.shown(mote, page(&Self { shell, ..self }))
    }
}

async fn change_page(
    mote: &Mote,
    visitor: &Visitor,
    token: String,
    refused: Option<String>,
) -> Result<Response, Failure> {
    let change = mote.address_change(&token).await?;
    let shell = Shell::for_nobody(TITLE).with_refused(refused.filter(|_| change.is_some()));
    Ok(ChangePage { shell, token, change }.show(mote, visitor))
}

#[derive(Deserialize)]
pub(in crate::routes) struct Link {
    token: Option<String>,
    done: Option<String>,
}

/// `GET /change-address`: where the link in a mail leads, and whoever followed it.
pub(in crate::routes) async fn see(
    State(mote): State<Mote>,
    visitor: Visitor,
    Query(link): Query<Link>,
) -> Result<Response, Failure> {
    if link.done.as_deref() == Some(DONE) {
        let shell = Shell::for_nobody(TITLE).with_done(Some(DONE));
        return Ok(ChangePage { shell, token: String::new(), change: None }.show(&mote, &visitor));
    }
    change_page(&mote, &visitor, link.token.unwrap_or_default(), None).await
}

/// `POST /change-address`
pub(in crate::routes) async fn change(
    State(mote): State<Mote>,
    visitor: Visitor,
    CallerAddress(address): CallerAddress,
    Form(link): Form<Link>,
) -> Result<Response, Failure> {
    let token = link.token.unwrap_or_default();
    match mote.confirm_address(&token, address).await {
        Ok(_) => Ok(Redirect::to(&format!("/change-address?done={DONE}")).into_response()),
        Err(error) => change_page(&mote, &visitor, token, Some(to_tell(error)?)).await,
    }
}
