//! The audit trail: who did what, from where, with which token.

pub(crate) mod chain;
mod deeds;
mod every_route;
mod export;
mod organizations;
mod tampering;
mod things;

use http::Request;
use mote_api::frame::Peer;
use serde_json::{Value, json};

use crate::cloud::{Answer, Cloud, PASSWORD, Product, basic};
use crate::on_both_engines;

on_both_engines!(
    an_entry_says_who_what_and_from_where,
    a_trail_is_read_in_pages_and_filtered,
    a_trail_is_its_owners_alone,
    what_was_refused_leaves_no_entry,
);

/// The entries of a page, newest first.
pub(crate) async fn entries(cloud: &Cloud, path: &str, authorization: &str) -> Vec<Value> {
    let answer = cloud.get(path, authorization).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body["entries"].as_array().unwrap().clone()
}

/// Their actions, oldest first.
pub(crate) async fn actions(cloud: &Cloud, path: &str, authorization: &str) -> Vec<String> {
    let entries = entries(cloud, path, authorization).await;
    entries.iter().rev().map(|entry| entry["action"].as_str().unwrap().to_owned()).collect()
}

pub(crate) fn of_product(product: &Product) -> String {
    format!("/v1/products/{}/audit", product.slug)
}

/// A request that comes over the network.
async fn from(
    cloud: &Cloud,
    address: &str,
    method: &str,
    path: &str,
    authorization: &str,
    body: Value,
) -> Answer {
    let request = Request::builder().method(method).uri(path).header("authorization", authorization);
    let request = request.header("content-type", "application/json");
    let request = request.extension(Peer(format!("{address}:5000").parse().unwrap()));
    cloud.send(request.body(body.to_string().into()).unwrap()).await
}

async fn an_entry_says_who_what_and_from_where(cloud: Cloud) {
    let owner = cloud.user("owner@example.com").await;
    let product = cloud.product(&owner, "Sensor").await;
    let (audit, clients) = (of_product(&product), format!("/v1/products/{}/clients", product.id));
    // By a person on the team, and then by the product's own token.
    let made =
        from(&cloud, "192.0.2.7", "POST", &clients, &owner, json!({"name": "app", "type": "installed"}));
    let client = made.await.text("/client/id");
    let secret = &product.secret;
    let path = format!("{clients}/{client}");
    let ended = from(&cloud, "[2001:db8::1]", "DELETE", &path, &product.token, json!({})).await;
    assert_eq!(ended.status, 204);

    let told = entries(&cloud, &audit, &product.token).await;
    let (deleted, created) = (&told[0], &told[1]);
    assert_eq!(
        (&created["action"], &deleted["action"]),
        (&json!("oauth_client.created"), &json!("oauth_client.deleted"))
    );
    assert_eq!(created["actor"]["type"], "user");
    assert_eq!(created["actor"]["name"], "owner@example.com");
    assert_eq!(created["address"], "192.0.2.7");
    assert_eq!(created["target"], json!({"type": "oauth_client", "id": client, "name": "app"}));
    assert_eq!(created["product_id"].to_string(), product.id);
    assert_eq!(created["account_id"], Value::Null);
    assert_eq!(created["at"], cloud.now().to_iso());
    assert_eq!(deleted["actor"], json!({"type": "product", "id": product.id, "name": product.client}));
    assert_eq!(deleted["address"], "2001:db8::1");
    assert_ne!(created["token_id"], deleted["token_id"]);
    assert!(created["token_id"].is_string() && deleted["token_id"].is_string());
    // No secret of any kind is in it, and no token.
    let all = cloud.get(&audit, &product.token).await.body.to_string();
    for hidden in [secret, PASSWORD, &product.token["Bearer ".len()..], &owner["Bearer ".len()..]] {
        assert!(!all.contains(hidden));
    }
    // The account's own trail begins with the account, and tells the token from its sign-in.
    let own = actions(&cloud, "/v1/user/audit", &owner).await;
    assert_eq!(own, ["account.created", "token.created"]);
    let own = entries(&cloud, "/v1/user/audit", &owner).await;
    assert_eq!(own[0]["target"]["id"], created["token_id"]);
    assert_eq!(own[1]["actor"]["type"], "operator");
}

async fn a_trail_is_read_in_pages_and_filtered(cloud: Cloud) {
    let owner = cloud.user("owner@example.com").await;
    let product = cloud.product(&owner, "Sensor").await;
    let audit = of_product(&product);
    let path = format!("/v1/products/{}", product.id);
    for name in ["One", "Two", "Three"] {
        cloud.pass(60);
        assert_eq!(cloud.json("PUT", &path, &product.token, json!({"name": name})).await.status, 200);
    }
    let page = cloud.get(&format!("{audit}?per_page=3"), &product.token).await;
    assert_eq!(page.status, 200, "{}", page.body);
    let names: Vec<_> =
        page.body["entries"].as_array().unwrap().iter().map(|e| e["details"]["name"].clone()).collect();
    assert_eq!(names, ["Three", "Two", "One"]);
    let next = page.text("/next_before");
    let last = cloud.get(&format!("{audit}?per_page=3&before={next}"), &product.token).await;
    assert_eq!(last.body["next_before"], Value::Null);
    let rest: Vec<_> = last.body["entries"].as_array().unwrap().iter().map(|e| e["action"].clone()).collect();
    assert_eq!(rest, ["oauth_client.created", "product.created"]);

    let found = |query: String| {
        let (cloud, audit, token) = (&cloud, &audit, &product.token);
        async move { actions(cloud, &format!("{audit}?{query}"), token).await }
    };
    assert_eq!(found("action=product".into()).await.len(), 4);
    assert_eq!(found("action=product.created".into()).await, ["product.created"]);
    assert_eq!(found(format!("actor={}", product.client)).await, ["product.updated"; 3]);
    assert_eq!(found("actor=owner%40example.com&action=product".into()).await, ["product.created"]);
    assert_eq!(found(format!("target={}", product.client)).await, ["oauth_client.created"]);
    assert!(found("target=%25".into()).await.is_empty());
    let (now, before) = (cloud.now().to_iso(), cloud.now().plus_seconds(-60).to_iso());
    assert_eq!(found(format!("since={now}")).await, ["product.updated"]);
    assert_eq!(found(format!("since={before}&until={now}")).await, ["product.updated"]);
    for bad in [
        "action=produc",
        "action=%25",
        "since=yesterday",
        "until=1",
        "before=x",
        "before=1&before=2",
        "per_page=0",
        "per_page=1001",
        "format=csv",
        "target=%00",
    ] {
        assert_eq!(cloud.get(&format!("{audit}?{bad}"), &product.token).await.status, 400, "{bad}");
    }
}

async fn a_trail_is_its_owners_alone(cloud: Cloud) {
    let (owner, other) = (cloud.user("owner@example.com").await, cloud.user("other@example.com").await);
    let (product, foreign) = (cloud.product(&owner, "Sensor").await, cloud.product(&other, "Other").await);
    let audit = of_product(&product);
    for (authorization, status) in [
        (&foreign.token, 403),
        (&owner, 403),
        (&other, 403),
        (&"Bearer nothing".to_owned(), 401),
        (&String::new(), 401),
    ] {
        assert_eq!(cloud.get(&audit, authorization).await.status, status);
        assert_eq!(cloud.get(&format!("{audit}?format=ndjson"), authorization).await.status, status);
    }
    assert_eq!(cloud.get("/v1/user/audit", &product.token).await.status, 403);
    for entry in entries(&cloud, &audit, &product.token).await {
        assert_eq!(entry["product_id"].to_string(), product.id);
    }
    // What a product's administrator does to somebody's device is in the trail of both; where he was is in the product's.
    let id = "e00fce680123456789abcdef";
    let devices = format!("/v1/products/{}/devices", product.id);
    cloud.json("POST", &devices, &product.token, json!({"id": id})).await;
    assert_eq!(cloud.form("POST", "/v1/devices", &other, &[("id", id)]).await.status, 200);
    let path = format!("{devices}/{id}/owner");
    let released = from(&cloud, "192.0.2.7", "DELETE", &path, &product.token, json!({})).await;
    assert_eq!(released.status, 200, "{}", released.body);
    let (his, products) = (
        entries(&cloud, "/v1/user/audit?action=device", &other).await,
        entries(&cloud, &format!("{audit}?action=device.released"), &product.token).await,
    );
    assert_eq!(his[0]["id"], products[0]["id"]);
    assert_eq!((&products[0]["address"], &his[0]["address"]), (&json!("192.0.2.7"), &Value::Null));
    assert!(
        products[0]["token_id"].is_string() && his[0]["token_id"].is_null() && his[1]["token_id"].is_string()
    );
}

async fn what_was_refused_leaves_no_entry(cloud: Cloud) {
    let owner = cloud.user("owner@example.com").await;
    let product = cloud.product(&owner, "Sensor").await;
    let audit = of_product(&product);
    let before =
        (actions(&cloud, &audit, &product.token).await, actions(&cloud, "/v1/user/audit", &owner).await);
    let path = format!("/v1/products/{}", product.id);
    let refused = [
        cloud.json("PUT", &path, &product.token, json!({"settings": {"unknown": true}})).await,
        cloud.json("POST", &format!("{path}/clients"), &owner, json!({"name": "app", "type": "web"})).await,
        cloud.form("DELETE", &format!("{path}/clients/nothing-0000"), &owner, &[]).await,
        cloud.form("DELETE", &format!("{path}/team/nobody@example.com"), &owner, &[]).await,
        cloud.form("DELETE", &format!("{path}/devices/e00fce680123456789abcdef"), &product.token, &[]).await,
        cloud
            .json("PUT", "/v1/user", &owner, json!({"password": PASSWORD, "current_password": "wrong"}))
            .await,
        cloud.form("DELETE", "/v1/access_tokens/0123456789abcdef0123456789abcdef01234567", "", &[]).await,
    ];
    for answer in refused {
        assert!((400..500).contains(&answer.status.as_u16()), "{} {}", answer.status, answer.body);
    }
    let wrong = [("grant_type", "password"), ("username", "owner@example.com"), ("password", "wrong")];
    assert_eq!(cloud.form("POST", "/oauth/token", &basic("particle", "particle"), &wrong).await.status, 400);
    assert_eq!(before.0, actions(&cloud, &audit, &product.token).await);
    assert_eq!(before.1, actions(&cloud, "/v1/user/audit", &owner).await);
    // Tokens that products make are counted, and too many to be told.
    cloud.mint(&product.client, &product.secret).await;
    assert_eq!(before.0, actions(&cloud, &audit, &product.token).await);
}
