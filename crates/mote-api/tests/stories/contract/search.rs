use serde_json::json;

use super::Group;
use crate::cloud::Cloud;
use crate::on_both_engines;

on_both_engines!(answers_have_the_documented_shapes);

async fn answers_have_the_documented_shapes(cloud: Cloud) {
    let mut contract = Group::begin("Search");
    let me = cloud.user("me@example.com").await;
    cloud.form("POST", "/v1/orgs", &me, &[("name", "Particle")]).await;
    for (products, search, id) in [
        ("/v1/products", "/v1/user/search?text=alpha&type=device", "Search-Search-your-Sandbox"),
        (
            "/v1/orgs/particle/products",
            "/v1/orgs/particle/search?text=alpha&type=device",
            "Search-Search-your-organization",
        ),
    ] {
        let device = format!("{:024x}", products.len());
        let made =
            cloud.form("POST", products, &me, &[("name", "Alpha Product"), ("platform_id", "13")]).await;
        let path = format!("/v1/products/{}", made.body["product"]["id"]);
        let client = [("name", "server"), ("type", "installed")];
        let client = cloud.form("POST", &format!("{path}/clients"), &me, &client).await;
        let minted = cloud.mint(&client.text("/client/id"), &client.text("/client/secret")).await;
        let token = crate::cloud::bearer(&minted.text("/access_token"));
        cloud.json("POST", &format!("{path}/devices"), &token, json!({"id": device})).await;
        cloud.json("PUT", &path, &token, json!({"settings": {"team_tokens": true}})).await;
        let name = json!({"name": "Alpha Device"});
        cloud.json("PUT", &format!("{path}/devices/{device}"), &token, name).await;
        contract.check(id, &cloud.get(search, &me).await);
    }
    contract.end();
}
