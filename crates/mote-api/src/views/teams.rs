//! Teams.

use mote_core::Moment;
use mote_core::teams::{ApiUser, Invitation, Joined, NewApiUserToken, TeamId, TeamListing, TeamMember};
use serde::Serialize;
use utoipa::ToSchema;

/// A member: a person, or an API user.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
enum MemberView {
    Person(PersonView),
    ApiUser(ApiUserView),
}

/// A person on a team.
#[derive(Debug, Serialize, ToSchema)]
struct PersonView {
    /// The account's ID.
    #[serde(rename = "_id")]
    id: String,
    /// E-mail address.
    username: String,
    /// `Owner`, `Administrator`, `Developer`, `Support` or `View-only`.
    role: &'static str,
    /// Whether the account is without a second factor.
    no_mfa: bool,
    /// Always false: accounts here are made by people and operators.
    scim_provisioned: bool,
    /// Always false: every account here has a password.
    no_password: bool,
}

/// An API user.
#[derive(Debug, Serialize, ToSchema)]
struct ApiUserView {
    username: String,
    friendly_name: String,
    scopes: Vec<&'static str>,
    /// Always true.
    is_programmatic: bool,
    /// The product that it works for, if it is one's.
    #[serde(skip_serializing_if = "Option::is_none")]
    product_id: Option<i64>,
    /// Its token last used, to the minute, ISO 8601; null if never.
    last_used_at: Option<String>,
}

/// Somebody who is invited and has not come yet.
#[derive(Debug, Serialize, ToSchema)]
struct InvitationView {
    /// The address that the invitation went to.
    username: String,
    role: &'static str,
    /// ISO 8601.
    expires_at: String,
}

impl From<TeamMember> for PersonView {
    fn from(member: TeamMember) -> Self {
        Self {
            id: member.account.to_string(),
            username: member.username,
            role: member.role.name(),
            no_mfa: !member.mfa,
            scim_provisioned: false,
            no_password: false,
        }
    }
}

impl From<ApiUser> for ApiUserView {
    fn from(api_user: ApiUser) -> Self {
        Self {
            username: api_user.username,
            friendly_name: api_user.friendly_name,
            scopes: api_user.scopes.names().collect(),
            is_programmatic: true,
            product_id: api_user.product.map(|product| product.0),
            last_used_at: api_user.last_used_at.map(Moment::to_iso),
        }
    }
}

impl From<Invitation> for InvitationView {
    fn from(invitation: Invitation) -> Self {
        Self {
            username: invitation.username,
            role: invitation.role.name(),
            expires_at: invitation.expires_at.to_iso(),
        }
    }
}

/// A team.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TeamAnswer {
    ok: bool,
    /// People, then API users.
    team: Vec<MemberView>,
    /// Who is invited and has not come yet.
    invitations: Vec<InvitationView>,
}

impl From<TeamListing> for TeamAnswer {
    fn from(listing: TeamListing) -> Self {
        let people = listing.members.into_iter().map(|member| MemberView::Person(member.into()));
        let api_users = listing.api_users.into_iter().map(|api_user| MemberView::ApiUser(api_user.into()));
        Self {
            ok: true,
            team: people.chain(api_users).collect(),
            invitations: listing.invitations.into_iter().map(Into::into).collect(),
        }
    }
}

/// Somebody was invited.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InvitedAnswer {
    ok: bool,
    invited: Invited,
}

#[derive(Debug, Serialize, ToSchema)]
struct Invited {
    username: String,
}

impl InvitedAnswer {
    pub(crate) fn new(username: String) -> Self {
        Self { ok: true, invited: Invited { username } }
    }
}

/// A token of an API user.
#[derive(Debug, Serialize, ToSchema)]
struct ApiUserToken {
    /// 40 hex digits.
    token: String,
}

fn tokens(new: &NewApiUserToken) -> Vec<ApiUserToken> {
    vec![ApiUserToken { token: new.token.expose().to_string() }]
}

/// An API user was made.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CreatedAnswer {
    ok: bool,
    created: Created,
}

#[derive(Debug, Serialize, ToSchema)]
struct Created {
    username: String,
    /// Always true.
    is_programmatic: bool,
    /// Its one token, which never expires; in this answer and in no other.
    tokens: Vec<ApiUserToken>,
}

impl From<NewApiUserToken> for CreatedAnswer {
    fn from(new: NewApiUserToken) -> Self {
        let tokens = tokens(&new);
        Self { ok: true, created: Created { username: new.api_user.username, is_programmatic: true, tokens } }
    }
}

/// An API user has a new token.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UpdatedApiUserAnswer {
    ok: bool,
    updated: UpdatedApiUser,
}

#[derive(Debug, Serialize, ToSchema)]
struct UpdatedApiUser {
    username: String,
    /// Its one token, which never expires; in this answer and in no other.
    tokens: Vec<ApiUserToken>,
}

impl From<NewApiUserToken> for UpdatedApiUserAnswer {
    fn from(new: NewApiUserToken) -> Self {
        let tokens = tokens(&new);
        Self { ok: true, updated: UpdatedApiUser { username: new.api_user.username, tokens } }
    }
}

/// A member has another role.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UpdatedMemberAnswer {
    ok: bool,
    updated: PersonView,
}

impl From<TeamMember> for UpdatedMemberAnswer {
    fn from(member: TeamMember) -> Self {
        Self { ok: true, updated: member.into() }
    }
}

/// The account is on a team now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct JoinedAnswer {
    ok: bool,
    joined: JoinedView,
}

#[derive(Debug, Serialize, ToSchema)]
struct JoinedView {
    /// The product, if it is one's team.
    #[serde(skip_serializing_if = "Option::is_none")]
    product_id: Option<i64>,
    /// The organization, if it is one's team.
    #[serde(skip_serializing_if = "Option::is_none")]
    organization_id: Option<String>,
    role: &'static str,
}

impl From<Joined> for JoinedAnswer {
    fn from(joined: Joined) -> Self {
        let (product_id, organization_id) = match joined.team {
            TeamId::Product(id) => (Some(id.0), None),
            TeamId::Organization(id) => (None, Some(id.to_hex())),
        };
        Self { ok: true, joined: JoinedView { product_id, organization_id, role: joined.role.name() } }
    }
}
