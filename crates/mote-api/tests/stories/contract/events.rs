use serde_json::json;

use super::Group;
use crate::cloud::Cloud;
use crate::events::Listener;
use crate::on_both_engines;

on_both_engines!(answers_have_the_documented_shapes);

const DEVICE: &str = "e00fce680123456789abcdef";

async fn answers_have_the_documented_shapes(cloud: Cloud) {
    let mut contract = Group::begin("Events");
    let user = cloud.user("me@example.com").await;
    let product = cloud.product(&user, "TempMon").await;
    let path = format!("/v1/products/{}/devices", product.id);
    cloud.json("POST", &path, &product.token, json!({"id": DEVICE})).await;
    cloud.json("POST", "/v1/devices", &user, json!({"id": DEVICE})).await;
    let of_product = format!("/v1/products/{}/events", product.slug);
    let mut streams = Vec::new();
    for (id, path, token) in [
        ("Events-GetEvents", "/v1/events/temp", &user),
        ("Events-GetDeviceEvents", "/v1/devices/events/temp", &user),
        ("Events-GetDeviceEvents-2", &format!("/v1/devices/{DEVICE}/events"), &user),
        ("Events-GetProductEvents", &of_product, &product.token),
    ] {
        streams.push((id, Listener::open(&cloud, path, token).await));
    }
    let fields = [("name", "temperature"), ("data", "25.34"), ("ttl", "60"), ("as_device_id", DEVICE)];
    let published = cloud.form("POST", &of_product, &product.token, &fields).await;
    contract.check("Events-PublishProductEvent", &published);
    contract
        .check("Events-CreateEvent", &cloud.form("POST", "/v1/devices/events", &user, &fields[..3]).await);
    for (id, mut stream) in streams {
        let mut differences =
            vec![("/data/ttl", "a number: what clients declare, and get of the vendor today")];
        if id == "Events-GetProductEvents" {
            differences.push(("/data/productID", "what the vendor's streams of products have today"));
        }
        contract.check_event(id, &stream.piece().await.unwrap(), &differences);
    }
    contract.end();
}
