//! Whose secrets an integration may use.

use serde_json::{Value, json};

use super::id_of;
use crate::cloud::{Answer, Cloud, Product};
use crate::on_both_engines;
use crate::teams::{join, program};

on_both_engines!(
    a_products_token_sends_none_of_its_owners_secrets,
    what_changes_nothing_keeps_the_secrets_and_nothing_else_does,
    an_organizations_secrets_are_for_who_may_set_them,
);

/// Makes a secret with the value `hush`.
async fn secret(cloud: &Cloud, base: &str, user: &str, name: &str) {
    let made = cloud.json("PUT", &format!("{base}/secrets/{name}"), user, json!({"value": "hush"})).await;
    assert_eq!(made.status, 200, "{}", made.body);
}

/// Opens a product to its team's own tokens: where its integrations are.
async fn opened(cloud: &Cloud, product: &Product) -> String {
    let path = format!("/v1/products/{}", product.id);
    let open = json!({"settings": {"team_tokens": true}});
    assert_eq!(cloud.json("PUT", &path, &product.token, open).await.status, 200);
    format!("{path}/integrations")
}

/// A webhook that sends the secret `PAY_KEY`.
fn sends(url: &str) -> Value {
    json!({"event": "a", "url": url, "secrets": ["PAY_KEY"], "headers": {"X-Key": "{{{PAY_KEY}}}"}})
}

fn refused(answer: &Answer) {
    assert_eq!(answer.status, 403, "{}", answer.body);
    let why = answer.text("/error_description");
    assert!(why.contains("save this integration") || why.contains("takes secrets:update"), "{why}");
}

async fn a_products_token_sends_none_of_its_owners_secrets(cloud: Cloud) {
    let owner = cloud.user("owner@example.com").await;
    secret(&cloud, "/v1", &owner, "PAY_KEY").await;
    let product = cloud.product(&owner, "Pay").await;
    let (path, team) = (opened(&cloud, &product).await, format!("/v1/products/{}/team", product.id));
    let scopes = ["integrations:create", "integrations:update", "integrations:test"];
    let (_, api_user) = program(&cloud, &team, &product.token, &scopes).await;
    let member = join(&cloud, &team, &owner, "admin@example.com", "Administrator").await;
    let hook = sends(&cloud.receiver.url("/mine"));
    for token in [&product.token, &api_user, &member] {
        refused(&cloud.json("POST", &path, token, hook.clone()).await);
        // Nor by a change of one that names none.
        let plain = json!({"event": "a", "url": cloud.receiver.url("/mine")});
        let id = id_of(&cloud.json("POST", &path, token, plain).await);
        refused(&cloud.json("PUT", &format!("{path}/{id}"), token, hook.clone()).await);
        cloud.form("POST", &format!("{path}/{id}/test"), token, &[]).await;
        assert_eq!(cloud.receiver.got()[0].headers.get("x-key"), None);
    }
    let id = id_of(&cloud.json("POST", &path, &owner, hook).await);
    assert_eq!(
        cloud.form("POST", &format!("{path}/{id}/test"), &product.token, &[]).await.body["pass"],
        true
    );
    assert_eq!(cloud.receiver.got()[0].header("x-key"), "hush");
}

async fn what_changes_nothing_keeps_the_secrets_and_nothing_else_does(cloud: Cloud) {
    let owner = cloud.user("owner@example.com").await;
    secret(&cloud, "/v1", &owner, "PAY_KEY").await;
    secret(&cloud, "/v1", &owner, "OTHER_KEY").await;
    let product = cloud.product(&owner, "Pay").await;
    let path = opened(&cloud, &product).await;
    let hook = sends("https://pay.example/in");
    let path = format!("{path}/{}", id_of(&cloud.json("POST", &path, &owner, hook.clone()).await));
    let with = |field: &str, value: Value| {
        let mut changed = hook.clone();
        changed[field] = value;
        changed
    };
    for leaks in [
        with("url", json!("https://mine.example/in")),
        with("headers", json!({"X-Key": "{{{PAY_KEY}}}", "X-To": "mine"})),
        with("body", json!("{{{PAY_KEY}}}")),
        with("responseTemplate", json!("{{{x}}}")),
        with("rejectUnauthorized", json!(false)),
        with("secrets", json!(["PAY_KEY", "OTHER_KEY"])),
    ] {
        refused(&cloud.json("PUT", &path, &product.token, leaks.clone()).await);
        assert_eq!(cloud.json("PUT", &path, &owner, leaks).await.status, 200);
        assert_eq!(cloud.json("PUT", &path, &owner, hook.clone()).await.status, 200);
    }
    for fine in [
        with("name", json!("Payments")),
        with("event", json!("b")),
        with("disabled", json!(true)),
        json!({"url": "https://mine.example/in"}),
    ] {
        let put = cloud.json("PUT", &path, &product.token, fine).await;
        assert_eq!(put.status, 200, "{}", put.body);
    }
    // It names none any more, and so it is over.
    refused(&cloud.json("PUT", &path, &product.token, hook).await);
    assert_eq!(cloud.form("DELETE", "/v1/secrets/PAY_KEY", &owner, &[]).await.status, 204);
}

async fn an_organizations_secrets_are_for_who_may_set_them(cloud: Cloud) {
    let founder = cloud.user("founder@example.com").await;
    cloud.form("POST", "/v1/orgs", &founder, &[("name", "Makers")]).await;
    secret(&cloud, "/v1/orgs/makers", &founder, "PAY_KEY").await;
    secret(&cloud, "/v1", &founder, "PAY_KEY").await;
    let fields = [("name", "Made"), ("platform_id", "13")];
    let made = cloud.form("POST", "/v1/orgs/makers/products", &founder, &fields).await;
    let product = cloud.with_client(&founder, &made).await;
    let (of_product, of_makers) = (opened(&cloud, &product).await, "/v1/orgs/makers/integrations".to_owned());
    let team = "/v1/orgs/makers/team";
    let developer = join(&cloud, team, &founder, "dev@example.com", "Developer").await;
    let admin = join(&cloud, team, &founder, "admin@example.com", "Administrator").await;
    let (_, lesser) = program(&cloud, team, &founder, &["integrations:create"]).await;
    let (_, enough) = program(&cloud, team, &founder, &["integrations:create", "secrets:update"]).await;
    let hook = sends("https://pay.example/in");
    for path in [&of_product, &of_makers] {
        for token in [&developer, &lesser] {
            refused(&cloud.json("POST", path, token, hook.clone()).await);
        }
        for token in [&admin, &enough, &founder] {
            id_of(&cloud.json("POST", path, token, hook.clone()).await);
        }
    }
    refused(&cloud.json("POST", &of_product, &product.token, hook.clone()).await);
    let own_team = format!("/v1/products/{}/team", product.id);
    let member = join(&cloud, &own_team, &founder, "owner@example.com", "Administrator").await;
    refused(&cloud.json("POST", &of_product, &member, hook).await);
}
