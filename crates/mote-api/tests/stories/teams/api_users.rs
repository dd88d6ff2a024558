//! API users: one token each, within its scopes, that nobody stretches.

use mote_core::authorization::SCOPE_NAMES;
use serde_json::{Value, json};

use super::{join, program, remove, roles, set_role, team_of};
use crate::cloud::{Cloud, bearer};
use crate::on_both_engines;

on_both_engines!(
    an_api_user_has_one_token_within_its_scopes,
    other_scopes_and_a_new_token_end_the_old_one,
    an_api_user_of_another_product_is_not_there,
    unknown_scopes_are_refused_with_the_known,
    an_api_user_hands_out_what_it_has_and_no_more,
    an_administrator_hands_out_no_owners_scopes,
    an_api_users_token_says_what_it_is,
    an_api_user_ends_with_its_product,
    the_last_use_of_its_token_is_told_to_the_minute,
);

async fn an_api_user_has_one_token_within_its_scopes(cloud: Cloud) {
    let owner = cloud.user("owner@example.com").await;
    let product = cloud.product(&owner, "Mine").await;
    let (team, path) = (team_of(&product), format!("/v1/products/{}", product.id));
    let new = json!({"friendly_name": "My Program", "scopes": ["devices:list"]});
    let made = cloud.json("POST", &team, &owner, new).await;
    assert_eq!(made.headers["cache-control"], "no-store");
    let token = made.text("/created/tokens/0/token");
    assert_eq!(
        made.body,
        json!({"ok": true, "created": {
            "username": made.text("/created/username"), "is_programmatic": true, "tokens": [{"token": token}]
        }})
    );
    let name = made.text("/created/username");
    assert!(name.starts_with("my-program+") && name.ends_with("@api.mote.invalid"), "{name}");
    let program = bearer(&token);
    // Ten years later too, when the product has another token.
    cloud.pass(10 * 365 * 86_400);
    let minted = cloud.mint(&product.client, &product.secret).await;
    let own = bearer(&minted.text("/access_token"));
    assert_eq!(cloud.get(&format!("{path}/devices"), &program).await.status, 200);
    let refused = cloud.get(&path, &program).await;
    assert_eq!(refused.status, 403);
    let challenge = refused.headers["www-authenticate"].to_str().unwrap();
    assert!(challenge.contains("insufficient_scope") && challenge.contains("products:get"));
    // No list shows the token again, and no account can be made with the name.
    let listed = cloud.get(&team, &own).await.body.to_string();
    assert!(listed.contains(&name) && !listed.contains(&token));
    let fields = [("username", name.as_str()), ("password", crate::cloud::PASSWORD)];
    assert_eq!(cloud.form("POST", "/v1/users", "", &fields).await.status, 400);
    let fields = [("username", name.as_str()), ("role", "Developer")];
    assert_eq!(cloud.form("POST", &team, &own, &fields).await.status, 400);
    assert_eq!(remove(&cloud, &team, &own, &name).await.body, json!({"ok": true}));
    assert_eq!(cloud.get(&format!("{path}/devices"), &program).await.status, 401);
    assert_eq!(remove(&cloud, &team, &own, &name).await.status, 404);
}

async fn other_scopes_and_a_new_token_end_the_old_one(cloud: Cloud) {
    let owner = cloud.user("owner@example.com").await;
    let product = cloud.product(&owner, "Mine").await;
    let (team, path) = (team_of(&product), format!("/v1/products/{}", product.id));
    let (name, first) = program(&cloud, &team, &owner, &["devices:list"]).await;
    assert_eq!(cloud.get(&format!("{path}/devices"), &first).await.status, 200);
    let changed =
        cloud.json("POST", &format!("{team}/{name}"), &owner, json!({"scopes": ["products:get"]})).await;
    assert_eq!(changed.headers["cache-control"], "no-store");
    assert_eq!(changed.text("/updated/username"), name);
    let second = bearer(&changed.text("/updated/tokens/0/token"));
    assert_eq!(cloud.get(&format!("{path}/devices"), &first).await.status, 401);
    assert_eq!(cloud.get(&format!("{path}/devices"), &second).await.status, 403);
    assert_eq!(cloud.get(&path, &second).await.status, 200);
    // By PUT as it is declared, and by POST as the vendor's examples do.
    let mut last = second;
    for method in ["PUT", "POST"] {
        let path_of_token = format!("{team}/{}/token", name.to_uppercase());
        let renewed = cloud.form(method, &path_of_token, &owner, &[]).await;
        let token = renewed.text("/updated/tokens/0/token");
        assert_eq!(
            renewed.body,
            json!({"ok": true, "updated": {"username": name, "tokens": [{"token": token}]}})
        );
        assert_eq!(cloud.get(&path, &last).await.status, 401);
        last = bearer(&token);
        assert_eq!(cloud.get(&path, &last).await.status, 200);
    }
    // One that gives its token back is still there, and gets another.
    assert_eq!(cloud.form("DELETE", "/v1/access_tokens/current", &last, &[]).await.status, 200);
    assert_eq!(cloud.get(&path, &last).await.status, 401);
    let renewed = cloud.form("PUT", &format!("{team}/{name}/token"), &owner, &[]).await;
    let again = bearer(&renewed.text("/updated/tokens/0/token"));
    assert_eq!(cloud.get(&path, &again).await.status, 200);
    // Of many at once one is left.
    let path_of_token = format!("{team}/{name}/token");
    let renew = || cloud.form("PUT", &path_of_token, &owner, &[]);
    let renewed = tokio::join!(renew(), renew(), renew(), renew());
    let mut living = 0;
    for answer in [renewed.0, renewed.1, renewed.2, renewed.3] {
        let token = bearer(&answer.text("/updated/tokens/0/token"));
        living += usize::from(cloud.get(&path, &token).await.status == 200);
    }
    assert_eq!(living, 1);
}

async fn an_api_user_of_another_product_is_not_there(cloud: Cloud) {
    let owner = cloud.user("owner@example.com").await;
    let (mine, other) = (cloud.product(&owner, "Mine").await, cloud.product(&owner, "Other").await);
    let (name, token) = program(&cloud, &team_of(&mine), &owner, &["products:get"]).await;
    let team = team_of(&other);
    let scopes = json!({"scopes": ["products:get"]});
    for manager in [&owner, &other.token] {
        let path = format!("{team}/{name}");
        assert_eq!(cloud.json("POST", &path, manager, scopes.clone()).await.status, 404);
        assert_eq!(cloud.form("PUT", &format!("{path}/token"), manager, &[]).await.status, 404);
        let refused = remove(&cloud, &team, manager, &name).await;
        let nobody = "nobody+0000000000@api.mote.invalid";
        assert_eq!(refused.body, remove(&cloud, &team, manager, nobody).await.body);
        assert_eq!(refused.status, 404);
    }
    assert_eq!(cloud.get(&format!("/v1/products/{}", mine.id), &token).await.status, 200);
    assert_eq!(cloud.get(&format!("/v1/products/{}", other.id), &token).await.status, 403);
}

async fn unknown_scopes_are_refused_with_the_known(cloud: Cloud) {
    let owner = cloud.user("owner@example.com").await;
    let product = cloud.product(&owner, "Mine").await;
    let new = json!({"friendly_name": "x", "scopes": ["devices:list", "foo:bar"]});
    let refused = cloud.json("POST", &team_of(&product), &owner, new).await;
    assert_eq!(refused.error(), (400, "invalid_request".into()));
    let why = refused.text("/error_description");
    assert!(why.contains("\"foo:bar\"") && why.contains("the words are"), "{why}");
    let known = |text: &str| SCOPE_NAMES.iter().filter(|name| text.contains(*name)).count();
    assert!(known(&refused.body.to_string()) < 5, "the whole list is not in it: {}", refused.body);
    let near = json!({"friendly_name": "x", "scopes": ["devices:lst\n"]});
    let why = cloud.json("POST", &team_of(&product), &owner, near).await.text("/error_description");
    assert!(why.contains("\"devices:lst\\n\"; of devices there are devices"), "{why}");
    // Every documented one is known; a form will do.
    let (_, token) = program(&cloud, &team_of(&product), &owner, &SCOPE_NAMES).await;
    assert_eq!(cloud.get(&format!("/v1/products/{}", product.id), &token).await.status, 200);
    let fields = [("friendly_name", "x"), ("scopes[]", "devices:list"), ("scopes[]", "devices:get")];
    assert_eq!(cloud.form("POST", &team_of(&product), &owner, &fields).await.status, 200);
}

async fn an_api_user_hands_out_what_it_has_and_no_more(cloud: Cloud) {
    let owner = cloud.user("owner@example.com").await;
    let product = cloud.product(&owner, "Mine").await;
    let team = team_of(&product);
    let own = ["devices:list", "teams.users:invite", "teams.users:remove", "teams.users:update"];
    let (name, manager) = program(&cloud, &team, &owner, &own).await;
    let (strong, _) = program(&cloud, &team, &owner, &["products:update"]).await;
    let developer = join(&cloud, &team, &owner, "dev@example.com", "Developer").await;
    let refused = |answer: crate::cloud::Answer| {
        assert_eq!(answer.status, 403, "{}", answer.body);
        answer.text("/error_description")
    };
    // By scope: of another, of its own, by the token of a stronger one.
    let stronger = json!({"friendly_name": "x", "scopes": ["devices:list", "products:update"]});
    let why = refused(cloud.json("POST", &team, &manager, stronger).await);
    assert!(why.contains("products:update") && !why.contains("devices:list"), "{why}");
    let scopes = json!({"scopes": ["products:update"]});
    refused(cloud.json("POST", &format!("{team}/{name}"), &manager, scopes.clone()).await);
    refused(cloud.json("POST", &format!("{team}/{strong}"), &manager, scopes).await);
    refused(cloud.form("PUT", &format!("{team}/{strong}/token"), &manager, &[]).await);
    // By role: each opens more than it has.
    for role in ["View-only", "Administrator"] {
        let fields = [("username", "new@example.com"), ("role", role)];
        refused(cloud.form("POST", &team, &manager, &fields).await);
    }
    for role in ["Administrator", "Owner"] {
        refused(set_role(&cloud, &team, &manager, "dev@example.com", role).await);
    }
    refused(set_role(&cloud, &team, &manager, "owner@example.com", "View-only").await);
    refused(remove(&cloud, &team, &manager, "owner@example.com").await);
    assert_eq!(cloud.get(&team, &developer).await.body["team"].as_array().unwrap().len(), 4);

    // What it has it hands out, and what it need not have it can take.
    let weaker = ["devices:list", "teams.users:invite"];
    let (weak, token) = program(&cloud, &team, &manager, &weaker).await;
    refused(cloud.json("POST", &team, &token, json!({"friendly_name": "x", "scopes": own})).await);
    assert_eq!(cloud.form("PUT", &format!("{team}/{weak}/token"), &manager, &[]).await.status, 200);
    assert_eq!(set_role(&cloud, &team, &manager, "dev@example.com", "View-only").await.status, 200);
    // Nothing is taken from one that may do more, though it may all be handed on to who has it.
    let less = json!({"scopes": ["teams.users:invite"]});
    refused(cloud.json("POST", &format!("{team}/{strong}"), &manager, less.clone()).await);
    refused(remove(&cloud, &team, &manager, &strong).await);
    assert_eq!(cloud.json("POST", &format!("{team}/{strong}"), &owner, less).await.status, 200);
    assert_eq!(remove(&cloud, &team, &manager, &strong).await.status, 200);
    assert_eq!(remove(&cloud, &team, &manager, "dev@example.com").await.status, 200);
    assert_eq!(roles(&cloud, &team, &owner).await, json!({"owner@example.com": "Owner"}));
    // One with all scopes is as good as an administrator.
    let (_, all) = program(&cloud, &team, &owner, &SCOPE_NAMES).await;
    super::invite(&cloud, &team, &all, "new@example.com", "Administrator").await;
    assert_eq!(set_role(&cloud, &team, &all, "owner@example.com", "View-only").await.status, 403);
}

async fn an_administrator_hands_out_no_owners_scopes(cloud: Cloud) {
    let owner = cloud.user("owner@example.com").await;
    let product = cloud.product(&owner, "Mine").await;
    let team = team_of(&product);
    let admin = join(&cloud, &team, &owner, "admin@example.com", "Administrator").await;
    let new = json!({"friendly_name": "x", "scopes": ["products:get", "products:remove"]});
    let refused = cloud.json("POST", &team, &admin, new).await;
    assert_eq!(refused.status, 403);
    assert!(refused.text("/error_description").contains("products:remove"));
    // Nor does he get the token of one that an Owner made.
    let (name, _) = program(&cloud, &team, &owner, &["products:remove"]).await;
    assert_eq!(cloud.form("PUT", &format!("{team}/{name}/token"), &admin, &[]).await.status, 403);
    let (name, _) = program(&cloud, &team, &owner, &["products:update"]).await;
    assert_eq!(cloud.form("PUT", &format!("{team}/{name}/token"), &admin, &[]).await.status, 200);
}

async fn an_api_users_token_says_what_it_is(cloud: Cloud) {
    let owner = cloud.user("owner@example.com").await;
    let made = cloud.form("POST", "/v1/orgs", &owner, &[("name", "Makers")]).await;
    let product = cloud.product(&owner, "Mine").await;
    let makers = json!([{"id": made.text("/organization/id"), "slug": "makers"}]);
    for (team, orgs) in [(team_of(&product), json!([])), ("/v1/orgs/makers/team".to_owned(), makers.clone())]
    {
        let (name, token) = program(&cloud, &team, &owner, &["devices:list"]).await;
        assert_eq!(
            cloud.get("/v1/access_tokens/current", &token).await.body,
            json!({
                "expires_at": null, "client": null, "client_id": null, "username": name,
                "scopes": ["devices:list"], "orgs": orgs
            })
        );
    }
    let seen = cloud.get("/v1/access_tokens/current", &owner).await.body;
    assert_eq!((&seen["client"], &seen["scopes"], &seen["orgs"]), (&json!("particle"), &json!([]), &makers));
    let seen = cloud.get("/v1/access_tokens/current", &product.token).await.body;
    assert_eq!((&seen["client_id"], &seen["orgs"]), (&json!(product.client), &json!([])));
    assert_eq!(seen.get("username"), None::<&Value>);
}

async fn an_api_user_ends_with_its_product(cloud: Cloud) {
    let owner = cloud.user("owner@example.com").await;
    let product = cloud.product(&owner, "Mine").await;
    let (_, token) = program(&cloud, &team_of(&product), &owner, &["products:get"]).await;
    let path = format!("/v1/products/{}", product.id);
    assert_eq!(cloud.get(&path, &token).await.status, 200);
    assert_eq!(cloud.form("DELETE", &path, &product.token, &[]).await.status, 204);
    assert_eq!(cloud.get(&path, &token).await.status, 401);
    assert_eq!(cloud.get("/v1/access_tokens/current", &token).await.status, 401);
}

async fn the_last_use_of_its_token_is_told_to_the_minute(cloud: Cloud) {
    let owner = cloud.user("owner@example.com").await;
    let product = cloud.product(&owner, "Mine").await;
    let (team, devices) = (team_of(&product), format!("/v1/products/{}/devices", product.id));
    let (name, token) = program(&cloud, &team, &owner, &["devices:list"]).await;
    let (other, _) = program(&cloud, &team, &owner, &["devices:list"]).await;
    let last_use = async |of: &str| {
        cloud.mote.flush_uses().await.unwrap();
        let listed = cloud.get(&team, &owner).await;
        let found = listed.body["team"].as_array().unwrap().iter().find(|one| one["username"] == of).cloned();
        found.unwrap()["last_used_at"].clone()
    };
    assert_eq!(last_use(&name).await, Value::Null);
    let first = json!(cloud.now().to_iso());
    assert_eq!(cloud.get(&devices, &token).await.status, 200);
    assert_eq!(last_use(&name).await, first);
    cloud.pass(59);
    assert_eq!(cloud.get(&devices, &token).await.status, 200);
    assert_eq!(last_use(&name).await, first);
    cloud.pass(1);
    // Also a use that was refused: somebody came with the token.
    assert_eq!(cloud.get(&team, &token).await.status, 403);
    assert_eq!(last_use(&name).await, json!(cloud.now().to_iso()));
    assert_eq!(last_use(&other).await, Value::Null);
    let renewed = cloud.form("PUT", &format!("{team}/{name}/token"), &owner, &[]).await;
    assert_eq!(last_use(&name).await, Value::Null, "another token");
    cloud.pass(60);
    assert_eq!(cloud.get(&devices, &bearer(&renewed.text("/updated/tokens/0/token"))).await.status, 200);
    assert_eq!(last_use(&name).await, json!(cloud.now().to_iso()));
}
