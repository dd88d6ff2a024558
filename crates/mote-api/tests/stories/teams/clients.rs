//! API users that manage a product's clients hand out with them what they have, and no more.

use mote_core::authorization::SCOPE_NAMES;
use serde_json::{Value, json};

use super::{program, team_of};
use crate::cloud::{Answer, Cloud};
use crate::on_both_engines;

on_both_engines!(an_api_user_makes_no_client_that_is_worth_more, an_api_user_with_every_scope_makes_clients);

/// The key of RFC 8037, appendix A.2.
const PUBLIC_KEY: &str = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

async fn an_api_user_makes_no_client_that_is_worth_more(cloud: Cloud) {
    let owner = cloud.user("owner@example.com").await;
    let product = cloud.product(&owner, "Mine").await;
    let managing = ["clients:create", "clients:update", "clients:list", "clients:remove", "customers:create"];
    let (_, manager) = program(&cloud, &team_of(&product), &owner, &managing).await;
    let clients = format!("/v1/products/{}/clients", product.id);
    let own = format!("{clients}/{}", product.client);
    let refused = |answer: Answer| {
        assert_eq!(answer.status, 403, "{}", answer.body);
        let why = answer.text("/error_description");
        assert!(why.contains("devices:list") && !why.contains("clients:create"), "{why}");
    };
    let uri = "https://app.example.com/cb";
    let web = json!({"name": "web", "type": "web", "redirect_uri": uri});
    let web = cloud.json("POST", &clients, &owner, web).await.text("/client/id");
    let before = cloud.get(&clients, &owner).await.body;
    let elsewhere = json!({"redirect_uri": "https://elsewhere.example.com/cb"});
    refused(cloud.json("PUT", &format!("{clients}/{web}"), &manager, elsewhere).await);
    refused(cloud.json("POST", &clients, &manager, json!({"name": "x", "type": "installed"})).await);
    refused(cloud.json("POST", &format!("{own}/secrets"), &manager, json!({"name": "x"})).await);
    let key = json!({"name": "x", "public_key": PUBLIC_KEY});
    refused(cloud.json("POST", &format!("{own}/keys"), &manager, key).await);
    assert_eq!(cloud.get(&clients, &owner).await.body, before, "nothing was changed");
    // What it may do itself, its client may; and that one gets no more by a change.
    let limited = json!({"name": "app", "type": "installed", "scope": "create_customer"});
    let made = cloud.json("POST", &clients, &manager, limited).await;
    assert_eq!(made.status, 200, "{}", made.body);
    let app = format!("{clients}/{}", made.text("/client/id"));
    assert_eq!(
        cloud.json("POST", &format!("{app}/secrets"), &manager, json!({"name": "x"})).await.status,
        200
    );
    refused(cloud.json("PUT", &app, &manager, json!({"scope": "none"})).await);
    let renamed = cloud.json("PUT", &own, &manager, json!({"name": "Another"})).await;
    assert_eq!((renamed.status.as_u16(), renamed.text("/client/name")), (200, "Another".into()));
    assert_eq!(cloud.form("DELETE", &app, &manager, &[]).await.status, 204);
}

async fn an_api_user_with_every_scope_makes_clients(cloud: Cloud) {
    let owner = cloud.user("owner@example.com").await;
    let product = cloud.product(&owner, "Mine").await;
    let (_, manager) = program(&cloud, &team_of(&product), &owner, &SCOPE_NAMES).await;
    let clients = format!("/v1/products/{}/clients", product.id);
    let made = cloud.json("POST", &clients, &manager, json!({"name": "x", "type": "installed"})).await;
    assert_eq!((made.status.as_u16(), made.body["client"]["secret"].is_string()), (200, true));
    assert_eq!(made.body["client"].get("scope").cloned().unwrap_or_default(), Value::Null);
}
