//! Ledgers: defined, written, read, with what they held before.

use std::sync::Arc;

use axum::body::Body;
use http::Request;
use mote_core::SpaceKey;
use mote_store::{Db, StoreError, ledgers};
use serde_json::{Value, json};

use crate::cloud::{Answer, Cloud, Product};
use crate::on_both_engines;

on_both_engines!(
    a_ledger_is_defined_changed_and_archived,
    every_space_has_ledgers_of_its_own,
    an_instance_is_for_what_is_within_reach,
    data_is_replaced_or_merged_within_bounds,
    writers_at_once_lose_nothing,
    versions_are_kept_paged_and_swept,
    what_is_gone_takes_its_ledgers_along,
);

const DEVICE: &str = "e00fce680000000000000001";

async fn ledger(cloud: &Cloud, base: &str, token: &str, name: &str, scope: &str) -> String {
    let body = json!({"ledger": {"name": name, "scope": scope, "direction": "Downstream"}});
    let made = cloud.json("POST", &format!("{base}/ledgers"), token, body).await;
    assert_eq!(made.status, 201, "{}", made.body);
    format!("{base}/ledgers/{name}")
}

async fn set(cloud: &Cloud, path: &str, token: &str, data: Value) -> Answer {
    cloud.json("PUT", path, token, json!({"instance": {"data": data}})).await
}

async fn with_device(cloud: &Cloud, user: &str) -> Product {
    let product = cloud.product(user, "Fleet").await;
    let path = format!("/v1/products/{}/devices", product.id);
    let added = cloud.json("POST", &path, &product.token, json!({"id": DEVICE})).await;
    assert_eq!(added.body["updated"], 1);
    product
}

async fn a_ledger_is_defined_changed_and_archived(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    // As the documentation's example has it: a file, which curl sends as if it were a form.
    let file =
        r#"{"name": "sensors", "scope": "Device", "direction": "Upstream", "description": "a=b & c%"}"#;
    let request = Request::post("/v1/ledgers")
        .header("authorization", &user)
        .header("content-type", "application/x-www-form-urlencoded");
    let made = cloud.send(request.body(Body::from(file)).unwrap()).await;
    assert_eq!((made.status.as_u16(), made.text("/ledger/description")), (201, "a=b & c%".into()));
    for (body, status) in [
        (json!({"name": "sensors", "scope": "Owner"}), 409),
        (json!({"name": "Sensors", "scope": "Owner"}), 400),
        (json!({"name": "x".repeat(33), "scope": "Owner"}), 400),
        (json!({"name": "x", "scope": "Elsewhere"}), 400),
        (json!({"name": "x", "scope": "Owner", "direction": "Sideways"}), 400),
        (json!({"name": "x", "scope": "Owner", "description": "x".repeat(2001)}), 400),
        (json!({"name": "x"}), 400),
        (json!({"scope": "Owner"}), 400),
    ] {
        let refused = cloud.json("POST", "/v1/ledgers", &user, body.clone()).await;
        assert_eq!(refused.status.as_u16(), status, "{body}");
    }
    let path = "/v1/ledgers/sensors";
    cloud.pass(5);
    let changed = cloud.json("PUT", path, &user, json!({"ledger": {"direction": "Downstream"}})).await;
    assert_eq!((changed.status.as_u16(), changed.text("/ledger/description")), (201, "a=b & c%".into()));
    assert_eq!(changed.text("/ledger/updated_at"), cloud.now().to_iso());
    assert_eq!(cloud.json("PUT", path, &user, json!({"scope": "Owner"})).await.status, 400);
    assert_eq!(cloud.json("PUT", path, &user, json!({"name": "else"})).await.status, 400);
    assert_eq!(cloud.json("PUT", "/v1/ledgers/none", &user, json!({})).await.status, 404);
    ledger(&cloud, "/v1", &user, "owned", "Owner").await;
    let names = async |query: &str| {
        let listed = cloud.get(&format!("/v1/ledgers{query}"), &user).await;
        let names = listed.body["ledgers"].as_array().unwrap_or_else(|| panic!("{}", listed.body));
        let names: Vec<_> = names.iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect();
        (names.join(","), listed.body["meta"].clone())
    };
    assert_eq!(
        names("").await,
        ("owned,sensors".into(), json!({"page": 1, "per_page": 100, "total_pages": 1, "total": 2}))
    );
    assert_eq!(names("?scope=Device").await.0, "sensors");
    assert_eq!(
        names("?page=2&perPage=1").await,
        ("sensors".into(), json!({"page": 2, "per_page": 1, "total_pages": 2, "total": 2}))
    );
    for _ in 0..2 {
        assert_eq!(cloud.form("DELETE", path, &user, &[]).await.status, 204);
    }
    assert_eq!((names("").await.0, names("?archived=true").await.0), ("owned".into(), "sensors".into()));
    assert_eq!(cloud.get(path, &user).await.text("/ledger/archived_at"), cloud.now().to_iso());
    assert_eq!(cloud.json("PUT", path, &user, json!({"description": "x"})).await.status, 409);
    let again = cloud.json("POST", "/v1/ledgers", &user, json!({"name": "sensors", "scope": "Device"})).await;
    assert_eq!(again.status, 409);
    for bad in ["scope=x", "page=0", "perPage=1001", "archived=maybe"] {
        assert_eq!(cloud.get(&format!("/v1/ledgers?{bad}"), &user).await.status, 400, "{bad}");
    }
}

async fn every_space_has_ledgers_of_its_own(cloud: Cloud) {
    let (user, stranger) = (cloud.user("me@example.com").await, cloud.user("you@example.com").await);
    let product = cloud.product(&user, "Mine").await;
    cloud.form("POST", "/v1/orgs", &user, &[("name", "Makers")]).await;
    let of_product = format!("/v1/products/{}", product.slug);
    for (base, token) in [("/v1", &user), ("/v1/orgs/makers", &user), (of_product.as_str(), &product.token)] {
        let path = ledger(&cloud, base, token, "same-name", "Owner").await;
        assert_eq!(cloud.get(&path, token).await.text("/ledger/scope"), "Owner");
        assert_eq!(cloud.get(&format!("{base}/ledgers"), token).await.body["meta"]["total"], 1);
        assert_ne!(cloud.get(&path, &stranger).await.status, 200);
    }
    assert_eq!(cloud.get("/v1/ledgers/same-name", &product.token).await.status, 403);
    assert_eq!(cloud.get("/v1/orgs/makers/ledgers/same-name", &product.token).await.status, 403);
    // One owner: the organization, by ID or slug, and the account that a product is of.
    let id = cloud.get("/v1/orgs/makers", &user).await.text("/organization/id");
    let account = cloud.get("/v1/user", &user).await.text("/id");
    let in_org = "/v1/orgs/makers/ledgers/same-name/instances";
    let by_slug = set(&cloud, &format!("{in_org}/makers"), &user, json!({"a": 1})).await;
    assert_eq!(by_slug.text("/instance/scope/value"), id);
    assert_eq!(cloud.get(&format!("{in_org}/{id}"), &user).await.body, by_slug.body);
    assert_eq!(cloud.get(in_org, &user).await.text("/instances/0/scope/name"), "Makers");
    assert_eq!(set(&cloud, &format!("{in_org}/{account}"), &user, json!({})).await.status, 404);
    for base in ["/v1/ledgers/same-name", &format!("{of_product}/ledgers/same-name")] {
        let token = if base.starts_with("/v1/p") { &product.token } else { &user };
        let path = format!("{base}/instances/{account}");
        assert_eq!(set(&cloud, &path, token, json!({})).await.status, 201);
        assert_eq!(set(&cloud, &format!("{base}/instances/{id}"), token, json!({})).await.status, 404);
    }
}

async fn an_instance_is_for_what_is_within_reach(cloud: Cloud) {
    let (user, stranger) = (cloud.user("me@example.com").await, cloud.user("you@example.com").await);
    let product = with_device(&cloud, &user).await;
    let devices = format!("/v1/products/{}/devices/{DEVICE}", product.id);
    cloud.json("PUT", &devices, &product.token, json!({"name": "porch"})).await;
    let other = cloud.product(&stranger, "Other").await;
    let base = format!("/v1/products/{}", product.id);
    let path = ledger(&cloud, &base, &product.token, "settings", "Device").await;
    let instance = format!("{path}/instances/{DEVICE}");
    assert_eq!(cloud.get(&instance, &product.token).await.status, 404);
    let upper = format!("{path}/instances/{}", DEVICE.to_uppercase());
    let made = set(&cloud, &upper, &product.token, json!({"min": 2.5})).await;
    assert_eq!(made.status, 201);
    assert_eq!(made.body["instance"]["scope"], json!({"type": "Device", "value": DEVICE}));
    assert_eq!(made.body["instance"]["size_bytes"], 11);
    let missing = format!("{path}/instances/e00fce680000000000000009");
    assert_eq!(set(&cloud, &missing, &product.token, json!({})).await.status, 404);
    assert_eq!(set(&cloud, &format!("{path}/instances/porch"), &product.token, json!({})).await.status, 400);
    let listed = cloud.get(&format!("{path}/instances"), &product.token).await;
    assert_eq!(listed.text("/instances/0/scope/name"), "porch");
    // The owner's ledgers reach the devices of his products, and nobody else's.
    for (token, status) in [(&user, 201), (&stranger, 404)] {
        let own = ledger(&cloud, "/v1", token, "mine", "Device").await;
        let set = set(&cloud, &format!("{own}/instances/{DEVICE}"), token, json!({})).await;
        assert_eq!(set.status.as_u16(), status);
    }
    let foreign = ledger(&cloud, &format!("/v1/products/{}", other.id), &other.token, "x", "Device").await;
    let foreign = format!("{foreign}/instances/{DEVICE}");
    assert_eq!(set(&cloud, &foreign, &other.token, json!({})).await.status, 404);
    // By product: by ID or slug.
    let by_product = ledger(&cloud, "/v1", &user, "defaults", "Product").await;
    let by_slug = set(&cloud, &format!("{by_product}/instances/{}", product.slug), &user, json!({})).await;
    assert_eq!(by_slug.text("/instance/scope/value"), product.id);
    assert_eq!(cloud.get(&format!("{by_product}/instances/{}", product.id), &user).await.body, by_slug.body);
    for unknown in [&other.id, &other.slug, "999999", "no-such"] {
        let path = format!("{by_product}/instances/{unknown}");
        assert_eq!(set(&cloud, &path, &user, json!({})).await.status, 404, "{unknown}");
    }
    let seen = async |product: &str| cloud.get(&format!("{by_product}/instances/{product}"), &user).await;
    assert_eq!(seen(&other.slug).await.body, seen("no-such").await.body, "whether there is one is not told");
    assert_eq!(seen(&other.id).await.body, seen("999999").await.body);
    // What leaves reach can be read and deleted, and not be written.
    assert_eq!(cloud.form("DELETE", &devices, &product.token, &[]).await.status, 204);
    assert_eq!(cloud.get(&instance, &product.token).await.body["instance"]["data"], json!({"min": 2.5}));
    let listed = cloud.get(&format!("{path}/instances"), &product.token).await;
    let scope = json!({"type": "Device", "value": DEVICE, "not_owned": true});
    assert_eq!(listed.body["instances"][0]["scope"], scope);
    assert_eq!(set(&cloud, &instance, &product.token, json!({})).await.status, 404);
    assert_eq!(cloud.form("DELETE", &instance, &product.token, &[]).await.status, 204);
    assert_eq!(cloud.form("DELETE", &instance, &product.token, &[]).await.status, 404);
    let listed = cloud.get(&format!("{path}/instances"), &product.token).await;
    assert_eq!(
        listed.body,
        json!({"instances": [], "meta": {"page": 1, "per_page": 100, "total_pages": 0, "total": 0}})
    );
}

async fn data_is_replaced_or_merged_within_bounds(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let account = cloud.get("/v1/user", &user).await.text("/id");
    let path = format!("{}/instances/{account}", ledger(&cloud, "/v1", &user, "mine", "Owner").await);
    let merge = format!("{path}?set_mode=Merge");
    assert_eq!(set(&cloud, &merge, &user, json!({"a": 123, "b": {"c": 1}})).await.status, 201);
    let merged = set(&cloud, &merge, &user, json!({"b": {"d": 2}, "e": null})).await;
    let expected = json!({"a": 123, "b": {"d": 2}, "e": null});
    assert_eq!(merged.body["instance"]["data"], expected);
    assert_eq!(merged.body["instance"]["size_bytes"].as_u64().unwrap(), expected.to_string().len() as u64);
    let flat =
        cloud.json("PUT", &format!("{path}?set_mode=Replace"), &user, json!({"data": {"z": [1]}})).await;
    assert_eq!(flat.body["instance"]["data"], json!({"z": [1]}));
    for bad in
        [json!({}), json!({"data": []}), json!({"data": "x"}), json!({"data": null}), json!({"instance": {}})]
    {
        assert_eq!(cloud.json("PUT", &path, &user, bad.clone()).await.status, 400, "{bad}");
    }
    assert_eq!(set(&cloud, &format!("{path}?set_mode=Mix"), &user, json!({})).await.status, 400);
    // 16 KiB of JSON, and not a byte more; merging counts what is there.
    let most = |bytes: usize| json!({"x": "y".repeat(bytes - r#"{"x":""}"#.len())});
    assert_eq!(set(&cloud, &path, &user, most(16 * 1024)).await.body["instance"]["size_bytes"], 16 * 1024);
    assert_eq!(set(&cloud, &path, &user, most(16 * 1024 + 1)).await.status, 400);
    assert_eq!(set(&cloud, &merge, &user, json!({"a": 1})).await.status, 400);
    assert_eq!(cloud.get(&path, &user).await.body["instance"]["size_bytes"], 16 * 1024);
    let deep = format!(r#"{{"data":{{"a":{}{}}}}}"#, "[".repeat(5000), "]".repeat(5000));
    let request =
        Request::put(&path).header("authorization", &user).header("content-type", "application/json");
    assert_eq!(cloud.send(request.body(Body::from(deep)).unwrap()).await.status, 400);
    let in_cloud = json!({"name": "large", "scope": "Owner"});
    let made = cloud.json("POST", "/v1/ledgers", &user, in_cloud).await;
    assert_eq!(made.text("/ledger/direction"), "None");
    let large = format!("/v1/ledgers/large/instances/{account}");
    assert_eq!(set(&cloud, &large, &user, most(1024 * 1024)).await.status, 201);
    assert_eq!(set(&cloud, &large, &user, most(1024 * 1024 + 1)).await.status, 400);
    let held = cloud.json("PUT", "/v1/ledgers/large", &user, json!({"direction": "Downstream"})).await;
    assert_eq!(held.status, 409);
    let per_page = cloud.get("/v1/ledgers/large/instances?per_page=500", &user).await;
    assert_eq!(per_page.body["meta"]["per_page"], 10);
    // Who writes it: devices alone, and nobody once it is archived.
    let upstream = json!({"name": "up", "scope": "Owner", "direction": "Upstream"});
    assert_eq!(cloud.json("POST", "/v1/ledgers", &user, upstream).await.status, 201);
    let up = set(&cloud, &format!("/v1/ledgers/up/instances/{account}"), &user, json!({})).await;
    assert_eq!(up.error(), (409, "conflict".into()));
    assert_eq!(cloud.form("DELETE", "/v1/ledgers/mine", &user, &[]).await.status, 204);
    assert_eq!(set(&cloud, &path, &user, json!({})).await.status, 409);
    assert_eq!(cloud.form("DELETE", &path, &user, &[]).await.status, 409);
    assert_eq!(cloud.get(&path, &user).await.status, 200);
}

async fn writers_at_once_lose_nothing(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let account = cloud.get("/v1/user", &user).await.text("/id");
    let path = format!("{}/instances/{account}", ledger(&cloud, "/v1", &user, "mine", "Owner").await);
    let (cloud, path, user) = (Arc::new(cloud), Arc::new(path), Arc::new(user));
    let writers: Vec<_> = (0..12)
        .map(|number| {
            let (cloud, path, user) = (Arc::clone(&cloud), Arc::clone(&path), Arc::clone(&user));
            tokio::spawn(async move {
                let merge = format!("{path}?set_mode=Merge");
                set(&cloud, &merge, &user, json!({ format!("k{number}"): number })).await.status.as_u16()
            })
        })
        .collect();
    for writer in writers {
        assert_eq!(writer.await.unwrap(), 201);
    }
    let held = cloud.get(&path, &user).await;
    let data = held.body["instance"]["data"].as_object().unwrap();
    assert_eq!(data.len(), 12);
    assert!((0..12).all(|number| data[&format!("k{number}")] == number));
    // Each write is a version of its own, one more field than the one before.
    let versions = cloud.get(&format!("{path}/versions"), &user).await;
    let sizes: Vec<_> = versions.body["versions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|version| version["data"].as_object().unwrap().len())
        .collect();
    assert_eq!(sizes, (1..=12).rev().collect::<Vec<_>>());
    let listed = cloud.get("/v1/ledgers/mine/instances", &user).await;
    assert_eq!(listed.body["meta"]["total"], 1);
}

async fn versions_are_kept_paged_and_swept(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let account = cloud.get("/v1/user", &user).await.text("/id");
    let path = format!("{}/instances/{account}", ledger(&cloud, "/v1", &user, "mine", "Owner").await);
    let versions = format!("{path}/versions");
    assert_eq!(cloud.get(&versions, &user).await.status, 404);
    let mut written = Vec::new();
    for number in 0..120 {
        cloud.pass(1);
        written.push(set(&cloud, &path, &user, json!({"n": number})).await.text("/instance/updated_at"));
    }
    let numbers = |answer: &Answer| {
        let list = answer.body["versions"].as_array().unwrap_or_else(|| panic!("{}", answer.body));
        list.iter().map(|one| one["data"]["n"].as_i64().unwrap()).collect::<Vec<_>>()
    };
    let first = cloud.get(&versions, &user).await;
    assert_eq!(numbers(&first), (70..120).rev().collect::<Vec<_>>());
    assert_eq!(first.body["meta"], json!({"has_more": true}));
    assert_eq!(first.body["versions"][0].get("replaced_at"), None);
    let last = first.text("/versions/49/replaced_at");
    assert_eq!(last, written[71]);
    let second = cloud.get(&format!("{versions}?replaced_before={last}"), &user).await;
    assert_eq!(numbers(&second), (20..70).rev().collect::<Vec<_>>());
    let last = second.text("/versions/49/replaced_at");
    let third = cloud.get(&format!("{versions}?replaced_before={last}"), &user).await;
    assert_eq!(numbers(&third), [19], "of 119 that were replaced a hundred are kept");
    assert_eq!(third.body["meta"], json!({"has_more": false}));
    let between = format!("{versions}?replaced_after={}&replaced_before={}", written[50], written[53]);
    assert_eq!(numbers(&cloud.get(&between, &user).await), [51, 50]);
    let after = cloud.get(&format!("{versions}?replaced_after={}", written[118]), &user).await;
    assert_eq!(numbers(&after), [119, 118]);
    assert_eq!(numbers(&cloud.get(&format!("{versions}?replaced_before=2020-01-01"), &user).await), [0; 0]);
    let one = async |version: &str| cloud.get(&format!("{versions}/{version}"), &user).await;
    assert_eq!(one(&written[100]).await.body["instance"], first.body["versions"][19]);
    assert_eq!(one(&cloud.now().0.to_string()).await.body["instance"]["data"], json!({"n": 119}));
    assert_eq!(one(&written[5]).await.status, 404);
    assert_eq!(one("nonsense").await.status, 400);
    assert_eq!(cloud.get(&format!("{versions}?replaced_after=soon"), &user).await.status, 400);
    cloud.pass(30 * 24 * 60 * 60 - 50);
    while cloud.mote.sweep().await.unwrap() {}
    let kept = cloud.get(&versions, &user).await;
    assert_eq!(numbers(&kept), (69..120).rev().take(50).collect::<Vec<_>>());
    cloud.pass(100);
    while cloud.mote.sweep().await.unwrap() {}
    assert_eq!(numbers(&cloud.get(&versions, &user).await), [119], "what is held now stays");
    // With the instance its versions go.
    set(&cloud, &path, &user, json!({"n": 1})).await;
    assert_eq!(cloud.form("DELETE", &path, &user, &[]).await.status, 204);
    assert_eq!(one(&written[119]).await.status, 404);
    set(&cloud, &path, &user, json!({"n": 2})).await;
    assert_eq!(numbers(&cloud.get(&versions, &user).await), [2]);
}

async fn what_is_gone_takes_its_ledgers_along(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let product = cloud.product(&user, "Short-lived").await;
    let base = format!("/v1/products/{}", product.id);
    let path = ledger(&cloud, &base, &product.token, "mine", "Product").await;
    let instance = format!("{path}/instances/{}", product.id);
    for number in 0..3 {
        assert_eq!(set(&cloud, &instance, &product.token, json!({"n": number})).await.status, 201);
    }
    let (space, value) = (SpaceKey::Product(product.id.parse().unwrap()), product.id.clone());
    let found = cloud.store.read(move |db| ledgers::by_name(db, space, "mine")).await.unwrap();
    let id = found.unwrap().id;
    let rows = async || {
        let value = value.clone();
        let count = move |db: &mut Db| -> Result<_, StoreError> {
            let held = ledgers::instances::get(db, id, &value)?.is_some();
            let versions = ledgers::versions::sizes(db, id, &value)?.len();
            Ok((ledgers::get(db, id)?.is_some(), held, versions))
        };
        cloud.store.read(count).await.unwrap()
    };
    assert_eq!(rows().await, (true, true, 2));
    assert_eq!(cloud.form("DELETE", &base, &product.token, &[]).await.status, 204);
    while cloud.mote.sweep().await.unwrap() {}
    assert_eq!(rows().await, (false, false, 0));
}
