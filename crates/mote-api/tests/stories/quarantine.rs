//! Devices that appear on their own, and what the product makes of them.

use mote_core::names::DeviceId;
use serde_json::{Value, json};

use crate::cloud::{Cloud, Product};
use crate::on_both_engines;
use crate::sessions::{connect, hello};

on_both_engines!(a_device_waits_until_it_is_approved, a_denied_device_stays_out_until_it_is_imported);

const DEVICE: &str = "e00fce680000000000000021";

/// A product that has its devices wait.
async fn strict(cloud: &Cloud) -> (Product, String) {
    let user = cloud.user("me@example.com").await;
    let product = cloud.product(&user, "Strict").await;
    let place = format!("/v1/products/{}", product.id);
    let setting = json!({"settings": {"quarantine": true}});
    assert_eq!(cloud.json("PUT", &place, &product.token, setting).await.status, 200);
    (product, format!("{place}/devices"))
}

/// What the product says of the device: quarantined, denied, its product ID.
async fn standing(cloud: &Cloud, product: &Product, path: &str) -> [Value; 3] {
    let seen = cloud.get(&format!("{path}/{DEVICE}"), &product.token).await;
    ["quarantined", "denied", "product_id"].map(|key| seen.body[key].clone())
}

async fn a_device_waits_until_it_is_approved(cloud: Cloud) {
    let (product, path) = strict(&cloud).await;
    let device = format!("{path}/{DEVICE}");
    let _session = connect(&cloud, DEVICE, hello(&product)).await;
    assert_eq!(standing(&cloud, &product, &path).await, [json!(true), json!(false), json!(13)]);
    let all = cloud.get(&path, &product.token).await;
    assert_eq!(all.body["devices"][0]["firmware_product_id"].to_string(), product.id);
    for (query, total) in [("", 1), ("?quarantined=true", 1), ("?quarantined=false", 0)] {
        let page = cloud.get(&format!("{path}{query}"), &product.token).await;
        assert_eq!(page.body["meta"]["total"], total, "{query}");
    }
    for change in [json!({"name": "x"}), json!({"groups": ["a"]}), json!({"development": true})] {
        assert_eq!(cloud.json("PUT", &device, &product.token, change).await.error().0, 403);
    }
    let batch = json!({"action": "groups", "devices": [DEVICE], "metadata": {"add": ["a"]}});
    assert_eq!(cloud.json("PUT", &path, &product.token, batch).await.error(), (403, "quarantined".into()));
    assert_eq!(cloud.get(&format!("{device}/temperature"), &product.token).await.error().0, 403);

    let approved = cloud.json("POST", &path, &product.token, json!({"id": DEVICE})).await;
    assert_eq!((approved.status.as_u16(), &approved.body["updatedDeviceIds"]), (200, &json!([DEVICE])));
    let id: i64 = product.id.parse().unwrap();
    assert_eq!(standing(&cloud, &product, &path).await, [json!(false), json!(false), json!(id)]);
    assert_eq!(cloud.get(&path, &product.token).await.body["meta"]["total"], 1);
    assert_eq!(cloud.json("PUT", &device, &product.token, json!({"name": "x"})).await.text("/name"), "x");
    let again = cloud.json("POST", &path, &product.token, json!({"id": DEVICE})).await;
    assert_eq!(again.body["existingDeviceIds"], json!([DEVICE]));
    // It is a device of the product for good.
    let _session = connect(&cloud, DEVICE, hello(&product)).await;
    assert_eq!(standing(&cloud, &product, &path).await[0], false);
}

async fn a_denied_device_stays_out_until_it_is_imported(cloud: Cloud) {
    let (product, path) = strict(&cloud).await;
    let device = format!("{path}/{DEVICE}");
    drop(connect(&cloud, DEVICE, hello(&product)).await);
    assert_eq!(cloud.json("DELETE", &device, &product.token, json!({"deny": true})).await.status, 204);
    for _ in 0..2 {
        assert_eq!(standing(&cloud, &product, &path).await, [json!(true), json!(true), json!(13)]);
        // It tries again, and is refused again.
        drop(connect(&cloud, DEVICE, hello(&product)).await);
    }
    assert_eq!(cloud.get(&path, &product.token).await.body["meta"]["total"], 1);
    assert_eq!(cloud.json("PUT", &device, &product.token, json!({"name": "x"})).await.error().0, 403);
    let approved = cloud.json("POST", &path, &product.token, json!({"ids": [DEVICE]})).await;
    assert_eq!(approved.body["updated"], 1);
    assert_eq!(standing(&cloud, &product, &path).await[..2], [json!(false), json!(false)]);

    // One of the product in full can be denied too; what it had there ends.
    let set = json!({"groups": ["a"], "development": true});
    assert_eq!(cloud.json("PUT", &device, &product.token, set).await.status, 200);
    assert_eq!(cloud.form("DELETE", &device, &product.token, &[("deny", "true")]).await.status, 204);
    let seen = cloud.get(&device, &product.token).await;
    assert_eq!((&seen.body["groups"], &seen.body["development"]), (&json!([]), &json!(false)));
    let group = cloud.get(&format!("/v1/products/{}/groups/a", product.id), &product.token).await;
    assert_eq!(group.body["group"]["device_count"], 0);
    // Taken out instead, it is unknown, and waits when it comes again.
    assert_eq!(cloud.json("DELETE", &device, &product.token, json!({"deny": false})).await.status, 204);
    assert_eq!(cloud.get(&device, &product.token).await.status, 404);
    assert_eq!(cloud.json("DELETE", &device, &product.token, json!({"deny": true})).await.status, 404);
    assert_eq!(cloud.json("DELETE", &device, &product.token, json!({"deny": "perhaps"})).await.status, 400);
    let id = DeviceId::parse(DEVICE).unwrap();
    drop(cloud.mote.connect_device(&id, hello(&product)).await.unwrap());
    assert_eq!(standing(&cloud, &product, &path).await[..2], [json!(true), json!(false)]);
}
