//! SIM cards: imported, listed, switched, let go.

use axum::body::Body;
use http::Request;
use mote_core::names::Iccid;
use mote_store::{StoreError, devices};
use serde_json::{Value, json};

use crate::cloud::{Answer, Cloud, Product};
use crate::on_both_engines;

on_both_engines!(
    a_product_imports_and_pages_its_cards,
    a_card_is_one_holders_only,
    a_card_is_switched_on_and_off,
    a_card_shows_the_device_that_has_it_and_brings_it_along,
    a_device_brings_its_card_along,
    the_network_is_asked_in_two_steps,
    a_product_with_cards_is_not_deleted,
);

/// A card number with these sixteen digits in it.
pub(crate) fn iccid(account: u64) -> String {
    (0..10)
        .map(|last| format!("89{account:016}{last}"))
        .find(|number| Iccid::parse(number).is_some())
        .unwrap()
}

pub(crate) async fn import(cloud: &Cloud, product: &Product, iccids: &[String]) -> Answer {
    let path = format!("/v1/products/{}/sims", product.id);
    cloud.json("POST", &path, &product.token, json!({"sims": iccids})).await
}

/// Lets a device tell of its card, as it would when it connects.
pub(crate) async fn insert_card(cloud: &Cloud, device: &str, iccid: &str) {
    let (device, iccid) = (device.to_owned(), iccid.to_owned());
    let told = cloud.store.write(move |db| -> Result<(), StoreError> {
        let mut row = devices::get(db, &device)?.unwrap();
        row.iccid = Some(iccid.clone());
        devices::update(db, &row)
    });
    told.await.unwrap();
}

fn numbers(answer: &Answer) -> Vec<String> {
    let list = answer.body["sims"].as_array().unwrap_or_else(|| panic!("{}", answer.body));
    list.iter().map(|sim| sim["_id"].as_str().unwrap().to_owned()).collect()
}

async fn a_product_imports_and_pages_its_cards(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let product = cloud.product(&user, "Cellular").await;
    let mut all: Vec<String> = (0..60).map(iccid).collect();
    all.sort();
    let path = format!("/v1/products/{}/sims", product.id);
    assert_eq!(import(&cloud, &product, &all).await.body, json!({"ok": true}));
    let again =
        import(&cloud, &product, &[all[3].clone(), "8934076500002589173".into(), all[3].clone()]).await;
    assert_eq!(
        again.body,
        json!({"ok": true, "existingSims": [all[3]], "invalidSims": ["8934076500002589173"]})
    );

    let first = cloud.get(&path, &product.token).await;
    assert_eq!(numbers(&first), all[..25]);
    assert_eq!(first.body["meta"], json!({"page": 1, "per_page": 25, "total_pages": 3, "total": 60}));
    assert_eq!(first.text("/sims/0/product_id"), product.id);
    assert_eq!(first.text("/sims/0/last_activated_via"), "product_import");
    for (query, expected) in [
        ("page=3", all[50..].to_vec()),
        ("per_page=10&page=2", all[10..20].to_vec()),
        ("perPage=10&page=7", vec![]),
        ("iccid=%25", vec![]),
    ] {
        assert_eq!(
            numbers(&cloud.get(&format!("{path}?{query}"), &product.token).await),
            expected,
            "{query}"
        );
    }
    let part = &all[7][12..];
    assert_eq!(numbers(&cloud.get(&format!("{path}?iccid={part}"), &product.token).await), [all[7].clone()]);
    for bad in ["page=0", "per_page=1001", "page=x"] {
        assert_eq!(cloud.get(&format!("{path}?{bad}"), &product.token).await.status, 400, "{bad}");
    }
    for empty in [json!({}), json!({"sims": []}), json!({"sims": [""]}), json!({"sims": [1]})] {
        let answer = cloud.json("POST", &path, &product.token, empty.clone()).await;
        let refused = answer.status == 400 || answer.body["invalidSims"] == json!([""]);
        assert!(refused, "{empty}: {}", answer.body);
    }

    // As the documented form, and as a file.
    let (one, other) = (iccid(1000), iccid(1001));
    let form = cloud.form("POST", &path, &product.token, &[("sims[]", &one)]).await;
    assert_eq!(form.body, json!({"ok": true}));
    let file =
        format!("--x\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n{other}\r\n{one}\r\n--x--\r\n");
    let upload = Request::post(&path)
        .header("authorization", &product.token)
        .header("content-type", "multipart/form-data; boundary=x");
    let uploaded = cloud.send(upload.body(Body::from(file)).unwrap()).await;
    assert_eq!(uploaded.body, json!({"ok": true, "existingSims": [one]}));
    let shown = cloud.get(&format!("{path}/{other}"), &product.token).await;
    assert_eq!((shown.text("/sim/status"), &shown.body["sim"]["owner"]), ("active".into(), &Value::Null));
}

async fn a_card_is_one_holders_only(cloud: Cloud) {
    let (me, you) = (cloud.user("me@example.com").await, cloud.user("you@example.com").await);
    let (mine, yours) = (cloud.product(&me, "Mine").await, cloud.product(&you, "Yours").await);
    let card = iccid(1);
    let own = format!("/v1/sims/{card}");
    let activate = [("action", "activate")];
    let check = async |user: &str, card: &str| {
        cloud.form("HEAD", &format!("/v1/sims/{card}"), user, &[]).await.status.as_u16()
    };
    assert_eq!((check(&me, &card).await, check(&me, "8934076500002589173").await), (204, 404));
    assert_eq!(cloud.form("PUT", &own, &me, &activate).await.body, json!({"ok": true}));
    assert_eq!((check(&me, &card).await, check(&you, &card).await), (204, 403));
    let listed = cloud.get("/v1/sims", &me).await;
    assert_eq!((numbers(&listed), listed.body.get("meta")), (vec![card.clone()], None));
    assert_eq!(cloud.get(&own, &me).await.text("/sim/owner"), "me@example.com");

    // Nobody else's token, and no other product, sees or touches it.
    for (method, path) in [
        ("GET", own.clone()),
        ("GET", format!("{own}/data_usage")),
        ("GET", format!("{own}/status")),
        ("DELETE", own.clone()),
    ] {
        assert_eq!(cloud.form(method, &path, &you, &[]).await.status, 404, "{method} {path}");
    }
    assert_eq!(cloud.form("PUT", &own, &you, &[("action", "deactivate")]).await.status, 404);
    assert_eq!(cloud.form("PUT", &own, &you, &activate).await.status, 403);
    let in_product = |product: &Product| format!("/v1/products/{}/sims/{card}", product.id);
    assert_eq!(cloud.get(&in_product(&mine), &mine.token).await.status, 404);
    assert_eq!(
        import(&cloud, &yours, std::slice::from_ref(&card)).await.body["nonmemberSims"],
        json!([card])
    );

    // A team member's card comes into the product, and is no longer his.
    assert_eq!(import(&cloud, &mine, std::slice::from_ref(&card)).await.body, json!({"ok": true}));
    assert_eq!(cloud.get(&own, &me).await.status, 404);
    assert_eq!((check(&me, &card).await, check(&you, &card).await), (403, 403));
    assert_eq!(cloud.get(&in_product(&mine), &mine.token).await.status, 200);
    assert_eq!(cloud.get(&in_product(&yours), &yours.token).await.status, 404);
    assert_eq!(
        import(&cloud, &yours, std::slice::from_ref(&card)).await.body["nonmemberSims"],
        json!([card])
    );

    // Released, it is free for all.
    assert_eq!(cloud.form("DELETE", &in_product(&mine), &mine.token, &[]).await.status, 204);
    assert_eq!(cloud.form("DELETE", &in_product(&mine), &mine.token, &[]).await.status, 404);
    assert_eq!(
        (check(&you, &card).await, cloud.form("PUT", &own, &you, &activate).await.status.as_u16()),
        (204, 200)
    );
    // With its account it goes.
    let ended = cloud.json("DELETE", "/v1/user", &me, json!({"password": crate::cloud::PASSWORD})).await;
    assert_eq!(ended.status, 409, "products come first");
    let third = cloud.user("third@example.com").await;
    let spare = iccid(2);
    assert_eq!(cloud.form("PUT", &format!("/v1/sims/{spare}"), &third, &activate).await.status, 200);
    let ended = cloud.json("DELETE", "/v1/user", &third, json!({"password": crate::cloud::PASSWORD})).await;
    assert_eq!(ended.status.as_u16() / 100, 2, "{}", ended.body);
    assert_eq!(check(&you, &spare).await, 204);
}

async fn a_card_is_switched_on_and_off(cloud: Cloud) {
    let me = cloud.user("me@example.com").await;
    let product = cloud.product(&me, "Cellular").await;
    let card = iccid(1);
    let path = format!("/v1/sims/{card}");
    let put = async |action: &str| cloud.form("PUT", &path, &me, &[("action", action)]).await.status.as_u16();
    assert_eq!(put("reactivate").await, 404);
    assert_eq!((put("activate").await, put("activate").await, put("reactivate").await), (200, 200, 200));
    cloud.pass(3600);
    assert_eq!((put("deactivate").await, put("deactivate").await, put("activate").await), (200, 200, 409));
    let off = cloud.get(&path, &me).await;
    assert_eq!(
        (off.text("/sim/status"), off.text("/sim/last_status_change_action")),
        ("deactivated".into(), "deactivate".into())
    );
    assert_eq!((put("reactivate").await, put("reactivate").await), (200, 200));
    let on = cloud.get(&path, &me).await;
    assert_eq!(
        (on.text("/sim/status"), on.text("/sim/last_activated_via")),
        ("active".into(), "reactivation".into())
    );
    assert_eq!(
        (&on.body["sim"]["activations_count"], &on.body["sim"]["deactivations_count"]),
        (&json!(2), &json!(1))
    );
    assert_ne!(on.text("/sim/first_activated_on"), on.text("/sim/last_activated_on"));
    assert_eq!((put("explode").await, put("").await), (400, 400));
    assert_eq!(cloud.form("PUT", &path, &me, &[]).await.status, 400);
    assert_eq!(cloud.form("PUT", "/v1/sims/123", &me, &[("action", "activate")]).await.status, 404);

    let card = iccid(2);
    import(&cloud, &product, std::slice::from_ref(&card)).await;
    let path = format!("/v1/products/{}/sims/{card}", product.id);
    let put = async |action: &str| {
        cloud.json("PUT", &path, &product.token, json!({"action": action})).await.status.as_u16()
    };
    assert_eq!((put("activate").await, put("deactivate").await, put("reactivate").await), (400, 200, 200));
}

async fn a_card_shows_the_device_that_has_it_and_brings_it_along(cloud: Cloud) {
    let (me, you) = (cloud.user("me@example.com").await, cloud.user("you@example.com").await);
    let (product, other) = (cloud.product(&me, "Mine").await, cloud.product(&you, "Other").await);
    let devices = |product: &Product| format!("/v1/products/{}/devices", product.id);
    let (here, there, free) =
        ("e00fce680000000000000001", "e00fce680000000000000002", "e00fce680000000000000003");
    cloud.json("POST", &devices(&product), &product.token, json!({"id": here})).await;
    cloud.json("POST", &devices(&other), &other.token, json!({"ids": [there, free]})).await;
    let named = cloud
        .json("PUT", &format!("{}/{here}", devices(&product)), &product.token, json!({"name": "Truck"}))
        .await;
    assert_eq!(named.status, 200);
    let cards = [iccid(1), iccid(2), iccid(3)];
    for (device, card) in [here, there, free].iter().zip(&cards) {
        insert_card(&cloud, device, card).await;
    }
    let gone = cloud.form("DELETE", &format!("{}/{free}", devices(&other)), &other.token, &[]).await;
    assert_eq!(gone.status, 204);
    assert_eq!(import(&cloud, &product, &cards).await.body, json!({"ok": true}));

    // The free device came along; another product's neither did, nor is it shown.
    assert_eq!(cloud.get(&format!("{}/{free}", devices(&product)), &product.token).await.status, 200);
    assert_eq!(cloud.get(&format!("{}/{there}", devices(&product)), &product.token).await.status, 404);
    assert_eq!(cloud.get(&devices(&product), &product.token).await.body["meta"]["total"], 2);
    let path = format!("/v1/products/{}/sims", product.id);
    let listed = cloud.get(&path, &product.token).await;
    let shown: Vec<_> = listed.body["sims"]
        .as_array()
        .unwrap()
        .iter()
        .map(|sim| (&sim["last_device_id"], &sim["last_device_name"]))
        .collect();
    assert_eq!(
        shown,
        [(&json!(here), &json!("Truck")), (&Value::Null, &Value::Null), (&json!(free), &Value::Null)]
    );
    for (query, expected) in [
        ("deviceName=truc", vec![cards[0].clone()]),
        ("deviceId=0003", vec![cards[2].clone()]),
        ("deviceId=0003&deviceName=truck", vec![]),
        ("deviceId=0002", vec![]),
        ("deviceId=E00FCE", vec![cards[0].clone(), cards[2].clone()]),
    ] {
        assert_eq!(
            numbers(&cloud.get(&format!("{path}?{query}"), &product.token).await),
            expected,
            "{query}"
        );
    }
}

async fn a_device_brings_its_card_along(cloud: Cloud) {
    let me = cloud.user("me@example.com").await;
    let (first, product) = (cloud.product(&me, "First").await, cloud.product(&me, "Second").await);
    let devices: Vec<String> = (1..=3).map(|n| format!("e00fce68000000000000000{n}")).collect();
    let of = |product: &Product, end: &str| format!("/v1/products/{}/{end}", product.id);
    let add = async |product: &Product, body: Value| {
        cloud.json("POST", &of(product, "devices"), &product.token, body).await.body["updated"].clone()
    };
    // They come out of another product, where they told of their cards; the third's card is that product's.
    assert_eq!(add(&first, json!({"ids": devices})).await, 3);
    let cards = [iccid(1), iccid(2), iccid(3)];
    for (device, card) in devices.iter().zip(&cards) {
        insert_card(&cloud, device, card).await;
        let path = of(&first, &format!("devices/{device}"));
        assert_eq!(cloud.form("DELETE", &path, &first.token, &[]).await.status, 204);
    }
    assert_eq!(import(&cloud, &first, &cards[2..]).await.status, 200);
    let third = of(&first, &format!("devices/{}", devices[2]));
    assert_eq!(
        cloud.form("DELETE", &third, &first.token, &[]).await.status,
        204,
        "it came along with its card"
    );

    assert_eq!(add(&product, json!({"ids": [devices[0]]})).await, 1);
    assert!(numbers(&cloud.get(&of(&product, "sims"), &product.token).await).is_empty(), "it is asked for");
    // Whoever may not import cards brings none along.
    let user = json!({"friendly_name": "importer", "scopes": ["devices:import"]});
    let made = cloud.json("POST", &of(&product, "team"), &me, user).await;
    let weak = crate::cloud::bearer(&made.text("/created/tokens/0/token"));
    let with = |ids: &[String]| json!({"ids": ids, "import_sims": true});
    assert_eq!(cloud.json("POST", &of(&product, "devices"), &weak, with(&devices[1..])).await.status, 403);
    assert_eq!(add(&product, with(&devices[1..])).await, 2);
    assert_eq!(numbers(&cloud.get(&of(&product, "sims"), &product.token).await), [cards[1].clone()]);
    assert_eq!(numbers(&cloud.get(&of(&first, "sims"), &first.token).await), [cards[2].clone()]);
    // A device may be named by its card, and is one device in whichever way it is named.
    let first_of_all = of(&product, &format!("devices/{}", devices[0]));
    assert_eq!(cloud.form("DELETE", &first_of_all, &product.token, &[]).await.status, 204);
    let ways = json!({"ids": [cards[0], devices[0], "no such identifier"]});
    let named = cloud.json("POST", &of(&product, "devices"), &product.token, ways).await.body;
    assert_eq!(named["updatedDeviceIds"], json!([cards[0]]), "{named}");
    assert_eq!(named["existingDeviceIds"], json!([devices[0]]));
    assert_eq!(named["invalidDeviceIds"], json!(["no such identifier"]));
    // A card that is refused, in whichever way it is written, brings no device.
    let third = of(&product, &format!("devices/{}", devices[2]));
    assert_eq!(cloud.form("DELETE", &third, &product.token, &[]).await.status, 204);
    let ways = [cards[2].clone(), format!("{}F", cards[2])];
    let refused = import(&cloud, &product, &ways).await;
    assert_eq!(refused.body["nonmemberSims"], json!(ways), "{}", refused.body);
    assert_eq!(cloud.get(&third, &product.token).await.status, 404);
}

async fn the_network_is_asked_in_two_steps(cloud: Cloud) {
    let me = cloud.user("me@example.com").await;
    let card = iccid(1);
    let path = format!("/v1/sims/{card}/status");
    assert_eq!(cloud.get(&path, &me).await.status, 404);
    cloud.form("PUT", &format!("/v1/sims/{card}"), &me, &[("action", "activate")]).await;
    let asked = cloud.get(&path, &me).await;
    assert_eq!((asked.status.as_u16(), asked.text("/meta/state")), (202, "pending".into()));
    assert_eq!(asked.body.get("info"), None);
    let unknown = json!({"connected": null, "gsm_connection": null, "data_connection": null});
    assert_eq!(asked.body["sim_status"], unknown);
    cloud.pass(2);
    let answered = cloud.get(&path, &me).await;
    assert_eq!((answered.status.as_u16(), answered.text("/meta/state")), (200, "complete".into()));
    assert_eq!(answered.text("/meta/task_id"), asked.text("/meta/task_id"));
    assert_eq!(answered.body["sim_status"], unknown);
    assert!(answered.text("/info").contains("No carrier is connected"));
    cloud.pass(178);
    let anew = cloud.get(&path, &me).await;
    assert_eq!(anew.status, 202);
    assert_ne!(anew.text("/meta/task_id"), asked.text("/meta/task_id"));
}

async fn a_product_with_cards_is_not_deleted(cloud: Cloud) {
    let me = cloud.user("me@example.com").await;
    let product = cloud.product(&me, "Cellular").await;
    let card = iccid(1);
    import(&cloud, &product, std::slice::from_ref(&card)).await;
    let path = format!("/v1/products/{}", product.id);
    let refused = cloud.form("DELETE", &path, &product.token, &[]).await;
    assert_eq!(refused.status, 409);
    assert!(refused.text("/error_description").contains("1 SIM cards"));
    assert_eq!(cloud.form("DELETE", &format!("{path}/sims/{card}"), &product.token, &[]).await.status, 204);
    assert_eq!(cloud.form("DELETE", &path, &product.token, &[]).await.status.as_u16() / 100, 2);
}
