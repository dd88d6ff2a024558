//! The access tokens of one's account.

use askama::Template;
use axum::extract::State;
use axum::response::{Redirect, Response};
use mote_core::authorization::table::{AccountChange, TokensEnd, TokensList};
use mote_core::passwords::Password;
use mote_core::tokens::{Lifetime, ListedToken, TokensAsked};
use mote_core::{Mote, TokenId};
use serde::Deserialize;

use super::Word;
use crate::access::OfAccount;
use crate::address::{Path, Query};
use crate::failure::{Failure, to_tell};
use crate::form::{Form, Nothing};
use crate::page::{Done, Shell, page};
use crate::session::Person;

#[derive(Template)]
#[template(path = "tokens.html")]
struct TokensPage {
    shell: Shell,
    tokens: Vec<ListedToken>,
    /// One that was just made, with the curl line that uses it; only once.
    made: Option<(String, String)>,
}

/// By which somebody knows a token again that a program of his has: too little of it for whoever looks over his shoulder.
fn beginning(token: &ListedToken) -> String {
    token.token.expose().chars().take(6).collect()
}

async fn tokens_page(
    mote: &Mote,
    person: &Person,
    shell: Shell,
    made: Option<(String, String)>,
) -> Result<Response, Failure> {
    let access = mote.account_access::<TokensList>(person.caller.clone())?;
    let tokens = mote.account_tokens(&access, TokensAsked::default()).await?.tokens;
    Ok(page(&TokensPage { shell, tokens, made }))
}

/// `GET /account/tokens`
pub(in crate::routes) async fn tokens(
    State(mote): State<Mote>,
    person: Person,
    Query(done): Query<Done>,
) -> Result<Response, Failure> {
    let shell = Shell::new("Access tokens", &person).with_done(done.done.as_deref());
    tokens_page(&mote, &person, shell, None).await
}

#[derive(Deserialize)]
pub(in crate::routes) struct NewToken {
    password: Option<String>,
    days: Option<String>,
}

/// `POST /account/tokens`
pub(in crate::routes) async fn create_token(
    State(mote): State<Mote>,
    person: Person,
    OfAccount(access): OfAccount<AccountChange>,
    Form(form): Form<NewToken>,
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
        Err(error) => {
            let word = Word::of(&error);
            let shell = shell.with_refused(Some(to_tell(error)?));
            Ok(word.on(tokens_page(&mote, &person, shell, None).await?))
        }
    }
}

/// `POST /account/tokens/{id}/end`
pub(in crate::routes) async fn end_token(
    State(mote): State<Mote>,
    OfAccount(access): OfAccount<TokensEnd>,
    Path(id): Path<i64>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Redirect, Failure> {
    mote.end_account_token(&access, TokenId(id)).await?;
    Ok(Redirect::to("/account/tokens?done=token-ended"))
}
