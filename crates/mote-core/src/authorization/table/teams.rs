//! Teams: members, invitations, API users. Credentials are made here: hence always open to a team member's own token.

use super::rights;

rights! {
    /// List the team.
    TeamList => Team, Some("teams.users:list"), ViewOnly, Always, [
        "GET /v1/products/{productIdOrSlug}/team",
        "GET /v1/orgs/{orgIdOrSlug}/team",
    ];
    /// Invite somebody to the team, or make an API user.
    TeamInvite => Team, Some("teams.users:invite"), Administrator, Always, [
        "POST /v1/products/{productIdOrSlug}/team",
        "POST /v1/orgs/{orgIdOrSlug}/team",
    ];
    /// Give a member another role, an API user other scopes or a new token.
    TeamUpdate => Team, Some("teams.users:update"), Administrator, Always, [
        "POST /v1/products/{productIdOrSlug}/team/{username}",
        "POST /v1/orgs/{orgIdOrSlug}/team/{username}",
        "PUT /v1/products/{productIdOrSlug}/team/{username}/token",
        "PUT /v1/orgs/{orgIdOrSlug}/team/{username}/token",
        "POST /v1/products/{productIdOrSlug}/team/{username}/token",
        "POST /v1/orgs/{orgIdOrSlug}/team/{username}/token",
    ];
    /// Take a member or an API user off the team, or an invitation back.
    TeamRemove => Team, Some("teams.users:remove"), Administrator, Always, [
        "DELETE /v1/products/{productIdOrSlug}/team/{username}",
        "DELETE /v1/orgs/{orgIdOrSlug}/team/{username}",
    ];
    /// Accept an invitation.
    InvitationsAccept => Account, None, ViewOnly, WhereOpened, ["POST /v1/user/invitations"];
}
