//! API users: programs with one token, within their scopes.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use mote_core::authorization::table::{TeamInvite, TeamUpdate};
use mote_core::authorization::{SCOPE_NAMES, Scopes};
use mote_core::teams::NewApiUserToken;
use mote_core::{Error, Mote};
use serde::Deserialize;

use super::{Looking, after, framed};
use crate::access::OfTeam;
use crate::address::Path;
use crate::failure::{Failure, to_tell};
use crate::form::{Form, Nothing};
use crate::frames::Frame;
use crate::page::{Shell, page};
use crate::session::Person;

#[derive(Template)]
#[template(path = "api_user_new.html")]
struct NewPage {
    shell: Shell,
    frame: Frame,
    /// The path of the team.
    base: String,
    form: NewApiUser,
    scopes: &'static [&'static str],
}

/// A new API user's fields.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::routes) struct NewApiUser {
    name: String,
    scopes: Vec<String>,
}

impl NewApiUser {
    fn has(&self, scope: &str) -> bool {
        self.scopes.iter().any(|known| known == scope)
    }
}

/// `GET /products/{product}/team/api-users/new`
pub(in crate::routes) async fn ask(
    State(mote): State<Mote>,
    person: Person,
    OfTeam(_): OfTeam<TeamInvite>,
    looking: Looking,
) -> Result<Response, Failure> {
    let (shell, frame, base) = framed(&mote, &person, &looking).await?;
    Ok(page(&NewPage { shell, frame, base, form: NewApiUser::default(), scopes: &SCOPE_NAMES }))
}

/// The one page that shows an API user's token.
#[derive(Template)]
#[template(path = "api_user_token.html")]
struct TokenPage {
    shell: Shell,
    frame: Frame,
    /// The path of the team.
    base: String,
    name: String,
    token: String,
}

fn token_page((shell, frame, base): (Shell, Frame, String), made: &NewApiUserToken) -> Response {
    let (name, token) = (made.api_user.friendly_name.clone(), made.token.expose().to_string());
    page(&TokenPage { shell, frame, base, name, token })
}

/// `POST /products/{product}/team/api-users`
pub(in crate::routes) async fn create(
    State(mote): State<Mote>,
    person: Person,
    OfTeam(access): OfTeam<TeamInvite>,
    looking: Looking,
    Form(form): Form<NewApiUser>,
) -> Result<Response, Failure> {
    let made = async { mote.create_api_user(&access, &form.name, Scopes::parse(&form.scopes)?).await };
    let made = made.await;
    let (shell, frame, base) = framed(&mote, &person, &looking).await?;
    let refused = match made {
        Ok(made) => return Ok(token_page((shell, frame, base), &made)),
        Err(Error::Invalid { field: "scopes", .. }) if form.scopes.is_empty() => {
            "Tick at least one scope: an API user without any could do nothing.".to_owned()
        }
        Err(error) => to_tell(error)?,
    };
    let shell = shell.with_refused(Some(refused));
    Ok(page(&NewPage { shell, frame, base, form, scopes: &SCOPE_NAMES }))
}

/// The parameters of an API user's path.
#[derive(Deserialize)]
pub(in crate::routes) struct Named {
    username: String,
}

/// `POST /products/{product}/team/api-users/{username}/token`: a new token; the old one is dead at once.
pub(in crate::routes) async fn renew(
    State(mote): State<Mote>,
    person: Person,
    OfTeam(access): OfTeam<TeamUpdate>,
    looking: Looking,
    Path(named): Path<Named>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response, Failure> {
    match mote.regenerate_token(&access, &named.username).await {
        Ok(made) => {
            let (shell, frame, base) = framed(&mote, &person, &looking).await?;
            Ok(token_page((shell, frame, base), &made))
        }
        Err(error) => after::<()>(&mote, &person, &looking, "", Err(error)).await,
    }
}
