//! Vitals: what devices told of themselves, and being asked to.

use axum::body::Body;
use http::Request;
use mote_core::ProductId;
use mote_core::events::{DEFAULT_TTL, EventData, EventName, NewEvent, Origin, Source};
use mote_core::names::DeviceId;
use mote_core::sessions::Command;
use mote_core::{AccountId, OwnerId};
use mote_store::vitals;
use mote_store::vitals::Of;
use serde_json::{Value, json};

use crate::cloud::{Answer, Cloud, Product};
use crate::on_both_engines;
use crate::sessions::{connect, hello};

on_both_engines!(
    vitals_are_recorded_as_their_event_passes,
    vitals_stay_with_whom_the_device_belonged_to,
    a_history_is_a_table_for_those_who_accept_csv,
    dates_narrow_a_history,
    vitals_are_kept_for_thirty_days,
    a_connected_device_is_asked_for_its_vitals,
);

const DEVICE: &str = "e00fce680000000000000001";

/// Whose a device is when an event of it passes.
pub(crate) fn source(device: &str, product: Option<&Product>, owner: Option<&str>) -> Source {
    Source {
        device: DeviceId::parse(device),
        owner: owner.map(|owner| OwnerId::from(AccountId(owner.parse().unwrap()))),
        product: product.map(|product| ProductId(product.id.parse().unwrap())),
        ..Source::default()
    }
}

/// Lets an event pass that a device made, as the door for devices will.
pub(crate) async fn emit(cloud: &Cloud, source: Source, name: &str, data: &str) {
    let data = Some(EventData::parse(data.to_owned()).unwrap());
    let name = EventName::of_server(name);
    cloud.mote.emit(NewEvent { origin: Origin::Device, source, name, data, ttl: DEFAULT_TTL }).await.unwrap();
}

async fn tell(cloud: &Cloud, source: Source, vitals: Value) {
    emit(cloud, source, "spark/device/diagnostics/update", &vitals.to_string()).await;
}

fn uptime(seconds: i64) -> Value {
    json!({"device": {"system": {"uptime": seconds}}})
}

fn uptimes(answer: &Answer) -> Vec<i64> {
    let list = answer.body["diagnostics"].as_array().unwrap_or_else(|| panic!("{}", answer.body));
    list.iter().map(|one| one["payload"]["device"]["system"]["uptime"].as_i64().unwrap()).collect()
}

/// A device of a product, which the account claimed; the account's key.
async fn claimed(cloud: &Cloud, product: &Product, user: &str) -> String {
    let path = format!("/v1/products/{}/devices", product.id);
    cloud.json("POST", &path, &product.token, json!({"id": DEVICE})).await;
    assert_eq!(cloud.form("POST", "/v1/devices", user, &[("id", DEVICE)]).await.status, 200);
    cloud.get("/v1/user", user).await.text("/id")
}

async fn vitals_are_recorded_as_their_event_passes(cloud: Cloud) {
    let me = cloud.user("me@example.com").await;
    let product = cloud.product(&me, "Fleet").await;
    let account = claimed(&cloud, &product, &me).await;
    let (own, of_product) =
        (format!("/v1/diagnostics/{DEVICE}"), format!("/v1/products/{}/diagnostics/{DEVICE}", product.slug));
    for (path, token) in [(&own, &me), (&of_product, &product.token)] {
        assert_eq!(cloud.get(path, token).await.body, json!({"diagnostics": []}));
        assert_eq!(cloud.get(&format!("{path}/last"), token).await.status, 404);
    }
    let told = source(DEVICE, Some(&product), Some(&account));
    tell(&cloud, told.clone(), uptime(1)).await;
    cloud.pass(60);
    // Nonsense is no fault of the event; what programs and others say of themselves are no vitals.
    tell(&cloud, told.clone(), json!({"device": {"system": {"uptime": "long"}}})).await;
    emit(&cloud, told.clone(), "spark/device/diagnostics/update", "{").await;
    emit(&cloud, told.clone(), "spark/device/diagnostics/updated", &uptime(9).to_string()).await;
    let program = NewEvent {
        origin: Origin::Program,
        source: told.clone(),
        name: EventName::of_server("spark/device/diagnostics/update"),
        data: Some(EventData::parse(uptime(9).to_string()).unwrap()),
        ttl: DEFAULT_TTL,
    };
    cloud.mote.emit(program).await.unwrap();
    tell(&cloud, told, uptime(2)).await;

    for (path, token) in [(&own, &me), (&of_product, &product.token)] {
        assert_eq!(uptimes(&cloud.get(path, token).await), [1, 2]);
        let last = cloud.get(&format!("{path}/last"), token).await;
        let service = json!({"device": {"status": "ok"}});
        assert_eq!(
            last.body["diagnostics"],
            json!({"updated_at": cloud.now().to_iso(), "deviceID": DEVICE,
                "payload": {"device": {"system": {"uptime": 2}}, "service": service}})
        );
    }
    // Its name serves as its ID, for its owner.
    cloud.form("PUT", &format!("/v1/devices/{DEVICE}"), &me, &[("name", "truck")]).await;
    assert_eq!(uptimes(&cloud.get("/v1/diagnostics/truck", &me).await), [1, 2]);
}

async fn vitals_stay_with_whom_the_device_belonged_to(cloud: Cloud) {
    let (me, you) = (cloud.user("me@example.com").await, cloud.user("you@example.com").await);
    let (product, other) = (cloud.product(&me, "Mine").await, cloud.product(&you, "Other").await);
    let account = claimed(&cloud, &product, &me).await;
    tell(&cloud, source(DEVICE, Some(&product), Some(&account)), uptime(1)).await;
    let (own, of_other) =
        (format!("/v1/diagnostics/{DEVICE}"), format!("/v1/products/{}/diagnostics/{DEVICE}", other.id));
    for (path, token) in [(&own, &you), (&of_other, &other.token)] {
        for path in [path.clone(), format!("{path}/last")] {
            assert_eq!(cloud.get(&path, token).await.status, 404, "{path}");
        }
        assert_eq!(cloud.form("POST", &format!("{path}/update"), token, &[]).await.status, 404);
    }
    // Sold: its new owner, and the product that it goes to, see what it tells from then on.
    let path = format!("/v1/products/{}/devices", product.id);
    assert_eq!(cloud.form("DELETE", &format!("/v1/devices/{DEVICE}"), &me, &[]).await.status, 200);
    assert_eq!(cloud.form("DELETE", &format!("{path}/{DEVICE}"), &product.token, &[]).await.status, 204);
    let account = claimed(&cloud, &other, &you).await;
    assert_eq!(uptimes(&cloud.get(&own, &you).await), [0; 0]);
    assert_eq!(uptimes(&cloud.get(&of_other, &other.token).await), [0; 0]);
    tell(&cloud, source(DEVICE, Some(&other), Some(&account)), uptime(2)).await;
    assert_eq!(uptimes(&cloud.get(&own, &you).await), [2]);
    assert_eq!(uptimes(&cloud.get(&of_other, &other.token).await), [2]);
    assert_eq!(cloud.get(&own, &me).await.status, 404);
}

async fn a_history_is_a_table_for_those_who_accept_csv(cloud: Cloud) {
    let me = cloud.user("me@example.com").await;
    let product = cloud.product(&me, "Fleet").await;
    let account = claimed(&cloud, &product, &me).await;
    let network = json!({"signal": {"strengthv": -57, "strength": 66.66}, "cellular": {"operator": "=cmd|' /C calc'!A0"}});
    let power = json!({"source": "VIN, \"hot\"", "battery": {"charge": {"err": -120}}});
    let told = json!({"device": {"network": network, "power": power}, "service": {}});
    tell(&cloud, source(DEVICE, Some(&product), Some(&account)), told).await;
    let request = Request::get(format!("/v1/diagnostics/{DEVICE}"));
    let request = request.header("authorization", &me).header("accept", "text/csv");
    let response = cloud.frame.answer(request.body(Body::empty()).unwrap()).await;
    assert_eq!(response.headers()["content-type"], "text/csv; charset=utf-8");
    assert_eq!(response.headers()["content-disposition"], "attachment; filename=\"vitals.csv\"");
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
    let table = String::from_utf8(bytes.to_vec()).unwrap();
    let lines: Vec<&str> = table.split("\r\n").collect();
    let [head, line, ""] = lines.as_slice() else { panic!("{table}") };
    assert!(head.starts_with("updated_at,deviceID,device.network.cellular.radio_access_technology,device.network.cellular.operator,"));
    assert!(line.starts_with(&format!("{},{DEVICE},,\"'=cmd|' /C calc'!A0\",,", cloud.now().to_iso())));
    let place = |name: &str| head.split(',').position(|column| column == name).unwrap();
    let cells: Vec<&str> = line.split(',').collect();
    assert_eq!(
        (cells[place("device.network.signal.strength")], cells[place("device.network.signal.strengthv")]),
        ("66.66", "-57")
    );
    assert_eq!(cells[place("device.power.battery.charge")], "");
    assert!(line.contains(",\"VIN, \"\"hot\"\"\","));
}

async fn dates_narrow_a_history(cloud: Cloud) {
    let me = cloud.user("me@example.com").await;
    let product = cloud.product(&me, "Fleet").await;
    let account = claimed(&cloud, &product, &me).await;
    for number in 0..4 {
        tell(&cloud, source(DEVICE, Some(&product), Some(&account)), uptime(number)).await;
        cloud.pass(3600);
    }
    let ago = |hours: i64| cloud.now().plus_seconds(-3600 * hours).to_iso();
    let path = format!("/v1/diagnostics/{DEVICE}");
    for (query, expected) in [
        (String::new(), vec![0, 1, 2, 3]),
        (format!("start_date={}", ago(3)), vec![1, 2, 3]),
        (format!("end_date={}", ago(3)), vec![0]),
        (format!("start_date={}&end_date={}", ago(3), ago(1)), vec![1, 2]),
        (format!("start_date={}&end_date={}", ago(1), ago(3)), vec![]),
    ] {
        assert_eq!(uptimes(&cloud.get(&format!("{path}?{query}"), &me).await), expected, "{query}");
    }
    for (query, description) in [
        ("end_date=invalid-date".to_owned(), "start_date and end_date must be ISO8601 formatted"),
        ("start_date=17".to_owned(), "start_date and end_date must be ISO8601 formatted"),
        (format!("start_date={}", ago(31 * 24)), "start_date must not be more than than 30 days ago"),
    ] {
        let refused = cloud.get(&format!("{path}?{query}"), &me).await;
        assert_eq!(refused.error(), (400, "bad_request".into()));
        assert_eq!(refused.text("/description"), description);
    }
}

async fn vitals_are_kept_for_thirty_days(cloud: Cloud) {
    let me = cloud.user("me@example.com").await;
    let product = cloud.product(&me, "Fleet").await;
    let account = claimed(&cloud, &product, &me).await;
    let told = source(DEVICE, Some(&product), Some(&account));
    tell(&cloud, told.clone(), uptime(1)).await;
    cloud.pass(29 * 86_400);
    tell(&cloud, told, uptime(2)).await;
    let path = format!("/v1/products/{}/diagnostics/{DEVICE}", product.id);
    let kept = cloud.mint(&product.client, &product.secret).await;
    let token = crate::cloud::bearer(&kept.text("/access_token"));
    assert_eq!(uptimes(&cloud.get(&path, &token).await), [1, 2]);
    cloud.pass(86_401);
    // Over is over, swept or not.
    assert_eq!(uptimes(&cloud.get(&path, &token).await), [2]);
    let product = product.id.parse().unwrap();
    let count = async || {
        let all =
            cloud.store.read(move |db| vitals::between(db, Of::Product(product), DEVICE, 0, i64::MAX)).await;
        all.unwrap().len()
    };
    assert_eq!(count().await, 2);
    while cloud.mote.sweep().await.unwrap() {}
    assert_eq!(count().await, 1);
}

async fn a_connected_device_is_asked_for_its_vitals(cloud: Cloud) {
    let me = cloud.user("me@example.com").await;
    let product = cloud.product(&me, "Fleet").await;
    let account = claimed(&cloud, &product, &me).await;
    let (own, of_product) =
        (format!("/v1/diagnostics/{DEVICE}"), format!("/v1/products/{}/diagnostics/{DEVICE}", product.id));
    for (path, token) in [(&own, &me), (&of_product, &product.token)] {
        let offline = cloud.form("POST", &format!("{path}/update"), token, &[]).await;
        assert_eq!(offline.error(), (408, "Timed out.".into()));
    }
    let mut connection = connect(&cloud, DEVICE, hello(&product)).await;
    for (number, (path, token)) in (1..).zip([(&own, &me), (&of_product, &product.token)]) {
        let refresh = format!("{path}/update");
        let asked = cloud.form("POST", &refresh, token, &[]);
        let serve = async {
            let Some(Command::Vitals { answer }) = connection.next().await else { panic!() };
            answer.send(Ok(())).unwrap();
            tell(&cloud, source(DEVICE, Some(&product), Some(&account)), uptime(number)).await;
        };
        let (asked, ()) = tokio::join!(asked, serve);
        assert_eq!((asked.status.as_u16(), asked.body), (202, json!({"ok": true})));
        let last = cloud.get(&format!("{path}/last"), token).await;
        assert_eq!(last.body["diagnostics"]["payload"]["device"]["system"]["uptime"], number);
    }
}
