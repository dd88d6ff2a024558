//! Teams: members, owners, invitations, API users.

mod api_users;
mod bounds;
mod clients;
mod invitations;
mod members;
mod organizations;
mod owners;

use serde_json::{Value, json};

use crate::cloud::{Answer, Cloud, Product};

/// `…/team` of a product.
pub(crate) fn team_of(product: &Product) -> String {
    format!("/v1/products/{}/team", product.id)
}

/// Invites somebody and reads his mail: what it brought.
pub(crate) async fn invite(cloud: &Cloud, team: &str, manager: &str, username: &str, role: &str) -> String {
    let invited = cloud.form("POST", team, manager, &[("username", username), ("role", role)]).await;
    assert_eq!(invited.body, json!({"ok": true, "invited": {"username": username}}));
    let mail = cloud.mails.next_to(username).await;
    let (_, behind) = mail.split_once("-d token=").unwrap();
    behind.lines().next().unwrap().trim().to_owned()
}

pub(crate) async fn accept(cloud: &Cloud, user: &str, token: &str) -> Answer {
    cloud.json("POST", "/v1/user/invitations", user, json!({"token": token})).await
}

/// Makes an account and brings it on a team, as people come on it: his token.
pub(crate) async fn join(cloud: &Cloud, team: &str, manager: &str, username: &str, role: &str) -> String {
    let user = cloud.user(username).await;
    let token = invite(cloud, team, manager, username, role).await;
    assert_eq!(accept(cloud, &user, &token).await.status, 200);
    user
}

pub(crate) async fn set_role(cloud: &Cloud, team: &str, manager: &str, username: &str, role: &str) -> Answer {
    cloud.form("POST", &format!("{team}/{username}"), manager, &[("role", role)]).await
}

pub(crate) async fn remove(cloud: &Cloud, team: &str, manager: &str, username: &str) -> Answer {
    cloud.form("DELETE", &format!("{team}/{username}"), manager, &[]).await
}

/// Makes an API user: its name and the header to send.
pub(crate) async fn program(cloud: &Cloud, team: &str, manager: &str, scopes: &[&str]) -> (String, String) {
    let new = json!({"friendly_name": "My Program", "scopes": scopes});
    let made = cloud.json("POST", team, manager, new).await;
    assert_eq!(made.status, 200, "{}", made.body);
    (made.text("/created/username"), crate::cloud::bearer(&made.text("/created/tokens/0/token")))
}

/// The roles of a team by address, as the list shows them.
async fn roles(cloud: &Cloud, team: &str, manager: &str) -> Value {
    let listed = cloud.get(team, manager).await;
    let people = listed.body["team"].as_array().unwrap().iter().filter(|one| one.get("role").is_some());
    people.map(|one| (one["username"].as_str().unwrap().to_owned(), one["role"].clone())).collect()
}
