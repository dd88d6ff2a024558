//! Teams of products and organizations: members, invitations, API users.
//!
//! Declared once, without a product or organization, and registered with each ([`super::spaces::only_of`]).

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header;
use mote_core::Mote;
use mote_core::authorization::table::{InvitationsAccept, TeamInvite, TeamList, TeamRemove, TeamUpdate};
use mote_core::authorization::{Role, Scopes, TeamAccess};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ApiError;
use crate::access::{OfAccount, OfTeam};
use crate::body::{Input, Path, lenient};
use crate::views::{
    CreatedAnswer, Done, InvitedAnswer, JoinedAnswer, TeamAnswer, UpdatedApiUserAnswer, UpdatedMemberAnswer,
};

/// Somebody on a team, by name; whose team it is, the path says before.
#[derive(Deserialize)]
pub(super) struct MemberPath {
    username: String,
}

/// An answer that shows a token: nobody is to keep it.
fn once(answer: impl Serialize) -> Response {
    ([(header::CACHE_CONTROL, "no-store")], Json(answer)).into_response()
}

/// List the team
///
/// People and API users, an organization's with those of its products, and who is invited. All of it: a thousand of each at
/// most.
#[utoipa::path(
    get, path = "/v1/team", tag = "Teams", security(("bearer" = [])),
    responses((status = 200, body = TeamAnswer), (status = 401), (status = 403))
)]
pub(super) async fn list(
    State(mote): State<Mote>,
    OfTeam(access): OfTeam<TeamList>,
) -> Result<Json<TeamAnswer>, ApiError> {
    Ok(Json(mote.list_team(&access).await?.into()))
}

#[derive(Deserialize, ToSchema)]
pub(super) struct Add {
    /// To invite somebody: his e-mail address.
    username: Option<String>,
    /// And his role: `Administrator`, `Developer`, `Support` or `View-only`, which is also what it is where there is none
    /// (particle-api-js sends none).
    role: Option<String>,
    /// To make an API user: what people call it.
    friendly_name: Option<String>,
    /// And what it may do: one scope at least.
    #[serde(default, deserialize_with = "lenient::some_texts")]
    #[schema(value_type = Option<Vec<String>>)]
    scopes: Option<Vec<String>>,
}

/// Invite somebody to the team, or make an API user
///
/// With `username` and perhaps `role`: who has this address gets a mail, by which he can join within a week; the answer is the same
/// whether or not there is an account with it. With `friendly_name` and `scopes`: an API user with one token that never
/// expires, which is in this answer (`created`) and in no other.
#[utoipa::path(
    post, path = "/v1/team", tag = "Teams", security(("bearer" = [])), request_body = Add,
    responses(
        (status = 200, body = InvitedAnswer), (status = 400), (status = 401), (status = 403),
        (status = 409, description = "On the team already, or the team is full")
    )
)]
pub(super) async fn add(
    State(mote): State<Mote>,
    OfTeam(access): OfTeam<TeamInvite>,
    Input(body): Input<Add>,
) -> Result<Response, ApiError> {
    match (body.username, body.role, body.friendly_name, body.scopes) {
        (Some(username), role, None, None) => {
            let role = role.as_deref().map_or(Ok(Role::ViewOnly), Role::parse)?;
            let username = mote.invite(&access, &username, role).await?;
            Ok(Json(InvitedAnswer::new(username.to_string())).into_response())
        }
        (None, None, Some(name), Some(scopes)) => {
            let made = mote.create_api_user(&access, &name, Scopes::parse(&scopes)?).await?;
            Ok(once(CreatedAnswer::from(made)))
        }
        _ => Err(ApiError::bad_request(
            "Send username, and role, to invite somebody, or friendly_name and scopes to make an API user",
        )),
    }
}

#[derive(Deserialize, ToSchema)]
#[schema(as = TeamMemberUpdate)]
pub(super) struct Update {
    /// For a member: his new role.
    role: Option<String>,
    /// For an API user: its new scopes, one at least, in place of all it has.
    #[serde(default, deserialize_with = "lenient::some_texts")]
    #[schema(value_type = Option<Vec<String>>)]
    scopes: Option<Vec<String>>,
}

/// Give a member another role, or an API user other scopes
///
/// A member with the role `Owner` owns a product from then on. With new scopes an API user has a new token, which is in this
/// answer and in no other; the old one is dead.
#[utoipa::path(
    post, path = "/v1/team/{username}", tag = "Teams", security(("bearer" = [])), request_body = Update,
    params(("username" = String, Path)),
    responses(
        (status = 200, body = UpdatedMemberAnswer), (status = 400), (status = 401), (status = 403),
        (status = 404), (status = 409, description = "The last Owner")
    )
)]
pub(super) async fn update(
    State(mote): State<Mote>,
    OfTeam(access): OfTeam<TeamUpdate>,
    Path(path): Path<MemberPath>,
    Input(body): Input<Update>,
) -> Result<Response, ApiError> {
    match (body.role, body.scopes) {
        (Some(role), None) => {
            let member = mote.change_role(&access, &path.username, Role::parse(&role)?).await?;
            Ok(Json(UpdatedMemberAnswer::from(member)).into_response())
        }
        (None, Some(scopes)) => {
            let renewed = mote.change_scopes(&access, &path.username, Scopes::parse(&scopes)?).await?;
            Ok(once(UpdatedApiUserAnswer::from(renewed)))
        }
        _ => Err(ApiError::bad_request("Send role for a member, or scopes for an API user")),
    }
}

/// Take a member or an API user off the team, or an invitation back
///
/// A member's role, an API user's token and what an invitation's mail brought are worth nothing from then on.
#[utoipa::path(
    delete, path = "/v1/team/{username}", tag = "Teams", security(("bearer" = [])),
    params(("username" = String, Path)),
    responses(
        (status = 200, body = Done), (status = 401), (status = 403), (status = 404),
        (status = 409, description = "The last Owner")
    )
)]
pub(super) async fn remove(
    State(mote): State<Mote>,
    OfTeam(access): OfTeam<TeamRemove>,
    Path(path): Path<MemberPath>,
) -> Result<Json<Done>, ApiError> {
    mote.remove_from_team(&access, &path.username).await?;
    Ok(Json(Done::new()))
}

/// Give an API user a new token
///
/// It is in this answer and in no other; the old one is dead.
#[utoipa::path(
    put, path = "/v1/team/{username}/token", tag = "Teams", security(("bearer" = [])),
    params(("username" = String, Path)),
    responses((status = 200, body = UpdatedApiUserAnswer), (status = 401), (status = 403), (status = 404))
)]
pub(super) async fn regenerate(
    State(mote): State<Mote>,
    OfTeam(access): OfTeam<TeamUpdate>,
    Path(path): Path<MemberPath>,
) -> Result<Response, ApiError> {
    renew(&mote, &access, &path).await
}

/// Give an API user a new token, as the vendor's examples ask for it
#[utoipa::path(
    post, path = "/v1/team/{username}/token", tag = "Teams", security(("bearer" = [])),
    params(("username" = String, Path)),
    responses((status = 200, body = UpdatedApiUserAnswer), (status = 401), (status = 403), (status = 404))
)]
pub(super) async fn regenerate_by_post(
    State(mote): State<Mote>,
    OfTeam(access): OfTeam<TeamUpdate>,
    Path(path): Path<MemberPath>,
) -> Result<Response, ApiError> {
    renew(&mote, &access, &path).await
}

async fn renew(
    mote: &Mote,
    access: &TeamAccess<TeamUpdate>,
    path: &MemberPath,
) -> Result<Response, ApiError> {
    Ok(once(UpdatedApiUserAnswer::from(mote.regenerate_token(access, &path.username).await?)))
}

#[derive(Deserialize, ToSchema)]
pub(super) struct Accept {
    /// From the mail.
    token: String,
}

/// Join the team that an invitation is to
///
/// For the account with the address that the invitation went to.
#[utoipa::path(
    post, path = "/v1/user/invitations", tag = "Teams", security(("bearer" = [])), request_body = Accept,
    responses((status = 200, body = JoinedAnswer), (status = 400), (status = 401), (status = 403), (status = 409))
)]
pub(super) async fn accept(
    State(mote): State<Mote>,
    OfAccount(access): OfAccount<InvitationsAccept>,
    Input(body): Input<Accept>,
) -> Result<Json<JoinedAnswer>, ApiError> {
    Ok(Json(mote.accept_invitation(&access, &body.token).await?.into()))
}
