//! Configurations: values of products and devices within their schemas.

use std::time::Duration;

use axum::body::Body;
use http::Request;
use mote_core::configurations::Configured;
use mote_core::sessions::{Command, Connection};
use serde_json::{Value, json};

use crate::cloud::{Answer, Cloud, Product};
use crate::on_both_engines;
use crate::sessions::{connect, hello};

on_both_engines!(
    values_are_a_products_or_a_devices_own,
    a_schema_is_told_from_values_by_its_media_type,
    values_fit_the_schema_that_stands_for_them,
    a_connected_device_takes_or_refuses_values,
    what_a_device_confirms_is_no_longer_pending,
    a_device_leaves_its_configuration_with_its_product,
    hostile_bodies_are_refused,
);

const ONE: &str = "e00fce680000000000000001";
const TWO: &str = "e00fce680000000000000002";
const SCHEMA: &str = "application/schema+json";

/// A product with these devices.
pub(crate) async fn in_product(cloud: &Cloud, devices: &[&str]) -> Product {
    let user = cloud.user("me@example.com").await;
    let product = cloud.product(&user, "Fleet").await;
    let path = format!("/v1/products/{}/devices", product.id);
    let added = cloud.json("POST", &path, &product.token, json!({ "ids": devices })).await;
    assert_eq!(added.body["updated"], devices.len());
    product
}

/// Sends a request about the schema at an address.
pub(crate) async fn schema_at(cloud: &Cloud, method: &str, path: &str, token: &str) -> Answer {
    let request = Request::builder().method(method).uri(path).header("authorization", token);
    let request = request.header("accept", SCHEMA).header("content-type", SCHEMA);
    let body = if method == "GET" { Body::empty() } else { Body::from("{}") };
    cloud.send(request.body(body).unwrap()).await
}

pub(crate) async fn set_schema(cloud: &Cloud, path: &str, token: &str, schema: &Value) -> Answer {
    let request = Request::put(path).header("authorization", token).header("content-type", SCHEMA);
    cloud.send(request.body(Body::from(schema.to_string())).unwrap()).await
}

/// A device that takes every section.
pub(crate) async fn accepting(mut connection: Connection) {
    while let Some(command) = connection.next().await {
        let Command::Configure { configuration, answer } = command else { panic!("{command:?}") };
        let accepted = configuration.keys().cloned().collect();
        answer.send(Ok(Configured { accepted, ..Configured::default() })).unwrap();
    }
}

fn paths(product: &Product) -> [String; 3] {
    let of_product = format!("/v1/products/{}/config", product.slug);
    [of_product.clone(), format!("{of_product}/{ONE}"), format!("{of_product}/{TWO}")]
}

async fn values_are_a_products_or_a_devices_own(cloud: Cloud) {
    let product = in_product(&cloud, &[ONE, TWO]).await;
    let token = &product.token;
    let [of_product, one, two] = paths(&product);
    for path in [&of_product, &one] {
        assert_eq!(cloud.get(path, token).await.error(), (404, "not_found".into()));
    }
    let pending = async |path: &str| {
        let seen = cloud.get(path, token).await;
        assert_eq!(seen.body["configuration"]["current"], json!({}));
        seen.body["configuration"]["pending"].clone()
    };
    // A device's own.
    let own = json!({"location": {"radius": 5.0}});
    let set = cloud.json("PUT", &one, token, own.clone()).await;
    assert_eq!((set.status.as_u16(), &set.body), (202, &json!({})));
    assert_eq!(pending(&one).await, own);
    assert_eq!(cloud.get(&two, token).await.status, 404);
    // The product's stand for devices without their own, and never merge.
    let of_all = json!({"location": {"radius": 1}, "rgb": {"red": 1}});
    let set = cloud.json("PUT", &of_product, token, of_all.clone()).await;
    assert_eq!((set.status.as_u16(), &set.body), (202, &json!({})));
    assert_eq!(cloud.get(&of_product, token).await.body, json!({"configuration": of_all}));
    assert_eq!((pending(&one).await, pending(&two).await), (own.clone(), of_all.clone()));
    assert_eq!(cloud.json("PUT", &of_product, token, json!({"rgb": {}})).await.status, 202);
    assert_eq!(pending(&two).await, json!({"rgb": {}}));
    // For some devices alone, and back again.
    let some = json!({"deviceIds": [ONE, TWO.to_uppercase(), ONE], "rgb": {"blue": 2}});
    assert_eq!(cloud.json("PUT", &of_product, token, some).await.status, 202);
    assert_eq!(cloud.get(&of_product, token).await.body, json!({"configuration": {"rgb": {}}}));
    assert_eq!(
        (pending(&one).await, pending(&two).await),
        (json!({"rgb": {"blue": 2}}), json!({"rgb": {"blue": 2}}))
    );
    assert_eq!(cloud.json("PUT", &of_product, token, json!({"deviceIds": [TWO]})).await.status, 202);
    assert_eq!(cloud.form("PUT", &one, token, &[]).await.status, 202);
    assert_eq!((pending(&one).await, pending(&two).await), (json!({"rgb": {}}), json!({"rgb": {}})));
    assert_eq!(cloud.json("PUT", &of_product, token, json!({})).await.status, 202);
    for path in [&of_product, &one, &two] {
        assert_eq!(cloud.get(path, token).await.status, 404);
    }
    // Of others, nothing.
    let stranger = cloud.user("you@example.com").await;
    let other = cloud.product(&stranger, "Other").await;
    assert_eq!(cloud.get(&one, &other.token).await.status, 403);
    let foreign = format!("/v1/products/{}/config", other.id);
    assert_eq!(
        cloud.json("PUT", &format!("{foreign}/{ONE}"), &other.token, json!({"a": 1})).await.status,
        404
    );
    let named = json!({"deviceIds": [ONE], "a": 1});
    assert_eq!(cloud.json("PUT", &foreign, &other.token, named).await.status, 404);
    for bad in [json!({"deviceIds": ONE}), json!({"deviceIds": [1]}), json!({"deviceIds": vec![ONE; 1001]})] {
        assert_eq!(cloud.json("PUT", &of_product, token, bad).await.status, 400);
    }
}

async fn a_schema_is_told_from_values_by_its_media_type(cloud: Cloud) {
    let product = in_product(&cloud, &[ONE, TWO]).await;
    let token = &product.token;
    let [of_product, one, two] = paths(&product);
    let none = json!({"$schema": "http://json-schema.org/draft-07/schema", "properties": {}});
    let get = async |path: &str| {
        let found = schema_at(&cloud, "GET", path, token).await;
        assert_eq!(
            (found.status.as_u16(), found.headers["content-type"].as_bytes()),
            (200, SCHEMA.as_bytes())
        );
        assert_eq!(found.headers["vary"], "accept");
        found.body
    };
    assert_eq!((get(&of_product).await, get(&one).await), (none.clone(), none.clone()));
    let of_all = json!({"properties": {"a": {"type": "integer"}}});
    let set = set_schema(&cloud, &of_product, token, &of_all).await;
    assert_eq!((set.status.as_u16(), &set.body), (200, &of_all));
    let own = json!({"properties": {"a": {"type": "string"}}});
    assert_eq!(set_schema(&cloud, &one, token, &own).await.body, own);
    assert_eq!(
        (get(&of_product).await, get(&one).await, get(&two).await),
        (of_all.clone(), own, of_all.clone())
    );
    // Values are what they were.
    assert_eq!(cloud.get(&of_product, token).await.status, 404);
    let several = Request::get(&of_product).header("authorization", token);
    let several = several.header("accept", "text/html, Application/Schema+JSON;q=0.9");
    assert_eq!(cloud.send(several.body(Body::empty()).unwrap()).await.body, of_all);
    for path in [&one, &of_product] {
        assert_eq!(cloud.form("DELETE", path, token, &[]).await.status, 400, "only a schema is deleted");
        for _ in 0..2 {
            assert_eq!(schema_at(&cloud, "DELETE", path, token).await.status, 204);
        }
        assert_eq!(get(path).await, if *path == one { of_all.clone() } else { none.clone() });
    }
    let missing = format!("{of_product}/e00fce680000000000000009");
    for method in ["GET", "PUT", "DELETE"] {
        assert_eq!(schema_at(&cloud, method, &missing, token).await.status, 404, "{method}");
    }
}

async fn values_fit_the_schema_that_stands_for_them(cloud: Cloud) {
    let product = in_product(&cloud, &[ONE, TWO]).await;
    let token = &product.token;
    let [of_product, one, two] = paths(&product);
    let schema = json!({
        "type": "object", "additionalProperties": false,
        "properties": {"location": {"properties": {"radius": {"type": "number", "maximum": 10}}}}
    });
    assert_eq!(set_schema(&cloud, &of_product, token, &schema).await.status, 200);
    let wide = json!({"location": {"radius": 11}});
    for path in [&of_product, &one] {
        let refused = cloud.json("PUT", path, token, wide.clone()).await;
        assert_eq!(refused.status, 422);
        assert_eq!(refused.text("/message"), "Invalid Configuration");
        assert_eq!(refused.text("/description"), "data.location.radius should be <= 10");
        assert_eq!(refused.text("/error_description"), refused.text("/description"));
        assert_eq!(
            refused.body["violations"],
            json!([{
                "keyword": "maximum", "dataPath": ".location.radius", "message": "should be <= 10",
                "schemaPath": "#/properties/location/properties/radius/maximum",
                "params": {"comparison": "<=", "limit": 10, "exclusive": false}
            }])
        );
        assert_eq!(cloud.get(path, token).await.status, 404, "nothing was set");
    }
    assert_eq!(cloud.json("PUT", &one, token, json!({"location": {"radius": 10}})).await.status, 202);
    // A device with a schema of its own goes by that, also where it is named with others.
    assert_eq!(set_schema(&cloud, &two, token, &json!({"required": ["x"]})).await.status, 200);
    assert_eq!(cloud.json("PUT", &two, token, wide.clone()).await.status, 422);
    let both = json!({"deviceIds": [ONE, TWO], "location": {"radius": 10}});
    let refused = cloud.json("PUT", &of_product, token, both).await;
    assert_eq!(refused.text("/description"), "data should have required property 'x'");
    assert_eq!(cloud.json("PUT", &two, token, json!({"x": 1})).await.status, 202);
    // What takes a schema away takes its rules away, at once.
    assert_eq!(schema_at(&cloud, "DELETE", &of_product, token).await.status, 204);
    assert_eq!(cloud.json("PUT", &one, token, wide.clone()).await.status, 202);
    let strict = json!({"properties": {"location": false}});
    assert_eq!(set_schema(&cloud, &of_product, token, &strict).await.status, 200);
    assert_eq!(cloud.json("PUT", &one, token, wide.clone()).await.status, 422);
    assert_eq!(cloud.get(&one, token).await.body["configuration"]["pending"], wide, "what is set stays");
    let nope = json!({"type": "object", "nope": 1});
    let refused = set_schema(&cloud, &of_product, token, &nope).await;
    assert_eq!(
        (refused.status.as_u16(), refused.text("/message"), refused.text("/description")),
        (422, "Invalid Schema".into(), "data should NOT have additional properties".into())
    );
    assert_eq!(
        refused.body["violations"],
        json!([{
            "keyword": "additionalProperties", "dataPath": "", "schemaPath": "#/additionalProperties",
            "params": {"additionalProperty": "nope"}, "message": "should NOT have additional properties"
        }])
    );
    assert_eq!(schema_at(&cloud, "GET", &of_product, token).await.body, strict, "the schema is what it was");
}

async fn a_connected_device_takes_or_refuses_values(cloud: Cloud) {
    let product = in_product(&cloud, &[ONE, TWO]).await;
    let token = &product.token;
    let [of_product, one, _] = paths(&product);
    let mut connection = connect(&cloud, ONE, hello(&product)).await;
    let device = tokio::spawn(async move {
        // First it takes all, then a part, then it goes away while it is asked.
        let mut seen = Vec::new();
        for refuses in [false, true] {
            let Some(Command::Configure { configuration, answer }) = connection.next().await else {
                panic!()
            };
            let mut configured = Configured::default();
            for section in configuration.keys() {
                if refuses && section == "location" {
                    configured.refused.insert(section.clone(), -19);
                } else {
                    configured.accepted.push(section.clone());
                }
            }
            answer.send(Ok(configured)).unwrap();
            seen.push(Value::Object(configuration));
        }
        assert!(matches!(connection.next().await, Some(Command::Configure { .. })));
        seen
    });
    let first = json!({"location": {"radius": 1}, "imu_trig": {"motion": "enable"}});
    let accepted = cloud.json("PUT", &one, token, first.clone()).await;
    assert_eq!((accepted.status.as_u16(), &accepted.body), (200, &json!({})));
    let state = cloud.get(&one, token).await;
    assert_eq!(state.body["configuration"], json!({"current": first, "pending": {}}));
    let second = json!({"location": {"radius": -1}, "imu_trig": {"motion": "disable"}});
    let refused = cloud.json("PUT", &one, token, second.clone()).await;
    assert_eq!(refused.error(), (400, "device_rejected_configuration".into()));
    assert_eq!(
        refused.text("/error_description"),
        "Configuration updates failed for some sections: {location: -19}, these sections were successful: imu_trig"
    );
    let state = cloud.get(&one, token).await;
    assert_eq!(
        state.body["configuration"],
        json!({"current": {"location": {"radius": 1}, "imu_trig": {"motion": "disable"}}, "pending": second})
    );
    assert_eq!(cloud.json("PUT", &one, token, json!({"rgb": {}})).await.status, 202);
    assert_eq!(device.await.unwrap(), [first, second]);
    // The product's goes to whoever is connected, and has none of its own.
    let connection = connect(&cloud, TWO, hello(&product)).await;
    let two = tokio::spawn(accepting(connection));
    let of_all = json!({"rgb": {"red": 1}});
    assert_eq!(cloud.json("PUT", &of_product, token, of_all.clone()).await.status, 202);
    let path = format!("{of_product}/{TWO}");
    let expected = json!({"current": of_all, "pending": {}});
    let arrived = async {
        while cloud.get(&path, token).await.body["configuration"] != expected {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), arrived)
        .await
        .expect("the device has the product's values");
    two.abort();
}

async fn what_a_device_confirms_is_no_longer_pending(cloud: Cloud) {
    let product = in_product(&cloud, &[ONE]).await;
    let token = &product.token;
    let [_, one, _] = paths(&product);
    let wanted = json!({"location": {"radius": 1}});
    assert_eq!(cloud.json("PUT", &one, token, wanted.clone()).await.status, 202);
    let connection = connect(&cloud, ONE, hello(&product)).await;
    let pending = connection.pending_configuration().await.unwrap().unwrap();
    assert_eq!(Value::Object(pending), wanted);
    let reported = json!({"location": {"radius": 1}, "rgb": {"red": 3}});
    connection.report_configuration(reported.as_object().unwrap().clone()).await.unwrap();
    assert_eq!(connection.pending_configuration().await.unwrap(), None);
    let state = cloud.get(&one, token).await;
    assert_eq!(state.body["configuration"], json!({"current": reported, "pending": {}}));
    // Without values of its own it still has what it has.
    connection.close().await.unwrap();
    assert_eq!(cloud.json("PUT", &one, token, json!({})).await.status, 202);
    let state = cloud.get(&one, token).await;
    assert_eq!(state.body["configuration"], json!({"current": reported, "pending": {}}));
}

async fn a_device_leaves_its_configuration_with_its_product(cloud: Cloud) {
    let product = in_product(&cloud, &[ONE]).await;
    let token = &product.token;
    let [_, one, _] = paths(&product);
    assert_eq!(cloud.json("PUT", &one, token, json!({"a": 1})).await.status, 202);
    assert_eq!(set_schema(&cloud, &one, token, &json!({"properties": {"a": false}})).await.status, 200);
    let devices = format!("/v1/products/{}/devices", product.id);
    assert_eq!(cloud.form("DELETE", &format!("{devices}/{ONE}"), token, &[]).await.status, 204);
    assert_eq!(cloud.get(&one, token).await.status, 404);
    assert_eq!(cloud.json("POST", &devices, token, json!({"id": ONE})).await.body["updated"], 1);
    assert_eq!(cloud.get(&one, token).await.error(), (404, "not_found".into()));
    assert_eq!(cloud.json("PUT", &one, token, json!({"a": 2})).await.status, 202);
}

async fn hostile_bodies_are_refused(cloud: Cloud) {
    let product = in_product(&cloud, &[ONE]).await;
    let token = &product.token;
    let [of_product, one, _] = paths(&product);
    let send = async |content_type: &str, body: String| {
        let request = Request::put(&one).header("authorization", token).header("content-type", content_type);
        cloud.send(request.body(Body::from(body)).unwrap()).await.status.as_u16()
    };
    let deep = format!("{}{}", "{\"not\":".repeat(5000), "}".repeat(5000));
    for (body, status) in [
        (String::new(), 400),
        ("{".into(), 400),
        ("[]".into(), 400),
        ("true".into(), 400),
        (deep, 400),
        (format!("{{\"description\": \"{}\"}}", "x".repeat(200_000)), 422),
        (format!("{{\"description\": \"{}\"}}", "x".repeat(600_000)), 413),
        (json!({"$ref": "http://127.0.0.1:1/schema"}).to_string(), 422),
        (json!({"$ref": "#"}).to_string(), 422),
        (json!({"properties": {"a": {"pattern": "((a{500}){500}){500}"}}}).to_string(), 422),
    ] {
        let start: String = body.chars().take(60).collect();
        assert_eq!(send(SCHEMA, body).await, status, "{start}");
    }
    assert_eq!(send("application/json", json!({"a": "x".repeat(16 * 1024)}).to_string()).await, 400);
    assert_eq!(send("application/json", "[]".into()).await, 400);
    assert_eq!(send("text/plain", "x".into()).await, 415);
    assert_eq!(cloud.get(&of_product, token).await.status, 404);
}
