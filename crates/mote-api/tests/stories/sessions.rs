//! Devices that are connected: asked, read, signalled, and gone again. The device is a task of the test.

use std::collections::BTreeMap;

use mote_core::ProductId;
use mote_core::configurations::Configured;
use mote_core::names::DeviceId;
use mote_core::sessions::{Command, Connection, Hello, SessionError};
use serde_json::json;

use crate::cloud::{Cloud, Product};
use crate::on_both_engines;

on_both_engines!(
    a_connected_device_answers,
    a_device_that_does_not_answer_is_not_waited_for,
    what_a_device_says_of_itself_is_kept,
    a_device_that_appears_on_its_own_joins_or_waits,
);

const DEVICE: &str = "e00fce680000000000000011";

/// What a device of that product says of itself.
pub(crate) fn hello(product: &Product) -> Hello {
    let variables = [("temperature", "double"), ("label", "string")];
    Hello {
        platform_id: 13,
        product: Some(ProductId(product.id.parse().unwrap())),
        firmware_version: Some(3),
        system_firmware_version: Some("6.3.2".into()),
        functions: vec!["gong".into(), "mute".into()],
        variables: variables.into_iter().map(|(name, kind)| (name.to_owned(), kind.to_owned())).collect(),
        address: Some([10, 0, 0, 1].into()),
    }
}

/// Connects a device.
pub(crate) async fn connect(cloud: &Cloud, device: &str, hello: Hello) -> Connection {
    cloud.mote.connect_device(&DeviceId::parse(device).unwrap(), hello).await.unwrap()
}

/// Serves a connection as a device would; gives it back when the function `mute` was called.
async fn serve(mut connection: Connection) -> Connection {
    while let Some(command) = connection.next().await {
        match command {
            Command::Call { function, .. } if function == "mute" => return connection,
            Command::Call { argument, answer, .. } if argument == "no" => {
                answer.send(Err(SessionError::Refused("not now".into()))).unwrap();
            }
            Command::Call { argument, answer, .. } => {
                answer.send(Ok(i32::try_from(argument.len()).unwrap())).unwrap();
            }
            Command::Read { variable, answer } => {
                let value = if variable == "label" { json!("kitchen") } else { json!(46.5) };
                answer.send(Ok(value)).unwrap();
            }
            Command::Ping { answer }
            | Command::Signal { answer, .. }
            | Command::Vitals { answer }
            | Command::Update { answer, .. }
            | Command::SetEnvironment { answer, .. } => {
                answer.send(Ok(())).unwrap();
            }
            Command::Configure { answer, .. } => answer.send(Ok(Configured::default())).unwrap(),
            Command::Push(_) => {}
        }
    }
    connection
}

async fn a_connected_device_answers(cloud: Cloud) {
    let (me, you) = (cloud.user("me@example.com").await, cloud.user("you@example.com").await);
    let product = cloud.product(&me, "Gongs").await;
    let path = format!("/v1/products/{}/devices", product.id);
    let import = json!({"ids": [DEVICE], "claim_user": "me@example.com"});
    assert_eq!(cloud.json("POST", &path, &product.token, import).await.body["updated"], 1);
    let of_product = format!("{path}/{DEVICE}");
    let own = format!("/v1/devices/{DEVICE}");
    assert_eq!(cloud.get(&own, &me).await.body["online"], false);
    let device = tokio::spawn(serve(connect(&cloud, DEVICE, hello(&product)).await));

    for (path, token) in [(&own, &me), (&of_product, &product.token)] {
        let seen = cloud.get(path, token).await;
        assert_eq!((&seen.body["online"], &seen.body["connected"]), (&json!(true), &json!(true)));
        let called = cloud.json("POST", &format!("{path}/gong"), token, json!({"arg": "loud"})).await;
        assert_eq!(called.body, json!({"id": DEVICE, "name": null, "connected": true, "return_value": 4}));
        let called = cloud.form("POST", &format!("{path}/gong"), token, &[("args", "ZEN PLEASE")]).await;
        assert_eq!(called.body["return_value"], 10);
        assert_eq!(
            cloud.json("POST", &format!("{path}/gong"), token, json!({})).await.body["return_value"],
            0
        );
        let raw = cloud.json("POST", &format!("{path}/gong"), token, json!({"format": "raw"})).await;
        assert_eq!(raw.body, json!(0));
        let read = cloud.get(&format!("{path}/temperature"), token).await;
        assert_eq!((read.text("/name"), &read.body["result"]), ("temperature".into(), &json!(46.5)));
        assert_eq!(read.body["coreInfo"]["deviceID"], DEVICE);
        assert_eq!(cloud.get(&format!("{path}/temperature?format=raw"), token).await.body, json!(46.5));
        let ping = cloud.form("PUT", &format!("{path}/ping"), token, &[]).await;
        assert_eq!(ping.body, json!({"ok": true, "online": true}));
        let signal = cloud.json("PUT", path, token, json!({"signal": "1"})).await;
        assert_eq!(signal.body, json!({"id": DEVICE, "connected": true, "signaling": true}));

        let unknown = cloud.json("POST", &format!("{path}/gonk"), token, json!({"arg": "x"})).await;
        assert_eq!(unknown.error(), (404, "Function not found".into()));
        let unknown = cloud.get(&format!("{path}/NOPE"), token).await;
        assert_eq!(
            (unknown.status.as_u16(), unknown.text("/error_description")),
            (404, "Unknown Variable: NOPE".into())
        );
        let refused = cloud.json("POST", &format!("{path}/gong"), token, json!({"arg": "no"})).await;
        assert_eq!(
            (refused.status.as_u16(), refused.text("/error_description").contains("not now")),
            (409, true)
        );
        for bad in [json!({"arg": "x".repeat(1025)}), json!({"arg": [1]}), json!({"format": "xml"})] {
            assert_eq!(cloud.json("POST", &format!("{path}/gong"), token, bad).await.status, 400);
        }
    }
    let label = http::Request::get(format!("{own}/label?format=raw")).header("authorization", &me);
    let label = cloud.frame.answer(label.body(axum::body::Body::empty()).unwrap()).await;
    assert_eq!(axum::body::to_bytes(label.into_body(), 100).await.unwrap(), "kitchen");
    assert_eq!(cloud.json("POST", &format!("{own}/gong"), &you, json!({"arg": "x"})).await.status, 404);
    let page = cloud.get(&path, &product.token).await;
    assert_eq!((&page.body["devices"][0]["online"], &page.body["meta"]["total"]), (&json!(true), &json!(1)));

    device.abort();
    assert!(device.await.is_err());
    assert_eq!(cloud.get(&own, &me).await.body["online"], false);
    let gone = cloud.json("POST", &format!("{own}/gong"), &me, json!({"arg": "x"})).await;
    assert_eq!(gone.error(), (408, "Timed out.".into()));
}

async fn a_device_that_does_not_answer_is_not_waited_for(cloud: Cloud) {
    let me = cloud.user("me@example.com").await;
    let product = cloud.product(&me, "Silent").await;
    let path = format!("/v1/products/{}/devices", product.id);
    cloud.json("POST", &path, &product.token, json!({"id": DEVICE})).await;
    let of_product = format!("{path}/{DEVICE}");
    let mut silent = connect(&cloud, DEVICE, hello(&product)).await;
    tokio::time::pause();
    let asked = cloud.json("POST", &format!("{of_product}/gong"), &product.token, json!({"arg": "x"})).await;
    let pinged = cloud.form("PUT", &format!("{of_product}/ping"), &product.token, &[]).await;
    tokio::time::resume();
    assert_eq!(asked.error(), (408, "Timed out.".into()));
    assert!(asked.text("/error_description").contains("did not answer"));
    assert_eq!(pinged.body, json!({"ok": true, "online": false}));
    assert!(matches!(silent.next().await, Some(Command::Call { .. })));

    // A newer connection takes over; the older one hears of it and its end changes nothing.
    let device = tokio::spawn(serve(connect(&cloud, DEVICE, hello(&product)).await));
    assert!(matches!(silent.next().await, Some(Command::Ping { .. })));
    assert!(silent.next().await.is_none());
    drop(silent);
    let pinged = cloud.form("PUT", &format!("{of_product}/ping"), &product.token, &[]).await;
    assert_eq!(pinged.body["online"], true);
    // A door that drops a command has lost its device.
    let muted = cloud.json("POST", &format!("{of_product}/mute"), &product.token, json!({})).await;
    assert_eq!(muted.status, 408);
    let last = cloud.now();
    let connection = device.await.unwrap();
    connection.heard();
    cloud.pass(60);
    connection.close().await.unwrap();
    let seen = cloud.get(&of_product, &product.token).await;
    assert_eq!((&seen.body["online"], seen.text("/last_heard")), (&json!(false), last.to_iso()));
}

async fn what_a_device_says_of_itself_is_kept(cloud: Cloud) {
    let me = cloud.user("me@example.com").await;
    let product = cloud.product(&me, "Told").await;
    let path = format!("/v1/products/{}/devices", product.id);
    cloud.json("POST", &path, &product.token, json!({"id": DEVICE})).await;
    let connected = cloud.now();
    let connection = connect(&cloud, DEVICE, hello(&product)).await;
    cloud.pass(30);
    connection.heard();
    let seen = cloud.get(&format!("{path}/{DEVICE}"), &product.token).await;
    let told = json!({
        "functions": ["gong", "mute"],
        "variables": {"temperature": "double", "label": "string"},
        "firmware_version": 3,
        "firmware_product_id": product.id.parse::<i64>().unwrap(),
        "system_firmware_version": "6.3.2",
        "last_ip_address": "10.0.0.1",
        "last_handshake_at": connected.to_iso(),
        "last_heard": cloud.now().to_iso(),
    });
    for (key, value) in told.as_object().unwrap() {
        assert_eq!(&seen.body[key], value, "{key}");
    }
    for bad in [
        Hello { functions: vec!["x".repeat(65)], ..hello(&product) },
        Hello { functions: vec!["f".into(); 201], ..hello(&product) },
        Hello { variables: BTreeMap::from([("v".into(), "\0".into())]), ..hello(&product) },
        Hello { platform_id: 1000, ..hello(&product) },
    ] {
        assert!(cloud.mote.connect_device(&DeviceId::parse(DEVICE).unwrap(), bad).await.is_err());
    }
}

async fn a_device_that_appears_on_its_own_joins_or_waits(cloud: Cloud) {
    let (me, you) = (cloud.user("me@example.com").await, cloud.user("you@example.com").await);
    let product = cloud.product(&me, "Open").await;
    let place = format!("/v1/products/{}", product.id);
    let path = format!("{place}/devices");
    let id = |number: i32| format!("e00fce68000000000000{number:04}");
    // Nobody asked for a wait: it joins.
    let _joined = connect(&cloud, &id(1), hello(&product)).await;
    let page = cloud.get(&path, &product.token).await;
    assert_eq!(
        (&page.body["meta"]["total"], &page.body["devices"][0]["quarantined"]),
        (&json!(1), &json!(false))
    );
    // One of another platform does not, nor one that a stranger owns.
    let other = Hello { platform_id: 12, ..hello(&product) };
    let _other = connect(&cloud, &id(2), other).await;
    let none = Hello { product: None, ..hello(&product) };
    drop(connect(&cloud, &id(3), none).await);
    assert_eq!(cloud.form("POST", "/v1/devices", &you, &[("id", &id(3))]).await.status, 200);
    let _strange = connect(&cloud, &id(3), hello(&product)).await;
    assert_eq!(cloud.get(&path, &product.token).await.body["meta"]["total"], 1);

    let setting = json!({"settings": {"quarantine": true}});
    assert_eq!(cloud.json("PUT", &place, &product.token, setting).await.status, 200);
    let waiting = id(4);
    let device = tokio::spawn(serve(connect(&cloud, &waiting, hello(&product)).await));
    let page = cloud.get(&format!("{path}?quarantined=true"), &product.token).await;
    let listed = &page.body["devices"][0];
    assert_eq!(
        (&listed["id"], &listed["quarantined"], &listed["denied"]),
        (&json!(waiting), &json!(true), &json!(false))
    );
    assert_eq!((&listed["product_id"], &page.body["meta"]["total"]), (&json!(13), &json!(1)));
    let of_product = format!("{path}/{waiting}");
    let refused = cloud.json("POST", &format!("{of_product}/gong"), &product.token, json!({})).await;
    assert_eq!(refused.error(), (403, "quarantined".into()));
    device.abort();
}
