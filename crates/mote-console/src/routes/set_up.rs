//! The first account of a server, by the link that `mote serve` prints.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use mote_api::frame::CallerAddress;
use mote_core::Mote;
use mote_core::accounts::NewAccount;
use mote_core::passwords::Password;
use serde::Deserialize;

use crate::address::Query;
use crate::failure::{Failure, to_tell};
use crate::form::Form;
use crate::page::{Shell, page};
use crate::session::Visitor;

#[derive(Template)]
#[template(path = "set_up.html")]
struct SetUpPage {
    shell: Shell,
    token: String,
    username: String,
    over: bool,
}

async fn set_up_page(
    mote: &Mote,
    visitor: &Visitor,
    token: String,
    username: String,
    refused: Option<String>,
) -> Result<Response, Failure> {
    let over = !mote.may_set_up(&token).await?;
    let shell = Shell { form_token: visitor.form_token.clone(), ..Shell::for_nobody("Set-up") };
    let shell = shell.with_refused(refused);
    Ok(visitor.shown(mote, page(&SetUpPage { shell, token, username, over })))
}

#[derive(Deserialize)]
pub(super) struct Link {
    token: Option<String>,
}

/// `GET /set-up`
pub(super) async fn ask(
    State(mote): State<Mote>,
    visitor: Visitor,
    Query(link): Query<Link>,
) -> Result<Response, Failure> {
    set_up_page(&mote, &visitor, link.token.unwrap_or_default(), String::new(), None).await
}

#[derive(Deserialize)]
pub(super) struct First {
    token: Option<String>,
    username: Option<String>,
    password: Option<String>,
}

/// `POST /set-up`
pub(super) async fn set_up(
    State(mote): State<Mote>,
    visitor: Visitor,
    CallerAddress(address): CallerAddress,
    Form(form): Form<First>,
) -> Result<Response, Failure> {
    let (token, username) = (form.token.unwrap_or_default(), form.username.unwrap_or_default());
    let password = Password::new(form.password.unwrap_or_default());
    let new = NewAccount { username: username.clone(), password, info: serde_json::Map::new() };
    match mote.set_up_first_account(&token, new, address).await {
        Ok(_) => Ok(Redirect::to("/sign-in?done=set-up").into_response()),
        Err(error) => set_up_page(&mote, &visitor, token, username, Some(to_tell(error)?)).await,
    }
}
