use serde_json::json;

use super::Group;
use crate::cloud::Cloud;
use crate::locations::tell;
use crate::on_both_engines;

on_both_engines!(answers_have_the_documented_shapes);

async fn answers_have_the_documented_shapes(cloud: Cloud) {
    let mut contract = Group::begin("Location");
    let me = cloud.user("me@example.com").await;
    let product = cloud.product(&me, "Trucks").await;
    let path = format!("/v1/products/{}", product.id);
    let device = "0123456789abcdef01234567";
    cloud.json("POST", &format!("{path}/devices"), &product.token, json!({"id": device})).await;
    let name = json!({"name": "deploy-truck32", "groups": ["north", "east"]});
    cloud.json("PUT", &format!("{path}/devices/{device}"), &product.token, name).await;
    let start = cloud.now().to_iso();
    for _ in 0..3 {
        tell(&cloud, &product, device, 31.504_855, 34.518_699).await;
        cloud.pass(60);
    }
    let range = format!("date_range={start},{}", cloud.now().to_iso());
    let fleet = cloud.get(&format!("{path}/fleet_locations"), &product.token).await;
    contract.check("Location-GetFleetLocations", &fleet);
    let history = cloud.get(&format!("{path}/locations?{range}"), &product.token).await;
    contract.check("Location-GetLocations", &history);
    let told = "whatever the device told, which differs from the example's device";
    let one = [
        ("/location/properties/*/acc_h", told),
        ("/location/properties/*/temp", told),
        ("/location/properties/*/alt", told),
        ("/location/properties/*/h_acc", told),
    ];
    let answer = cloud.get(&format!("{path}/locations/{device}?{range}"), &product.token).await;
    contract.check_with("Location-getLocation", &answer, &one);
    contract.end();
}
