//! Fleet health: what is counted, and how it is told.

use std::collections::BTreeMap;

use mote_core::ProductId;
use mote_core::fleet_metrics::{Counted, DeliveryOutcome, Traits};
use mote_store::fleet_metrics as rows;
use serde_json::{Value, json};

use crate::cloud::{Cloud, Product, bearer};
use crate::on_both_engines;
use crate::sessions::{connect, hello};

on_both_engines!(
    events_are_counted_in_buckets,
    what_devices_and_integrations_do_is_counted,
    devices_online_are_sampled,
    counts_are_told_apart_by_what_devices_run,
    a_range_that_makes_no_sense_is_refused,
    what_is_old_is_removed,
);

const IDS: [&str; 2] = ["e00fce680123456789abcdef", "e00fce680123456789abcdee"];

async fn product_with_devices(cloud: &Cloud) -> Product {
    let user = cloud.user("me@example.com").await;
    let product = cloud.product(&user, "Product").await;
    let path = format!("/v1/products/{}/devices", product.id);
    cloud.json("POST", &path, &product.token, json!({"ids": IDS})).await;
    product
}

async fn publish(cloud: &Cloud, product: &Product, device: Option<&str>) {
    let path = format!("/v1/products/{}/events", product.id);
    let event = json!({"name": "x", "as_device_id": device});
    assert_eq!(cloud.json("POST", &path, &product.token, event).await.status, 200);
}

/// What is told of a metric, but for empty buckets: seconds after the clock's start, and the rest of the bucket.
async fn told(cloud: &Cloud, product: &Product, metric: &str, query: &str) -> Vec<(i64, Value)> {
    let answer =
        cloud.get(&format!("/v1/products/{}/metrics/{metric}?{query}", product.slug), &product.token).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let buckets = answer.body.as_object().unwrap().values().next().unwrap().as_array().unwrap().clone();
    let bucket = |mut bucket: Value| {
        let time = bucket.as_object_mut().unwrap().remove("time").unwrap();
        let time = mote_core::Moment::from_iso(time.as_str().unwrap()).unwrap();
        (time.unix_seconds() - 1_800_000_000, bucket)
    };
    let is_empty = |bucket: &Value| bucket.as_object().unwrap().values().all(|count| count == 0);
    buckets.into_iter().map(bucket).filter(|(_, bucket)| !is_empty(bucket)).collect()
}

async fn events_are_counted_in_buckets(cloud: Cloud) {
    let product = product_with_devices(&cloud).await;
    publish(&cloud, &product, Some(IDS[0])).await;
    publish(&cloud, &product, Some(IDS[1])).await;
    // Only what devices send is counted.
    publish(&cloud, &product, None).await;
    cloud.pass(40);
    publish(&cloud, &product, Some(IDS[0])).await;
    cloud.pass(3600);
    publish(&cloud, &product, Some(IDS[0])).await;
    let received = |count: i64| json!({"received": count});
    assert_eq!(told(&cloud, &product, "events", "").await, [(0, received(3)), (3600, received(1))]);
    assert_eq!(
        told(&cloud, &product, "events", "bucket_size=30").await,
        [(0, received(2)), (30, received(1)), (3630, received(1))]
    );
    // Days begin at midnight: eight hours before the clock's start.
    let of_day = told(&cloud, &product, "events", "bucket_size=86400").await;
    assert_eq!(of_day, [(-8 * 3600, received(4))]);
    // The range: from the bucket of its start to the moment of its end.
    let start = cloud.now().plus_seconds(-3640).to_iso();
    let end = cloud.now().plus_seconds(-3590).to_iso();
    let range = format!("start_date={start}&end_date={end}&bucket_size=16");
    assert_eq!(told(&cloud, &product, "events", &range).await, [(0, received(2)), (16, received(1))]);
    let path = format!("/v1/products/{}/metrics/events?{range}", product.id);
    let all = cloud.get(&path, &product.token).await;
    assert_eq!(all.body["events"].as_array().unwrap().len(), 4, "empty buckets are told too");
    assert_eq!(all.body["events"][2], json!({"time": "2027-01-15T08:00:32.000Z", "received": 0}));
    // Nobody else's, and nothing before.
    assert_eq!(told(&cloud, &product, "events", "end_date=2020-01-01").await, []);
}

async fn what_devices_and_integrations_do_is_counted(cloud: Cloud) {
    let product = product_with_devices(&cloud).await;
    let path = format!("/v1/products/{}/devices/{}", product.id, IDS[0]);
    for _ in 0..2 {
        cloud.json("POST", &format!("{path}/gong"), &product.token, json!({"arg": "x"})).await;
    }
    cloud.get(&format!("{path}/temperature"), &product.token).await;
    assert_eq!(told(&cloud, &product, "functions", "").await, [(0, json!({"offline": 2}))]);
    assert_eq!(told(&cloud, &product, "variables", "").await, [(0, json!({"offline": 1}))]);
    let id = ProductId(product.id.parse().unwrap());
    for (outcome, times) in
        [(DeliveryOutcome::Success, 3), (DeliveryOutcome::Failure, 2), (DeliveryOutcome::Sleep, 1)]
    {
        for _ in 0..times {
            cloud.mote.count(id, &Traits::default(), Counted::Integration(outcome));
        }
    }
    let expected = json!({"success": 3, "failure": 2, "sleep": 1});
    assert_eq!(told(&cloud, &product, "integration", "").await, [(0, expected)]);
}

async fn devices_online_are_sampled(cloud: Cloud) {
    let product = product_with_devices(&cloud).await;
    let online = async |seconds: i64| {
        for _ in 0..seconds / 60 {
            cloud.mote.sample_online().await.unwrap();
            // A second look in the same minute counts nothing twice.
            cloud.mote.sample_online().await.unwrap();
            cloud.pass(60);
        }
    };
    let first = connect(&cloud, IDS[0], hello(&product)).await;
    online(600).await;
    let second = connect(&cloud, IDS[1], hello(&product)).await;
    online(300).await;
    drop((first, second));
    online(900).await;
    let count = |count: i64| json!({"count": count});
    // One for ten minutes, two for five: more than one in the mean.
    assert_eq!(told(&cloud, &product, "online", "").await, [(0, count(2))]);
    let by_minutes = told(&cloud, &product, "online", "bucket_size=60").await;
    assert_eq!(by_minutes.len(), 15);
    assert_eq!(
        [&by_minutes[0], &by_minutes[9], &by_minutes[10]],
        [&(0, count(1)), &(540, count(1)), &(600, count(2))]
    );
    // Buckets smaller than a minute have what their minute has.
    let small = told(&cloud, &product, "online", "bucket_size=20").await;
    assert_eq!((small.len(), &small[29], &small[30]), (45, &(580, count(1)), &(600, count(2))));
    assert_eq!(told(&cloud, &product, "online", "bucket_size=1800").await, [(0, count(1))]);
}

async fn counts_are_told_apart_by_what_devices_run(cloud: Cloud) {
    let product = product_with_devices(&cloud).await;
    for (id, version, os) in [(IDS[0], 3, "6.3.2"), (IDS[1], 4, "6.3.2")] {
        let hello = mote_core::sessions::Hello {
            firmware_version: Some(version),
            system_firmware_version: Some(os.into()),
            variables: BTreeMap::new(),
            ..hello(&product)
        };
        drop(connect(&cloud, id, hello).await);
    }
    for (id, groups) in [(IDS[0], json!(["hall", "kitchen"])), (IDS[1], json!(["kitchen"]))] {
        let device = format!("/v1/products/{}/devices/{id}", product.id);
        assert_eq!(cloud.json("PUT", &device, &product.token, json!({"groups": groups})).await.status, 200);
    }
    for id in [IDS[0], IDS[0], IDS[1]] {
        publish(&cloud, &product, Some(id)).await;
    }
    for (query, expected) in [
        ("product_fw=3", 2),
        ("product_fw=4", 1),
        ("device_os_version=6.3.2", 3),
        ("product_fw=4&device_os_version=6.3.2", 1),
        ("product_fw=5", 0),
        ("product_fw=3&device_os_version=5.0.0", 0),
        ("device_group=kitchen", 3),
        ("device_group=hall", 2),
        ("device_group=hall&product_fw=4", 0),
        ("device_group=cellar", 0),
        ("device_os_version=", 3),
    ] {
        let told = told(&cloud, &product, "events", query).await;
        let count: i64 = told.iter().map(|(_, bucket)| bucket["received"].as_i64().unwrap()).sum();
        assert_eq!(count, expected, "{query}");
    }
}

async fn a_range_that_makes_no_sense_is_refused(cloud: Cloud) {
    let product = product_with_devices(&cloud).await;
    for query in [
        "bucket_size=15",
        "bucket_size=0",
        "bucket_size=-60",
        "bucket_size=99999999999",
        "bucket_size=often",
        "start_date=yesterday",
        "start_date=2024-13-01",
        "end_date=9999999-01-01T00:00:00Z",
        "start_date=2024-04-02&end_date=2024-04-01",
        "start_date=2024-04-01&end_date=2025-04-01&bucket_size=900",
        "start_date=-009999-01-01T00:00:00Z&bucket_size=31622400",
        "product_fw=x",
        "bucket_size=60&bucket_size=90",
    ] {
        let path = format!("/v1/products/{}/metrics/events?{query}", product.id);
        let refused = cloud.get(&path, &product.token).await;
        if query.starts_with("start_date=-009999") {
            // Thousands of years in buckets of a year.
            assert_eq!(refused.status, 400, "{query}: {}", refused.body);
        }
        assert_eq!(refused.error(), (400, refused.text("/error")), "{query}");
    }
}

/// How many buckets of this width the store has of the product's events.
async fn stored(cloud: &Cloud, product_id: i64, width: i32) -> usize {
    let range = rows::Range { product_id, what: vec![1], width, from: 0, to: i64::MAX, traits: None };
    cloud.store.read(move |db| rows::sums(db, &range)).await.unwrap().len()
}

async fn what_is_old_is_removed(cloud: Cloud) {
    let product = product_with_devices(&cloud).await;
    let device = connect(&cloud, IDS[0], hello(&product)).await;
    publish(&cloud, &product, Some(IDS[0])).await;
    cloud.mote.flush_fleet_counts().await.unwrap();
    // Buckets that the event is told in, of 30 s and of an hour, once time has passed and a sweep is over.
    let later = async |seconds: i64| {
        cloud.pass(seconds);
        while cloud.mote.sweep().await.unwrap() {}
        let minted = cloud.mint(&product.client, &product.secret).await;
        let token = bearer(&minted.text("/access_token"));
        let mut found = Vec::new();
        for size in [30, 3600] {
            let range =
                format!("start_date=2027-01-15T08:00:00Z&end_date=2027-01-15T09:00:00Z&bucket_size={size}");
            let path = format!("/v1/products/{}/metrics/events?{range}", product.id);
            let answer = cloud.get(&path, &token).await;
            let buckets = answer.body["events"].as_array().unwrap().clone();
            found.push(buckets.iter().filter(|bucket| bucket["received"] != 0).count());
        }
        (token, found)
    };
    assert_eq!(later(25 * 3600).await.1, [1, 1]);
    let id = product.id.parse().unwrap();
    assert_eq!((stored(&cloud, id, 15).await, stored(&cloud, id, 900).await), (1, 1));
    // After a day it is known to the quarter of an hour only.
    assert_eq!(later(15).await.1, [1, 1]);
    assert_eq!((stored(&cloud, id, 15).await, stored(&cloud, id, 900).await), (0, 1));
    assert_eq!(later(88 * 86_400).await.1, [1, 1]);
    assert_eq!(later(2 * 86_400).await.1, [0, 0]);
    // What its devices run is forgotten a little later, and learned again.
    let token = later(2 * 86_400).await.0;
    assert_eq!(stored(&cloud, id, 900).await, 0);
    let traits = cloud.store.read(move |db| rows::traits_of(db, id, 10)).await.unwrap();
    assert!(traits.is_empty());
    let product = Product { token, ..product };
    publish(&cloud, &product, Some(IDS[0])).await;
    assert_eq!(told(&cloud, &product, "events", "product_fw=3").await.len(), 1);
    drop(device);
}
