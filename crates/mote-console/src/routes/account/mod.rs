//! The account of whoever is signed in: its password, and its end. Its address, the second factor, access tokens and sessions
//! have modules of their own.

pub(super) mod address;
mod second_factor;
mod sessions;
mod tokens;

pub(super) use second_factor::{begin_mfa, confirm_mfa, disable_mfa};
pub(super) use sessions::{end_others, end_session, sessions};
pub(super) use tokens::{create_token, end_token, tokens};

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use mote_api::frame::Guess;
use mote_core::accounts::{Account, AccountChange as Change};
use mote_core::authorization::table::{AccountChange, AccountSee};
use mote_core::passwords::Password;
use mote_core::{Error, Mote};
use serde::Deserialize;

use crate::access::OfAccount;
use crate::address::Query;
use crate::failure::{Failure, to_tell};
use crate::form::Form;
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
        Err(error) => {
            let word = Word::of(&error);
            Ok(word.on(account_page(mote, person, None, Some(to_tell(error)?)).await?))
        }
    }
}

/// What a refusal says of a password that was asked for once more, for those who count wrong ones.
struct Word(Option<Guess>);

impl Word {
    fn of(error: &Error) -> Self {
        Self(matches!(error, Error::WrongPassword(_)).then_some(Guess::Wrong))
    }

    /// The page that tells of the refusal, with the word on it.
    fn on(self, mut page: Response) -> Response {
        if let Self(Some(guess)) = self {
            guess.tell(&mut page);
        }
        page
    }
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

/// A password that confirms what a button does.
#[derive(Deserialize)]
pub(super) struct Confirmed {
    password: Option<String>,
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
