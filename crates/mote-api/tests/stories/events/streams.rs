//! Who hears what.

use serde_json::json;

use super::listener::Listener;
use crate::cloud::Cloud;
use crate::on_both_engines;

on_both_engines!(
    each_hears_what_is_his,
    prefixes_choose_by_name,
    an_organization_hears_its_products_and_they_hear_it,
    a_stream_that_cannot_be_opened_says_why,
    a_quiet_stream_says_that_it_lives,
);

const IDS: [&str; 2] = ["e00fce680123456789abcdef", "e00fce680123456789abcdee"];

async fn publish_as(cloud: &Cloud, product: &str, token: &str, name: &str, device: Option<&str>) {
    let path = format!("/v1/products/{product}/events");
    let event = json!({"name": name, "as_device_id": device});
    assert_eq!(cloud.json("POST", &path, token, event).await.status, 200);
}

async fn each_hears_what_is_his(cloud: Cloud) {
    let (me, other) = (cloud.user("me@example.com").await, cloud.user("other@example.com").await);
    let product = cloud.product(&other, "Product").await;
    for id in IDS {
        let path = format!("/v1/products/{}/devices", product.id);
        cloud.json("POST", &path, &product.token, json!({"id": id})).await;
    }
    cloud.json("POST", "/v1/devices", &me, json!({"id": IDS[0]})).await;
    cloud.json("PUT", &format!("/v1/devices/{}", IDS[0]), &me, json!({"name": "Kitchen sensor"})).await;
    let mut mine = Listener::open(&cloud, "/v1/devices/events", &me).await;
    let mut my_device = Listener::open(&cloud, "/v1/devices/Kitchen%20sensor/events", &me).await;
    let mut theirs = Listener::open(&cloud, "/v1/devices/events", &other).await;
    let path = format!("/v1/products/{}/events", product.id);
    let mut all_of_product = Listener::open(&cloud, &path, &product.token).await;
    let path = format!("/v1/products/{}/devices/{}/events", product.slug, IDS[1]);
    let mut second_device = Listener::open(&cloud, &path, &product.token).await;

    publish_as(&cloud, &product.id, &product.token, "of-first", Some(IDS[0])).await;
    publish_as(&cloud, &product.id, &product.token, "of-second", Some(IDS[1])).await;
    publish_as(&cloud, &product.id, &product.token, "of-product", None).await;
    for (user, name) in [(&me, "of-me"), (&other, "of-other")] {
        cloud.form("POST", "/v1/devices/events", user, &[("name", name)]).await;
    }
    // The device changes hands: from then on its events are the new owner's, and no longer the old one's.
    cloud.form("DELETE", &format!("/v1/devices/{}", IDS[0]), &me, &[]).await;
    cloud.json("POST", "/v1/devices", &other, json!({"id": IDS[0]})).await;
    publish_as(&cloud, &product.id, &product.token, "after", Some(IDS[0])).await;
    publish_as(&cloud, &product.id, &product.token, "end", Some(IDS[1])).await;
    for user in [&me, &other] {
        cloud.form("POST", "/v1/devices/events", user, &[("name", "end")]).await;
    }

    assert_eq!(all_of_product.names().await, ["of-first", "of-second", "of-product", "after", "end"]);
    assert_eq!(second_device.names().await, ["of-second", "end"]);
    assert_eq!(mine.names().await, ["of-first", "of-me", "end"]);
    assert_eq!(theirs.names().await, ["of-other", "after", "end"]);
    let (name, event) = my_device.event().await;
    assert_eq!((name.as_str(), &event["coreid"]), ("of-first", &json!(IDS[0])));
    assert_eq!(cloud.mote.event_hub().open(), 5);
    // One form for one's own streams, another for a product's.
    assert_eq!(event.as_object().unwrap().len(), 4);
    drop((mine, my_device, theirs, all_of_product, second_device));
    assert_eq!(cloud.mote.event_hub().open(), 0);
    assert_eq!(cloud.mote.event_hub().streamed(), 14);
}

async fn prefixes_choose_by_name(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let mut plain = Listener::open(&cloud, "/v1/events/temp", &user).await;
    let mut deep = Listener::open(&cloud, "/v1/devices/events/temp/room%201", &user).await;
    let mut encoded = Listener::open(&cloud, "/v1/devices/events/temp%2F", &user).await;
    let mut slashed = Listener::open(&cloud, "/v1/devices/events/temp/", &user).await;
    let mut all = Listener::open(&cloud, "/v1/devices/events/", &user).await;
    for name in ["other", "temperature", "temp/room 1", "temp/room 2", "Temp", "temp/room 1/end"] {
        cloud.form("POST", "/v1/devices/events", &user, &[("name", name)]).await;
    }
    assert_eq!(plain.names().await, ["temperature", "temp/room 1", "temp/room 2", "temp/room 1/end"]);
    assert_eq!(deep.names().await, ["temp/room 1", "temp/room 1/end"]);
    for listener in [&mut encoded, &mut slashed] {
        assert_eq!(listener.names().await, ["temp/room 1", "temp/room 2", "temp/room 1/end"]);
    }
    assert_eq!(all.names::<6>().await[4], "Temp");
    for path in ["/v1/events", "/v1/events/"] {
        let refused = cloud.get(path, &user).await;
        assert_eq!(refused.error(), (400, "event prefix filter is required".into()));
        assert_eq!(refused.body["ok"], false);
    }
    let long = format!("/v1/events/{}", "x".repeat(257));
    assert_eq!(cloud.get(&long, &user).await.status, 400);
    assert_eq!(cloud.get("/v1/events/%ff", &user).await.status, 400);
}

async fn an_organization_hears_its_products_and_they_hear_it(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let made = cloud.form("POST", "/v1/orgs", &user, &[("name", "Makers")]).await;
    let (org, slug) = (made.text("/organization/id"), made.text("/organization/slug"));
    let fields = [("name", "Ours"), ("platform_id", "13")];
    let made = cloud.form("POST", &format!("/v1/orgs/{org}/products"), &user, &fields).await;
    let (ours, alone) = (cloud.with_client(&user, &made).await, cloud.product(&user, "Alone").await);
    let path = format!("/v1/products/{}/devices", ours.id);
    cloud.json("POST", &path, &ours.token, json!({"id": IDS[0]})).await;

    let mut all = Listener::open(&cloud, &format!("/v1/orgs/{slug}/events"), &user).await;
    let mut temps = Listener::open(&cloud, &format!("/v1/orgs/{org}/events/temp"), &user).await;
    let path = format!("/v1/orgs/{org}/products/{}/events", ours.id);
    let mut of_product = Listener::open(&cloud, &path, &user).await;
    let path = format!("/v1/orgs/{org}/devices/{}/events", IDS[0]);
    let mut of_device = Listener::open(&cloud, &path, &user).await;
    let path = format!("/v1/products/{}/events", ours.id);
    let mut product = Listener::open(&cloud, &path, &ours.token).await;
    let path = format!("/v1/products/{}/events", alone.id);
    let mut other = Listener::open(&cloud, &path, &alone.token).await;

    publish_as(&cloud, &ours.id, &ours.token, "temp", Some(IDS[0])).await;
    publish_as(&cloud, &ours.id, &ours.token, "plain", None).await;
    publish_as(&cloud, &alone.id, &alone.token, "temp-alone", None).await;
    let path = format!("/v1/orgs/{slug}/events");
    let published = cloud.form("POST", &path, &user, &[("name", "temp-of-org")]).await;
    assert_eq!((published.status.as_u16(), published.body), (200, json!({"ok": true})));
    publish_as(&cloud, &ours.id, &ours.token, "temp-end", Some(IDS[0])).await;
    publish_as(&cloud, &alone.id, &alone.token, "end", None).await;

    assert_eq!(all.names().await, ["temp", "plain", "temp-of-org", "temp-end"]);
    assert_eq!(temps.names().await, ["temp", "temp-of-org", "temp-end"]);
    assert_eq!(of_product.names().await, ["temp", "plain", "temp-end"]);
    assert_eq!(of_device.names().await, ["temp", "temp-end"]);
    assert_eq!(product.names().await, ["temp", "plain", "temp-of-org", "temp-end"]);
    assert_eq!(other.names().await, ["temp-alone", "end"]);
    for path in
        ["products/9999", &format!("products/{}", alone.id), &format!("devices/{}", IDS[1]), "devices/x"]
    {
        let refused = cloud.get(&format!("/v1/orgs/{org}/{path}/events"), &user).await;
        assert_eq!(refused.error(), (404, "not_found".into()), "{path}");
    }
}

async fn a_quiet_stream_says_that_it_lives(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let mut listener = Listener::open(&cloud, "/v1/devices/events", &user).await;
    cloud.form("POST", "/v1/devices/events", &user, &[("name", "x")]).await;
    assert_eq!(listener.names().await, ["x"]);
    // From here on time passes when nobody has anything to do. The clients in the field wait 13 s.
    tokio::time::pause();
    let began = tokio::time::Instant::now();
    for _ in 0..3 {
        assert_eq!(listener.piece().await.as_deref(), Some(":\n\n"));
    }
    let seconds = began.elapsed().as_secs_f32();
    assert!((25.0..30.0).contains(&seconds), "{seconds}");
}

async fn a_stream_that_cannot_be_opened_says_why(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let bad = cloud.get("/v1/devices/events", &format!("Bearer {}", "0".repeat(40))).await;
    assert_eq!(bad.status, 401);
    assert_eq!(bad.text("/error_description"), "The access token provided is invalid.");
    assert_eq!(cloud.get("/v1/devices/events", "Bearer ").await.status, 401);
    assert_eq!(cloud.get("/v1/devices/no-such/events", &user).await.status, 404);
    let mut open = Vec::new();
    for _ in 0..mote_core::events::MOST_PER_TOKEN {
        open.push(Listener::open(&cloud, "/v1/devices/events", &user).await);
    }
    let refused = cloud.get("/v1/devices/events", &user).await;
    assert_eq!(refused.error(), (429, "too_many_requests".into()));
    // Another token of the same account has its own; and a place that is given back is free.
    let another = cloud.sign_in("me@example.com").await.text("/access_token");
    let _other = Listener::open(&cloud, "/v1/devices/events", &crate::cloud::bearer(&another)).await;
    open.pop();
    let _again = Listener::open(&cloud, "/v1/devices/events", &user).await;
    let metrics = cloud.text("/metrics").await;
    assert!(metrics.contains("mote_event_streams_open 101"), "{metrics}");
}
