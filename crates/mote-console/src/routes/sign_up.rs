//! Making an account, and a new password for one whose password is forgotten.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use mote_api::frame::CallerAddress;
use mote_core::Mote;
use mote_core::accounts::NewAccount;
use mote_core::passwords::Password;
use serde::Deserialize;

use crate::address::Query;
use crate::failure::{Failure, to_tell, told};
use crate::form::Form;
use crate::page::{Shell, mailed, page};
use crate::session::{Visitor, next_or_home, with_next};

#[derive(Template)]
#[template(path = "sign_up.html")]
struct SignUpPage {
    shell: Shell,
    next: String,
    username: String,
    open: bool,
}

fn shell(visitor: &Visitor, title: &str, refused: Option<String>) -> Shell {
    let shell = Shell { form_token: visitor.form_token.clone(), ..Shell::for_nobody(title) };
    shell.with_refused(refused)
}

fn sign_up_page(
    mote: &Mote,
    visitor: &Visitor,
    next: String,
    username: String,
    refused: Option<String>,
) -> Response {
    let shell = shell(visitor, "Sign up", refused);
    visitor.shown(mote, page(&SignUpPage { shell, next, username, open: mote.settings().open_signup }))
}

/// Where whoever comes here wants to go on.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    next: Option<String>,
}

/// `GET /sign-up`
pub(super) async fn ask(State(mote): State<Mote>, visitor: Visitor, Query(asked): Query<Asked>) -> Response {
    sign_up_page(&mote, &visitor, next_or_home(asked.next.as_deref()), String::new(), None)
}

#[derive(Deserialize)]
pub(super) struct Credentials {
    next: Option<String>,
    username: Option<String>,
    password: Option<String>,
}

/// `POST /sign-up`
pub(super) async fn sign_up(
    State(mote): State<Mote>,
    visitor: Visitor,
    CallerAddress(address): CallerAddress,
    Form(form): Form<Credentials>,
) -> Result<Response, Failure> {
    let next = next_or_home(form.next.as_deref());
    let username = form.username.unwrap_or_default();
    let password = Password::new(form.password.unwrap_or_default());
    let new = NewAccount { username: username.clone(), password, info: serde_json::Map::new() };
    match mote.sign_up(new, address).await {
        Ok(()) => Ok(Redirect::to(&with_next("/sign-in?done=signed-up", &next)).into_response()),
        Err(error) => Ok(sign_up_page(&mote, &visitor, next, username, Some(to_tell(error)?))),
    }
}

#[derive(Template)]
#[template(path = "forgotten_password.html")]
struct ForgottenPage {
    shell: Shell,
    next: String,
    /// Whether the link comes by mail.
    mailed: bool,
}

fn forgotten_page(mote: &Mote, visitor: &Visitor, next: String, refused: Option<String>) -> Response {
    let shell = shell(visitor, "Forgotten password", refused);
    visitor.shown(mote, page(&ForgottenPage { shell, next, mailed: mote.mails_reach_people() }))
}

/// `GET /forgotten-password`
pub(super) async fn ask_address(
    State(mote): State<Mote>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Response {
    forgotten_page(&mote, &visitor, next_or_home(asked.next.as_deref()), None)
}

#[derive(Deserialize)]
pub(super) struct Address {
    next: Option<String>,
    username: Option<String>,
}

/// `POST /forgotten-password`
pub(super) async fn send_reset(
    State(mote): State<Mote>,
    visitor: Visitor,
    Form(form): Form<Address>,
) -> Response {
    let next = next_or_home(form.next.as_deref());
    match mote.request_password_reset(&form.username.unwrap_or_default()) {
        Ok(()) => {
            let done = format!("/sign-in?done={}", mailed(&mote, "reset-sent"));
            Redirect::to(&with_next(&done, &next)).into_response()
        }
        Err(error) => forgotten_page(&mote, &visitor, next, told(&error)),
    }
}

#[derive(Template)]
#[template(path = "reset_password.html")]
struct ResetPage {
    shell: Shell,
    token: String,
    over: bool,
}

async fn reset_page(
    mote: &Mote,
    visitor: &Visitor,
    token: String,
    refused: Option<String>,
) -> Result<Response, Failure> {
    let over = !mote.may_reset_password(&token).await?;
    let shell = shell(visitor, "New password", refused.filter(|_| !over));
    Ok(visitor.shown(mote, page(&ResetPage { shell, token, over })))
}

#[derive(Deserialize)]
pub(super) struct Link {
    token: Option<String>,
}

/// `GET /reset-password`: where the link in a mail leads.
pub(super) async fn ask_password(
    State(mote): State<Mote>,
    visitor: Visitor,
    Query(link): Query<Link>,
) -> Result<Response, Failure> {
    reset_page(&mote, &visitor, link.token.unwrap_or_default(), None).await
}

#[derive(Deserialize)]
pub(super) struct Reset {
    token: Option<String>,
    password: Option<String>,
}

/// `POST /reset-password`
pub(super) async fn reset(
    State(mote): State<Mote>,
    visitor: Visitor,
    CallerAddress(address): CallerAddress,
    Form(form): Form<Reset>,
) -> Result<Response, Failure> {
    let token = form.token.unwrap_or_default();
    let password = Password::new(form.password.unwrap_or_default());
    match mote.reset_password(&token, password, address).await {
        Ok(()) => Ok(Redirect::to("/sign-in?done=reset").into_response()),
        Err(error) => reset_page(&mote, &visitor, token, Some(to_tell(error)?)).await,
    }
}
