//! A device that is connected, and one that is not: what its page tells and lets one do.

use axum::body::Body;
use futures_util::StreamExt;
use http::StatusCode;
use mote_core::ProductId;
use mote_core::authorization::Role;
use mote_core::events::{DEFAULT_TTL, EventData, EventName, NewEvent, Origin, Source};
use mote_core::names::DeviceId;
use mote_core::sessions::{Command, Connection, Hello};
use serde_json::json;

use crate::cloud::Cloud;
use crate::devices::add;
use crate::on_both_engines;

on_both_engines!(
    a_connected_device_is_asked,
    what_a_device_told_is_on_its_page,
    events_of_a_device_are_its_own,
    who_may_only_look_asks_nothing,
);

pub(crate) const DEVICE: &str = "e00fce68d1f3a0b2c4e5f601";
const PAGE: &str = "/products/tempmon-v100/devices/e00fce68d1f3a0b2c4e5f601";

/// Connects a device of the first product.
pub(crate) async fn connect(cloud: &Cloud, device: &str) -> Connection {
    let hello = Hello {
        platform_id: 13,
        product: Some(ProductId(1001)),
        functions: vec!["gong".into()],
        variables: [("label".to_owned(), "string".to_owned())].into(),
        ..Hello::default()
    };
    cloud.mote.connect_device(&DeviceId::parse(device).unwrap(), hello).await.unwrap()
}

/// A device of the first product publishes.
async fn publish(cloud: &Cloud, device: &str, name: &str, data: String) {
    let source =
        Source { device: DeviceId::parse(device), product: Some(ProductId(1001)), ..Source::default() };
    let (name, data) = (EventName::of_server(name), Some(EventData::parse(data).unwrap()));
    cloud.mote.emit(NewEvent { origin: Origin::Device, source, name, data, ttl: DEFAULT_TTL }).await.unwrap();
}

/// Answers as a device would, until the connection ends.
async fn serve(mut connection: Connection) {
    while let Some(command) = connection.next().await {
        match command {
            Command::Call { argument, answer, .. } => {
                answer.send(Ok(i32::try_from(argument.len()).unwrap())).unwrap();
            }
            Command::Read { answer, .. } => answer.send(Ok(json!("<i>kitchen"))).unwrap(),
            Command::Vitals { answer } => answer.send(Ok(())).unwrap(),
            _ => {}
        }
    }
}

async fn a_connected_device_is_asked(cloud: Cloud) {
    let mut browser = cloud.person("me@example.com").await;
    browser.product("TempMon V100").await;
    add(&cloud, &mut browser, DEVICE).await;
    assert!(browser.get(PAGE).await.text.contains("It has told of none yet"));
    let device = tokio::spawn(serve(connect(&cloud, DEVICE).await));
    let seen = browser.get(PAGE).await;
    assert!(
        seen.text.contains("aria-label=\"Call gong\"") && seen.text.contains("aria-label=\"Read label\"")
    );
    assert!(!seen.text.contains("is not connected"));
    let called = browser.post(&format!("{PAGE}/call"), &[("name", "gong"), ("argument", "seven.7")]).await;
    assert!(called.text.contains("<code>gong</code> gave") && called.text.contains("<code>7</code>"));
    let unknown = browser.post(&format!("{PAGE}/call"), &[("name", "<u>")]).await;
    assert!(unknown.text.contains("role=\"alert\"") && !unknown.text.contains("<u>"));
    let read = browser.post(&format!("{PAGE}/read"), &[("name", "label")]).await;
    assert!(read.text.contains("kitchen</code>") && !read.text.contains("<i>kitchen"));
    let asked = browser.post(&format!("{PAGE}/vitals"), &[]).await;
    assert_eq!(asked.location(), format!("{PAGE}?done=asked"));
    device.abort();
    let _ended = device.await;

    let off = browser.get(PAGE).await;
    assert!(off.text.contains("Call gong") && off.text.contains("The device is not connected"));
    for (form, name) in [("call", "gong"), ("read", "label"), ("vitals", "")] {
        let refused = browser.post(&format!("{PAGE}/{form}"), &[("name", name)]).await;
        assert!(refused.text.contains("role=\"alert\""), "{form}");
    }
    let nowhere = "/products/tempmon-v100/devices/e00fce68d1f3a0b2c4e5f6ff";
    assert_eq!(
        browser.post(&format!("{nowhere}/call"), &[("name", "gong")]).await.status,
        StatusCode::NOT_FOUND
    );
}

async fn what_a_device_told_is_on_its_page(cloud: Cloud) {
    let mut browser = cloud.person("me@example.com").await;
    browser.product("TempMon V100").await;
    add(&cloud, &mut browser, DEVICE).await;
    let empty = browser.get(PAGE).await;
    assert!(
        empty.text.contains("It has told no location") && empty.text.contains("It has not told any yet.")
    );
    for (lat, lon) in [(52.50, 13.40), (52.55, 13.50), (52.60, 13.40)] {
        let point = json!({"cmd": "loc", "time": cloud.now().unix_seconds(), "loc": {"lck": 1, "lat": lat, "lon": lon}});
        publish(&cloud, DEVICE, "loc", point.to_string()).await;
        cloud.pass(60);
    }
    let vitals = json!({"device": {"power": {"battery": {"charge": 81.5}}, "system": {"uptime": 77}}});
    publish(&cloud, DEVICE, "spark/device/diagnostics/update", vitals.to_string()).await;
    let seen = browser.get(PAGE).await;
    assert!(seen.text.contains("52.60000° N, 13.40000° E") && seen.text.contains("cx=\"193.4\" cy=\"37.4\""));
    assert!(seen.text.contains("3 places, within 11.1 km"), "{}", seen.text);
    assert!(seen.text.contains("<dt>Battery</dt><dd>81.5%</dd>") && seen.text.contains("<dd>77 s</dd>"));
}

async fn events_of_a_device_are_its_own(cloud: Cloud) {
    const OTHER: &str = "e00fce68d1f3a0b2c4e5f602";
    let mut browser = cloud.person("me@example.com").await;
    browser.product("TempMon V100").await;
    add(&cloud, &mut browser, DEVICE).await;
    add(&cloud, &mut browser, OTHER).await;
    let request = browser.request("GET", &format!("{PAGE}/events/stream")).body(Body::empty()).unwrap();
    let answer = cloud.answer(request).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let mut stream = answer.into_body().into_data_stream();
    publish(&cloud, OTHER, "other", "1".into()).await;
    publish(&cloud, DEVICE, "mine", "57".into()).await;
    let mut text = String::new();
    while !text.contains("mine") {
        text.push_str(&String::from_utf8_lossy(&stream.next().await.unwrap().unwrap()));
    }
    assert!(!text.contains("other"), "{text}");
    let nowhere = "/products/tempmon-v100/devices/e00fce68d1f3a0b2c4e5f6ff/events/stream";
    assert_eq!(browser.get(nowhere).await.status, StatusCode::NOT_FOUND);
}

async fn who_may_only_look_asks_nothing(cloud: Cloud) {
    let mut browser = cloud.person("me@example.com").await;
    browser.product("TempMon V100").await;
    add(&cloud, &mut browser, DEVICE).await;
    let _device = tokio::spawn(serve(connect(&cloud, DEVICE).await));
    let mut view = cloud.person("view@example.com").await;
    cloud.join(1001, "view@example.com", Role::ViewOnly).await;
    let seen = view.get(PAGE).await;
    assert!(seen.text.contains("it takes Support") && seen.text.contains("aria-label=\"Call gong\""));
    for form in ["call", "read", "vitals"] {
        let refused = view.post(&format!("{PAGE}/{form}"), &[("name", "gong")]).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{form}");
    }
    let forged = browser.post_with(&format!("{PAGE}/call"), &[("name", "gong")], Some("0"), &[]).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
}
