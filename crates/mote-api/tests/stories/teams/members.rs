//! People on a team: listed, in roles that nobody gives above his own, and gone at once.

use serde_json::json;

use super::{join, program, remove, roles, set_role, team_of};
use crate::cloud::Cloud;
use crate::on_both_engines;

on_both_engines!(
    a_team_is_listed,
    nobody_gives_or_takes_a_role_above_his_own,
    a_role_that_is_changed_or_gone_counts_no_more_at_once,
    requests_that_make_no_sense_are_refused,
);

async fn a_team_is_listed(cloud: Cloud) {
    let owner = cloud.user("owner@example.com").await;
    let product = cloud.product(&owner, "Mine").await;
    let team = team_of(&product);
    let developer = join(&cloud, &team, &owner, "me+dev@example.com", "developer").await;
    let (name, _) = program(&cloud, &team, &owner, &["products:get", "devices:list"]).await;
    super::invite(&cloud, &team, &owner, "new@example.com", "View-only").await;
    let id = cloud.get("/v1/user", &developer).await.text("/id");
    let listed = cloud.get(&team, &developer).await;
    assert_eq!(listed.body["ok"], true);
    assert_eq!(
        listed.body["team"][1],
        json!({
            "_id": id, "username": "me+dev@example.com", "role": "Developer", "no_mfa": true,
            "scim_provisioned": false, "no_password": false
        })
    );
    assert_eq!(
        listed.body["team"][2],
        json!({
            "username": name, "friendly_name": "My Program", "scopes": ["devices:list", "products:get"],
            "is_programmatic": true, "product_id": product.id.parse::<i64>().unwrap(), "last_used_at": null
        })
    );
    assert_eq!(listed.body["team"].as_array().unwrap().len(), 3);
    assert_eq!(listed.text("/invitations/0/username"), "new@example.com");
    assert_eq!(listed.text("/invitations/0/role"), "View-only");
    // The product's own token sees the same, a stranger nothing.
    assert_eq!(cloud.get(&team, &product.token).await.body, listed.body);
    let stranger = cloud.user("stranger@example.com").await;
    assert_eq!(cloud.get(&team, &stranger).await.status, 403);
}

async fn nobody_gives_or_takes_a_role_above_his_own(cloud: Cloud) {
    let owner = cloud.user("owner@example.com").await;
    let product = cloud.product(&owner, "Mine").await;
    let team = team_of(&product);
    let admin = join(&cloud, &team, &owner, "admin@example.com", "Administrator").await;
    let second = join(&cloud, &team, &admin, "second@example.com", "Administrator").await;
    let developer = join(&cloud, &team, &product.token, "dev@example.com", "Developer").await;
    // A developer manages nobody, not even himself.
    for username in ["dev@example.com", "admin@example.com"] {
        assert_eq!(set_role(&cloud, &team, &developer, username, "View-only").await.status, 403);
        assert_eq!(remove(&cloud, &team, &developer, username).await.status, 403);
    }
    // Administrators, and the token that they can make themselves, are no Owners and make none.
    for manager in [&admin, &product.token] {
        for username in ["dev@example.com", "admin@example.com"] {
            let refused = set_role(&cloud, &team, manager, username, "Owner").await;
            assert_eq!(refused.error(), (403, "Permission denied".into()));
            assert!(refused.text("/error_description").contains("above your own"), "{}", refused.body);
        }
        for role in ["View-only", "Owner"] {
            let refused = set_role(&cloud, &team, manager, "owner@example.com", role).await;
            assert_eq!(refused.status, 403);
        }
        assert_eq!(remove(&cloud, &team, manager, "owner@example.com").await.status, 403);
    }
    let before = json!({
        "owner@example.com": "Owner", "admin@example.com": "Administrator",
        "second@example.com": "Administrator", "dev@example.com": "Developer"
    });
    assert_eq!(roles(&cloud, &team, &owner).await, before);
    // Within their own role they do as they like.
    let changed = set_role(&cloud, &team, &admin, "dev@example.com", "Support").await;
    assert_eq!((changed.status.as_u16(), changed.text("/updated/role")), (200, "Support".into()));
    assert_eq!(remove(&cloud, &team, &second, "admin@example.com").await.body, json!({"ok": true}));
    assert_eq!(remove(&cloud, &team, &product.token, "second@example.com").await.status, 200);
    let after = json!({"owner@example.com": "Owner", "dev@example.com": "Support"});
    assert_eq!(roles(&cloud, &team, &owner).await, after);
}

async fn a_role_that_is_changed_or_gone_counts_no_more_at_once(cloud: Cloud) {
    let owner = cloud.user("owner@example.com").await;
    let product = cloud.product(&owner, "Mine").await;
    let (team, clients) = (team_of(&product), format!("/v1/products/{}/clients", product.id));
    let member = join(&cloud, &team, &owner, "me@example.com", "Administrator").await;
    let client = [("name", "server"), ("type", "installed")];
    assert_eq!(cloud.form("POST", &clients, &member, &client).await.status, 200);
    assert_eq!(set_role(&cloud, &team, &owner, "me@example.com", "Developer").await.status, 200);
    assert_eq!(cloud.form("POST", &clients, &member, &client).await.status, 403);
    assert_eq!(cloud.get(&clients, &member).await.status, 200);
    assert_eq!(remove(&cloud, &team, &owner, "ME@example.com").await.status, 200);
    assert_eq!(cloud.get(&clients, &member).await.status, 403);
    assert_eq!(remove(&cloud, &team, &owner, "me@example.com").await.status, 404);
    // He may come again.
    let token = super::invite(&cloud, &team, &owner, "me@example.com", "Developer").await;
    assert_eq!(super::accept(&cloud, &member, &token).await.status, 200);
    assert_eq!(cloud.get(&clients, &member).await.status, 200);
}

async fn requests_that_make_no_sense_are_refused(cloud: Cloud) {
    let owner = cloud.user("owner@example.com").await;
    let product = cloud.product(&owner, "Mine").await;
    let team = team_of(&product);
    for body in [
        json!({}),
        json!({"role": "Developer"}),
        json!({"friendly_name": "x"}),
        json!({"scopes": ["devices:list"]}),
        json!({"username": "a@example.com", "role": "Developer", "friendly_name": "x", "scopes": ["devices:list"]}),
        json!({"username": "nobody", "role": "Developer"}),
        json!({"username": "a@example.com", "role": "Emperor"}),
        json!({"username": "a@example.com", "role": "Owner"}),
        json!({"username": "a@example.com", "role": 5}),
        json!({"username": "a@example.com", "role": ""}),
        json!({"username": "a@example.com", "scopes": ["devices:list"]}),
        json!({"username": "a@example.com", "friendly_name": "x"}),
        json!({"role": "Developer", "friendly_name": "x", "scopes": ["devices:list"]}),
        json!({"friendly_name": "", "scopes": ["devices:list"]}),
        json!({"friendly_name": "x", "scopes": []}),
        json!({"friendly_name": "x", "scopes": [7]}),
        json!({"friendly_name": "x", "scopes": ["devices:list", "foo:bar"]}),
    ] {
        let refused = cloud.json("POST", &team, &owner, body.clone()).await;
        assert_eq!(refused.error(), (400, "invalid_request".into()), "{body}");
    }
    let (name, _) = program(&cloud, &team, &owner, &["devices:list"]).await;
    for (username, body, status) in [
        ("owner@example.com", json!({}), 400),
        ("owner@example.com", json!({"role": "Owner", "scopes": ["devices:list"]}), 400),
        ("owner@example.com", json!({"scopes": ["devices:list"]}), 404),
        (name.as_str(), json!({"scopes": []}), 400),
        (name.as_str(), json!({"role": "Developer"}), 404),
        (name.as_str(), json!({"scopes": ["foo:bar"]}), 400),
        ("nobody@example.com", json!({"role": "Developer"}), 404),
        ("%20", json!({"role": "Developer"}), 404),
        ("%ff", json!({"role": "Developer"}), 400),
    ] {
        let refused = cloud.json("POST", &format!("{team}/{username}"), &owner, body.clone()).await;
        assert_eq!(refused.status, status, "{username} {body}");
    }
    // A person has no token here.
    let path = format!("{team}/owner@example.com/token");
    assert_eq!(cloud.form("PUT", &path, &owner, &[]).await.status, 404);
}
