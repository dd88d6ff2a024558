use serde_json::json;

use super::Group;
use crate::cloud::Cloud;

/// The entries about teams, which are in the group of products.
pub(super) async fn check(contract: &mut Group, cloud: &Cloud, team: &str, owner: &str) {
    let fields = [("username", "test@example.com"), ("role", "Developer")];
    let invited = cloud.form("POST", team, owner, &fields).await;
    contract.check("Products-inviteUserToProductOrOrgTeam", &invited);
    let new = json!({"friendly_name": "MyToken", "scopes": ["products:list"]});
    let created = cloud.json("POST", team, owner, new).await;
    contract.check("Products-createProgrammaticUser", &created);
    let listed = cloud.get(team, owner).await;
    let more = [
        ("/team/*/role", "nobody could see otherwise who may do what"),
        ("/team/*/last_used_at", "ours: when its token was last used"),
        ("/invitations", "who is invited is not on the team yet, and can be withdrawn"),
    ];
    contract.check_with("Products-listUsersForProductOrOrg", &listed, &more);
    let api_user = format!("{team}/{}", created.text("/created/username"));
    contract.leave("the source has no answer of it", &["Products-updateProductOrOrgTeamMember"]);
    let renewed = cloud.form("PUT", &format!("{api_user}/token"), owner, &[]).await;
    contract.check("Products-regenerateProductOrOrgProgrammaticUserToken", &renewed);
    let removed = cloud.form("DELETE", &api_user, owner, &[]).await;
    contract.check("Products-removeTeamMember", &removed);
}
