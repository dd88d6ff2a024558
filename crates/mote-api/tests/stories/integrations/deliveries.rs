//! Which events fire which integrations.

use mote_core::events::{DEFAULT_TTL, EventName, NewEvent, Origin, Source};
use mote_core::names::DeviceId;
use serde_json::json;

use super::{DEVICE, delivered, hook, id_of, of_organization, of_product, own_device, publish};
use crate::cloud::Cloud;
use crate::events::Listener;
use crate::on_both_engines;
use crate::receiver::Reply;

on_both_engines!(
    the_name_and_the_device_decide,
    every_space_fires_its_own,
    each_space_hears_what_came_of_its_own,
    changes_count_at_once,
    changes_that_meet_both_count,
    what_integrations_say_fires_none,
    a_thousand_that_do_not_match_leave_nothing_in_the_queue,
    what_waits_survives_the_end_of_its_integration,
);

async fn the_name_and_the_device_decide(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let device = own_device(&cloud, &user).await;
    let url = |path: &str| cloud.receiver.url(path);
    hook(&cloud, &user, json!({"event": "temp", "url": url("/all")})).await;
    hook(&cloud, &user, json!({"event": "temp", "url": url("/own"), "deviceid": DEVICE})).await;
    let other = "0123456789abcdef01234567";
    hook(&cloud, &user, json!({"event": "temp", "url": url("/other"), "deviceid": other})).await;
    hook(&cloud, &user, json!({"event": "temp", "url": url("/off"), "disabled": true})).await;
    hook(&cloud, &user, json!({"event": "temperature/", "url": url("/longer")})).await;
    let fired = async |source: &Source, name: &str| {
        let mut targets: Vec<_> =
            delivered(&cloud, source, name, "1").await.into_iter().map(|got| got.target).collect();
        targets.sort();
        targets
    };
    assert_eq!(fired(&device, "temp").await, ["/all", "/own"]);
    assert_eq!(fired(&device, "temperature/basement").await, ["/all", "/longer", "/own"]);
    let other = Source { device: DeviceId::parse(other), ..device.clone() };
    assert_eq!(fired(&other, "temperature").await, ["/all", "/other"]);
    for none in ["high_temp", "Temp", "tem"] {
        assert_eq!(fired(&device, none).await, [""; 0], "{none}");
    }
    let nobody = Source { owner: None, ..device };
    assert_eq!(fired(&nobody, "temp").await, [""; 0]);
}

async fn every_space_fires_its_own(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let stranger = cloud.user("stranger@example.com").await;
    let organization = cloud.form("POST", "/v1/orgs", &user, &[("name", "Makers")]).await;
    let (product, other) = (cloud.product(&user, "One").await, cloud.product(&user, "Other").await);
    for (path, token, to) in [
        ("/v1/integrations".to_owned(), &user, "/account"),
        ("/v1/integrations".to_owned(), &stranger, "/stranger"),
        (format!("/v1/products/{}/integrations", product.id), &product.token, "/product"),
        (format!("/v1/products/{}/integrations", other.id), &other.token, "/other"),
        (
            format!("/v1/orgs/{}/integrations", organization.text("/organization/slug")),
            &user,
            "/organization",
        ),
    ] {
        let fields = [("event", "a"), ("url", &cloud.receiver.url(to))];
        id_of(&cloud.form("POST", &path, token, &fields).await);
    }
    let own = own_device(&cloud, &user).await;
    let everywhere = Source {
        product: Some(of_product(&product.id)),
        organization: Some(of_organization(&organization.text("/organization/id"))),
        ..own.clone()
    };
    for (source, expected) in [
        (own, vec!["/account"]),
        (Source { owner: None, ..everywhere.clone() }, vec!["/organization", "/product"]),
        (everywhere, vec!["/account", "/organization", "/product"]),
    ] {
        let got = delivered(&cloud, &source, "a", "1").await;
        let mut targets: Vec<_> = got.iter().map(|got| got.target.as_str()).collect();
        targets.sort_unstable();
        assert_eq!(targets, expected);
    }
}

async fn each_space_hears_what_came_of_its_own(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let organization = cloud.form("POST", "/v1/orgs", &user, &[("name", "Makers")]).await;
    let mut products = Vec::new();
    for name in ["One", "Other"] {
        let fields = [("name", name), ("platform_id", "13")];
        let made = cloud.form("POST", "/v1/orgs/makers/products", &user, &fields).await;
        products.push(cloud.with_client(&user, &made).await);
    }
    let [product, other] = products.as_slice() else { unreachable!() };
    let (of_product, of_other) =
        (format!("/v1/products/{}", product.id), format!("/v1/products/{}", other.id));
    let mut streams = Vec::new();
    for (base, events, token) in [
        ("/v1", "/v1/devices/events", &user),
        (&*of_product, &*format!("{of_product}/events"), &product.token),
        ("/v1/orgs/makers", "/v1/orgs/makers/events", &user),
        (&*of_other, &*format!("{of_other}/events"), &other.token),
    ] {
        let topic = format!("x{base}");
        let settings = json!({"event": "a", "url": cloud.receiver.url("/"), "responseTopic": topic});
        id_of(&cloud.json("POST", &format!("{base}/integrations"), token, settings).await);
        streams.push(Listener::open(&cloud, &format!("{events}/x"), token).await);
    }
    cloud.receiver.reply(["1", "2", "3"].map(|answer| Reply::new(200, answer)));
    let source = Source {
        product: Some(super::of_product(&product.id)),
        organization: Some(of_organization(&organization.text("/organization/id"))),
        ..own_device(&cloud, &user).await
    };
    assert_eq!(delivered(&cloud, &source, "a", "1").await.len(), 3);
    for (events, token) in [
        ("/v1/devices/events", &user),
        (&*format!("{of_product}/events"), &product.token),
        (&*format!("{of_other}/events"), &other.token),
    ] {
        cloud.form("POST", events, token, &[("name", "x-end")]).await;
    }
    let product_says = format!("x{of_product}/0");
    assert_eq!(streams[0].names().await, ["x/v1/0", "x-end"]);
    assert_eq!(streams[1].names().await, [&*product_says, "x-end"]);
    let mut heard: [String; 4] = streams[2].names().await;
    heard.sort();
    assert_eq!(heard, ["x-end", "x-end", "x/v1/orgs/makers/0", &product_says]);
    assert_eq!(streams[3].names().await, ["x-end"]);
}

async fn changes_count_at_once(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let device = own_device(&cloud, &user).await;
    // Known to fire nothing, and then something.
    assert!(delivered(&cloud, &device, "a", "1").await.is_empty());
    let id = hook(&cloud, &user, json!({"event": "a", "url": cloud.receiver.url("/one")})).await;
    let path = format!("/v1/integrations/{id}");
    assert_eq!(delivered(&cloud, &device, "a", "1").await[0].target, "/one");
    let two = json!({"url": cloud.receiver.url("/two"), "event": "b"});
    assert_eq!(cloud.json("PUT", &path, &user, two).await.status, 200);
    assert!(delivered(&cloud, &device, "a", "1").await.is_empty());
    assert_eq!(delivered(&cloud, &device, "b", "1").await[0].target, "/two");
    assert_eq!(cloud.json("PUT", &path, &user, json!({"disabled": true})).await.status, 200);
    assert!(delivered(&cloud, &device, "b", "1").await.is_empty());
    assert_eq!(cloud.json("PUT", &path, &user, json!({})).await.status, 200);
    assert_eq!(delivered(&cloud, &device, "b", "1").await.len(), 1);
    assert_eq!(cloud.form("DELETE", &path, &user, &[]).await.status, 204);
    assert!(delivered(&cloud, &device, "b", "1").await.is_empty());
}

async fn changes_that_meet_both_count(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let id = hook(&cloud, &user, json!({"event": "a", "url": "https://h.example/"})).await;
    let path = format!("/v1/integrations/{id}");
    for round in 0..10 {
        let (event, url) = (format!("a{round}"), format!("https://h.example/{round}"));
        let (first, second) = tokio::join!(
            cloud.json("PUT", &path, &user, json!({"event": event})),
            cloud.json("PUT", &path, &user, json!({"url": url})),
        );
        assert_eq!((first.status.as_u16(), second.status.as_u16()), (200, 200));
        // Each leaves as it is what it does not name, whichever came first.
        let seen = cloud.get(&path, &user).await;
        assert_eq!((seen.text("/integration/event"), seen.text("/integration/url")), (event, url));
    }
}

async fn what_integrations_say_fires_none(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let device = own_device(&cloud, &user).await;
    let url = cloud.receiver.url("/");
    hook(&cloud, &user, json!({"event": "a", "url": url, "responseTopic": "a/again"})).await;
    hook(&cloud, &user, json!({"event": "hook-", "url": url})).await;
    assert_eq!(delivered(&cloud, &device, "a", "1").await.len(), 1);
    assert_eq!(cloud.mote.deliver_due().await.unwrap(), 0);
    // What the server says itself does.
    hook(&cloud, &user, json!({"event": "spark/status", "url": url})).await;
    let name = EventName::of_server("spark/status");
    let event = NewEvent { origin: Origin::Server, source: device, name, data: None, ttl: DEFAULT_TTL };
    cloud.mote.emit(event).await.unwrap();
    assert_eq!(cloud.mote.deliver_due().await.unwrap(), 1);
}

async fn a_thousand_that_do_not_match_leave_nothing_in_the_queue(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let device = own_device(&cloud, &user).await;
    for number in 0..50 {
        let event = format!("other-{number}");
        hook(&cloud, &user, json!({"event": event, "url": "https://h.example/"})).await;
    }
    publish(&cloud, &device, "a", "1").await;
    assert_eq!(cloud.mote.hooks().queued(), 0);
    assert_eq!(cloud.mote.deliver_due().await.unwrap(), 0);
    // There are a thousand at most.
    for number in 50..1000 {
        let event = format!("other-{number}");
        hook(&cloud, &user, json!({"event": event, "url": "https://h.example/"})).await;
    }
    let body = json!({"event": "a", "url": "https://h.example/"});
    let refused = cloud.json("POST", "/v1/integrations", &user, body).await;
    assert_eq!(refused.error(), (409, "conflict".into()));
}

async fn what_waits_survives_the_end_of_its_integration(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let device = own_device(&cloud, &user).await;
    let settings = json!({"event": "a", "url": cloud.receiver.url("/")});
    let (one, two) = (hook(&cloud, &user, settings.clone()).await, hook(&cloud, &user, settings).await);
    publish(&cloud, &device, "a", "1").await;
    assert_eq!(cloud.mote.hooks().queued(), 2);
    cloud.form("DELETE", &format!("/v1/integrations/{one}"), &user, &[]).await;
    cloud.json("PUT", &format!("/v1/integrations/{two}"), &user, json!({"event": "b"})).await;
    assert_eq!(cloud.mote.deliver_due().await.unwrap(), 2);
    assert_eq!(cloud.receiver.got().len(), 1, "the other is gone");
    assert_eq!(cloud.mote.hooks().queued(), 0);
}
