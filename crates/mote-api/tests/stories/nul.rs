//! A NUL character is in no text: PostgreSQL keeps none, and would refuse the statement.

use axum::body::Body;
use http::Request;
use serde_json::json;

use crate::cloud::Cloud;
use crate::on_both_engines;

on_both_engines!(a_nul_character_is_refused_wherever_it_stands);

async fn a_nul_character_is_refused_wherever_it_stands(cloud: Cloud) {
    const GOOD: &str = "e00fce680123456789abcdef";
    let user = cloud.user("me@example.com").await;
    let product = cloud.product(&user, "Odd").await;
    let own = format!("/v1/products/{}", product.id);
    for path in ["/v1/products/a%00b", "/v1/devices/a%00b", "/v1/ledgers/%00", "/v1/serial_numbers/a%00b"] {
        for token in [&user, &product.token] {
            assert_eq!(cloud.get(path, token).await.error(), (404, "not_found".into()), "{path}");
        }
        assert_eq!(cloud.form("DELETE", path, &user, &[]).await.status, 404, "{path}");
    }
    for query in ["deviceName=%00", "deviceId=a%00b", "serialNumber=%00", "a%00b=1"] {
        let refused = cloud.get(&format!("{own}/devices?{query}"), &product.token).await;
        assert_eq!(refused.error(), (400, "invalid_request".into()), "{query}");
    }
    let named = cloud.form("POST", "/v1/devices", &user, &[("id", "a\0b")]).await;
    assert_eq!(named.error(), (400, "invalid_request".into()));
    for body in [json!({"ids": ["a\0b", GOOD]}), json!({"ids": [GOOD], "odd": {"\0": 1}})] {
        let refused = cloud.json("POST", &format!("{own}/devices"), &product.token, body).await;
        assert_eq!(refused.error(), (400, "invalid_request".into()));
        assert!(refused.text("/error_description").contains("NUL"), "{}", refused.body);
    }
    let file = format!(
        "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n{GOOD}\na\0b\r\n--x--"
    );
    let upload = Request::post(format!("{own}/devices"))
        .header("authorization", &product.token)
        .header("content-type", "multipart/form-data; boundary=x");
    assert_eq!(cloud.send(upload.body(Body::from(file)).unwrap()).await.status, 400);
    assert_eq!(cloud.get(&format!("{own}/devices"), &product.token).await.body["devices"], json!([]));
    // What only looks like one is a text like others.
    let quoted = json!({"name": "temp", "data": r"\u0000"});
    assert_eq!(cloud.json("POST", "/v1/devices/events", &user, quoted).await.status, 200);
}
