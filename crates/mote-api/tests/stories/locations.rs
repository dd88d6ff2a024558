//! Where devices are, and where they were.

use mote_store::locations::{Filter, Span, points};
use serde_json::json;

use crate::cloud::{Answer, Cloud, Product};
use crate::diagnostics::{emit, source};
use crate::on_both_engines;
use crate::sessions::{connect, hello};

on_both_engines!(
    the_last_location_of_each_device_is_known,
    a_history_is_told_point_by_point,
    rectangles_go_over_the_date_line,
    devices_are_found_and_paged,
    a_location_is_the_products_that_the_device_was_in,
    what_is_no_location_is_not_kept,
    locations_are_kept_for_thirty_days,
    nonsense_is_refused,
);

/// Devices of these IDs in a product.
async fn add(cloud: &Cloud, product: &Product, ids: &[&str]) {
    let path = format!("/v1/products/{}/devices", product.id);
    assert_eq!(
        cloud.json("POST", &path, &product.token, json!({"ids": ids})).await.body["updated"],
        ids.len()
    );
}

/// A device tells where it is, as a tracker does.
pub(crate) async fn tell(cloud: &Cloud, product: &Product, device: &str, lat: f64, lon: f64) {
    let time = cloud.now().unix_seconds();
    let loc = json!({"lck": 1, "time": time, "lat": lat, "lon": lon, "alt": 321.16, "hd": 36.6, "h_acc": 5.0, "speed": 13.5});
    let event = json!({"cmd": "loc", "time": time, "loc": loc, "trig": ["time"], "req_id": 4});
    emit(cloud, source(device, Some(product), None), "loc", &event.to_string()).await;
}

fn ids(answer: &Answer) -> Vec<String> {
    let list = answer.body["locations"].as_array().unwrap_or_else(|| panic!("{}", answer.body));
    list.iter().map(|one| one["device_id"].as_str().unwrap().to_owned()).collect()
}

const ONE: &str = "e00fce680000000000000001";
const TWO: &str = "e00fce680000000000000002";
const THREE: &str = "f00fce680000000000000003";

async fn the_last_location_of_each_device_is_known(cloud: Cloud) {
    let me = cloud.user("me@example.com").await;
    let product = cloud.product(&me, "Trackers").await;
    add(&cloud, &product, &[ONE, TWO, THREE]).await;
    let path = format!("/v1/products/{}", product.slug);
    assert_eq!(
        cloud.get(&format!("{path}/fleet_locations"), &product.token).await.body,
        json!({"locations": []})
    );
    assert_eq!(cloud.get(&format!("{path}/locations/{ONE}"), &product.token).await.status, 404);
    tell(&cloud, &product, ONE, 31.5, 34.5).await;
    cloud.pass(60);
    tell(&cloud, &product, ONE, 31.6, 34.6).await;
    tell(&cloud, &product, TWO, -33.0, 151.25).await;
    // What was stored on the way and comes late is not the last.
    let late =
        json!({"cmd": "loc", "loc": {"lck": 0, "time": cloud.now().unix_seconds() - 30, "lat": 1, "lon": 2}});
    emit(&cloud, source(ONE, Some(&product), None), "loc", &late.to_string()).await;

    let fleet = cloud.get(&format!("{path}/fleet_locations"), &product.token).await;
    let now = cloud.now().to_iso();
    assert_eq!(
        fleet.body["locations"][0],
        json!({"device_id": ONE, "product_id": product.id.parse::<i64>().unwrap(), "device_name": null, "groups": [],
            "gps_lock": true, "last_heard": now, "timestamps": [now],
            "geometry": {"type": "Point", "coordinates": [34.6, 31.6]}})
    );
    assert_eq!(ids(&fleet), [ONE, TWO]);
    let listed = cloud.get(&format!("{path}/locations"), &product.token).await;
    assert_eq!(listed.body["locations"], fleet.body["locations"]);
    assert_eq!(listed.body["meta"], json!({"page": 1, "per_page": 20, "total_pages": 1, "devices_found": 2}));
    let one = cloud.get(&format!("{path}/locations/{}", ONE.to_uppercase()), &product.token).await;
    assert_eq!(
        one.body["location"]["properties"],
        json!([{"alt": 321.16, "hd": 36.6, "h_acc": 5.0, "speed": 13.5}])
    );
    assert_eq!((&one.body["meta"], &one.body["location"]["device_id"]), (&json!({}), &json!(ONE)));
    assert_eq!(cloud.get(&format!("{path}/locations/{THREE}"), &product.token).await.status, 404);
    assert_eq!(cloud.get(&format!("{path}/locations/nonsense"), &product.token).await.status, 404);
    // Here, and not there.
    let here = "rect_bl=31,34&rect_tr=32,35";
    assert_eq!(cloud.get(&format!("{path}/locations/{ONE}?{here}"), &product.token).await.status, 200);
    assert_eq!(cloud.get(&format!("{path}/locations/{TWO}?{here}"), &product.token).await.status, 404);
    assert_eq!(ids(&cloud.get(&format!("{path}/locations?{here}"), &product.token).await), [ONE]);
    for (device, groups) in [(ONE, json!(["trucks", "east"])), (TWO, json!(["boats"]))] {
        let device = format!("{path}/devices/{device}");
        assert_eq!(cloud.json("PUT", &device, &product.token, json!({"groups": groups})).await.status, 200);
    }
    for (groups, wanted) in
        [("nobodys", &[][..]), ("trucks", &[ONE]), ("boats,nobodys", &[TWO]), ("boats,east", &[ONE, TWO])]
    {
        let of_groups = cloud.get(&format!("{path}/locations?groups={groups}"), &product.token).await;
        assert_eq!(ids(&of_groups), wanted, "{groups}");
        assert_eq!(of_groups.body["meta"]["devices_found"], wanted.len());
    }
    let one = cloud.get(&format!("{path}/locations/{ONE}"), &product.token).await;
    assert_eq!(one.body["location"]["groups"], json!(["east", "trucks"]));
    let boats = cloud.get(&format!("{path}/fleet_locations?groups=boats"), &product.token).await;
    assert_eq!(boats.body["locations"][0]["groups"], json!(["boats"]));
}

async fn a_history_is_told_point_by_point(cloud: Cloud) {
    let me = cloud.user("me@example.com").await;
    let product = cloud.product(&me, "Trackers").await;
    add(&cloud, &product, &[ONE, TWO]).await;
    let start = cloud.now();
    for step in 0..4 {
        tell(&cloud, &product, ONE, 31.5 + f64::from(step), 34.5 + f64::from(step)).await;
        if step == 1 {
            tell(&cloud, &product, TWO, 50.0, 8.0).await;
        }
        cloud.pass(60);
    }
    // Told again, it is the same point.
    let again =
        json!({"cmd": "loc", "loc": {"lck": 1, "time": start.unix_seconds(), "lat": 31.5, "lon": 34.5}});
    emit(&cloud, source(ONE, Some(&product), None), "loc", &again.to_string()).await;

    let at = |minutes: i64| start.plus_seconds(60 * minutes).to_iso();
    let path = format!("/v1/products/{}/locations", product.id);
    let get = async |path: &str| cloud.get(path, &product.token).await;
    let all = get(&format!("{path}?date_range={},{}", at(0), at(3))).await;
    assert_eq!(ids(&all), [ONE, TWO]);
    let first = &all.body["locations"][0];
    assert_eq!(
        first["geometry"],
        json!({"type": "LineString", "coordinates": [[34.5, 31.5], [35.5, 32.5], [36.5, 33.5], [37.5, 34.5]]})
    );
    assert_eq!(first["timestamps"], json!([at(0), at(1), at(2), at(3)]));
    assert_eq!((&first["last_heard"], &first["online"]), (&json!(at(3)), &json!(false)));
    assert_eq!(all.body["meta"]["devices_found"], 2);
    let some = get(&format!("{path}?date_range={},{}", at(2), at(3))).await;
    assert_eq!((ids(&some), &some.body["meta"]["devices_found"]), (vec![ONE.to_owned()], &json!(1)));
    let there = get(&format!("{path}?date_range={},{}&rect_bl=32,35&rect_tr=33.5,37", at(0), at(3))).await;
    assert_eq!(there.body["locations"][0]["timestamps"], json!([at(1), at(2)]));
    assert_eq!(ids(&there), [ONE]);

    let connection = connect(&cloud, ONE, hello(&product)).await;
    let one = get(&format!("{path}/{ONE}?date_range={},{}", at(1), at(2))).await;
    assert_eq!(one.body["location"]["geometry"]["coordinates"], json!([[35.5, 32.5], [36.5, 33.5]]));
    assert_eq!(one.body["location"]["properties"].as_array().unwrap().len(), 2);
    assert_eq!(
        (&one.body["location"]["online"], &one.body["location"]["last_heard"]),
        (&json!(true), &json!(at(2)))
    );
    drop(connection);
    // It was somewhere, but not in this time.
    let quiet = get(&format!("{path}/{TWO}?date_range={},{}", at(2), at(3))).await;
    assert_eq!(quiet.body["location"]["geometry"], json!({"type": "LineString", "coordinates": []}));
    assert_eq!(
        (&quiet.body["location"]["last_heard"], &quiet.body["location"]["properties"]),
        (&json!(at(1)), &json!([]))
    );
}

async fn rectangles_go_over_the_date_line(cloud: Cloud) {
    let me = cloud.user("me@example.com").await;
    let product = cloud.product(&me, "Ships").await;
    add(&cloud, &product, &[ONE, TWO, THREE]).await;
    for (device, lat, lon) in [(ONE, -17.5, 178.0), (TWO, -17.5, -178.0), (THREE, -17.5, 10.0)] {
        tell(&cloud, &product, device, lat, lon).await;
    }
    let now = cloud.now().to_iso();
    let path = format!("/v1/products/{}/locations", product.id);
    for (rectangle, expected) in [
        ("rect_bl=-20,170&rect_tr=-10,-170", vec![ONE, TWO]),
        ("rect_bl=-20,-170&rect_tr=-10,170", vec![THREE]),
        ("rect_bl=-20,178&rect_tr=-17.5,180", vec![ONE]),
        ("rect_bl=-20,-180&rect_tr=-10,180", vec![ONE, TWO, THREE]),
        ("rect_bl=-20,180&rect_tr=-10,-180", vec![]),
        ("rect_bl=-17,-180&rect_tr=90,180", vec![]),
        ("rect_bl=-17.5,10&rect_tr=-17.5,10", vec![THREE]),
    ] {
        let last = cloud.get(&format!("{path}?{rectangle}"), &product.token).await;
        assert_eq!(
            (ids(&last), &last.body["meta"]["devices_found"]),
            (expected.iter().map(ToString::to_string).collect(), &json!(expected.len())),
            "{rectangle}"
        );
        let history = cloud.get(&format!("{path}?{rectangle}&date_range={now},{now}"), &product.token).await;
        assert_eq!(ids(&history), expected, "{rectangle}");
    }
}

async fn devices_are_found_and_paged(cloud: Cloud) {
    let me = cloud.user("me@example.com").await;
    let product = cloud.product(&me, "Trackers").await;
    add(&cloud, &product, &[ONE, TWO, THREE]).await;
    let devices = format!("/v1/products/{}/devices", product.id);
    for (device, name) in [(ONE, "service-truck7"), (TWO, "Service-truck11"), (THREE, "ice-cream")] {
        tell(&cloud, &product, device, 1.0, 2.0).await;
        let named =
            cloud.json("PUT", &format!("{devices}/{device}"), &product.token, json!({"name": name})).await;
        assert_eq!(named.status, 200);
    }
    let path = format!("/v1/products/{}", product.id);
    for (query, expected) in [
        ("device_id=e00f", vec![ONE, TWO]),
        ("device_id=F00FCE", vec![THREE]),
        ("device_id=0fce", vec![]),
        ("device_name=service", vec![ONE, TWO]),
        ("device_name=SERVICE-truck1", vec![TWO]),
        ("device_name=truck", vec![]),
        ("device_name=%25", vec![]),
        ("device_id=&device_name=", vec![ONE, TWO, THREE]),
        ("device_id=e&device_name=ice", vec![]),
    ] {
        for kind in ["fleet_locations", "locations"] {
            assert_eq!(
                ids(&cloud.get(&format!("{path}/{kind}?{query}"), &product.token).await),
                expected,
                "{kind} {query}"
            );
        }
    }
    for (query, expected) in
        [("per_page=2", vec![ONE, TWO]), ("per_page=2&page=2", vec![THREE]), ("per_page=2&page=3", vec![])]
    {
        let page = cloud.get(&format!("{path}/locations?{query}"), &product.token).await;
        assert_eq!(ids(&page), expected, "{query}");
        assert_eq!(
            (&page.body["meta"]["total_pages"], &page.body["meta"]["devices_found"]),
            (&json!(2), &json!(3))
        );
    }
}

async fn a_location_is_the_products_that_the_device_was_in(cloud: Cloud) {
    let (me, you) = (cloud.user("me@example.com").await, cloud.user("you@example.com").await);
    let (product, other) = (cloud.product(&me, "Mine").await, cloud.product(&you, "Other").await);
    add(&cloud, &product, &[ONE]).await;
    tell(&cloud, &product, ONE, 1.0, 2.0).await;
    let locations = |product: &Product, kind: &str| format!("/v1/products/{}/{kind}", product.id);
    assert_eq!(cloud.get(&locations(&other, &format!("locations/{ONE}")), &other.token).await.status, 404);
    let gone =
        cloud.form("DELETE", &locations(&product, &format!("devices/{ONE}")), &product.token, &[]).await;
    assert_eq!(gone.status, 204);
    add(&cloud, &other, &[ONE]).await;
    // Neither has it now: the one not the device, the other not the location.
    for (product, status) in [(&product, 404), (&other, 404)] {
        assert_eq!(
            cloud.get(&locations(product, &format!("locations/{ONE}")), &product.token).await.status,
            status
        );
        assert_eq!(ids(&cloud.get(&locations(product, "fleet_locations"), &product.token).await), [""; 0]);
        let range = format!("locations?date_range=2020-01-01,{}", cloud.now().to_iso());
        assert_eq!(ids(&cloud.get(&locations(product, &range), &product.token).await), [""; 0]);
    }
    tell(&cloud, &other, ONE, 3.0, 4.0).await;
    assert_eq!(ids(&cloud.get(&locations(&other, "locations"), &other.token).await), [ONE]);
    // A device in no product tells it to nobody, and a product can want to know nothing.
    emit(&cloud, source(TWO, None, None), "loc", r#"{"cmd":"loc","loc":{"lck":1,"lat":1,"lon":2}}"#).await;
    let private = cloud.product(&me, "Private").await;
    let opted = json!({"settings": {"location": {"opt_in": false}}});
    cloud.json("PUT", &format!("/v1/products/{}", private.id), &private.token, opted).await;
    add(&cloud, &private, &[TWO]).await;
    tell(&cloud, &private, TWO, 1.0, 2.0).await;
    assert_eq!(ids(&cloud.get(&locations(&private, "fleet_locations"), &private.token).await), [""; 0]);
}

async fn what_is_no_location_is_not_kept(cloud: Cloud) {
    let me = cloud.user("me@example.com").await;
    let product = cloud.product(&me, "Trackers").await;
    add(&cloud, &product, &[ONE]).await;
    let from = || source(ONE, Some(&product), None);
    for data in [
        "",
        "{",
        "null",
        r#"{"cmd":"loc"}"#,
        r#"{"cmd":"loc","loc":{"lck":0}}"#,
        r#"{"cmd":"loc","loc":{"lck":1,"lat":91,"lon":0}}"#,
        r#"{"cmd":"ack","loc":{"lck":1,"lat":1,"lon":0}}"#,
    ] {
        emit(&cloud, from(), "loc", data).await;
    }
    let good = r#"{"cmd":"loc","loc":{"lck":1,"lat":1,"lon":0}}"#;
    emit(&cloud, from(), "location", good).await;
    emit(&cloud, from(), "loc/x", good).await;
    let path = format!("/v1/products/{}/fleet_locations", product.id);
    assert_eq!(ids(&cloud.get(&path, &product.token).await), [""; 0]);
    emit(&cloud, from(), "loc", good).await;
    assert_eq!(ids(&cloud.get(&path, &product.token).await), [ONE]);
}

async fn locations_are_kept_for_thirty_days(cloud: Cloud) {
    let me = cloud.user("me@example.com").await;
    let product = cloud.product(&me, "Trackers").await;
    add(&cloud, &product, &[ONE, TWO]).await;
    tell(&cloud, &product, ONE, 1.0, 2.0).await;
    tell(&cloud, &product, TWO, 1.0, 2.0).await;
    cloud.pass(29 * 86_400);
    tell(&cloud, &product, ONE, 3.0, 4.0).await;
    cloud.pass(86_401);
    let old =
        json!({"cmd": "loc", "loc": {"time": cloud.now().unix_seconds() - 31 * 86_400, "lat": 1, "lon": 2}});
    emit(&cloud, source(TWO, Some(&product), None), "loc", &old.to_string()).await;
    let minted = cloud.mint(&product.client, &product.secret).await;
    let token = crate::cloud::bearer(&minted.text("/access_token"));
    let path = format!("/v1/products/{}", product.id);
    let all = format!("date_range=2020-01-01,{}", cloud.now().to_iso());
    // Over is over, swept or not.
    let told = cloud.get(&format!("{path}/locations/{ONE}?{all}"), &token).await;
    assert_eq!(told.body["location"]["timestamps"].as_array().unwrap().len(), 1);
    assert_eq!(cloud.get(&format!("{path}/locations/{TWO}"), &token).await.status, 404);
    assert_eq!(ids(&cloud.get(&format!("{path}/locations?{all}"), &token).await), [ONE]);
    assert_eq!(ids(&cloud.get(&format!("{path}/fleet_locations"), &token).await), [ONE]);
    let id: i64 = product.id.parse().unwrap();
    let left = async || {
        let ever = Span { first: 0, last: i64::MAX };
        let read = move |db: &mut mote_store::Db| -> Result<_, mote_store::StoreError> {
            let points =
                points(db, id, ONE, ever, None, 10)?.len() + points(db, id, TWO, ever, None, 10)?.len();
            Ok((points, mote_store::locations::page(db, id, &Filter::default(), 0, 10)?.1))
        };
        cloud.store.read(read).await.unwrap()
    };
    assert_eq!(left().await, (3, 2));
    while cloud.mote.sweep().await.unwrap() {}
    assert_eq!(left().await, (1, 1));
}

async fn nonsense_is_refused(cloud: Cloud) {
    let me = cloud.user("me@example.com").await;
    let product = cloud.product(&me, "Trackers").await;
    add(&cloud, &product, &[ONE]).await;
    let path = format!("/v1/products/{}/locations", product.id);
    let long = format!("device_name={}", "x".repeat(129));
    for bad in [
        "date_range=2020-12-05",
        "date_range=2020-12-06,2020-12-05",
        "date_range=a,b",
        "rect_bl=1,2",
        "rect_tr=1,2",
        "rect_bl=91,0&rect_tr=92,1",
        "rect_bl=0,0&rect_tr=1,181",
        "rect_bl=2,0&rect_tr=1,1",
        "rect_bl=NaN,0&rect_tr=1,1",
        "rect_bl=0,0&rect_tr=1",
        "page=0",
        "per_page=101",
        "per_page=x",
        "device_id=a%00",
        "page=1&page=2",
        &long,
    ] {
        for path in [path.clone(), format!("{path}/{ONE}")] {
            let of_one = path.ends_with(ONE)
                && !bad.contains("rect")
                && !bad.contains("date")
                && !["page=1&page=2", "device_id=a%00"].contains(&bad);
            let status = cloud.get(&format!("{path}?{bad}"), &product.token).await.status;
            assert_eq!(status, if of_one { 404 } else { 400 }, "{path}?{bad}");
        }
    }
}
