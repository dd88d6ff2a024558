//! The console's sessions of one's account.

use askama::Template;
use axum::extract::State;
use axum::response::{Redirect, Response};
use mote_core::authorization::table::{TokensEnd, TokensList};
use mote_core::console_sessions::ConsoleSession;
use mote_core::{Mote, TokenId};

use crate::access::OfAccount;
use crate::address::{Path, Query};
use crate::failure::Failure;
use crate::form::{Form, Nothing};
use crate::page::{Done, Shell, page};
use crate::session::Person;

#[derive(Template)]
#[template(path = "sessions.html")]
struct SessionsPage {
    shell: Shell,
    sessions: Vec<ConsoleSession>,
}

/// `GET /account/sessions`
pub(in crate::routes) async fn sessions(
    State(mote): State<Mote>,
    person: Person,
    OfAccount(access): OfAccount<TokensList>,
    Query(done): Query<Done>,
) -> Result<Response, Failure> {
    let shell = Shell::new("Sessions", &person).with_done(done.done.as_deref());
    Ok(page(&SessionsPage { shell, sessions: mote.console_sessions(&access).await? }))
}

/// `POST /account/sessions/{id}/end`
pub(in crate::routes) async fn end_session(
    State(mote): State<Mote>,
    OfAccount(access): OfAccount<TokensEnd>,
    Path(id): Path<i64>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Redirect, Failure> {
    mote.end_console_session(&access, TokenId(id)).await?;
    Ok(Redirect::to("/account/sessions?done=session-ended"))
}

/// `POST /account/sessions/end-others`
pub(in crate::routes) async fn end_others(
    State(mote): State<Mote>,
    OfAccount(access): OfAccount<TokensEnd>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Redirect, Failure> {
    mote.end_other_console_sessions(&access).await?;
    Ok(Redirect::to("/account/sessions?done=sessions-ended"))
}
