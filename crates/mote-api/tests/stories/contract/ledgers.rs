use serde_json::json;

use super::Group;
use crate::cloud::Cloud;
use crate::on_both_engines;

on_both_engines!(answers_have_the_documented_shapes);

async fn answers_have_the_documented_shapes(cloud: Cloud) {
    let mut contract = Group::begin("Ledger");
    let user = cloud.user("me@example.com").await;
    let product = cloud.product(&user, "My Product").await;
    let definition = json!({
        "name": "my-ledger", "description": "My Ledger Description", "scope": "Product", "direction": "Downstream"
    });
    let made = cloud.json("POST", "/v1/ledgers", &user, definition.clone()).await;
    let in_use = [("/ledger/archived_at", "it is in use, and the documented text allows null")];
    contract.check_with("Ledger-PostV1Ledgers", &made, &in_use);
    let path = "/v1/ledgers/my-ledger";
    contract.check_with("Ledger-GetV1LedgersLedgername", &cloud.get(path, &user).await, &in_use);
    let updated = cloud.json("PUT", path, &user, definition).await;
    contract.check_with("Ledger-PutV1LedgersLedgername", &updated, &in_use);

    let instance = format!("{path}/instances/{}", product.id);
    let set = cloud.json("PUT", &instance, &user, json!({"data": {"foo": "bar"}})).await;
    contract.check("Ledger-PutV1LedgersLedgernameInstancesScopevalue", &set);
    let first = set.text("/instance/updated_at");
    cloud.json("PUT", &instance, &user, json!({"data": {}})).await;
    let held = cloud.get(&instance, &user).await;
    contract.check("Ledger-GetV1LedgersLedgernameInstancesScopevalue", &held);
    let listed = cloud.get(&format!("{path}/instances"), &user).await;
    contract.check("Ledger-GetV1LedgersLedgernameInstances", &listed);
    let filled = [("/versions/*/data/foo", "the example's are empty")];
    let versions = cloud.get(&format!("{instance}/versions"), &user).await;
    contract.check_with("Ledger-GetV1LedgersLedgernameInstancesScopevalueVersions", &versions, &filled);
    let replaced = [
        ("/instance/data/foo", "the example's is empty"),
        ("/instance/replaced_at", "as the version has it in the list"),
    ];
    let version = cloud.get(&format!("{instance}/versions/{first}"), &user).await;
    contract.check_with(
        "Ledger-GetV1LedgersLedgernameInstancesScopevalueVersionsVersion",
        &version,
        &replaced,
    );
    let deleted = cloud.form("DELETE", &instance, &user, &[]).await;
    contract.check("Ledger-DeleteV1LedgersLedgernameInstancesScopevalue", &deleted);

    let archived = cloud.form("DELETE", path, &user, &[]).await;
    contract.check("Ledger-DeleteV1LedgersLedgername", &archived);
    contract.check("Ledger-GetV1Ledgers", &cloud.get("/v1/ledgers?archived=true", &user).await);
    contract.end();
}
