//! Device groups: made, renamed, deleted, and which devices are in them.

use serde_json::{Value, json};

use crate::cloud::{Answer, Cloud, Product};
use crate::on_both_engines;

on_both_engines!(
    a_group_is_made_changed_and_deleted,
    a_device_is_in_the_groups_that_were_said_last,
    many_devices_change_groups_at_once,
    a_page_is_narrowed_to_groups,
    groups_are_bounded,
);

fn device(number: usize) -> String {
    format!("e00fce6800000000{number:08x}")
}

/// A product with that many devices, and its path.
async fn fleet(cloud: &Cloud, count: usize) -> (Product, String) {
    let user = cloud.user("me@example.com").await;
    let product = cloud.product(&user, "Fleet").await;
    let path = format!("/v1/products/{}", product.id);
    let ids: Vec<_> = (0..count).map(device).collect();
    let imported = cloud.json("POST", &format!("{path}/devices"), &product.token, json!({"ids": ids})).await;
    assert_eq!(imported.body["updated"], count);
    (product, path)
}

fn names(answer: &Answer) -> Vec<String> {
    let list = answer.body["groups"].as_array().unwrap_or_else(|| panic!("{}", answer.body));
    list.iter().map(|group| group["name"].as_str().unwrap().to_owned()).collect()
}

fn ids(answer: &Answer) -> Vec<Value> {
    let list = answer.body["devices"].as_array().unwrap_or_else(|| panic!("{}", answer.body));
    list.iter().map(|device| device["id"].clone()).collect()
}

/// How many devices a group says it has, and how many a listing finds in it.
async fn count(cloud: &Cloud, product: &Product, group: &str) -> (Value, Value) {
    let path = format!("/v1/products/{}", product.id);
    let said = cloud.get(&format!("{path}/groups/{group}"), &product.token).await;
    let found = cloud.get(&format!("{path}/devices?groups={group}"), &product.token).await;
    (said.body["group"]["device_count"].clone(), found.body["meta"]["total"].clone())
}

async fn a_group_is_made_changed_and_deleted(cloud: Cloud) {
    let (product, path) = fleet(&cloud, 1).await;
    let groups = format!("{path}/groups");
    let fields = [("name", "group_a"), ("description", "the A group"), ("color", "#E74C3C")];
    let made = cloud.form("POST", &groups, &product.token, &fields).await;
    let shown = json!({"name": "group_a", "description": "the A group", "color": "#e74c3c"});
    assert_eq!((made.status.as_u16(), &made.body), (201, &json!({"group": shown})));
    assert_eq!(cloud.form("POST", &groups, &product.token, &fields).await.error(), (409, "conflict".into()));
    assert_eq!(cloud.json("POST", &groups, &product.token, json!({"name": "beta"})).await.status, 201);
    assert_eq!(names(&cloud.get(&groups, &product.token).await), ["beta", "group_a"]);
    assert_eq!(names(&cloud.get(&format!("{groups}?name=ou"), &product.token).await), ["group_a"]);
    assert_eq!(names(&cloud.get(&format!("{groups}?name=%25"), &product.token).await), [""; 0]);
    let seen = cloud.get(&path, &product.token).await;
    assert_eq!(seen.body["product"]["groups"], json!(["beta", "group_a"]));

    let of_device = format!("{path}/devices/{}", device(0));
    let joined = cloud.form("PUT", &of_device, &product.token, &[("groups[]", "group_a")]).await;
    assert_eq!(joined.body["groups"], json!(["group_a"]));
    let renamed =
        cloud.form("PUT", &format!("{groups}/group_a"), &product.token, &[("name", "agents")]).await;
    let shown =
        json!({"name": "agents", "description": "the A group", "color": "#e74c3c", "device_count": 1});
    assert_eq!((renamed.status.as_u16(), &renamed.body), (200, &json!({"group": shown})));
    assert_eq!(cloud.get(&of_device, &product.token).await.body["groups"], json!(["agents"]));
    assert_eq!(cloud.get(&path, &product.token).await.body["product"]["groups"], json!(["agents", "beta"]));
    let agents = format!("{groups}/agents");
    for (fields, status) in [
        (json!({"name": "beta"}), 409),
        (json!({"name": "Beta"}), 400),
        (json!({"color": "red"}), 400),
        (json!({"description": "x".repeat(1001)}), 400),
        (json!({}), 400),
        (json!({"name": "agents", "color": "#fff"}), 200),
    ] {
        assert_eq!(
            cloud.json("PUT", &agents, &product.token, fields.clone()).await.status,
            status,
            "{fields}"
        );
    }
    for bad in [json!({}), json!({"name": ""}), json!({"name": "a b"}), json!({"name": "x".repeat(65)})] {
        assert_eq!(cloud.json("POST", &groups, &product.token, bad.clone()).await.status, 400, "{bad}");
    }

    assert_eq!(cloud.form("DELETE", &agents, &product.token, &[]).await.status, 204);
    assert_eq!(cloud.get(&of_device, &product.token).await.body["groups"], json!([]));
    for method in ["GET", "DELETE"] {
        assert_eq!(cloud.form(method, &agents, &product.token, &[]).await.status, 404);
    }
    assert_eq!(cloud.json("PUT", &agents, &product.token, json!({"color": "#fff"})).await.status, 404);
    // A group of the same name is another group.
    assert_eq!(cloud.json("POST", &groups, &product.token, json!({"name": "agents"})).await.status, 201);
    assert_eq!(count(&cloud, &product, "agents").await, (json!(0), json!(0)));
    while cloud.mote.sweep().await.unwrap() {}
    assert_eq!(count(&cloud, &product, "agents").await, (json!(0), json!(0)));
}

async fn a_device_is_in_the_groups_that_were_said_last(cloud: Cloud) {
    let (product, path) = fleet(&cloud, 2).await;
    let of_device = format!("{path}/devices/{}", device(0));
    let set =
        async |groups: Value| cloud.json("PUT", &of_device, &product.token, json!({"groups": groups})).await;
    let joined = set(json!(["europe", "asia", "asia"])).await;
    assert_eq!(joined.body["groups"], json!(["asia", "europe"]));
    assert!(joined.body["updated_at"].is_string() && joined.body.as_object().unwrap().len() == 3);
    assert_eq!(names(&cloud.get(&format!("{path}/groups"), &product.token).await), ["asia", "europe"]);
    assert_eq!(set(json!(["asia", "africa"])).await.body["groups"], json!(["africa", "asia"]));
    for (group, members) in [("africa", 1), ("asia", 1), ("europe", 0)] {
        assert_eq!(count(&cloud, &product, group).await, (json!(members), json!(members)), "{group}");
    }
    for bad in [json!(["Asia"]), json!([1]), json!(vec!["x"; 101]), json!(true)] {
        assert_eq!(set(bad.clone()).await.status, 400, "{bad}");
    }
    assert_eq!(set(json!(null)).await.status, 400);
    assert_eq!(cloud.get(&of_device, &product.token).await.body["groups"], json!(["africa", "asia"]));
    let none = cloud.form("PUT", &of_device, &product.token, &[("groups", "")]).await;
    assert_eq!(none.body["groups"], json!([]));
    assert_eq!(set(json!("asia,europe")).await.body["groups"], json!(["asia", "europe"]));

    // Groups are the product's: they end with a device's stay, and are no business of its owner.
    let user = cloud.user("owner@example.com").await;
    assert_eq!(cloud.form("POST", "/v1/devices", &user, &[("id", &device(0))]).await.status, 200);
    let own = format!("/v1/devices/{}", device(0));
    assert_eq!(cloud.get(&own, &user).await.body["groups"], json!(["asia", "europe"]));
    assert_eq!(cloud.json("PUT", &own, &user, json!({"groups": ["africa"]})).await.status, 400);
    assert_eq!(cloud.form("DELETE", &of_device, &product.token, &[]).await.status, 204);
    assert_eq!(count(&cloud, &product, "asia").await, (json!(0), json!(0)));
    let again = json!({"id": device(0)});
    assert_eq!(cloud.json("POST", &format!("{path}/devices"), &product.token, again).await.status, 200);
}

async fn many_devices_change_groups_at_once(cloud: Cloud) {
    let (product, path) = fleet(&cloud, 6).await;
    let devices = format!("{path}/devices");
    let change = async |ids: Vec<String>, metadata: Value| {
        let body = json!({"action": "groups", "devices": ids, "metadata": metadata});
        cloud.json("PUT", &devices, &product.token, body).await
    };
    let all: Vec<_> = (0..6).map(device).collect();
    let done = change(all.clone(), json!({"add": ["foo", "bar"]})).await;
    assert_eq!((done.status.as_u16(), &done.body), (200, &json!({"ok": true})));
    assert_eq!(count(&cloud, &product, "foo").await, (json!(6), json!(6)));
    let some = vec![device(1).to_uppercase(), device(2), device(2)];
    assert_eq!(change(some, json!({"add": ["baz", "foo"], "remove": ["bar", "nothing"]})).await.status, 200);
    for (group, members) in [("foo", 6), ("bar", 4), ("baz", 2)] {
        assert_eq!(count(&cloud, &product, group).await, (json!(members), json!(members)), "{group}");
    }
    let strange = vec![device(0), device(77)];
    assert_eq!(change(strange, json!({"remove": ["foo"]})).await.status, 404);
    assert_eq!(count(&cloud, &product, "foo").await, (json!(6), json!(6)));
    for (ids, metadata) in [
        (vec![], json!({"add": ["foo"]})),
        (all.clone(), json!({})),
        (all.clone(), json!({"add": ["Foo"]})),
        (vec![device(0); 1001], json!({"add": ["foo"]})),
    ] {
        assert_eq!(change(ids, metadata.clone()).await.status, 400, "{metadata}");
    }
    let other = json!({"action": "nothing", "devices": all, "metadata": {"add": ["foo"]}});
    assert_eq!(cloud.json("PUT", &devices, &product.token, other).await.status, 400);
    let form = [("action", "groups"), ("devices[]", &device(0)), ("metadata[remove][]", "foo")];
    assert_eq!(cloud.form("PUT", &devices, &product.token, &form).await.status, 200);
    assert_eq!(count(&cloud, &product, "foo").await, (json!(5), json!(5)));
}

async fn a_page_is_narrowed_to_groups(cloud: Cloud) {
    let (product, path) = fleet(&cloud, 40).await;
    let devices = format!("{path}/devices");
    for (group, step) in [("even", 2), ("third", 3)] {
        let ids: Vec<_> = (0..40).step_by(step).map(device).collect();
        let body = json!({"action": "groups", "devices": ids, "metadata": {"add": [group]}});
        assert_eq!(cloud.json("PUT", &devices, &product.token, body).await.status, 200);
    }
    let page = async |query: &str| cloud.get(&format!("{devices}?{query}"), &product.token).await;
    let even = page("groups=even&sortAttr=deviceId&per_page=3&page=2").await;
    assert_eq!(ids(&even), [6, 8, 10].map(device));
    assert_eq!((&even.body["meta"]["total"], &even.body["meta"]["total_pages"]), (&json!(20), &json!(7)));
    assert_eq!(even.body["devices"][0]["groups"], json!(["even", "third"]));
    assert_eq!(even.body["devices"][1]["groups"], json!(["even"]));
    let either = page("groups=even%2Cthird&sortAttr=deviceId&sortDir=desc&per_page=4").await;
    assert_eq!(
        (ids(&either), &either.body["meta"]["total"]),
        ([39, 38, 36, 34].map(device).map(Value::from).to_vec(), &json!(27))
    );
    assert_eq!(page("groups[0]=third&groups[1]=nothing").await.body["meta"]["total"], 14);
    assert_eq!(
        page("groups=nothing").await.body["meta"],
        json!({"page": 1, "per_page": 25, "total_pages": 0, "total": 0})
    );
    let narrow = page(&format!("groups=third&deviceId={}", &device(12)[14..])).await;
    assert_eq!(ids(&narrow), [device(12)]);
    // Another product's groups of the same name are other groups.
    let user = cloud.user("other@example.com").await;
    let other = cloud.product(&user, "Other").await;
    let groups = format!("/v1/products/{}/groups", other.id);
    assert_eq!(cloud.json("POST", &groups, &other.token, json!({"name": "even"})).await.status, 201);
    assert_eq!(count(&cloud, &other, "even").await, (json!(0), json!(0)));
}

async fn groups_are_bounded(cloud: Cloud) {
    let (product, path) = fleet(&cloud, 1).await;
    let of_device = format!("{path}/devices/{}", device(0));
    for hundred in 0..5 {
        let names: Vec<_> = (0..100).map(|number| format!("g{hundred}-{number}")).collect();
        let set = cloud.json("PUT", &of_device, &product.token, json!({"groups": names})).await;
        assert_eq!(set.status, 200);
    }
    let one_more =
        cloud.json("POST", &format!("{path}/groups"), &product.token, json!({"name": "more"})).await;
    assert_eq!(one_more.error(), (409, "conflict".into()));
    let set = cloud.json("PUT", &of_device, &product.token, json!({"groups": ["more"], "name": "x"})).await;
    assert_eq!(set.status, 409);
    let seen = cloud.get(&of_device, &product.token).await;
    assert_eq!((&seen.body["name"], seen.body["groups"].as_array().unwrap().len()), (&json!(null), 100));
    assert_eq!(cloud.form("DELETE", &format!("{path}/groups/g0-0"), &product.token, &[]).await.status, 204);
    let set = cloud.json("PUT", &of_device, &product.token, json!({"groups": ["more"]})).await;
    assert_eq!(set.status, 200);
}
