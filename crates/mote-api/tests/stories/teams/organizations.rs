//! Teams of organizations: they reach the products, with people and with API users.

use mote_core::authorization::SCOPE_NAMES;
use serde_json::json;

use super::{accept, invite, join, program, remove, roles, set_role};
use crate::cloud::{Cloud, bearer};
use crate::on_both_engines;

on_both_engines!(
    an_organizations_role_reaches_its_products_for_as_long_as_it_is,
    an_organizations_api_user_reaches_its_products,
    an_organization_lists_the_api_users_of_its_products,
    a_product_of_an_organization_is_run_by_its_owners,
    an_organization_ends_when_it_has_no_products,
);

const TEAM: &str = "/v1/orgs/makers/team";

/// An organization with a product, whose ID and path it returns.
async fn makers(cloud: &Cloud, founder: &str) -> (String, String) {
    cloud.form("POST", "/v1/orgs", founder, &[("name", "Makers")]).await;
    let fields = [("name", "Shared"), ("platform_id", "13")];
    let made = cloud.form("POST", "/v1/orgs/makers/products", founder, &fields).await;
    let id = made.body["product"]["id"].to_string();
    (format!("/v1/products/{id}"), id)
}

async fn an_organizations_role_reaches_its_products_for_as_long_as_it_is(cloud: Cloud) {
    let founder = cloud.user("founder@example.com").await;
    let (path, _) = makers(&cloud, &founder).await;
    let member = cloud.user("me@example.com").await;
    let token = invite(&cloud, TEAM, &founder, "me@example.com", "Administrator").await;
    let joined = accept(&cloud, &member, &token).await;
    let id = cloud.get("/v1/orgs/makers", &member).await.text("/organization/id");
    assert_eq!(joined.body, json!({"ok": true, "joined": {"organization_id": id, "role": "Administrator"}}));
    let (clients, client) = (format!("{path}/clients"), [("name", "server"), ("type", "installed")]);
    assert_eq!(cloud.form("POST", &clients, &member, &client).await.status, 200);
    // An administrator of the organization runs the product's team.
    let helper = join(&cloud, &format!("{path}/team"), &member, "helper@example.com", "Developer").await;
    assert_eq!(cloud.get(&clients, &helper).await.status, 200);
    assert_eq!(cloud.get("/v1/orgs/makers", &helper).await.status, 403);
    // Devices of people in the organization can be in its products.
    let (devices, id) = (format!("{path}/devices"), "e00fce680123456789abcdef");
    let (_, program) = program(&cloud, TEAM, &founder, &["devices:import", "devices:remove"]).await;
    let imported =
        cloud.json("POST", &devices, &program, json!({"id": id, "claim_user": "me@example.com"})).await;
    assert_eq!(imported.body["updatedDeviceIds"], json!([id]));
    assert_eq!(cloud.form("DELETE", &format!("{devices}/{id}"), &program, &[]).await.status, 204);
    let again = cloud.json("POST", &devices, &program, json!({"id": id})).await;
    assert_eq!(again.body["updatedDeviceIds"], json!([id]));
    // Less in the organization is less at the product, at once; and nothing is nothing.
    assert_eq!(set_role(&cloud, TEAM, &founder, "me@example.com", "Developer").await.status, 200);
    assert_eq!(cloud.form("POST", &clients, &member, &client).await.status, 403);
    assert_eq!(cloud.get(&clients, &member).await.status, 200);
    assert_eq!(remove(&cloud, TEAM, &founder, "me@example.com").await.status, 200);
    assert_eq!(cloud.get(&clients, &member).await.status, 403);
    assert_eq!(cloud.get("/v1/orgs/makers", &member).await.status, 403);
    assert_eq!(cloud.get(TEAM, &member).await.status, 403);
}

async fn an_organizations_api_user_reaches_its_products(cloud: Cloud) {
    let founder = cloud.user("founder@example.com").await;
    let (path, _) = makers(&cloud, &founder).await;
    let foreign = cloud.product(&founder, "Foreign").await;
    let (name, token) = program(&cloud, TEAM, &founder, &["products:get", "products:list"]).await;
    assert_eq!(cloud.get("/v1/orgs/makers/products", &token).await.status, 200);
    assert_eq!(cloud.get(&path, &token).await.status, 200);
    assert_eq!(cloud.get(&format!("{path}/devices"), &token).await.status, 403);
    assert_eq!(cloud.get("/v1/orgs/makers", &token).await.status, 403);
    assert_eq!(cloud.get(&format!("/v1/products/{}", foreign.id), &token).await.status, 403);
    let scopes = json!({"scopes": ["organization:get"]});
    let changed = cloud.json("POST", &format!("{TEAM}/{name}"), &founder, scopes).await;
    assert_eq!(cloud.get(&path, &token).await.status, 401);
    let token = bearer(&changed.text("/updated/tokens/0/token"));
    assert_eq!(cloud.get("/v1/orgs/makers", &token).await.status, 200);
    let renewed = cloud.form("PUT", &format!("{TEAM}/{name}/token"), &founder, &[]).await;
    assert_eq!(cloud.get("/v1/orgs/makers", &token).await.status, 401);
    let token = bearer(&renewed.text("/updated/tokens/0/token"));
    assert_eq!(remove(&cloud, TEAM, &founder, &name).await.status, 200);
    assert_eq!(cloud.get("/v1/orgs/makers", &token).await.status, 401);
}

async fn an_organization_lists_the_api_users_of_its_products(cloud: Cloud) {
    let founder = cloud.user("founder@example.com").await;
    let (path, id) = makers(&cloud, &founder).await;
    let team = format!("{path}/team");
    let (of_product, token) = program(&cloud, &team, &founder, &["teams.users:list", "products:get"]).await;
    let (own, _) = program(&cloud, TEAM, &founder, &["products:get"]).await;
    let listed = cloud.get(TEAM, &founder).await;
    let programs = |body: &serde_json::Value| -> Vec<serde_json::Value> {
        let all = body["team"].as_array().unwrap().iter();
        all.filter(|one| one["is_programmatic"] == true).cloned().collect()
    };
    assert_eq!(
        programs(&listed.body),
        [
            json!({"username": own, "friendly_name": "My Program", "scopes": ["products:get"], "is_programmatic": true,
                "last_used_at": null}),
            json!({
                "username": of_product, "friendly_name": "My Program",
                "scopes": ["products:get", "teams.users:list"], "is_programmatic": true,
                "product_id": id.parse::<i64>().unwrap(), "last_used_at": null
            }),
        ]
    );
    // The product's own list has its own; and each is managed where it works.
    assert_eq!(programs(&cloud.get(&team, &token).await.body).len(), 1);
    assert_eq!(cloud.get(TEAM, &token).await.status, 403);
    assert_eq!(remove(&cloud, TEAM, &founder, &of_product).await.status, 404);
    assert_eq!(remove(&cloud, &team, &founder, &own).await.status, 404);
    assert_eq!(remove(&cloud, &team, &founder, &of_product).await.status, 200);
}

async fn a_product_of_an_organization_is_run_by_its_owners(cloud: Cloud) {
    let founder = cloud.user("founder@example.com").await;
    let (path, _) = makers(&cloud, &founder).await;
    let team = format!("{path}/team");
    assert_eq!(roles(&cloud, &team, &founder).await, json!({}));
    let member = join(&cloud, &team, &founder, "me@example.com", "Administrator").await;
    // An Owner of the product alone is made and unmade; the product stays the organization's.
    assert_eq!(set_role(&cloud, &team, &member, "me@example.com", "Owner").await.status, 403);
    assert_eq!(set_role(&cloud, &team, &founder, "me@example.com", "Owner").await.status, 200);
    let listed = cloud.get("/v1/orgs/makers/products", &founder).await;
    assert_eq!(listed.text("/products/0/user"), "founder@example.com");
    assert_eq!(remove(&cloud, &team, &member, "me@example.com").await.status, 200);
    // An API user of the product gives no role by which it would reach more, nor does one of the organization.
    let (_, of_product) = program(&cloud, &team, &founder, &["teams.users:invite"]).await;
    let (_, of_makers) = program(&cloud, TEAM, &founder, &["teams.users:invite"]).await;
    let (_, all) = program(&cloud, TEAM, &founder, &SCOPE_NAMES).await;
    let fields = [("username", "new@example.com"), ("role", "View-only")];
    for (team, token, status) in [
        (team.as_str(), &of_product, 403),
        (team.as_str(), &of_makers, 403),
        (TEAM, &of_makers, 403),
        (TEAM, &of_product, 403),
        (team.as_str(), &all, 200),
        (TEAM, &all, 200),
    ] {
        assert_eq!(cloud.form("POST", team, token, &fields).await.status, status, "{team}");
    }
}

async fn an_organization_ends_when_it_has_no_products(cloud: Cloud) {
    let founder = cloud.user("founder@example.com").await;
    let (path, _) = makers(&cloud, &founder).await;
    let admin = join(&cloud, TEAM, &founder, "admin@example.com", "Administrator").await;
    let (_, token) = program(&cloud, TEAM, &founder, &SCOPE_NAMES).await;
    let end = async |user: &str| cloud.form("DELETE", "/v1/orgs/makers", user, &[]).await.status;
    assert_eq!((end(&admin).await, end(&token).await), (403.try_into().unwrap(), 403.try_into().unwrap()));
    assert_eq!(end(&founder).await, 409);
    assert_eq!(cloud.form("DELETE", &path, &token, &[]).await.status, 204);
    assert_eq!(cloud.get("/v1/orgs/makers", &token).await.status, 200);
    assert_eq!(end(&founder).await, 204);
    assert_eq!(cloud.get("/v1/orgs/makers", &token).await.status, 401);
    for user in [&founder, &admin] {
        assert_eq!(cloud.get("/v1/orgs/makers", user).await.status, 403);
        assert_eq!(cloud.get("/v1/orgs", user).await.body["organizations"], json!([]));
    }
    // Its slug can be another's.
    let made = cloud.form("POST", "/v1/orgs", &admin, &[("name", "Makers")]).await;
    assert_eq!(made.text("/organization/slug"), "makers");
    assert_eq!(cloud.get("/v1/orgs/makers", &admin).await.body, made.body);
    assert_eq!(cloud.get("/v1/orgs/makers", &founder).await.status, 403);
}
