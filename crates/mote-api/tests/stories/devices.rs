//! Devices: imported, listed, claimed, named.

use axum::body::Body;
use http::Request;
use serde_json::{Value, json};

use crate::cloud::{Answer, Cloud, Product};
use crate::on_both_engines;
use crate::teams::{join, team_of};

on_both_engines!(
    the_next_page_of_ones_devices_is_named,
    what_was_said_of_a_device_is_not_for_the_next,
    a_device_that_is_there_is_claimed_when_it_is_imported_for_somebody,
    a_product_lists_any_page_in_any_order,
    devices_come_by_file,
    devices_have_one_product_and_one_owner,
    an_import_claims_nothing_that_is_somebodys,
    a_device_is_named_noted_and_let_go,
);

fn ids(answer: &Answer) -> Vec<String> {
    let list = answer.body["devices"].as_array().unwrap_or_else(|| panic!("{}", answer.body));
    list.iter().map(|device| device["id"].as_str().unwrap().to_owned()).collect()
}

async fn a_product_lists_any_page_in_any_order(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let product = cloud.product(&user, "Many").await;
    let path = format!("/v1/products/{}/devices", product.id);
    let all: Vec<String> = (0..1003).map(|number| format!("{number:024x}")).collect();
    let imported = cloud.json("POST", &path, &product.token, json!({"ids": all})).await;
    assert_eq!(imported.body["updated"], 1003);
    for (query, expected) in [
        ("sortAttr=deviceId&per_page=10", all[..10].to_vec()),
        ("sortAttr=deviceId&perPage=10&page=95", all[940..950].to_vec()),
        ("sortAttr=deviceId&per_page=10&page=101", all[1000..].to_vec()),
        ("sortAttr=deviceId&per_page=10&page=102", vec![]),
        ("sortAttr=deviceId&sortDir=desc&per_page=3", all[1000..].iter().rev().cloned().collect()),
        ("sortAttr=deviceId&sortDir=desc&per_page=10&page=101", all[..3].iter().rev().cloned().collect()),
        ("per_page=2&page=2", all[999..1001].iter().rev().cloned().collect()),
        ("sortAttr=firmwareVersion&per_page=2&page=300", all[598..600].to_vec()),
    ] {
        let page = cloud.get(&format!("{path}?{query}"), &product.token).await;
        assert_eq!(ids(&page), expected, "{query}");
        assert_eq!(page.body["meta"]["total"], 1003);
    }
    assert_eq!(cloud.get(&path, &product.token).await.body["meta"]["total_pages"], 41);
    let renamed =
        cloud.json("PUT", &format!("{path}/{}", all[500]), &product.token, json!({"name": "Al_pha"})).await;
    assert_eq!(renamed.text("/name"), "Al_pha");
    assert_eq!(ids(&cloud.get(&format!("{path}?deviceName=L_P"), &product.token).await), [all[500].clone()]);
    assert_eq!(
        ids(&cloud.get(&format!("{path}?sortAttr=deviceName&sortDir=desc&per_page=1"), &product.token).await),
        [all[500].clone()]
    );
    assert_eq!(
        ids(&cloud.get(&format!("{path}?deviceName=%25"), &product.token).await),
        Vec::<String>::new()
    );
    // Letters beyond ASCII are found as they are written.
    cloud
        .json("PUT", &format!("{path}/{}", all[501]), &product.token, json!({"name": "Ölpumpe Halle"}))
        .await;
    for (part, found) in [("%C3%96lpumpe", 1), ("%C3%96LPUMPE%20halle", 1), ("%C3%B6lpumpe", 0)] {
        let page = cloud.get(&format!("{path}?deviceName={part}"), &product.token).await;
        assert_eq!(ids(&page), all[501..501 + found], "{part}");
    }
    assert_eq!(
        ids(&cloud.get(&format!("{path}?quarantined=true"), &product.token).await),
        Vec::<String>::new()
    );
    assert_eq!(cloud.form("DELETE", &format!("{path}/{}", all[0]), &product.token, &[]).await.status, 204);
    let first = cloud.get(&format!("{path}?sortAttr=deviceId&per_page=1&page=1002"), &product.token).await;
    assert_eq!(ids(&first), [all[1002].clone()]);
    for bad in ["page=0", "page=x", "per_page=1001", "sortAttr=nonsense", "sortDir=up", "page=1&page=2"] {
        assert_eq!(cloud.get(&format!("{path}?{bad}"), &product.token).await.status, 400, "{bad}");
    }
}

async fn devices_come_by_file(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let product = cloud.product(&user, "File").await;
    let file = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"/etc/passwd\"\r\n\r\n\
                E00FCE680000000000000001\r\n\r\nnonsense\n\r\n--x--\r\n"
        .to_owned();
    let send = async |content_type: &str, body: String| {
        let request = Request::post(format!("/v1/products/{}/devices", product.id))
            .header("authorization", &product.token)
            .header("content-type", content_type);
        cloud.send(request.body(Body::from(body)).unwrap()).await
    };
    let imported = send("multipart/form-data;boundary=x", file.clone()).await;
    assert_eq!(imported.body["updatedDeviceIds"], json!(["E00FCE680000000000000001"]));
    assert_eq!(imported.body["invalidDeviceIds"], json!(["nonsense"]));
    // What stands beside the file counts as it does in JSON, in whichever order the parts come.
    let part = |name: &str, text: &str| {
        format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n")
    };
    let parts = |parts: &[String]| format!("{}--x--\r\n", parts.concat());
    let list = part("file", "e00fce680000000000000002");
    for (user, status) in [("nobody@example.com", 400), ("me@example.com", 200)] {
        for order in [[list.clone(), part("claim_user", user)], [part("claim_user", user), list.clone()]] {
            assert_eq!(send("multipart/form-data;boundary=x", parts(&order)).await.status, status, "{user}");
        }
    }
    let path = format!("/v1/products/{}/devices/e00fce680000000000000002", product.id);
    assert_eq!(cloud.get(&path, &product.token).await.text("/owner"), "me@example.com");
    for bad in [parts(&[list.clone(), list.clone()]), parts(&[part("claim_user", "me@example.com")])] {
        assert_eq!(send("multipart/form-data;boundary=x", bad).await.status, 400);
    }
    assert_eq!(send("multipart/form-data", file.clone()).await.status, 400);
    assert_eq!(send("multipart/form-data;boundary=y", file.clone()).await.status, 400);
    assert_eq!(send("text/plain", file).await.status, 415);
}

async fn devices_have_one_product_and_one_owner(cloud: Cloud) {
    let (me, you) = (cloud.user("me@example.com").await, cloud.user("you@example.com").await);
    let (one, other) = (cloud.product(&me, "One").await, cloud.product(&you, "Other").await);
    let (device, own) = ("e00fce680000000000000001", "e00fce680000000000000002");
    let import = async |product: &crate::cloud::Product, ids: Value| {
        cloud.json("POST", &format!("/v1/products/{}/devices", product.id), &product.token, ids).await
    };
    let unknown = cloud.form("POST", "/v1/devices", &me, &[("id", device)]).await;
    assert_eq!((unknown.status.as_u16(), &unknown.body["errors"]), (404, &json!(["device not found"])));
    assert_eq!(import(&one, json!({"id": device})).await.body["updated"], 1);
    assert_eq!(import(&one, json!({"id": device})).await.body["existingDeviceIds"], json!([device]));
    assert_eq!(import(&other, json!({"ids": [device]})).await.body["nonmemberDeviceIds"], json!([device]));
    assert_eq!(cloud.form("POST", "/v1/devices", &me, &[("id", device)]).await.body["claimed"], true);
    let foreign = cloud.form("POST", "/v1/devices", &you, &[("id", device)]).await;
    assert_eq!(foreign.status, 403);
    assert!(foreign.text("/error_description").contains("belongs to someone else"));
    let asked =
        cloud.json("POST", "/v1/devices", &you, json!({"id": device, "request_transfer": true})).await;
    assert_eq!(asked.text("/transfer_id").len(), 24);
    // Its owner gets a mail each time: one a day will do.
    let ask = || cloud.json("POST", "/v1/devices", &you, json!({"id": device, "request_transfer": true}));
    assert_eq!(ask().await.error(), (429, "too_many_requests".into()));
    cloud.pass(86_400);
    assert_eq!(ask().await.text("/transfer_id").len(), 24);
    assert_eq!(cloud.get(&format!("/v1/devices/{device}"), &you).await.status, 404);
    assert_eq!(
        cloud.get(&format!("/v1/products/{}/devices/{device}", other.id), &other.token).await.status,
        404
    );
    let claimed = import(&one, json!({"ids": [own], "claim_user": "me@example.com"})).await;
    assert_eq!(claimed.body["updated"], 1);
    assert_eq!(import(&one, json!({"ids": [own], "claim_user": "you@example.com"})).await.status, 400);
    assert_eq!(cloud.get("/v1/devices", &me).await.body.as_array().unwrap().len(), 2);
    assert_eq!(
        cloud
            .form("DELETE", &format!("/v1/products/{}/devices/{own}/owner", one.id), &one.token, &[])
            .await
            .status,
        200
    );
    assert_eq!(cloud.get("/v1/devices", &me).await.body.as_array().unwrap().len(), 1);
}

async fn a_device_is_named_noted_and_let_go(cloud: Cloud) {
    let (me, you) = (cloud.user("me@example.com").await, cloud.user("you@example.com").await);
    let device = "e00fce680000000000000003";
    let key = include_str!("../../../mote-core/src/device_keys/test_keys/ec.pem");
    let path = format!("/v1/provisioning/{device}");
    let register = json!({"deviceID": device, "publicKey": key, "filename": "cli", "order": "manual_1", "algorithm": "ecc"});
    assert_eq!(cloud.json("POST", &path, &me, register.clone()).await.status, 200);
    assert_eq!(cloud.json("POST", &path, &me, json!({"publicKey": "nonsense"})).await.status, 400);
    assert_eq!(cloud.form("POST", "/v1/devices", &me, &[("id", device)]).await.status, 200);
    let other = json!({"publicKey": include_str!("../../../mote-core/src/device_keys/test_keys/rsa.pem")});
    assert_eq!(cloud.json("POST", &path, &you, other).await.status, 403);
    assert_eq!(
        cloud.form("PUT", &format!("/v1/devices/{device}"), &me, &[("name", "lamp")]).await.text("/name"),
        "lamp"
    );
    assert_eq!(
        cloud.form("PUT", "/v1/devices/lamp", &me, &[("notes", "in the hall")]).await.text("/notes"),
        "in the hall"
    );
    let seen = cloud.get("/v1/devices/lamp", &me).await;
    assert_eq!(
        (seen.text("/id"), seen.text("/owner"), &seen.body["online"]),
        (device.into(), "me@example.com".into(), &json!(false))
    );
    assert_eq!(seen.body["product_id"], seen.body["platform_id"]);
    assert_eq!(cloud.get("/v1/devices/lamp", &you).await.status, 404);
    assert_eq!(cloud.get("/v1/devices/lamp/temperature", &me).await.error(), (408, "Timed out.".into()));
    assert_eq!(
        cloud.form("POST", "/v1/devices/lamp/on", &me, &[("arg", "now")]).await.error(),
        (408, "Timed out.".into())
    );
    assert_eq!(
        cloud.form("PUT", "/v1/devices/lamp/ping", &me, &[]).await.body,
        json!({"ok": true, "online": false})
    );
    assert_eq!(cloud.form("PUT", "/v1/devices/lamp", &me, &[("signal", "1")]).await.status, 408);
    assert_eq!(cloud.form("PUT", "/v1/devices/lamp", &me, &[("nonsense", "1")]).await.status, 400);
    assert_eq!(cloud.form("DELETE", "/v1/devices/lamp", &me, &[]).await.body, json!({"ok": true}));
    assert_eq!(cloud.form("POST", "/v1/devices", &you, &[("id", device)]).await.status, 200);
}

async fn an_import_claims_nothing_that_is_somebodys(cloud: Cloud) {
    const DEVICE: &str = "e00fce680000000000000001";
    let owner = cloud.user("owner@example.com").await;
    let product = cloud.product(&owner, "Mine").await;
    let bob = join(&cloud, &team_of(&product), &owner, "bob@example.com", "View-only").await;
    // A device of his own, in no product.
    let his = cloud.product(&bob, "His").await;
    let devices = |product: &Product| format!("/v1/products/{}/devices", product.id);
    let claimed = json!({"ids": [DEVICE], "claim_user": "bob@example.com"});
    assert_eq!(cloud.json("POST", &devices(&his), &his.token, claimed).await.body["updated"], 1);
    let one = format!("{}/{DEVICE}", devices(&his));
    assert_eq!(cloud.form("DELETE", &one, &his.token, &[]).await.status, 204);
    let devices_of = async |user: &str| cloud.get("/v1/devices", user).await.body.as_array().unwrap().len();
    assert_eq!((devices_of(&bob).await, devices_of(&owner).await), (1, 0));
    // It may come into the product, and stays his.
    let brought = json!({"ids": [DEVICE], "claim_user": "owner@example.com"});
    assert_eq!(cloud.json("POST", &devices(&product), &product.token, brought).await.body["updated"], 1);
    assert_eq!((devices_of(&bob).await, devices_of(&owner).await), (1, 0));
    // What was done for somebody is in his trail too.
    let trail = cloud.get("/v1/user/audit?action=device.claimed", &bob).await;
    assert_eq!(trail.body["entries"][0]["details"], json!({"count": 1, "ids": [DEVICE]}), "{}", trail.body);
}

async fn the_next_page_of_ones_devices_is_named(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let product = cloud.product(&user, "Many").await;
    let ids: Vec<String> = (0..3).map(|n| format!("e00fce68000000000000000{n}")).collect();
    let import = json!({"ids": ids, "claim_user": "me@example.com"});
    cloud.json("POST", &format!("/v1/products/{}/devices", product.id), &product.token, import).await;
    let page = async |query: &str| {
        let answer = cloud.get(&format!("/v1/devices{query}"), &user).await;
        let link = answer.headers.get("link").map(|link| link.to_str().unwrap().to_owned());
        (answer.body.as_array().unwrap().len(), link)
    };
    let next = "</v1/devices?page=2&per_page=2>; rel=\"next\"".to_owned();
    assert_eq!(page("?per_page=2").await, (2, Some(next)));
    assert_eq!(page("?per_page=2&page=2").await, (1, None));
    assert_eq!(page("?per_page=3").await, (3, None));
    assert_eq!(page("").await, (3, None));
}

async fn what_was_said_of_a_device_is_not_for_the_next(cloud: Cloud) {
    let (user, next) = (cloud.user("me@example.com").await, cloud.user("next@example.com").await);
    let product = cloud.product(&user, "Sold").await;
    let (id, path) = ("e00fce680000000000000001", format!("/v1/products/{}/devices", product.id));
    cloud.json("POST", &path, &product.token, json!({"ids": [id], "claim_user": "me@example.com"})).await;
    let (own, claim) = (format!("/v1/devices/{id}"), [("id", id)]);
    let words = json!({"name": "bedroom", "notes": "the key is under the mat"});
    assert_eq!(cloud.json("PUT", &own, &user, words).await.status, 200);
    // It is in the product still, which goes by them too.
    cloud.form("DELETE", &own, &user, &[]).await;
    assert_eq!(cloud.get(&format!("{path}/{id}"), &product.token).await.text("/name"), "bedroom");
    assert_eq!(cloud.form("DELETE", &format!("{path}/{id}"), &product.token, &[]).await.status, 204);
    assert_eq!(cloud.form("POST", "/v1/devices", &next, &claim).await.status, 200);
    let seen = cloud.get(&own, &next).await;
    assert!(seen.body["name"].is_null() && seen.body["notes"].is_null(), "{}", seen.body);
    // Nor is it when an account ends.
    let words = json!({"name": "attic", "notes": "mine"});
    assert_eq!(cloud.json("PUT", &own, &next, words).await.status, 200);
    cloud.json("DELETE", "/v1/user", &next, json!({"password": crate::cloud::PASSWORD})).await;
    assert_eq!(cloud.form("POST", "/v1/devices", &user, &claim).await.status, 200);
    let seen = cloud.get(&own, &user).await;
    assert!(seen.body["name"].is_null() && seen.body["notes"].is_null(), "{}", seen.body);
}

async fn a_device_that_is_there_is_claimed_when_it_is_imported_for_somebody(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let product = cloud.product(&user, "There").await;
    let (id, path) = ("e00fce680000000000000001", format!("/v1/products/{}/devices", product.id));
    cloud.json("POST", &path, &product.token, json!({"ids": [id]})).await;
    let again = json!({"ids": [id], "claim_user": "me@example.com"});
    let answer = cloud.json("POST", &path, &product.token, again).await;
    assert_eq!(answer.body["existingDeviceIds"], json!([id]), "{}", answer.body);
    assert_eq!(cloud.get("/v1/devices", &user).await.text("/0/id"), id);
    let told = crate::audit::entries(&cloud, "/v1/user/audit?action=device.claimed", &user).await;
    assert_eq!(told[0]["details"]["ids"], json!([id]));
    // Whose account ends lets go of it, which the product's trail tells.
    let member = join(&cloud, &team_of(&product), &user, "member@example.com", "Developer").await;
    let more = json!({"ids": ["e00fce680000000000000002"], "claim_user": "member@example.com"});
    cloud.json("POST", &path, &product.token, more).await;
    cloud.json("DELETE", "/v1/user", &member, json!({"password": crate::cloud::PASSWORD})).await;
    let trail = format!("/v1/products/{}/audit?action=device.released", product.id);
    let told = crate::audit::entries(&cloud, &trail, &product.token).await;
    assert_eq!(told[0]["details"], json!({"count": 1, "ids": ["e00fce680000000000000002"]}));
    assert_eq!(told.len(), 1);
}
