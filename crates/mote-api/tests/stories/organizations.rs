//! Organizations: made, listed, and reaching their products.

use serde_json::json;

use crate::cloud::Cloud;
use crate::on_both_engines;

on_both_engines!(an_organization_has_products_that_its_team_reaches);

async fn an_organization_has_products_that_its_team_reaches(cloud: Cloud) {
    let founder = cloud.user("founder@example.com").await;
    let stranger = cloud.user("stranger@example.com").await;
    let body = json!({"organization": {"name": "Makers & Co"}});
    let made = cloud.json("POST", "/v1/orgs", &founder, body).await;
    assert_eq!((made.status.as_u16(), made.text("/organization/slug")), (200, "makers-co".into()));
    let id = made.text("/organization/id");
    assert!(id.len() == 24 && id.bytes().all(|b| b.is_ascii_hexdigit()));
    let twin = cloud.form("POST", "/v1/orgs", &stranger, &[("name", "Makers Co")]).await;
    assert_eq!(twin.text("/organization/slug"), "makers-co-2");
    assert_eq!(
        cloud.get("/v1/orgs", &founder).await.body["organizations"],
        json!([made.body["organization"]])
    );
    for named in [&id, "makers-co"] {
        assert_eq!(cloud.get(&format!("/v1/orgs/{named}"), &founder).await.body, made.body);
        assert_eq!(cloud.get(&format!("/v1/orgs/{named}"), &stranger).await.status, 403);
    }

    let fields = [("name", "Shared"), ("platform_id", "13")];
    assert_eq!(cloud.form("POST", "/v1/orgs/makers-co/products", &stranger, &fields).await.status, 403);
    let product = cloud.form("POST", "/v1/orgs/makers-co/products", &founder, &fields).await;
    assert_eq!(product.text("/product/organization_id"), id);
    let listed = cloud.get("/v1/orgs/makers-co/products", &founder).await;
    assert_eq!(listed.body["products"], json!([product.body["product"]]));
    assert_eq!(cloud.get("/v1/user/products", &founder).await.body["products"], json!([]));
    // The organization's role is one at its products.
    let clients = format!("/v1/products/{}/clients", product.body["product"]["id"]);
    let client = [("name", "server"), ("type", "installed")];
    assert_eq!(cloud.form("POST", &clients, &founder, &client).await.status, 200);
    assert_eq!(cloud.form("POST", &clients, &stranger, &client).await.status, 403);
}
