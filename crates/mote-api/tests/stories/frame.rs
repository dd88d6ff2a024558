//! What is around every handler.

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use http::Request;
use mote_api::frame::{Frame, Limits, Metrics};

use crate::cloud::Cloud;
use crate::on_both_engines;

on_both_engines!(every_answer_is_in_its_frame, nobody_sends_much_before_it_is_known_who_he_is);

async fn nobody_sends_much_before_it_is_known_who_he_is(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let product = cloud.product(&user, "Large").await;
    let import = format!("/v1/products/{}/devices", product.id);
    let ids: Vec<_> = (0..3000).map(|number| format!("e00fce68{number:016x}")).collect();
    let mut form: Vec<_> = ids.iter().map(|id| ("ids[]", id.as_str())).collect();
    let imported = cloud.form("POST", &import, &product.token, &form).await;
    assert_eq!(imported.body["updated"], 3000, "{}", imported.body);
    // JSON that is called a form, likewise.
    let curl = Request::post(&import)
        .header("authorization", &product.token)
        .header("content-type", "application/x-www-form-urlencoded");
    let body = serde_json::json!({ "ids": ids }).to_string();
    let again = cloud.send(curl.body(Body::from(body)).unwrap()).await;
    assert_eq!(again.body["updated"], 0, "{}", again.body);
    // Nobody waits for the end of these.
    let token = product.token.strip_prefix("Bearer ").unwrap();
    form.push(("access_token", token));
    let hidden = cloud.form("POST", &import, "", &form).await;
    assert_eq!(hidden.error(), (413, "payload_too_large".into()), "{}", hidden.body);
    assert_eq!(cloud.form("POST", &import, "Bearer 00", &form).await.status, 401);
    // As of any form: one token, wherever it stands.
    assert_eq!(cloud.form("POST", &import, &product.token, &form).await.status, 200);
    form.pop();
    form.push(("access_token", "00"));
    let two = cloud.form("POST", &import, &product.token, &form).await;
    assert!(two.text("/error_description").contains("two different tokens"), "{}", two.body);
    for path in ["/oauth/token", "/oauth/introspect", "/oauth/revoke"] {
        let refused = cloud.form("POST", path, &user, &form).await;
        assert_eq!(refused.error(), (413, "invalid_request".into()), "{path}");
        assert!(refused.body.get("ok").is_none(), "{path}: in the shape of the token endpoint");
    }
    let info = "x".repeat(70_000);
    for path in ["/v1/users", "/v1/user/password-reset", "/v1/password", &format!("{import}/../customers")] {
        let body = serde_json::json!({"username": "you@example.com", "password": info});
        let path = path.replace("/devices/..", "");
        assert_eq!(cloud.json("POST", &path, "", body).await.status, 413, "{path}");
        assert_eq!(cloud.form("POST", &path, "", &[("username", &info)]).await.status, 413, "{path}");
    }
}

async fn every_answer_is_in_its_frame(cloud: Cloud) {
    let missing = cloud.get("/v1/nothing", "").await;
    assert_eq!(missing.error(), (404, "not_found".into()));
    assert_eq!(
        (missing.headers["access-control-allow-origin"].as_bytes(), missing.headers["x-request-id"].len()),
        (&b"*"[..], 17)
    );
    assert_eq!(cloud.form("PATCH", "/v1/user", "", &[]).await.error(), (405, "method_not_allowed".into()));
    let preflight = cloud.form("OPTIONS", "/v1/devices", "", &[]).await;
    assert_eq!(preflight.status, 204);
    assert!(preflight.headers["access-control-allow-headers"].to_str().unwrap().contains("x-particle-tool"));
    assert_eq!(cloud.get(&format!("/v1/devices?x={}", "y".repeat(9000)), "").await.status, 414);
    assert_eq!(cloud.get("/healthz", "").await.status, 200);
    assert_eq!(cloud.get("/readyz/", "").await.status, 200);
    assert_eq!(cloud.get("/metrics", "").await.status, 200);
    assert_eq!(cloud.get("/v1/products/%ff", "Bearer x").await.status, 401);
    let user = cloud.user("me@example.com").await;
    assert_eq!(cloud.get("/v1/devices/%ff", &user).await.status, 400);
    assert_eq!(cloud.get("//v1/user", &user).await.status, 200);
    let huge = Request::post("/v1/products")
        .header("authorization", &user)
        .header("content-type", "application/json");
    assert_eq!(cloud.send(huge.body(Body::from(vec![b' '; 5 << 20])).unwrap()).await.status, 413);
    // JSON that curl sent as if it were a form, as it does where it is told of no type.
    let curl = Request::post("/v1/products")
        .header("authorization", &user)
        .header("content-type", "application/x-www-form-urlencoded");
    let made = curl.body(Body::from(" {\"name\": \"a=b&c\", \"platform_id\": 13}")).unwrap();
    assert_eq!(cloud.send(made).await.text("/product/name"), "a=b&c");
    let zipped =
        Request::get("/openapi.json").header("accept-encoding", "gzip, deflate").body(Body::empty()).unwrap();
    assert_eq!(cloud.send(zipped).await.headers["content-encoding"], "gzip");
    let plain = cloud.get("/openapi.json", "").await;
    assert!(plain.headers["vary"] == "accept-encoding" && !plain.headers.contains_key("content-encoding"));
    assert!(!plain.headers.contains_key("access-control-expose-headers"));
    let script = Request::get("/v1/user").header("origin", "https://app.example.com");
    let told = cloud.send(script.body(Body::empty()).unwrap()).await;
    assert!(told.headers["access-control-expose-headers"].to_str().unwrap().contains("x-request-id"));
    let packed = Request::post("/v1/products")
        .header("authorization", &user)
        .header("content-type", "application/json")
        .header("content-encoding", "gzip");
    let refused = cloud.send(packed.body(Body::from("…")).unwrap()).await;
    assert_eq!(refused.error(), (415, "unsupported_media_type".into()));
    assert_eq!(refused.headers["accept-encoding"], "identity");
}

async fn panics() -> &'static str {
    panic!("for the test")
}

/// A body of which nothing more comes, after so many bytes.
fn stuck(bytes: usize) -> Body {
    use futures_util::StreamExt;
    let begin = futures_util::stream::iter([Ok::<_, std::io::Error>(vec![b' '; bytes])]);
    Body::from_stream(begin.chain(futures_util::stream::pending()))
}

#[tokio::test(start_paused = true)]
async fn slow_senders_are_given_up_and_are_no_requests_at_work() {
    let read = |body: Body| async {
        axum::body::to_bytes(body, usize::MAX).await.map_or(0, |all| all.len()).to_string()
    };
    let router = Router::new().route("/read", axum::routing::post(read));
    let frame = Frame::new(router, None, Limits { at_once: 2, ..Limits::default() }, Metrics::default());
    let ask =
        async |body: Body| frame.answer(Request::post("/read").body(body).unwrap()).await.status().as_u16();
    let slow = async || {
        let began = tokio::time::Instant::now();
        (ask(stuck(100)).await, began.elapsed().as_secs())
    };
    let others = async {
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        // More wait for their senders than may be at work.
        ask(Body::from("whole")).await
    };
    let answers = tokio::join!(slow(), slow(), slow(), slow(), others);
    assert_eq!(answers, ((408, 10), (408, 10), (408, 10), (408, 10), 200));
    // What has come counts for the sender.
    let began = tokio::time::Instant::now();
    assert_eq!((ask(stuck(40_000)).await, began.elapsed().as_secs()), (408, 19));
    assert_eq!(ask(Body::from("whole")).await, 200);
}

#[tokio::test(start_paused = true)]
async fn a_panic_and_an_endless_request_hurt_nobody_else() {
    let router = Router::new().route("/panics", get(panics)).route("/hangs", get(std::future::pending::<()>));
    let frame = Frame::new(router, None, Limits::default(), Metrics::default());
    let ask = async |path: &str| {
        frame.answer(Request::get(path).body(Body::empty()).unwrap()).await.status().as_u16()
    };
    assert_eq!(ask("/panics").await, 500);
    assert_eq!(ask("/hangs").await, 503);
    assert_eq!(ask("/elsewhere").await, 404);
}
