//! Signing in and out.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use http::{HeaderMap, header};
use mote_api::frame::{CallerAddress, Guess};
use mote_core::accounts::ConsoleSignIn;
use mote_core::keys::TokenSecret;
use mote_core::passwords::Password;
use mote_core::{Error, Mote};
use serde::Deserialize;

use crate::address::Query;
use crate::failure::{Failure, told};
use crate::form::Form;
use crate::page::{Shell, page};
use crate::session::{Cookie, Person, Visitor, next_or_home, with_next};

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    shell: Shell,
    next: String,
    username: String,
    open_signup: bool,
}

#[derive(Template)]
#[template(path = "sign_in_code.html")]
struct CodePage {
    shell: Shell,
    next: String,
    waiting: String,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    next: Option<String>,
    done: Option<String>,
}

/// `GET /sign-in`
pub(super) async fn ask(
    State(mote): State<Mote>,
    headers: HeaderMap,
    address: CallerAddress,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let next = next_or_home(asked.next.as_deref());
    if Person::find(&headers, address, &mote).await?.is_some() {
        return Ok(Redirect::to(&next).into_response());
    }
    let shell = shell(&visitor).with_done(asked.done.as_deref());
    Ok(sign_in_page(&mote, &visitor, shell, next, String::new()))
}

fn shell(visitor: &Visitor) -> Shell {
    Shell { form_token: visitor.form_token.clone(), ..Shell::for_nobody("Sign in") }
}

fn sign_in_page(mote: &Mote, visitor: &Visitor, shell: Shell, next: String, username: String) -> Response {
    let open_signup = mote.settings().open_signup;
    visitor.shown(mote, page(&SignInPage { shell, next, username, open_signup }))
}

#[derive(Deserialize)]
pub(super) struct SignInForm {
    next: Option<String>,
    username: Option<String>,
    password: Option<String>,
}

/// What the browser calls itself.
fn agent(headers: &HeaderMap) -> String {
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    agent.unwrap_or_default().to_owned()
}

/// `POST /sign-in`
pub(super) async fn sign_in(
    State(mote): State<Mote>,
    visitor: Visitor,
    headers: HeaderMap,
    CallerAddress(address): CallerAddress,
    Form(form): Form<SignInForm>,
) -> Result<Response, Failure> {
    let next = next_or_home(form.next.as_deref());
    let username = form.username.unwrap_or_default();
    let password = Password::new(form.password.unwrap_or_default());
    match mote.console_sign_in(&username, password, &agent(&headers), address).await {
        Ok(ConsoleSignIn::Done(secret)) => Ok(signed_in(&mote, &secret, &next)),
        Ok(ConsoleSignIn::CodeNeeded(waiting)) => {
            Ok(code_page(&mote, &visitor, shell(&visitor), next, waiting.expose().to_string()))
        }
        Err(error @ Error::WrongCredentials) => {
            let shell = shell(&visitor).with_refused(told(&error));
            let mut response = sign_in_page(&mote, &visitor, shell, next, username);
            Guess::Wrong.tell(&mut response);
            Ok(response)
        }
        Err(error) => Err(error.into()),
    }
}

fn code_page(mote: &Mote, visitor: &Visitor, shell: Shell, next: String, waiting: String) -> Response {
    visitor.shown(mote, page(&CodePage { shell, next, waiting }))
}

fn signed_in(mote: &Mote, secret: &TokenSecret, next: &str) -> Response {
    let mut response = Redirect::to(next).into_response();
    Guess::Right.tell(&mut response);
    Cookie::Session.set(&mut response, mote, secret);
    Cookie::Visitor.unset(&mut response, mote);
    response
}

#[derive(Deserialize)]
pub(super) struct CodeForm {
    next: Option<String>,
    waiting: Option<String>,
    code: Option<String>,
}

/// `POST /sign-in/code`
pub(super) async fn with_code(
    State(mote): State<Mote>,
    visitor: Visitor,
    headers: HeaderMap,
    CallerAddress(address): CallerAddress,
    Form(form): Form<CodeForm>,
) -> Result<Response, Failure> {
    let next = next_or_home(form.next.as_deref());
    let (waiting, code) = (form.waiting.unwrap_or_default(), form.code.unwrap_or_default());
    match mote.console_sign_in_with_code(&waiting, &code, &agent(&headers), address).await {
        Ok(secret) => Ok(signed_in(&mote, &secret, &next)),
        Err(error @ Error::OAuth(_)) => {
            let shell = shell(&visitor).with_refused(told(&error));
            let mut response = code_page(&mote, &visitor, shell, next, waiting);
            Guess::Wrong.tell(&mut response);
            Ok(response)
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Deserialize)]
pub(super) struct SignOutForm {
    /// Where whoever signs in next goes on.
    next: Option<String>,
}

/// `POST /sign-out`
pub(super) async fn sign_out(
    State(mote): State<Mote>,
    person: Person,
    Form(form): Form<SignOutForm>,
) -> Result<Response, Failure> {
    mote.sign_out(&person.caller).await?;
    let next = next_or_home(form.next.as_deref());
    let mut response = Redirect::to(&with_next("/sign-in?done=signed-out", &next)).into_response();
    Cookie::Session.unset(&mut response, &mote);
    Ok(response)
}
