use serde_json::json;

use super::Group;
use crate::cloud::Cloud;
use crate::on_both_engines;
use crate::sessions::{connect, hello};

on_both_engines!(answers_have_the_documented_shapes);

async fn answers_have_the_documented_shapes(cloud: Cloud) {
    let mut contract = Group::begin("Quarantine");
    let user = cloud.user("me@example.com").await;
    let product = cloud.product(&user, "Strict").await;
    let place = format!("/v1/products/{}", product.id);
    let setting = json!({"settings": {"quarantine": true}});
    assert_eq!(cloud.json("PUT", &place, &product.token, setting).await.status, 200);
    let device = "e00fce680000000000000021";
    drop(connect(&cloud, device, hello(&product)).await);
    let devices = format!("{place}/devices");
    let approved = cloud.json("POST", &devices, &product.token, json!({"id": device})).await;
    contract.check("Quarantine-approveQuarantinedDevice", &approved);
    let denied =
        cloud.json("DELETE", &format!("{devices}/{device}"), &product.token, json!({"deny": true})).await;
    contract.check("Quarantine-denyQuarantinedDevice", &denied);
    contract.end();
}
