//! Publishing.

use serde_json::json;

use super::listener::Listener;
use crate::cloud::Cloud;
use crate::on_both_engines;

on_both_engines!(
    what_is_published_is_heard_in_the_contracts_form,
    what_is_no_event_is_refused,
    a_product_publishes_as_its_own_devices_only,
);

async fn what_is_published_is_heard_in_the_contracts_form(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let mut listener = Listener::open(&cloud, "/v1/devices/events?nonce=1146.28", &user).await;
    let fields = [("name", "temperature"), ("data", "25.34"), ("ttl", "90"), ("private", "true")];
    let published = cloud.form("POST", "/v1/devices/events", &user, &fields).await;
    assert_eq!((published.status.as_u16(), published.body), (200, json!({"ok": true})));
    let (name, event) = listener.event().await;
    assert_eq!(name, "temperature");
    let at = cloud.now().to_iso();
    assert_eq!(event, json!({"data": "25.34", "ttl": 90, "published_at": at, "coreid": "api"}));
    // Without data and life; with JSON that was not put into a string; with characters beyond ASCII.
    for (data, heard) in [
        (json!({"name": "a b/c"}), json!(null)),
        (json!({"name": "x", "data": null, "ttl": "60"}), json!(null)),
        (json!({"name": "x", "data": ""}), json!("")),
        (json!({"name": "x", "data": {"b": [1, "°"]}}), json!("{\"b\":[1,\"°\"]}")),
        (json!({"name": "x", "data": 25.5}), json!("25.5")),
        (json!({"name": "x", "data": "line\r\n\ndata: x\u{2028}🌡"}), json!("line\r\n\ndata: x\u{2028}🌡")),
        (json!({"name": "x", "data": "é".repeat(8192)}), json!("é".repeat(8192))),
    ] {
        let published = cloud.json("POST", "/v1/devices/events", &user, data.clone()).await;
        assert_eq!(published.status, 200, "{data}");
        let (_, event) = listener.event().await;
        assert_eq!((&event["data"], &event["ttl"]), (&heard, &json!(60)), "{data}");
    }
}

async fn what_is_no_event_is_refused(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let mut listener = Listener::open(&cloud, "/v1/devices/events", &user).await;
    for (event, about) in [
        (json!({}), "name"),
        (json!({"name": ""}), "name"),
        (json!({"name": "x".repeat(65)}), "name"),
        (json!({"name": "temp\nevent: y"}), "name"),
        (json!({"name": "température"}), "name"),
        (json!({"name": " x"}), "name"),
        (json!({"name": "Spark/status"}), "keeps for events of its own"),
        (json!({"name": "particle/device/updates/forced"}), "keeps for events of its own"),
        (json!({"name": "x", "data": "y".repeat(16_385)}), "16384 bytes"),
        (json!({"name": "x", "data": "a\u{0}b"}), "NUL"),
        (json!({"name": "x", "ttl": -1}), "ttl"),
        (json!({"name": "x", "ttl": 16_777_216}), "ttl"),
        (json!({"name": "x", "ttl": "soon"}), "whole number"),
        (json!({"name": "x", "private": "perhaps"}), "true or false"),
        (json!({"name": "x", "as_device_id": "e00fce680123456789abcdef"}), "publish to the product"),
    ] {
        let refused = cloud.json("POST", "/v1/devices/events", &user, event.clone()).await;
        assert_eq!(refused.status, 400, "{event}");
        let told = refused.text("/error_description");
        assert!(told.contains(about) && !told.contains("access token"), "{event}: {told}");
    }
    let twice = [("name", "x"), ("name", "y")];
    assert_eq!(cloud.form("POST", "/v1/devices/events", &user, &twice).await.status, 400);
    cloud.json("POST", "/v1/devices/events", &user, json!({"name": "last"})).await;
    assert_eq!(listener.names().await, ["last"], "nothing that was refused was heard");
    assert_eq!(cloud.mote.event_counts().published(), 1);
}

async fn a_product_publishes_as_its_own_devices_only(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let (product, other) = (cloud.product(&user, "Mine").await, cloud.product(&user, "Other").await);
    let [id, foreign] = ["e00fce680123456789abcdef", "e00fce680123456789abcdee"];
    for (product, id) in [(&product, id), (&other, foreign)] {
        let path = format!("/v1/products/{}/devices", product.id);
        cloud.json("POST", &path, &product.token, json!({"id": id})).await;
    }
    let path = format!("/v1/products/{}/events", product.slug);
    let mut listener = Listener::open(&cloud, &path, &product.token).await;
    let publish = async |device: &str| {
        let event = json!({"name": "temp", "data": "1", "as_device_id": device});
        cloud.json("POST", &path, &product.token, event).await
    };
    assert_eq!(publish(&id.to_uppercase()).await.status, 200);
    let (_, event) = listener.event().await;
    assert_eq!(event["coreid"], id);
    assert_eq!(event["productID"].to_string(), product.id);
    for (device, told) in [(foreign, "Device not found for this product"), ("kitchen", "Device not found")] {
        let refused = publish(device).await;
        assert_eq!(refused.status, 404, "{device}");
        assert!(refused.text("/error_description").contains(told));
    }
    let fields = [("name", "plain")];
    assert_eq!(cloud.form("POST", &path, &product.token, &fields).await.status, 200);
    let (name, event) = listener.event().await;
    assert_eq!((name.as_str(), &event["coreid"]), ("plain", &json!("api")));
    for token in [&other.token, &user] {
        assert_eq!(cloud.form("POST", &path, token, &fields).await.status, 403);
    }
}
