use serde_json::json;

use super::Group;
use crate::cloud::{Cloud, PASSWORD, basic, bearer};
use crate::on_both_engines;

on_both_engines!(answers_have_the_documented_shapes);

async fn answers_have_the_documented_shapes(cloud: Cloud) {
    let mut contract = Group::begin("Customers");
    let user = cloud.user("me@example.com").await;
    let product = cloud.product(&user, "Shapes").await;
    let (path, client) =
        (format!("/v1/products/{}/customers", product.id), basic(&product.client, &product.secret));
    let of = |email: &'static str| [("email", email), ("password", PASSWORD)];
    let made = cloud.form("POST", &path, &product.token, &of("bob@loblaw.net")).await;
    contract.check("Customers-CreateCustomer", &made);
    let made = cloud.form("POST", &path, &client, &of("jane@example.com")).await;
    contract.check("Customers-CreateCustomer-2", &made);
    contract.leave("the answer sends the browser on, with a 302", &["Customers-CreateCustomer-3"]);
    let scope = [("grant_type", "client_credentials"), ("scope", "customer=jane@example.com")];
    let minted = cloud.form("POST", "/oauth/token", &client, &scope).await;
    contract.check("Customers-PostOauthToken", &minted);
    let device = json!({"id": "0123456789abcdef01234567"});
    cloud.json("POST", &format!("/v1/products/{}/devices", product.id), &product.token, device.clone()).await;
    let jane = bearer(&minted.text("/access_token"));
    assert_eq!(cloud.json("POST", "/v1/devices", &jane, device).await.status, 200);
    let one = format!("{path}/bob@loblaw.net");
    let changed = cloud.form("PUT", &one, &product.token, &[("password", "another long one 99")]).await;
    contract.check("Customers-updateCustomerPassword", &changed);
    contract.check("Customers-deleteCustomer", &cloud.form("DELETE", &one, &product.token, &[]).await);
    let listed = cloud.get(&path, &product.token).await;
    let differences = [
        ("/customers/*/full_name", "no request says it"),
        ("/devices/*/firmware_version", "null, as of a device that never connected"),
        ("/devices/*/last_ip_address", "likewise"),
    ];
    contract.check_with("Customers-ListProductCustomers", &listed, &differences);
    contract.end();
}
