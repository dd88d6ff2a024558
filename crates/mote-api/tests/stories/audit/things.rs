//! What else a product has, and that the trail tells of it.

use serde_json::{Value, json};

use super::{entries, of_product};
use crate::cloud::{Cloud, PASSWORD};
use crate::on_both_engines;

on_both_engines!(what_a_product_has_is_told_of);

const DEVICE: &str = "e00fce680123456789abcdef";
const CARD: &str = "8900000000000000011";
const HIDDEN: &str = "nobody is told this";

/// Requests below the product's path, one after the other, and what the newest entry says then: action, target, details.
fn deeds() -> Vec<(&'static str, &'static str, Value, &'static str, &'static str, Value)> {
    let hook = json!({"integration_type": "Webhook", "name": "Hook", "event": "temp", "url": "https://example.com/", "requestType": "POST",
        "headers": {"authorization": HIDDEN}});
    vec![
        ("POST", "/groups", json!({"name": "beta"}), "group.created", "beta", json!({})),
        ("PUT", "/groups/beta", json!({"description": "Brave"}), "group.updated", "beta", json!({})),
        (
            "PUT",
            "/devices",
            json!({"action": "groups", "devices": [DEVICE], "metadata": {"add": ["beta"]}}),
            "group.devices_assigned",
            DEVICE,
            json!({"count": 1, "ids": [DEVICE]}),
        ),
        (
            "PUT",
            "/firmware/release",
            json!({"version": 1, "groups": ["beta"], "product_default": false}),
            "firmware.released",
            "1",
            json!({"groups": ["beta"], "product_default": false}),
        ),
        ("PUT", "/firmware/1", json!({"title": "Later"}), "firmware.updated", "1", json!({})),
        ("DELETE", "/firmware/2", json!({}), "firmware.deleted", "2", json!({})),
        ("DELETE", "/groups/beta", json!({}), "group.deleted", "beta", json!({})),
        ("POST", "/integrations", hook, "integration.created", "", json!({})),
        (
            "POST",
            "/ledgers",
            json!({"name": "sensors", "scope": "Device"}),
            "ledger.created",
            "sensors",
            json!({"scope": "Device"}),
        ),
        ("PUT", "/ledgers/sensors", json!({"description": "Of all"}), "ledger.updated", "sensors", json!({})),
        ("DELETE", "/ledgers/sensors", json!({}), "ledger.archived", "sensors", json!({})),
        (
            "PUT",
            "/env/MODE",
            json!({"value": HIDDEN}),
            "environment.updated",
            "",
            json!({"variables": ["MODE"]}),
        ),
        ("POST", "/env/rollout", json!({"when": "Connect"}), "environment.rolled_out", "", json!({})),
        ("POST", "/sims", json!({"sims": [CARD]}), "sim.imported", CARD, json!({"count": 1, "ids": [CARD]})),
        (
            "PUT",
            "/sims/8900000000000000011",
            json!({"action": "deactivate"}),
            "sim.updated",
            CARD,
            json!({"action": "deactivate", "mb_limit": null}),
        ),
        ("DELETE", "/sims/8900000000000000011", json!({}), "sim.released", CARD, json!({})),
        (
            "PUT",
            "/customers/zoe@example.com",
            json!({"password": "another long one 99"}),
            "customer.password_set",
            "",
            json!({}),
        ),
        ("DELETE", "/customers/zoe@example.com", json!({}), "customer.removed", "", json!({})),
    ]
}

async fn what_a_product_has_is_told_of(cloud: Cloud) {
    let owner = cloud.user("owner@example.com").await;
    let product = cloud.product(&owner, "Sensor").await;
    let (path, audit) = (format!("/v1/products/{}", product.id), of_product(&product));
    cloud.json("POST", &format!("{path}/devices"), &product.token, json!({"id": DEVICE})).await;
    cloud.customer(&product, "zoe@example.com").await;
    let made = entries(&cloud, &format!("{audit}?action=customer.created"), &product.token).await.remove(0);
    assert_eq!(made["actor"], json!({"type": "product", "id": product.id, "name": product.client}));
    assert_eq!((&made["target"]["name"], &made["token_id"]), (&json!("zoe@example.com"), &Value::Null));
    for version in [1, 2] {
        crate::firmware::upload(&cloud, &product, version).await;
    }
    let uploaded = entries(&cloud, &format!("{audit}?action=firmware.uploaded"), &product.token).await;
    assert_eq!((uploaded.len(), &uploaded[0]["target"]["id"]), (2, &json!("2")));
    for (method, below, body, action, target, details) in deeds() {
        let answer = cloud.json(method, &format!("{path}{below}"), &product.token, body).await;
        assert!(answer.status.is_success(), "{method} {below}: {}", answer.body);
        let newest = entries(&cloud, &format!("{audit}?per_page=1"), &product.token).await.remove(0);
        assert_eq!(newest["action"], action, "{method} {below}");
        assert_eq!(newest["details"], details, "{action}");
        if !target.is_empty() {
            assert_eq!(newest["target"]["id"], target, "{action}");
        }
    }
    let customer =
        entries(&cloud, &format!("{audit}?action=customer.removed"), &product.token).await.remove(0);
    assert_eq!(customer["target"]["name"], "zoe@example.com");
    // The integration, by the ID that it got.
    let made = entries(&cloud, &format!("{audit}?action=integration"), &product.token).await.remove(0);
    let hook = format!("{path}/integrations/{}", made["target"]["id"].as_str().unwrap());
    assert_eq!(cloud.json("PUT", &hook, &product.token, json!({"name": "Other"})).await.status, 200);
    assert_eq!(cloud.form("DELETE", &hook, &product.token, &[]).await.status, 204);
    let told = super::actions(&cloud, &format!("{audit}?action=integration"), &product.token).await;
    assert_eq!(told, ["integration.created", "integration.updated", "integration.deleted"]);
    // Configurations, with their schemas.
    let [of_product, of_device] = [format!("{path}/config"), format!("{path}/config/{DEVICE}")];
    let schema = json!({"type": "object", "properties": {"led": {"type": "object"}}});
    assert_eq!(
        crate::configurations::set_schema(&cloud, &of_product, &product.token, &schema).await.status,
        200
    );
    for place in [&of_product, &of_device] {
        let set = cloud.json("PUT", place, &product.token, json!({"led": {"on": true}})).await;
        assert!(set.status.is_success(), "{}", set.body);
    }
    let told = entries(&cloud, &format!("{audit}?action=configuration"), &product.token).await;
    let told: Vec<_> = told.iter().rev().map(|entry| (&entry["action"], &entry["target"]["id"])).collect();
    assert_eq!(
        told,
        [
            (&json!("configuration.schema_updated"), &json!("")),
            (&json!("configuration.updated"), &json!("")),
            (&json!("configuration.updated"), &json!(DEVICE)),
        ]
    );
    let all = cloud.get(&format!("{audit}?per_page=1000"), &product.token).await.body.to_string();
    assert!(!all.contains(HIDDEN) && !all.contains(PASSWORD) && !all.contains("another long one"));
}
