//! The second factor of one's account, switched on and off.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use mote_core::accounts::Enrolment;
use mote_core::authorization::table::AccountChange;
use mote_core::passwords::Password;
use mote_core::{Error, Mote};
use serde::Deserialize;

use super::{Confirmed, account_page, after};
use crate::access::OfAccount;
use crate::failure::Failure;
use crate::form::Form;
use crate::page::{Shell, page};
use crate::session::Person;

const TITLE: &str = "Second factor";

#[derive(Template)]
#[template(path = "mfa.html")]
struct MfaPage {
    shell: Shell,
    mfa_token: String,
    /// For the app's camera.
    qr: Qr,
    /// The same to type.
    key: String,
}

fn mfa_page(shell: Shell, enrolment: &Enrolment) -> Result<Response, Failure> {
    let (qr, key) = (Qr::new(&enrolment.url)?, enrolment.secret.to_string());
    Ok(page(&MfaPage { shell, mfa_token: enrolment.mfa_token.expose().to_string(), qr, key }))
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
pub(in crate::routes) async fn begin_mfa(
    State(mote): State<Mote>,
    person: Person,
    OfAccount(access): OfAccount<AccountChange>,
    Form(form): Form<Confirmed>,
) -> Result<Response, Failure> {
    let password = Some(Password::new(form.password.unwrap_or_default()));
    match mote.begin_mfa(&access, password).await {
        Ok(enrolment) => mfa_page(Shell::new(TITLE, &person), &enrolment),
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
pub(in crate::routes) struct FirstCode {
    mfa_token: Option<String>,
    code: Option<String>,
}

/// `POST /account/second-factor/confirm`
pub(in crate::routes) async fn confirm_mfa(
    State(mote): State<Mote>,
    person: Person,
    OfAccount(access): OfAccount<AccountChange>,
    Form(form): Form<FirstCode>,
) -> Result<Response, Failure> {
    let mfa_token = form.mfa_token.unwrap_or_default();
    let waiting = match mote.confirm_mfa(&access, &mfa_token, &form.code.unwrap_or_default(), false).await {
        Ok(enrolled) => {
            let shell = Shell::new("Recovery codes", &person);
            return Ok(page(&CodesPage { shell, codes: enrolled.recovery_codes }));
        }
        // The page is shown again, key and all: it may not be in the app yet.
        Err(Error::Invalid { field: "otp", .. }) => mote.waiting_mfa(&access, &mfa_token).await,
        Err(error) => Err(error),
    };
    match waiting {
        Ok(enrolment) => {
            let why =
                "That is not the code that the app shows now. Wait for the next one, or scan the code anew.";
            mfa_page(Shell::new(TITLE, &person).with_refused(Some(why.into())), &enrolment)
        }
        Err(Error::Invalid { .. }) => {
            let why = Some("That took too long, or too many tries: start again.".to_owned());
            account_page(&mote, &person, None, why).await
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /account/second-factor/off`
pub(in crate::routes) async fn disable_mfa(
    State(mote): State<Mote>,
    person: Person,
    OfAccount(access): OfAccount<AccountChange>,
    Form(form): Form<Confirmed>,
) -> Result<Response, Failure> {
    let password = Some(Password::new(form.password.unwrap_or_default()));
    let off = mote.disable_mfa(&access, password).await;
    after(&mote, &person, "mfa-off", off).await
}
