//! Environment variables: set, inherited, rolled out.

use std::collections::BTreeMap;
use std::sync::Arc;

use mote_core::sessions::Command;
use serde_json::{Value, json};

use crate::cloud::{Answer, Cloud, Product};
use crate::on_both_engines;
use crate::sessions::{connect, hello};

on_both_engines!(
    variables_are_set_unset_and_rolled_out,
    levels_inherit_from_those_above,
    the_account_reaches_devices_through_their_product,
    a_device_says_what_it_has,
    a_rollout_reaches_who_is_connected,
    bounds_hold_at_every_level,
    changes_at_once_lose_nothing,
    variables_end_with_whose_they_are,
);

const DEVICE: &str = "e00fce680000000000000001";
const OTHER: &str = "e00fce680000000000000002";

async fn fleet(cloud: &Cloud, user: &str) -> Product {
    let product = cloud.product(user, "Fleet").await;
    let path = format!("/v1/products/{}/devices", product.id);
    let added = cloud.json("POST", &path, &product.token, json!({"ids": [DEVICE]})).await;
    assert_eq!(added.body["updated"], 1);
    product
}

async fn set(cloud: &Cloud, path: &str, token: &str, name: &str, value: &str) -> Answer {
    let set = cloud.json("PUT", &format!("{path}/{name}"), token, json!({ "value": value })).await;
    assert_eq!(set.status, 200, "{}", set.body);
    set
}

async fn roll_out(cloud: &Cloud, path: &str, token: &str) {
    let rolled = cloud.json("POST", &format!("{path}/rollout"), token, json!({"when": "Connect"})).await;
    assert_eq!((rolled.status.as_u16(), rolled.body), (200, json!({"success": true})));
}

async fn rendered(cloud: &Cloud, path: &str, token: &str) -> Value {
    cloud.get(&format!("{path}/render"), token).await.body["env"].clone()
}

async fn variables_are_set_unset_and_rolled_out(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let account = cloud.get("/v1/user", &user).await.text("/id");
    let nothing = json!({"own": {}, "inherited": {}, "rollout_at": null, "rollout_by": null});
    let unset = json!({
        "own": {}, "inherited": {}, "created_at": null, "updated_at": null, "created_by": null, "updated_by": null
    });
    let seen = cloud.get("/v1/env", &user).await;
    assert_eq!(seen.body, json!({"last_snapshot": nothing, "latest": unset}));
    // As the Particle CLI sets one.
    let ops = json!({"ops": [{"op": "Set", "key": "FOO", "value": "bar"}]});
    let patched = cloud.json("PATCH", "/v1/env", &user, ops).await;
    let first = cloud.now().to_iso();
    let latest = json!({
        "own": {"FOO": {"value": "bar"}}, "inherited": {}, "created_at": first, "updated_at": first,
        "created_by": account, "updated_by": account
    });
    assert_eq!(patched.body, json!({"last_snapshot": nothing, "latest": latest}));
    cloud.pass(60);
    set(&cloud, "/v1/env", &user, "RETRY", "30").await;
    assert_eq!(rendered(&cloud, "/v1/env", &user).await, json!({}), "nothing was rolled out");
    let review = cloud.get("/v1/env/rollout", &user).await;
    let added = json!([
        {"op": "Added", "key": "FOO", "after": "bar"}, {"op": "Added", "key": "RETRY", "after": "30"}
    ]);
    assert_eq!(review.body, json!({"from_snapshot": {"changes": added, "unchanged": {}}}));
    roll_out(&cloud, "/v1/env", &user).await;
    let render = cloud.get("/v1/env/render", &user).await;
    let now = cloud.now().to_iso();
    assert_eq!(
        render.body,
        json!({"env": {"FOO": "bar", "RETRY": "30"}, "last_updated_at": now, "rollout_at": now, "rollout_by": account})
    );
    cloud.pass(60);
    let ops = json!({"ops": [
        {"op": "Unset", "key": "FOO"}, {"op": "Set", "key": "RETRY", "value": ""}, {"op": "Unset", "key": "NONE"},
        {"op": "Set", "key": "NEW", "value": "1"}
    ]});
    let patched = cloud.json("PATCH", "/v1/env", &user, ops).await;
    assert_eq!(patched.body["latest"]["own"], json!({"NEW": {"value": "1"}, "RETRY": {"value": ""}}));
    assert_eq!(patched.body["latest"]["created_at"], first);
    let kept = json!({"FOO": {"value": "bar"}, "RETRY": {"value": "30"}});
    assert_eq!(patched.body["last_snapshot"]["own"], kept);
    let review = cloud.get("/v1/env/rollout", &user).await;
    assert_eq!(
        review.body["from_snapshot"]["changes"],
        json!([
            {"op": "Removed", "key": "FOO", "before": "bar"}, {"op": "Added", "key": "NEW", "after": "1"},
            {"op": "Changed", "key": "RETRY", "before": "30", "after": ""}
        ])
    );
    let deleted = cloud.form("DELETE", "/v1/env/NEW", &user, &[]).await;
    assert_eq!(deleted.body["latest"]["own"], json!({"RETRY": {"value": ""}}));
    assert_eq!(cloud.form("DELETE", "/v1/env/NEW", &user, &[]).await.error(), (404, "not_found".into()));
    for (method, path, body) in [
        ("PATCH", "/v1/env", json!({"ops": []})),
        ("PATCH", "/v1/env", json!({})),
        ("PATCH", "/v1/env", json!({"ops": [{"op": "Set", "key": "A"}]})),
        ("PATCH", "/v1/env", json!({"ops": [{"op": "Add", "key": "A", "value": "x"}]})),
        ("PATCH", "/v1/env", json!({"ops": [{"op": "Set", "key": "invalid-key", "value": "x"}]})),
        ("PATCH", "/v1/env", json!({"ops": [{"op": "Set", "key": "A", "value": {}}]})),
        ("PUT", "/v1/env/lower", json!({"value": "x"})),
        ("PUT", "/v1/env/A", json!({})),
        ("POST", "/v1/env/rollout", json!({})),
        ("POST", "/v1/env/rollout", json!({"when": "Later"})),
    ] {
        assert_eq!(cloud.json(method, path, &user, body.clone()).await.status, 400, "{method} {path} {body}");
    }
    let one_bad =
        json!({"ops": [{"op": "Set", "key": "GOOD", "value": "x"}, {"op": "Set", "key": "1", "value": "x"}]});
    let refused = cloud.json("PATCH", "/v1/env", &user, one_bad).await;
    assert!(refused.text("/error_description").contains("ops[1].key"));
    let seen = cloud.get("/v1/env", &user).await;
    assert_eq!(seen.body["latest"]["own"], json!({"RETRY": {"value": ""}}), "all or none");
}

async fn levels_inherit_from_those_above(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    cloud.form("POST", "/v1/orgs", &user, &[("name", "Makers")]).await;
    let fields = [("name", "Shared"), ("platform_id", "13")];
    let made = cloud.form("POST", "/v1/orgs/makers/products", &user, &fields).await;
    let id = made.body["product"]["id"].to_string();
    let clients = format!("/v1/products/{id}/clients");
    let client = cloud.form("POST", &clients, &user, &[("name", "server"), ("type", "installed")]).await;
    let minted = cloud.mint(&client.text("/client/id"), &client.text("/client/secret")).await;
    let token = crate::cloud::bearer(&minted.text("/access_token"));
    let devices = format!("/v1/products/{id}/devices");
    assert_eq!(cloud.json("POST", &devices, &token, json!({"id": DEVICE})).await.body["updated"], 1);

    let (org, product) = ("/v1/orgs/makers/env".to_owned(), format!("/v1/products/{id}/env"));
    let device = format!("{product}/{DEVICE}");
    for (path, token, names) in [
        (&org, &user, ["A", "B", "C"].as_slice()),
        (&product, &token, ["B", "C", "D"].as_slice()),
        (&device, &token, ["C", "E"].as_slice()),
    ] {
        for name in names {
            set(&cloud, path, token, name, &format!("{name} at {}", path.len())).await;
        }
    }
    let at = |path: &str, name: &str| format!("{name} at {}", path.len());
    // What is staged above is not inherited; what is rolled out there is, without a rollout below.
    assert_eq!(cloud.get(&device, &token).await.body["latest"]["inherited"], json!({}));
    roll_out(&cloud, &org, &user).await;
    let seen = cloud.get(&product, &token).await;
    let inherited = json!({
        "A": {"from": "Owner", "value": at(&org, "A")}, "B": {"from": "Owner", "value": at(&org, "B")},
        "C": {"from": "Owner", "value": at(&org, "C")}
    });
    assert_eq!(
        (&seen.body["latest"]["inherited"], &seen.body["last_snapshot"]["inherited"]),
        (&inherited, &inherited)
    );
    assert_eq!(seen.body["last_snapshot"]["own"], json!({}));
    assert_eq!(seen.body.get("on_device"), None);
    assert_eq!(seen.body["latest"]["created_by"], Value::Null, "a product's token is nobody's");
    roll_out(&cloud, &product, &token).await;
    let seen = cloud.get(&device, &token).await;
    assert_eq!(
        seen.body["latest"]["inherited"],
        json!({
            "A": {"from": "Owner", "value": at(&org, "A")}, "B": {"from": "Product", "value": at(&product, "B")},
            "C": {"from": "Product", "value": at(&product, "C")}, "D": {"from": "Product", "value": at(&product, "D")}
        })
    );
    assert_eq!(seen.body["on_device"], Value::Null);
    let mut expected: BTreeMap<_, _> =
        [("A", at(&org, "A")), ("B", at(&product, "B")), ("C", at(&product, "C")), ("D", at(&product, "D"))]
            .into();
    assert_eq!(rendered(&cloud, &device, &token).await, json!(expected));
    let review = cloud.get(&format!("{device}/rollout"), &token).await;
    assert_eq!(
        review.body["from_snapshot"]["changes"],
        json!([
            {"op": "Changed", "key": "C", "before": at(&product, "C"), "after": at(&device, "C")},
            {"op": "Added", "key": "E", "after": at(&device, "E")}
        ])
    );
    assert_eq!(review.body["from_snapshot"]["unchanged"].as_object().unwrap().len(), 3);
    roll_out(&cloud, &device, &token).await;
    expected.extend([("C", at(&device, "C")), ("E", at(&device, "E"))]);
    assert_eq!(rendered(&cloud, &device, &token).await, json!(expected));
    // By the organization's path too.
    let by_org = format!("{org}/{DEVICE}");
    assert_eq!(cloud.get(&by_org, &user).await.body, cloud.get(&device, &token).await.body);
    assert_eq!(set(&cloud, &by_org, &user, "F", "x").await.body["latest"]["own"]["F"], json!({"value": "x"}));
    // Taken back at a level, what is above shows again.
    assert_eq!(cloud.form("DELETE", &format!("{device}/C"), &token, &[]).await.status, 200);
    roll_out(&cloud, &device, &token).await;
    assert_eq!(rendered(&cloud, &device, &token).await["C"], at(&product, "C"));
}

async fn the_account_reaches_devices_through_their_product(cloud: Cloud) {
    let (user, stranger) = (cloud.user("me@example.com").await, cloud.user("you@example.com").await);
    let product = fleet(&cloud, &user).await;
    let path = format!("/v1/env/{DEVICE}");
    let missing = format!("/v1/env/{OTHER}");
    // A device that the caller has no part in is none.
    let unknown = cloud.get(&missing, &stranger).await;
    assert_eq!(unknown.status, 404);
    assert_eq!(cloud.get(&path, &stranger).await.body, unknown.body);
    assert_eq!(cloud.get(&path, &user).await.status, 404, "closed to its team's own tokens");
    cloud.form("POST", "/v1/devices", &user, &[("id", DEVICE)]).await;
    let closed = cloud.get(&path, &user).await;
    assert_eq!(closed.status, 403);
    assert!(closed.text("/error_description").contains("product"));
    let open = json!({"settings": {"team_tokens": true}});
    let of_product = format!("/v1/products/{}", product.id);
    assert_eq!(cloud.json("PUT", &of_product, &product.token, open).await.status, 200);
    set(&cloud, &path, &user, "FOO", "bar").await;
    cloud.json("PUT", &format!("/v1/devices/{DEVICE}"), &user, json!({"name": "porch"})).await;
    assert_eq!(
        cloud.get("/v1/env/porch", &user).await.body["latest"]["own"],
        json!({"FOO": {"value": "bar"}})
    );
    let by_product = format!("{of_product}/env/{DEVICE}");
    assert_eq!(
        cloud.get(&by_product, &product.token).await.body["latest"],
        cloud.get(&path, &user).await.body["latest"]
    );
    roll_out(&cloud, &path, &user).await;
    // Whichever way the device was reached, its product's trail tells of it.
    let told =
        crate::audit::entries(&cloud, &format!("{of_product}/audit?action=environment"), &product.token)
            .await;
    for (entry, action) in told.iter().zip(["environment.rolled_out", "environment.updated"]) {
        assert_eq!((&entry["action"], &entry["target"]["id"]), (&json!(action), &json!(DEVICE)), "{told:?}");
    }
    assert_eq!(
        cloud.get(&format!("{path}/rollout"), &user).await.body["from_snapshot"]["changes"],
        json!([])
    );
    assert_eq!(cloud.form("DELETE", &format!("{path}/FOO"), &user, &[]).await.status, 200);
    assert_eq!(cloud.get(&path, &stranger).await.status, 404);
    // Of another's product, nothing; and a device of no product has no variables.
    let other = cloud.product(&stranger, "Other").await;
    let foreign = format!("/v1/products/{}/env/{DEVICE}", other.id);
    for (method, path) in [("GET", foreign.clone()), ("PUT", format!("{foreign}/A"))] {
        assert_eq!(cloud.json(method, &path, &other.token, json!({"value": "x"})).await.status, 404);
    }
    assert_eq!(cloud.get(&by_product, &other.token).await.status, 403);
    let leave = format!("{of_product}/devices/{DEVICE}");
    assert_eq!(cloud.form("DELETE", &leave, &product.token, &[]).await.status, 204);
    assert_eq!(cloud.get(&path, &user).await.error(), (409, "conflict".into()));
    // Keys and devices are told apart by the method.
    assert_eq!(cloud.get("/v1/env/FOO", &user).await.status, 404);
    assert_eq!(cloud.json("PUT", &path, &user, json!({"value": "x"})).await.status, 400);
}

async fn a_device_says_what_it_has(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let product = fleet(&cloud, &user).await;
    let path = format!("/v1/products/{}/env/{DEVICE}", product.id);
    set(&cloud, "/v1/env", &user, "A", "of the owner").await;
    set(&cloud, &path, &product.token, "B", "its own").await;
    let connection = connect(&cloud, DEVICE, hello(&product)).await;
    assert_eq!(connection.environment().await.unwrap(), Some(BTreeMap::new()));
    roll_out(&cloud, "/v1/env", &user).await;
    roll_out(&cloud, &path, &product.token).await;
    let given = connection.environment().await.unwrap().unwrap();
    assert_eq!(json!(given), json!({"A": "of the owner", "B": "its own"}));
    let has =
        BTreeMap::from([("A".to_owned(), "of the owner".to_owned()), ("C".to_owned(), "old".to_owned())]);
    connection.report_environment(&has).await.unwrap();
    let seen = cloud.get(&path, &product.token).await;
    let at = cloud.now().to_iso();
    assert_eq!(seen.body["on_device"], json!({"rendered": has, "last_reported_at": at}));
    let review = cloud.get(&format!("{path}/rollout"), &product.token).await;
    assert_eq!(review.body["from_snapshot"]["changes"], json!([]));
    assert_eq!(
        review.body["from_device"],
        json!({
            "changes": [
                {"op": "Added", "key": "B", "after": "its own"}, {"op": "Removed", "key": "C", "before": "old"}
            ],
            "unchanged": {"A": "of the owner"}
        })
    );
}

async fn a_rollout_reaches_who_is_connected(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let product = fleet(&cloud, &user).await;
    let elsewhere = cloud.product(&user, "Elsewhere").await;
    let imported = format!("/v1/products/{}/devices", elsewhere.id);
    cloud.json("POST", &imported, &elsewhere.token, json!({"id": OTHER})).await;
    let path = format!("/v1/products/{}/env", product.id);
    let mut device = connect(&cloud, DEVICE, hello(&product)).await;
    let mut other = connect(&cloud, OTHER, hello(&elsewhere)).await;
    let roll_out = async |path: &str, token: &str, when: &str| {
        let rolled = cloud.json("POST", &format!("{path}/rollout"), token, json!({ "when": when })).await;
        assert_eq!(rolled.status, 200);
    };
    set(&cloud, "/v1/env", &user, "OWNER", "1").await;
    set(&cloud, &path, &product.token, "PRODUCT", "1").await;
    let own = format!("{path}/{DEVICE}");
    set(&cloud, &own, &product.token, "DEVICE", "1").await;
    // One that waits for the next connection tells nobody: the first to be told of is the owner's.
    roll_out(&path, &product.token, "Connect").await;
    roll_out("/v1/env", &user, "Immediate").await;
    for (connection, expected) in
        [(&mut device, json!({"OWNER": "1", "PRODUCT": "1"})), (&mut other, json!({"OWNER": "1"}))]
    {
        let Some(Command::SetEnvironment { variables, answer }) = connection.next().await else { panic!() };
        assert_eq!(json!(variables), expected);
        answer.send(Ok(())).unwrap();
    }
    roll_out(&own, &product.token, "Immediate").await;
    roll_out(&path, &product.token, "Immediate").await;
    for _ in 0..2 {
        let Some(Command::SetEnvironment { variables, .. }) = device.next().await else { panic!() };
        assert_eq!(json!(variables), json!({"OWNER": "1", "PRODUCT": "1", "DEVICE": "1"}));
    }
    // Nothing of that is the other product's.
    roll_out(&format!("/v1/products/{}/env", elsewhere.id), &elsewhere.token, "Immediate").await;
    let Some(Command::SetEnvironment { variables, .. }) = other.next().await else { panic!() };
    assert_eq!(json!(variables), json!({"OWNER": "1"}));
}

async fn bounds_hold_at_every_level(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let product = fleet(&cloud, &user).await;
    let path = format!("/v1/products/{}/env", product.id);
    let ops = |range: std::ops::Range<usize>| {
        let ops: Vec<_> = range.map(|n| json!({"op": "Set", "key": format!("V{n}"), "value": "x"})).collect();
        json!({ "ops": ops })
    };
    assert_eq!(cloud.json("PATCH", &path, &product.token, ops(0..51)).await.status, 400);
    for range in [0..50, 50..100] {
        assert_eq!(cloud.json("PATCH", &path, &product.token, ops(range)).await.status, 200);
    }
    assert_eq!(cloud.json("PATCH", &path, &product.token, ops(100..101)).await.status, 400);
    assert_eq!(cloud.json("PATCH", &path, &product.token, ops(99..100)).await.status, 200);
    let large = json!({"value": "y".repeat(9000)});
    assert_eq!(cloud.json("PUT", "/v1/env/OWNER", &user, large.clone()).await.status, 200);
    assert_eq!(cloud.json("PUT", &format!("{path}/V0"), &product.token, large.clone()).await.status, 200);
    roll_out(&cloud, "/v1/env", &user).await;
    // What is inherited counts: neither can the product's be rolled out now, nor more be set at the device.
    let rollout = json!({"when": "Immediate"});
    let refused = cloud.json("POST", &format!("{path}/rollout"), &product.token, rollout.clone()).await;
    assert_eq!(refused.status, 400);
    assert!(refused.text("/error_description").contains("16384"));
    let device = format!("{path}/{DEVICE}/D");
    assert_eq!(cloud.json("PUT", &device, &product.token, large.clone()).await.status, 400);
    assert_eq!(
        cloud.json("PUT", &format!("{path}/V0"), &product.token, json!({"value": ""})).await.status,
        200
    );
    assert_eq!(cloud.json("POST", &format!("{path}/rollout"), &product.token, rollout).await.status, 200);
    assert_eq!(
        cloud.json("PUT", "/v1/env/HUGE", &user, json!({"value": "z".repeat(17_000)})).await.status,
        400
    );
}

async fn changes_at_once_lose_nothing(cloud: Cloud) {
    let user = Arc::new(cloud.user("me@example.com").await);
    let cloud = Arc::new(cloud);
    let writers: Vec<_> = (0..10)
        .map(|number| {
            let (cloud, user) = (Arc::clone(&cloud), Arc::clone(&user));
            tokio::spawn(
                async move { set(&cloud, "/v1/env", &user, &format!("V{number}"), "x").await.status },
            )
        })
        .collect();
    for writer in writers {
        assert_eq!(writer.await.unwrap(), 200);
    }
    let seen = cloud.get("/v1/env", &user).await;
    assert_eq!(seen.body["latest"]["own"].as_object().unwrap().len(), 10);
}

async fn variables_end_with_whose_they_are(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let product = fleet(&cloud, &user).await;
    let path = format!("/v1/products/{}/env/{DEVICE}", product.id);
    set(&cloud, &path, &product.token, "A", "x").await;
    let devices = format!("/v1/products/{}/devices", product.id);
    assert_eq!(cloud.form("DELETE", &format!("{devices}/{DEVICE}"), &product.token, &[]).await.status, 204);
    assert_eq!(cloud.get(&path, &product.token).await.status, 404);
    assert_eq!(cloud.json("POST", &devices, &product.token, json!({"id": DEVICE})).await.body["updated"], 1);
    assert_eq!(cloud.get(&path, &product.token).await.body["latest"]["own"], json!({}));
}
