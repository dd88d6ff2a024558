//! Integrations with services of others.

use serde_json::json;

use super::{DEVICE, delivered, hook, logs, own_device};
use crate::cloud::Cloud;
use crate::on_both_engines;
use crate::receiver::Reply;

on_both_engines!(azure_gets_messages_of_devices_it_comes_to_know, google_tells_where_a_device_is);

async fn azure_gets_messages_of_devices_it_comes_to_know(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let device = own_device(&cloud, &user).await;
    cloud.receiver.url("/");
    let settings = json!({
        "integration_type": "AzureIotHub", "event": "temp", "hub_name": "hub1", "policy_name": "own",
        "policy_key": "a2V5"
    });
    let id = hook(&cloud, &user, settings.clone()).await;
    cloud.receiver.reply([
        Reply::new(404, "{}"),
        Reply::new(200, "{}"),
        Reply::new(204, ""),
        Reply::new(204, ""),
    ]);
    let got = delivered(&cloud, &device, "temp", "70").await;
    let asked: Vec<_> = got.iter().map(|got| (got.method.as_str(), got.target.as_str())).collect();
    let message = format!("/azure/hub1/devices/{DEVICE}/messages/events?api-version=2021-04-12");
    let introduction = format!("/azure/hub1/devices/{DEVICE}?api-version=2021-04-12");
    assert_eq!(asked, [("POST", &*message), ("PUT", &*introduction), ("POST", &*message)]);
    assert_eq!(got[1].json(), json!({"deviceId": DEVICE}));
    assert_eq!(
        got[2].json(),
        json!({"data": "70", "device_id": DEVICE, "event": "temp", "published_at": "2027-01-15T08:00:00.000Z"})
    );
    let signature = got[2].header("authorization");
    assert!(
        signature.starts_with("SharedAccessSignature sr=hub1%2Eazure%2Ddevices%2Enet&sig="),
        "{signature}"
    );
    assert_eq!(delivered(&cloud, &device, "temp", "71").await.len(), 1, "it is known now");
    let log = logs(&cloud, &user, &id).await.remove(0);
    assert_eq!(log["request"]["headers"]["authorization"], "[[SENSITIVE]]");

    let mut own = settings;
    own["event"] = json!("own");
    own["json"] = json!({"t": "{{{PARTICLE_EVENT_VALUE}}}"});
    hook(&cloud, &user, own).await;
    let got = delivered(&cloud, &device, "own", "70").await;
    assert_eq!(got[0].json(), json!({"t": "70"}));
    // A device that the hub does not let in is not tried for ever.
    cloud.receiver.reply([Reply::new(404, ""), Reply::new(403, "")]);
    assert_eq!(delivered(&cloud, &device, "temp", "72").await.len(), 2);
    let error = logs(&cloud, &user, &id).await.remove(0)["error"].clone();
    assert_eq!(error, "error status 403 from 127.0.0.1");
}

async fn google_tells_where_a_device_is(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let device = own_device(&cloud, &user).await;
    cloud.receiver.url("/");
    let settings =
        json!({"integration_type": "GoogleMaps", "event": "deviceLocator", "api_key": "AIza-s3cret"});
    let id = hook(&cloud, &user, settings).await;
    let answer = json!({"location": {"lat": 51.0, "lng": -0.1}, "accuracy": 1200.4});
    cloud.receiver.reply([Reply::new(200, answer.to_string())]);
    let heard = json!({"w": {"a": [{"m": "aa:bb:cc:dd:ee:ff", "s": -50, "c": 6}]}}).to_string();
    let got = delivered(&cloud, &device, "deviceLocator", &heard).await.remove(0);
    assert_eq!(got.target, "/google/geolocation/v1/geolocate?key=AIza-s3cret");
    let point = json!({"macAddress": "aa:bb:cc:dd:ee:ff", "signalStrength": -50, "channel": 6});
    assert_eq!(got.json(), json!({"considerIp": false, "wifiAccessPoints": [point]}));
    let log = logs(&cloud, &user, &id).await.remove(0);
    assert!(!log.to_string().contains("s3cret"), "{log}");
    assert!(delivered(&cloud, &device, "deviceLocator", "nothing").await.is_empty());
    let error = logs(&cloud, &user, &id).await.remove(0)["error"].clone();
    assert!(error.as_str().unwrap().starts_with("the event's data names no access points"));
}
