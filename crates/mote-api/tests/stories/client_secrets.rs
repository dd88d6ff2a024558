//! Secrets of OAuth clients are replaced without a pause, and credentials tell when they were last used.

use serde_json::json;

use crate::cloud::{Cloud, basic};
use crate::on_both_engines;

on_both_engines!(
    a_secret_is_replaced_without_a_pause,
    a_secret_ends_with_its_time_or_its_client,
    secrets_are_shown_once_and_bounded,
    another_products_secrets_are_out_of_reach,
    the_last_use_is_told_to_the_minute,
    a_client_stays_what_it_is_and_may_lead_elsewhere,
);

async fn a_secret_is_replaced_without_a_pause(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let product = cloud.product(&user, "Rotated").await;
    let path = format!("/v1/products/{}/clients/{}/secrets", product.slug, product.client);
    let new = cloud.json("POST", &path, &user, json!({"name": "autumn"})).await;
    assert_eq!(new.status, 200, "{}", new.body);
    assert_eq!(new.headers["cache-control"], "no-store");
    let secret = new.text("/secret/secret");
    assert_eq!(secret.len(), 40);
    let minted = cloud.mint(&product.client, &secret).await;
    assert_eq!(minted.status, 200);
    assert_eq!(cloud.mint(&product.client, &product.secret).await.status, 200);
    let listed = cloud.get(&path, &user).await;
    let first = listed.text("/secrets/0/id");
    assert_eq!(listed.body["secrets"].as_array().unwrap().len(), 2);
    assert!(!listed.body.to_string().contains(&secret));
    assert_eq!(cloud.form("DELETE", &format!("{path}/{first}"), &user, &[]).await.status, 204);
    assert_eq!(cloud.mint(&product.client, &product.secret).await.error(), (401, "invalid_client".into()));
    assert_eq!(cloud.mint(&product.client, &secret).await.status, 200);
    // What the old one made lives on.
    assert_eq!(cloud.get(&format!("/v1/products/{}", product.id), &product.token).await.status, 200);
    let last = format!("{path}/{}", new.text("/secret/id"));
    assert_eq!(cloud.form("DELETE", &last, &user, &[]).await.error(), (409, "conflict".into()));
    assert_eq!(cloud.form("DELETE", &format!("{path}/{first}"), &user, &[]).await.status, 404);
}

async fn a_secret_ends_with_its_time_or_its_client(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let made = cloud.json("POST", "/v1/clients", &user, json!({"name": "mine", "type": "installed"})).await;
    let client = made.text("/client/id");
    let path = format!("/v1/clients/{client}/secrets");
    let new = cloud.json("POST", &path, &user, json!({"name": "short", "expires_in": 60})).await;
    assert_eq!(new.text("/secret/expires_at"), cloud.now().plus_seconds(60).to_iso());
    let proves = async || {
        let form = [("token", "unknown")];
        cloud
            .form("POST", "/oauth/introspect", &basic(&client, &new.text("/secret/secret")), &form)
            .await
            .status
    };
    cloud.pass(59);
    assert_eq!(proves().await, 200);
    cloud.pass(1);
    assert_eq!(proves().await, 401);
    for bad in [json!(-1), json!(400_000_000), json!("soon")] {
        let refused = cloud.json("POST", &path, &user, json!({"name": "x", "expires_in": bad})).await;
        assert_eq!(refused.status, 400, "{bad}");
    }
    assert_eq!(cloud.form("DELETE", &format!("/v1/clients/{client}"), &user, &[]).await.status, 204);
    assert_eq!(cloud.get(&path, &user).await.status, 404);
}

async fn secrets_are_shown_once_and_bounded(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let product = cloud.product(&user, "Bounded").await;
    let path = format!("/v1/products/{}/clients/{}/secrets", product.id, product.client);
    for number in 2..=5 {
        let made = cloud.json("POST", &path, &user, json!({"name": format!("number {number}")})).await;
        assert_eq!(made.status, 200);
    }
    let sixth = cloud.json("POST", &path, &user, json!({"name": "number 6"})).await;
    assert_eq!(sixth.error(), (409, "conflict".into()));
    assert_eq!(cloud.json("POST", &path, &user, json!({"name": ""})).await.status, 400);
    let unlimited = cloud.get(&format!("/v1/products/{}/clients", product.id), &user).await;
    assert!(unlimited.body["clients"][0].get("secret").is_none());
    // The product's own token does what its scope says: this one has no limit.
    assert_eq!(cloud.get(&path, &product.token).await.body["secrets"].as_array().unwrap().len(), 5);
}

async fn another_products_secrets_are_out_of_reach(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let (product, other) = (cloud.product(&user, "Own").await, cloud.product(&user, "Other").await);
    let crossed = format!("/v1/products/{}/clients/{}/secrets", other.id, product.client);
    assert_eq!(cloud.get(&crossed, &user).await.status, 404);
    assert_eq!(cloud.json("POST", &crossed, &user, json!({"name": "x"})).await.status, 404);
    let own = format!("/v1/products/{}/clients/{}/secrets", product.id, product.client);
    assert_eq!(cloud.get(&own, &other.token).await.status, 403);
    let secret = cloud.get(&own, &user).await.text("/secrets/0/id");
    let theirs = format!("/v1/products/{}/clients/{}/secrets/{secret}", other.id, other.client);
    assert_eq!(cloud.form("DELETE", &theirs, &user, &[]).await.status, 404);
    let stranger = cloud.user("stranger@example.com").await;
    assert_eq!(cloud.get(&own, &stranger).await.status, 403);
}

async fn the_last_use_is_told_to_the_minute(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let product = cloud.product(&user, "Used").await;
    let path = format!("/v1/products/{}/clients/{}/secrets", product.id, product.client);
    let last_use = async || {
        cloud.mote.flush_uses().await.unwrap();
        cloud.get(&path, &user).await.body["secrets"][0]["last_used_at"].clone()
    };
    let first = json!(cloud.now().to_iso());
    assert_eq!(last_use().await, first);
    cloud.pass(59);
    assert_eq!(cloud.mint(&product.client, &product.secret).await.status, 200);
    assert_eq!(last_use().await, first);
    cloud.pass(1);
    assert_eq!(cloud.mint(&product.client, "0".repeat(40).as_str()).await.status, 401);
    assert_eq!(last_use().await, first, "a wrong one is no use");
    assert_eq!(cloud.mint(&product.client, &product.secret).await.status, 200);
    assert_eq!(last_use().await, json!(cloud.now().to_iso()));
    // Memory forgets the client when it is changed; the store has kept it.
    let change = json!({"name": "another name"});
    let client = format!("/v1/products/{}/clients/{}", product.id, product.client);
    assert_eq!(cloud.json("PUT", &client, &user, change).await.status, 200);
    assert_eq!(last_use().await, json!(cloud.now().to_iso()));
}

async fn a_client_stays_what_it_is_and_may_lead_elsewhere(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let web = json!({"name": "app", "type": "web", "redirect_uri": "https://a.example/cb"});
    let path =
        format!("/v1/clients/{}", cloud.json("POST", "/v1/clients", &user, web).await.text("/client/id"));
    let put = async |body: serde_json::Value| cloud.json("PUT", &path, &user, body).await;
    let moved = put(json!({"redirect_uri": "https://b.example/cb", "type": "web"})).await;
    assert_eq!(moved.text("/client/redirect_uri"), "https://b.example/cb", "{}", moved.body);
    let told = crate::audit::entries(&cloud, "/v1/user/audit?action=oauth_client.updated", &user).await;
    assert_eq!(told[0]["details"]["redirect_uri"], "https://b.example/cb");
    assert_eq!(put(json!({"name": "other"})).await.text("/client/redirect_uri"), "https://b.example/cb");
    for (wrong, named) in [
        (json!({"type": "installed"}), "type"),
        (json!({"redirect_uri": "http://b.example/"}), "redirect_uri"),
        (json!({"redirect_uri": ""}), "redirect_uri"),
    ] {
        let refused = put(wrong).await;
        assert_eq!(refused.status, 400);
        assert!(refused.text("/error_description").starts_with(named), "{}", refused.body);
    }
    let installed = json!({"name": "mine", "type": "installed"});
    let id = cloud.json("POST", "/v1/clients", &user, installed).await.text("/client/id");
    let uri = json!({"redirect_uri": "https://b.example/cb"});
    assert_eq!(cloud.json("PUT", &format!("/v1/clients/{id}"), &user, uri).await.status, 400);
}
