//! Coming to a team by an invitation.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use mote_core::authorization::AccountAccess;
use mote_core::authorization::table::InvitationsAccept;
use mote_core::teams::{Offer, TeamId};
use mote_core::{Error, Mote};
use serde::Deserialize;

use crate::access::OfAccount;
use crate::address::Query;
use crate::failure::{Failure, to_tell};
use crate::form::Form;
use crate::page::{Shell, page};
use crate::session::Person;

#[derive(Template)]
#[template(path = "join.html")]
struct JoinPage {
    shell: Shell,
    token: String,
    /// What it is to; none where it is over.
    offer: Option<Offer>,
}

async fn join_page(
    mote: &Mote,
    person: &Person,
    access: &AccountAccess<InvitationsAccept>,
    token: String,
    refused: Option<String>,
) -> Result<Response, Failure> {
    let shell = Shell::new("Invitation", person);
    let (shell, offer) = match mote.look_at_invitation(access, &token).await {
        Ok(offer) => (shell.with_refused(refused), Some(offer)),
        Err(Error::Invalid { .. }) => {
            let why = "This invitation is unknown, used, taken back or over.";
            (shell.with_refused(Some(why.into())), None)
        }
        Err(error) => return Err(error.into()),
    };
    Ok(page(&JoinPage { shell, token, offer }))
}

#[derive(Deserialize)]
pub(in crate::routes) struct Link {
    token: Option<String>,
}

/// `GET /join`: where the link of an invitation leads.
pub(in crate::routes) async fn ask_to_join(
    State(mote): State<Mote>,
    person: Person,
    OfAccount(access): OfAccount<InvitationsAccept>,
    Query(link): Query<Link>,
) -> Result<Response, Failure> {
    join_page(&mote, &person, &access, link.token.unwrap_or_default(), None).await
}

/// `POST /join`
pub(in crate::routes) async fn join(
    State(mote): State<Mote>,
    person: Person,
    OfAccount(access): OfAccount<InvitationsAccept>,
    Form(link): Form<Link>,
) -> Result<Response, Failure> {
    let token = link.token.unwrap_or_default();
    match mote.accept_invitation(&access, &token).await {
        Ok(joined) => {
            let list = if matches!(joined.team, TeamId::Organization(_)) { "/organizations" } else { "/" };
            Ok(Redirect::to(&format!("{list}?done=joined")).into_response())
        }
        Err(error) => join_page(&mote, &person, &access, token, Some(to_tell(error)?)).await,
    }
}
