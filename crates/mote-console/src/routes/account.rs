//! The account of whoever is signed in: address, password, second factor, tokens, sessions.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use mote_core::accounts::{Account, AccountChange as Change};
use mote_core::authorization::table::{AccountChange, AccountSee, TokensEnd, TokensList};
use mote_core::console_sessions::ConsoleSession;
use mote_core::passwords::Password;
use mote_core::tokens::{Lifetime, ListedToken};
use mote_core::{Error, Mote, TokenId};
use serde::Deserialize;

use crate::access::OfAccount;
use crate::failure::{Failure, to_tell};
use crate::form::{Form, Nothing};
use crate::page::{Done, Shell, page};
use crate::session::{Cookie, Person};

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage {
    shell: Shell,
    account: Account,
}

async fn account_page(
    mote: &Mote,
    person: &Person,
    done: Option<&str>,
    refused: Option<String>,
) -> Result<Response, Failure> {
    let access = mote.account_access::<AccountSee>(person.caller.clone())?;
    let account = mote.account(&access).await?;
    let shell = Shell::new("Account", person).with_done(done).with_refused(refused);
    Ok(page(&AccountPage { shell, account }))
}

/// `GET /account`
pub(super) async fn see(
    State(mote): State<Mote>,
    person: Person,
    Query(done): Query<Done>,
) -> Result<Response, Failure> {
    account_page(&mote, &person, done.done.as_deref(), None).await
}

/// Back to the account, with what came of it.
async fn after<T>(
    mote: &Mote,
    person: &Person,
    done: &str,
    result: Result<T, Error>,
) -> Result<Response, Failure> {
    match result {
        Ok(_) => Ok(Redirect::to(&format!("/account?done={done}")).into_response()),
        Err(error) => account_page(mote, person, None, Some(to_tell(error)?)).await,
    }
}

#[derive(Deserialize)]
pub(super) struct NewAddress {
    username: Option<String>,
    current_password: Option<String>,
}

/// `POST /account/address`
pub(super) async fn change_address(
    State(mote): State<Mote>,
    person: Person,
    OfAccount(access): OfAccount<AccountChange>,
    Form(form): Form<NewAddress>,
) -> Result<Response, Failure> {
    let current_password = Some(Password::new(form.current_password.unwrap_or_default()));
    let username = Some(form.username.unwrap_or_default());
    let changed =
        mote.update_account(&access, Change { username, current_password, ..Change::default() }).await;
    after(&mote, &person, "saved", changed).await
}

#[derive(Deserialize)]
pub(super) struct NewPassword {
    password: Option<String>,
    current_password: Option<String>,
    end_tokens: Option<String>,
}

/// `POST /account/password`
pub(super) async fn change_password(
    State(mote): State<Mote>,
    person: Person,
    OfAccount(access): OfAccount<AccountChange>,
    Form(form): Form<NewPassword>,
) -> Result<Response, Failure> {
    let change = Change {
        password: Some(Password::new(form.password.unwrap_or_default())),
        current_password: Some(Password::new(form.current_password.unwrap_or_default())),
        end_tokens: form.end_tokens.is_some(),
        ..Change::default()
    };
    let changed = mote.update_account(&access, change).await;
    after(&mote, &person, "password", changed).await
}

#[derive(Template)]
#[template(path = "mfa.html")]
struct MfaPage {
    shell: Shell,
    mfa_token: String,
    /// The code for the app's camera and the secret to type; only once.
    fresh: Option<(Qr, String)>,
}

/// A QR code as the path of an SVG, a unit per module.
struct Qr {
    size: i32,
    path: String,
}

impl Qr {
    fn new(text: &str) -> Result<Self, Error> {
        use std::fmt::Write;
        let code = qrcodegen::QrCode::encode_text(text, qrcodegen::QrCodeEcc::Medium)
            .map_err(|error| Error::Internal(format!("no QR code: {error:?}")))?;
        let mut path = String::new();
        for y in 0..code.size() {
            for x in (0..code.size()).filter(|x| code.get_module(*x, y)) {
                let _ = write!(path, "M{x} {y}h1v1h-1z");
            }
        }
        Ok(Self { size: code.size(), path })
    }
}

/// `POST /account/second-factor`: begins to switch it on.
pub(super) async fn begin_mfa(
    State(mote): State<Mote>,
    person: Person,
    OfAccount(access): OfAccount<AccountChange>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response, Failure> {
    match mote.begin_mfa(&access).await {
        Ok(enrolment) => {
            let shell = Shell::new("Second factor", &person);
            let fresh = Some((Qr::new(&enrolment.url)?, enrolment.secret.to_string()));
            Ok(page(&MfaPage { shell, mfa_token: enrolment.mfa_token.expose().to_string(), fresh }))
        }
        Err(error) => after::<()>(&mote, &person, "", Err(error)).await,
    }
}

#[derive(Template)]
#[template(path = "recovery_codes.html")]
struct CodesPage {
    shell: Shell,
    codes: Vec<String>,
}

#[derive(Deserialize)]
pub(super) struct FirstCode {
    mfa_token: Option<String>,
    code: Option<String>,
}

/// `POST /account/second-factor/confirm`
pub(super) async fn confirm_mfa(
    State(mote): State<Mote>,
    person: Person,
    OfAccount(access): OfAccount<AccountChange>,
    Form(form): Form<FirstCode>,
) -> Result<Response, Failure> {
    let mfa_token = form.mfa_token.unwrap_or_default();
    match mote.confirm_mfa(&access, &mfa_token, &form.code.unwrap_or_default(), false).await {
        Ok(enrolled) => {
            let shell = Shell::new("Recovery codes", &person);
            Ok(page(&CodesPage { shell, codes: enrolled.recovery_codes }))
        }
        Err(Error::Invalid { field: "otp", .. }) => {
            let why = "That is not the code that the app shows now. Wait for the next one, or start again.";
            let shell = Shell::new("Second factor", &person).with_refused(Some(why.into()));
            Ok(page(&MfaPage { shell, mfa_token, fresh: None }))
        }
        Err(Error::Invalid { .. }) => {
            let why = Some("That took too long, or too many tries: start again.".to_owned());
            account_page(&mote, &person, None, why).await
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Deserialize)]
pub(super) struct Confirmed {
    password: Option<String>,
    days: Option<String>,
}

/// `POST /account/second-factor/off`
pub(super) async fn disable_mfa(
    State(mote): State<Mote>,
    person: Person,
    OfAccount(access): OfAccount<AccountChange>,
    Form(form): Form<Confirmed>,
) -> Result<Response, Failure> {
    let password = Some(Password::new(form.password.unwrap_or_default()));
    let off = mote.disable_mfa(&access, password).await;
    after(&mote, &person, "mfa-off", off).await
}

/// `POST /account/delete`
pub(super) async fn delete(
    State(mote): State<Mote>,
    person: Person,
    OfAccount(access): OfAccount<AccountChange>,
    Form(form): Form<Confirmed>,
) -> Result<Response, Failure> {
    let password = Some(Password::new(form.password.unwrap_or_default()));
    match mote.delete_account(&access, password).await {
        Ok(()) => {
            let mut response = Redirect::to("/sign-in?done=deleted").into_response();
            Cookie::Session.unset(&mut response, &mote);
            Ok(response)
        }
        Err(error) => after::<()>(&mote, &person, "", Err(error)).await,
    }
}

#[derive(Template)]
#[template(path = "tokens.html")]
struct TokensPage {
    shell: Shell,
    tokens: Vec<ListedToken>,
    /// One that was just made, with the curl line that uses it; only once.
    made: Option<(String, String)>,
}

async fn tokens_page(
    mote: &Mote,
    person: &Person,
    shell: Shell,
    made: Option<(String, String)>,
) -> Result<Response, Failure> {
    let access = mote.account_access::<TokensList>(person.caller.clone())?;
    let tokens = mote.account_tokens(&access).await?;
    Ok(page(&TokensPage { shell, tokens, made }))
}

/// `GET /account/tokens`
pub(super) async fn tokens(
    State(mote): State<Mote>,
    person: Person,
    Query(done): Query<Done>,
) -> Result<Response, Failure> {
    let shell = Shell::new("Access tokens", &person).with_done(done.done.as_deref());
    tokens_page(&mote, &person, shell, None).await
}

/// `POST /account/tokens`
pub(super) async fn create_token(
    State(mote): State<Mote>,
    person: Person,
    OfAccount(access): OfAccount<AccountChange>,
    Form(form): Form<Confirmed>,
) -> Result<Response, Failure> {
    let lifetime = match form.days.as_deref() {
        Some("never") => Lifetime::Never,
        days => {
            let days: i64 = days.and_then(|days| days.parse().ok()).unwrap_or(90);
            Lifetime::Seconds(days.clamp(1, 3650) * 86_400)
        }
    };
    let password = Some(Password::new(form.password.unwrap_or_default()));
    let shell = Shell::new("Access tokens", &person);
    match mote.create_user_token(&access, password, lifetime).await {
        Ok(minted) => {
            let token = minted.access.expose().to_string();
            let url = &mote.settings().public_url;
            let line = format!("curl {url}/v1/devices -H \"Authorization: Bearer {token}\"");
            tokens_page(&mote, &person, shell, Some((token, line))).await
        }
        Err(error) => tokens_page(&mote, &person, shell.with_refused(Some(to_tell(error)?)), None).await,
    }
}

/// `POST /account/tokens/{id}/end`
pub(super) async fn end_token(
    State(mote): State<Mote>,
    OfAccount(access): OfAccount<TokensEnd>,
    Path(id): Path<i64>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Redirect, Failure> {
    mote.end_account_token(&access, TokenId(id)).await?;
    Ok(Redirect::to("/account/tokens?done=token-ended"))
}

#[derive(Template)]
#[template(path = "sessions.html")]
struct SessionsPage {
    shell: Shell,
    sessions: Vec<ConsoleSession>,
}

/// `GET /account/sessions`
pub(super) async fn sessions(
    State(mote): State<Mote>,
    person: Person,
    OfAccount(access): OfAccount<TokensList>,
    Query(done): Query<Done>,
) -> Result<Response, Failure> {
    let shell = Shell::new("Sessions", &person).with_done(done.done.as_deref());
    Ok(page(&SessionsPage { shell, sessions: mote.console_sessions(&access).await? }))
}

/// `POST /account/sessions/{id}/end`
pub(super) async fn end_session(
    State(mote): State<Mote>,
    OfAccount(access): OfAccount<TokensEnd>,
    Path(id): Path<i64>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Redirect, Failure> {
    mote.end_console_session(&access, TokenId(id)).await?;
    Ok(Redirect::to("/account/sessions?done=session-ended"))
}

/// `POST /account/sessions/end-others`
pub(super) async fn end_others(
    State(mote): State<Mote>,
    OfAccount(access): OfAccount<TokensEnd>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Redirect, Failure> {
    mote.end_other_console_sessions(&access).await?;
    Ok(Redirect::to("/account/sessions?done=sessions-ended"))
}
