//! The team of a product or an organization. [`api_users`] has the programs that work for it, [`mod@join`] those who come to it.

mod api_users;
mod join;

pub(super) use api_users::{ask, create, renew};
pub(super) use join::{ask_to_join, join};

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use mote_core::authorization::table::{
    OrganizationsGet, ProductsGet, TeamInvite, TeamList, TeamRemove, TeamUpdate,
};
use mote_core::authorization::{Denial, Role, TeamRef};
use mote_core::organizations::OrganizationRef;
use mote_core::products::ProductRef;
use mote_core::teams::{LAST_OWNER, TeamListing, TeamMember};
use mote_core::{Error, Mote};
use serde::Deserialize;

use crate::access::{OfProductOrOrganization, OfTeam};
use crate::address::Query;
use crate::failure::{Failure, to_tell};
use crate::form::Form;
use crate::frames::{Frame, OrganizationFrame, ProductFrame};
use crate::page::{Done, Shell, mailed, page};
use crate::session::Person;

const TAB: &str = "Team";

#[derive(Template)]
#[template(path = "team.html")]
struct TeamPage {
    shell: Shell,
    frame: Frame,
    /// The path of the team.
    base: String,
    team: TeamListing,
    /// Those that the person could give.
    roles: Vec<Role>,
    may_not_invite: Option<String>,
    may_not_update: Option<String>,
    may_not_remove: Option<String>,
}

impl TeamPage {
    /// Why the person changes nothing of this member, where he may change others.
    fn why_stays(&self, member: &TeamMember) -> Option<String> {
        if self.may_not_update.is_some() {
            return None;
        }
        if !self.roles.contains(&member.role) {
            return Some(Denial::MemberAbove { needed: member.role }.to_string());
        }
        (self.team.last_owner == Some(member.account)).then(|| LAST_OWNER.to_owned())
    }
}

/// Whose team it is, for who may see that.
type Looking = OfProductOrOrganization<ProductsGet, OrganizationsGet>;

/// The frame around a team's pages, and the path of the team.
async fn framed(mote: &Mote, person: &Person, looking: &Looking) -> Result<(Shell, Frame, String), Error> {
    Ok(match looking {
        Looking::Product(access) => {
            let (shell, frame) = ProductFrame::new(mote, person, access, TAB).await?;
            (shell, Frame::Product(frame), base(looking))
        }
        Looking::Organization(access) => {
            let (shell, frame) = OrganizationFrame::new(mote, person, access, TAB).await?;
            (shell, Frame::Organization(frame), base(looking))
        }
    })
}

fn base(looking: &Looking) -> String {
    match looking {
        Looking::Product(access) => format!("/products/{}/team", access.product().slug),
        Looking::Organization(access) => format!("/organizations/{}/team", access.organization().slug),
    }
}

/// The team, as whoever looks at it sees it now.
async fn listing(mote: &Mote, person: &Person, looking: &Looking) -> Result<TeamListing, Error> {
    let of = match looking {
        Looking::Product(access) => TeamRef::Product(ProductRef::Id(access.product().id)),
        Looking::Organization(access) => TeamRef::Organization(OrganizationRef::Id(access.organization().id)),
    };
    mote.list_team(&mote.team_access::<TeamList>(person.caller.clone(), of).await?).await
}

async fn team_page(
    mote: &Mote,
    person: &Person,
    looking: &Looking,
    done: Option<&str>,
    refused: Option<String>,
) -> Result<Response, Failure> {
    let (shell, frame, base) = framed(mote, person, looking).await?;
    let shell = shell.with_done(done).with_refused(refused);
    let team = listing(mote, person, looking).await?;
    let (may_not_invite, may_not_update, may_not_remove) =
        (frame.why_not::<TeamInvite>(), frame.why_not::<TeamUpdate>(), frame.why_not::<TeamRemove>());
    let roles = Role::ALL.into_iter().filter(|role| Some(*role) <= frame.own_role()).collect();
    Ok(page(&TeamPage { shell, frame, base, team, roles, may_not_invite, may_not_update, may_not_remove }))
}

/// `GET /products/{product}/team`; here and below, `/organizations/{organization}` in its place is that one's.
pub(super) async fn list(
    State(mote): State<Mote>,
    person: Person,
    looking: Looking,
    Query(done): Query<Done>,
) -> Result<Response, Failure> {
    team_page(&mote, &person, &looking, done.done.as_deref(), None).await
}

/// Back to the list, with what came of it.
async fn after<T>(
    mote: &Mote,
    person: &Person,
    looking: &Looking,
    done: &str,
    result: Result<T, Error>,
) -> Result<Response, Failure> {
    match result {
        Ok(_) => Ok(Redirect::to(&format!("{}?done={done}", base(looking))).into_response()),
        Err(error) => team_page(mote, person, looking, None, Some(to_tell(error)?)).await,
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Member {
    username: String,
    role: String,
}

/// `POST /products/{product}/team`: invites somebody.
pub(super) async fn invite(
    State(mote): State<Mote>,
    person: Person,
    OfTeam(access): OfTeam<TeamInvite>,
    looking: Looking,
    Form(form): Form<Member>,
) -> Result<Response, Failure> {
    let invited = async { mote.invite(&access, &form.username, Role::parse(&form.role)?).await };
    let invited = invited.await;
    after(&mote, &person, &looking, &mailed(&mote, "invited"), invited).await
}

/// `POST /products/{product}/team/role`
pub(super) async fn change_role(
    State(mote): State<Mote>,
    person: Person,
    OfTeam(access): OfTeam<TeamUpdate>,
    looking: Looking,
    Form(form): Form<Member>,
) -> Result<Response, Failure> {
    let changed = async { mote.change_role(&access, &form.username, Role::parse(&form.role)?).await };
    let changed = changed.await;
    after(&mote, &person, &looking, "saved", changed).await
}

/// `POST /products/{product}/team/remove`: a member, an API user, or an invitation.
pub(super) async fn remove(
    State(mote): State<Mote>,
    person: Person,
    OfTeam(access): OfTeam<TeamRemove>,
    looking: Looking,
    Form(form): Form<Member>,
) -> Result<Response, Failure> {
    let removed = mote.remove_from_team(&access, &form.username).await;
    if removed.is_ok() && listing(&mote, &person, &looking).await.is_err() {
        // He took himself off it.
        return Ok(Redirect::to("/?done=removed").into_response());
    }
    after(&mote, &person, &looking, "removed", removed).await
}
