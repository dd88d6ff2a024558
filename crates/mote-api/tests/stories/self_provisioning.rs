//! Devices that people make themselves, in products that let them.

use serde_json::json;

use crate::cloud::Cloud;
use crate::on_both_engines;

on_both_engines!(a_product_lets_everybody_make_devices, a_product_is_not_open_by_itself);

async fn a_product_lets_everybody_make_devices(cloud: Cloud) {
    let (maker, user) = (cloud.user("maker@example.com").await, cloud.user("me@example.com").await);
    let product = cloud.product(&maker, "Boards").await;
    let path = format!("/v1/products/{}", product.id);
    let open = json!({"settings": {"self_provisioning": true}});
    let opened = cloud.json("PUT", &path, &product.token, open).await;
    assert_eq!(opened.body["product"]["settings"]["self_provisioning"], true, "{}", opened.body);
    let number = json!({"product_id": product.id.parse::<i64>().unwrap()});
    let first = cloud.json("POST", "/v1/devices", &user, number).await;
    assert_eq!((first.status.as_u16(), &first.body["claimed"]), (200, &json!(true)), "{}", first.body);
    let second = cloud.form("POST", "/v1/devices", &user, &[("product_id", &product.slug)]).await;
    let ids = [first.text("/id"), second.text("/deviceID")];
    assert_ne!(ids[0], ids[1]);
    let mine = cloud.get("/v1/devices", &user).await;
    assert_eq!(mine.body.as_array().unwrap().len(), 2);
    for id in ids {
        let device = cloud.get(&format!("{path}/devices/{id}"), &product.token).await;
        assert_eq!(
            (&device.body["owner"], &device.body["platform_id"]),
            (&json!("me@example.com"), &json!(13))
        );
    }
    let listed = cloud.get(&format!("{path}/devices"), &product.token).await;
    assert_eq!(listed.body["meta"]["total"], 2, "{}", listed.body["meta"]);
    // An ID says which device is meant; the product is no business of the claim.
    let claim = json!({"id": "0123456789abcdef01234567", "product_id": product.id});
    assert_eq!(cloud.json("POST", "/v1/devices", &user, claim).await.status, 404);
}

async fn a_product_is_not_open_by_itself(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let (closed, other) = (cloud.product(&user, "Closed").await, cloud.product(&user, "Other").await);
    for id in [&*closed.id, &*closed.slug, "999999", "nothing-v100", "", "1 OR 1=1"] {
        let refused = cloud.json("POST", "/v1/devices", &user, json!({"product_id": id})).await;
        assert_eq!(refused.status, 403, "{id}");
        assert!(refused.text("/error_description").contains("self_provisioning"), "{}", refused.body);
    }
    let wrong = cloud.json("POST", "/v1/devices", &user, json!({"product_id": [closed.id]})).await;
    assert_eq!(wrong.status, 400);
    // A product's own credentials own no devices.
    let refused = cloud.json("POST", "/v1/devices", &other.token, json!({"product_id": closed.id})).await;
    assert_eq!(refused.status, 403);
    assert_eq!(cloud.get("/v1/devices", &user).await.body, json!([]));
}
