//! Product firmware: uploaded, looked at, released, and what each device should have.

use axum::body::Body;
use http::{Request, StatusCode};
use mote_core::sessions::Command;
use mote_testkit::Image;
use serde_json::{Value, json};

use crate::cloud::{Answer, Cloud, Product};
use crate::on_both_engines;
use crate::sessions::{connect, hello};

on_both_engines!(
    firmware_is_uploaded_looked_at_and_deleted,
    what_does_not_fit_is_refused_and_told_apart,
    a_release_decides_what_devices_should_have,
    a_device_is_locked_and_unlocked,
    a_planned_release_tells_whom_it_would_update,
    connected_devices_take_what_they_should_have,
    an_intelligent_release_reaches_devices_at_once,
    the_same_bytes_are_kept_once_and_swept_when_nobody_needs_them,
);

/// A binary for the product, of this version.
pub(crate) fn image(product: &Product, version: u16) -> Vec<u8> {
    Image::new(product.id.parse().unwrap(), version).build()
}

/// A multipart body: fields, and a file with the head of its part.
pub(crate) fn multipart(fields: &[(&str, &str)], head: &str, file: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in fields {
        let part = format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend(part.into_bytes());
    }
    body.extend(format!("--x\r\nContent-Disposition: form-data; {head}\r\n\r\n").into_bytes());
    body.extend(file);
    body.extend(b"\r\n--x--\r\n");
    body
}

const HEAD: &str = "name=\"file\"; filename=\"/home/me/firmware.bin\"";

pub(crate) async fn send(cloud: &Cloud, product: &Product, body: Vec<u8>) -> Answer {
    let request = Request::post(format!("/v1/products/{}/firmware", product.id))
        .header("authorization", &product.token)
        .header("content-type", "multipart/form-data;boundary=x");
    cloud.send(request.body(Body::from(body)).unwrap()).await
}

/// Uploads firmware of this version.
pub(crate) async fn upload(cloud: &Cloud, product: &Product, version: u16) -> Answer {
    let fields = [("version", &*version.to_string()), ("title", "My Firmware")];
    let answer = send(cloud, product, multipart(&fields, HEAD, &image(product, version))).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer
}

/// Downloads the binary of a version: status, and bytes.
pub(crate) async fn download(cloud: &Cloud, product: &Product, version: u16) -> (StatusCode, Vec<u8>) {
    let path = format!("/v1/products/{}/firmware/{version}/binary", product.id);
    let request = Request::get(path).header("authorization", &product.token);
    let (parts, body) = cloud.frame.answer(request.body(Body::empty()).unwrap()).await.into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    if parts.status == 200 {
        assert_eq!(parts.headers["content-length"], bytes.len().to_string());
        assert_eq!(parts.headers["content-type"], "application/octet-stream");
        assert_eq!(parts.headers["content-disposition"], "attachment; filename=\"firmware.bin\"");
    }
    (parts.status, bytes.to_vec())
}

/// A product with devices 0, 1, …, and its path.
async fn fleet(cloud: &Cloud, devices: usize) -> (Product, String) {
    let user = cloud.user("me@example.com").await;
    let product = cloud.product(&user, "Fleet").await;
    let path = format!("/v1/products/{}", product.id);
    let ids: Vec<_> = (0..devices).map(device).collect();
    if !ids.is_empty() {
        let imported =
            cloud.json("POST", &format!("{path}/devices"), &product.token, json!({"ids": ids})).await;
        assert_eq!(imported.body["updated"], devices);
    }
    (product, path)
}

fn device(number: usize) -> String {
    format!("e00fce6800000000{number:08x}")
}

async fn put(cloud: &Cloud, product: &Product, number: usize, change: Value) -> Answer {
    let path = format!("/v1/products/{}/devices/{}", product.id, device(number));
    cloud.json("PUT", &path, &product.token, change).await
}

async fn release(cloud: &Cloud, product: &Product, release: Value) -> Answer {
    let path = format!("/v1/products/{}/firmware/release", product.id);
    cloud.json("PUT", &path, &product.token, release).await
}

/// What each device of the product should have, by ID.
async fn targets(cloud: &Cloud, product: &Product) -> Vec<Value> {
    let path = format!("/v1/products/{}/devices?sortAttr=deviceId", product.id);
    let page = cloud.get(&path, &product.token).await;
    let devices = page.body["devices"].as_array().unwrap();
    devices.iter().map(|device| device["targeted_firmware_release_version"].clone()).collect()
}

async fn firmware_is_uploaded_looked_at_and_deleted(cloud: Cloud) {
    let (product, path) = fleet(&cloud, 0).await;
    let firmware = format!("{path}/firmware");
    assert_eq!(cloud.get(&firmware, &product.token).await.body, json!([]));
    let uploaded = cloud.now();
    // The file may come before the fields.
    let mut body = multipart(&[], "name=\"binary\"; filename=\"firmware.bin\"", &image(&product, 1));
    body.truncate(body.len() - "--x--\r\n".len());
    for (name, value) in
        [("version", "1"), ("title", "My Firmware"), ("description", "Sample"), ("more", "?")]
    {
        body.extend(
            format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").into_bytes(),
        );
    }
    body.extend(b"--x--\r\n");
    let made = send(&cloud, &product, body).await;
    assert_eq!(made.status, 201, "{}", made.body);
    for (key, value) in [
        ("version", json!(1)),
        ("title", json!("My Firmware")),
        ("description", json!("Sample")),
        ("name", json!("firmware.bin")),
        ("size", json!(2068)),
        ("current", json!(false)),
        ("product_default", json!(false)),
        ("groups", json!([])),
        ("device_count", json!(0)),
        ("mandatory", json!(false)),
        ("uploaded_on", json!(uploaded.to_iso())),
        ("product_id", json!(product.id.parse::<i64>().unwrap())),
        ("uploaded_by", json!({"username": product.client})),
    ] {
        assert_eq!(made.body[key], value, "{key}");
    }
    assert_eq!(made.text("/_id").len(), 24);
    upload(&cloud, &product, 2).await;
    let listed = cloud.get(&firmware, &product.token).await;
    let versions: Vec<_> = listed.body.as_array().unwrap().iter().map(|one| one["version"].clone()).collect();
    assert_eq!(versions, [2, 1]);
    assert_eq!(cloud.get(&format!("{firmware}/1"), &product.token).await.body, made.body);

    cloud.pass(60);
    let change = [("title", "New title"), ("mandatory", "true")];
    let changed = cloud.form("PUT", &format!("{firmware}/1"), &product.token, &change).await;
    assert_eq!((changed.text("/title"), changed.text("/description")), ("New title".into(), "Sample".into()));
    assert_eq!(
        (&changed.body["mandatory"], changed.text("/updated_at")),
        (&json!(true), cloud.now().to_iso())
    );
    for bad in [json!({}), json!({"title": ""}), json!({"title": "x".repeat(201)}), json!({"mandatory": "?"})]
    {
        assert_eq!(
            cloud.json("PUT", &format!("{firmware}/1"), &product.token, bad.clone()).await.status,
            400,
            "{bad}"
        );
    }
    assert_eq!(download(&cloud, &product, 1).await, (StatusCode::OK, image(&product, 1)));
    assert_eq!(download(&cloud, &product, 2).await, (StatusCode::OK, image(&product, 2)));

    assert_eq!(cloud.form("DELETE", &format!("{firmware}/1"), &product.token, &[]).await.status, 204);
    for version in ["1", "7", "x", "-1", "99999999999"] {
        let one = format!("{firmware}/{version}");
        assert_eq!(cloud.get(&one, &product.token).await.status, 404, "{version}");
        assert_eq!(cloud.get(&format!("{one}/binary"), &product.token).await.status, 404, "{version}");
        assert_eq!(cloud.json("PUT", &one, &product.token, json!({"title": "x"})).await.status, 404);
        assert_eq!(cloud.form("DELETE", &one, &product.token, &[]).await.status, 404);
    }
    upload(&cloud, &product, 1).await;
    // With the product its firmware ends.
    assert_eq!(cloud.form("DELETE", &path, &product.token, &[]).await.status, 204);
}

async fn what_does_not_fit_is_refused_and_told_apart(cloud: Cloud) {
    let (product, path) = fleet(&cloud, 0).await;
    let id: u16 = product.id.parse().unwrap();
    let good = Image::new(id, 5);
    let version = [("version", "5"), ("title", "t")];
    let mut damaged = good.build();
    damaged[1000] ^= 4;
    let whole = good.build();
    for (words, file) in [
        (
            "built for platform 6 (Photon), and this product's devices are of platform 13 (Boron)",
            Image { platform: 6, ..good.clone() }.build(),
        ),
        (
            &*format!("built for product 94, and this is product {id}"),
            Image { product: 94, ..good.clone() }.build(),
        ),
        ("built as version 6, and the request says 5", Image { version: 6, ..good.clone() }.build()),
        ("has no product version", Image { version: 0xffff, ..good.clone() }.build()),
        ("is a bootloader, not an application", Image { function: 2, ..good.clone() }.build()),
        ("is a part of Device OS, not an application", Image { function: 4, ..good.clone() }.build()),
        ("CRC is wrong", damaged),
        ("is truncated: it has 2000 bytes, and should have 2068", whole[..2000].to_vec()),
        ("should end after 2068", [&whole[..], b"more"].concat()),
        ("no Device OS binary", b"#!/bin/sh\n".to_vec()),
        ("no Device OS binary", Vec::new()),
        ("is a bundle", b"PK\x03\x04....".to_vec()),
    ] {
        let refused = send(&cloud, &product, multipart(&version, HEAD, &file)).await;
        assert_eq!(refused.status, 400, "{words}");
        let said = refused.text("/error_description");
        assert!(said.starts_with("file: ") && said.contains(words), "{said}");
    }
    let zip = format!("{HEAD}\r\nContent-Type: application/zip");
    assert_eq!(send(&cloud, &product, multipart(&version, &zip, &whole)).await.status, 400);
    for fields in [
        vec![],
        vec![("version", "5")],
        vec![("title", "t")],
        vec![("version", "five"), ("title", "t")],
        vec![("version", "-1"), ("title", "t")],
        vec![("version", "65535"), ("title", "t")],
        vec![("version", "5"), ("title", " ")],
        vec![("version", "5"), ("title", "t"), ("title", "u")],
        vec![("version", "5"), ("title", "t"), ("mandatory", "perhaps")],
        vec![("version", "5"), ("title", "t"), ("description", "d"), ("file", "not this one")],
        vec![
            ("a", ""),
            ("b", ""),
            ("c", ""),
            ("d", ""),
            ("e", ""),
            ("f", ""),
            ("g", ""),
            ("h", ""),
            ("i", ""),
            ("j", ""),
            ("k", ""),
            ("l", ""),
            ("m", ""),
            ("n", ""),
            ("o", ""),
            ("p", ""),
        ],
    ] {
        let refused = send(&cloud, &product, multipart(&fields, HEAD, &whole)).await;
        assert_eq!(refused.status, 400, "{fields:?}");
    }
    assert_eq!(send(&cloud, &product, multipart(&version, "name=\"other\"", &whole)).await.status, 400);
    let large = vec![0; 10 * 1024 * 1024 + 1];
    assert_eq!(send(&cloud, &product, multipart(&version, HEAD, &large)).await.status, 413);
    assert_eq!(send(&cloud, &product, b"--x\r\nnonsense".to_vec()).await.status, 400);
    let plain = cloud.json("POST", &format!("{path}/firmware"), &product.token, json!({"version": 5})).await;
    assert_eq!(plain.status, 415);
    assert_eq!(cloud.get(&format!("{path}/firmware"), &product.token).await.body, json!([]));
    assert!(cloud.blobs().is_empty(), "what was refused was written");

    // From Device OS 4 on the product need not be in the binary.
    let any = Image { product: 0xffff, ..good.clone() }.build();
    assert_eq!(send(&cloud, &product, multipart(&version, HEAD, &any)).await.status, 201);
    let twice = send(&cloud, &product, multipart(&version, HEAD, &whole)).await;
    assert_eq!(twice.error(), (409, "conflict".into()));
    let behind_vectors = Image { vectors: 0x200, version: 6, ..good }.build();
    let next = [("version", "6"), ("title", "t")];
    assert_eq!(send(&cloud, &product, multipart(&next, HEAD, &behind_vectors)).await.status, 201);
}

async fn a_release_decides_what_devices_should_have(cloud: Cloud) {
    let (product, path) = fleet(&cloud, 5).await;
    for version in 1..=4 {
        upload(&cloud, &product, version).await;
    }
    for (number, groups) in [(1, json!(["beta"])), (2, json!(["beta", "asia"])), (3, json!(["asia"]))] {
        assert_eq!(put(&cloud, &product, number, json!({"groups": groups})).await.status, 200);
    }
    let null = Value::Null;
    assert_eq!(targets(&cloud, &product).await, vec![null.clone(); 5]);
    let released = release(&cloud, &product, json!({"version": 1, "product_default": true})).await;
    assert_eq!((released.status.as_u16(), &released.body["product_default"]), (200, &json!(true)));
    assert_eq!(targets(&cloud, &product).await, [1, 1, 1, 1, 1]);
    let groups = [("version", "3"), ("groups[]", "beta"), ("intelligent", "true")];
    let released = cloud.form("PUT", &format!("{path}/firmware/release"), &product.token, &groups).await;
    assert_eq!((&released.body["groups"], &released.body["intelligent"]), (&json!(["beta"]), &json!(true)));
    assert_eq!(
        release(&cloud, &product, json!({"version": 2, "groups": ["asia"]})).await.body["groups"],
        json!(["asia"])
    );
    // Of several groups the highest version; no groups, the default.
    assert_eq!(targets(&cloud, &product).await, [1, 3, 3, 2, 1]);
    let group = cloud.get(&format!("{path}/groups/beta"), &product.token).await;
    assert_eq!(group.body["group"]["fw_version"], 3);
    assert_eq!(put(&cloud, &product, 4, json!({"development": true})).await.body["development"], true);
    assert_eq!(put(&cloud, &product, 3, json!({"desired_firmware_version": 1})).await.status, 200);
    assert_eq!(targets(&cloud, &product).await, [json!(1), json!(3), json!(3), json!(1), null.clone()]);
    let seen = cloud.get(&format!("{path}/devices/{}", device(2)), &product.token).await;
    assert_eq!(seen.body["targeted_firmware_release_version"], 3);

    // A group has one version at a time; what is not named stays.
    assert_eq!(
        release(&cloud, &product, json!({"version": 4, "groups": ["beta", "asia"]})).await.status,
        200
    );
    let third = cloud.get(&format!("{path}/firmware/3"), &product.token).await;
    assert_eq!((&third.body["groups"], &third.body["product_default"]), (&json!([]), &json!(false)));
    assert_eq!(
        release(&cloud, &product, json!({"version": 4, "product_default": true})).await.body["groups"],
        json!(["asia", "beta"])
    );
    assert_eq!(cloud.get(&format!("{path}/firmware/1"), &product.token).await.body["product_default"], false);
    assert_eq!(
        release(&cloud, &product, json!({"version": 4, "groups": ["beta"], "product_default": false}))
            .await
            .status,
        200
    );
    assert_eq!(targets(&cloud, &product).await, [null.clone(), json!(4), json!(4), json!(1), null.clone()]);
    assert_eq!(release(&cloud, &product, json!({"version": 4, "groups": []})).await.status, 200);
    assert_eq!(targets(&cloud, &product).await[..2], [null.clone(), null]);
    for (bad, status) in [
        (json!({"version": 4}), 400),
        (json!({"product_default": true}), 400),
        (json!({"version": 4, "groups": ["nothing"]}), 400),
        (json!({"version": 9, "product_default": true}), 404),
        (json!({"version": -1, "product_default": true}), 400),
        (json!({"version": 4, "product_default": "perhaps"}), 400),
    ] {
        assert_eq!(release(&cloud, &product, bad.clone()).await.status, status, "{bad}");
    }
    // What was ever released stays.
    for (version, status) in [(1, 409), (2, 409), (3, 409), (4, 409)] {
        let one = format!("{path}/firmware/{version}");
        assert_eq!(cloud.form("DELETE", &one, &product.token, &[]).await.status, status, "{version}");
    }
}

async fn a_device_is_locked_and_unlocked(cloud: Cloud) {
    let (product, path) = fleet(&cloud, 2).await;
    upload(&cloud, &product, 1).await;
    let of_device = format!("{path}/devices/{}", device(0));
    let locked = cloud.form("PUT", &of_device, &product.token, &[("desired_firmware_version", "1")]).await;
    assert_eq!((locked.text("/id"), &locked.body["desired_firmware_version"]), (device(0), &json!(1)));
    assert!(locked.body["updated_at"].is_string() && locked.body.as_object().unwrap().len() == 3);
    let seen = cloud.get(&of_device, &product.token).await;
    assert_eq!(
        (&seen.body["desired_firmware_version"], &seen.body["targeted_firmware_release_version"]),
        (&json!(1), &json!(1))
    );
    for bad in
        [json!(2), json!(-1), json!(1.5), json!("x"), json!([1]), json!(5_000_000_000_i64), json!(true)]
    {
        let change = json!({"desired_firmware_version": bad, "name": "not this"});
        assert_eq!(put(&cloud, &product, 0, change).await.status, 400, "{bad}");
    }
    assert_eq!(cloud.get(&of_device, &product.token).await.body["name"], Value::Null);
    let in_use = cloud.form("DELETE", &format!("{path}/firmware/1"), &product.token, &[]).await;
    assert_eq!(in_use.status, 409);
    for none in [json!(null), json!("null"), json!("")] {
        let unlocked = put(&cloud, &product, 0, json!({"desired_firmware_version": none})).await;
        assert_eq!(unlocked.body["desired_firmware_version"], Value::Null);
        let again = json!({"desired_firmware_version": 1, "flash": true});
        assert_eq!(put(&cloud, &product, 0, again).await.status, 200);
    }
    // Not one for development; one that is locked may become one.
    assert_eq!(put(&cloud, &product, 1, json!({"development": true})).await.status, 200);
    let refused = put(&cloud, &product, 1, json!({"desired_firmware_version": 1})).await;
    assert_eq!(
        (refused.status.as_u16(), refused.text("/error_description").contains("development")),
        (400, true)
    );
    let both = json!({"development": false, "desired_firmware_version": 1});
    assert_eq!(put(&cloud, &product, 1, both).await.status, 200);
    assert_eq!(put(&cloud, &product, 1, json!({"development": true})).await.status, 200);
    assert_eq!(targets(&cloud, &product).await, [json!(1), Value::Null]);
    // The owner of a device has no say in this.
    let user = cloud.user("owner@example.com").await;
    assert_eq!(cloud.form("POST", "/v1/devices", &user, &[("id", &device(0))]).await.status, 200);
    let own = cloud
        .json("PUT", &format!("/v1/devices/{}", device(0)), &user, json!({"desired_firmware_version": null}))
        .await;
    assert_eq!(own.status, 400);
    let seen = cloud.get(&format!("/v1/devices/{}", device(0)), &user).await;
    assert_eq!(seen.body.get("targeted_firmware_release_version"), None);
    // The lock ends with the stay.
    assert_eq!(cloud.form("DELETE", &of_device, &product.token, &[]).await.status, 204);
    assert_eq!(
        cloud.json("POST", &format!("{path}/devices"), &product.token, json!({"id": device(0)})).await.status,
        200
    );
    assert_eq!(targets(&cloud, &product).await[0], Value::Null);
}

async fn a_planned_release_tells_whom_it_would_update(cloud: Cloud) {
    let (product, path) = fleet(&cloud, 8).await;
    for version in 1..=3 {
        upload(&cloud, &product, version).await;
    }
    // 0 to 5 run version 1, 6 runs version 3, 7 has never connected.
    for number in 0..=6 {
        let version = if number == 6 { 3 } else { 1 };
        let runs = mote_core::sessions::Hello { firmware_version: Some(version), ..hello(&product) };
        drop(connect(&cloud, &device(number), runs).await);
    }
    for (number, groups) in
        [(0, json!(["beta"])), (1, json!(["beta", "asia"])), (2, json!(["asia"])), (6, json!(["asia"]))]
    {
        assert_eq!(put(&cloud, &product, number, json!({"groups": groups})).await.status, 200);
    }
    assert_eq!(put(&cloud, &product, 4, json!({"development": true})).await.status, 200);
    assert_eq!(put(&cloud, &product, 5, json!({"desired_firmware_version": 1})).await.status, 200);
    let impact = async |query: &str| {
        let query = format!("{path}/impact?action=edit_groups_for_firmware&{query}");
        cloud.get(&query, &product.token).await.body["devices"]["firmware_update"].clone()
    };
    let by = |versions: &[(i32, i64)]| {
        let total: i64 = versions.iter().map(|(_, total)| total).sum();
        let versions: Vec<_> =
            versions.iter().map(|(version, total)| json!({"version": version, "total": total})).collect();
        json!({"total": total, "by_version": versions})
    };
    // To all: 0 to 3 and 7; 6 runs it already, 4 and 5 are out of its reach.
    assert_eq!(impact("firmware_version=3&product_default=true").await, by(&[(3, 5)]));
    assert_eq!(impact("firmware_version=2&groups=asia").await, by(&[(2, 3)]));
    assert_eq!(impact("firmware_version=1&groups=asia,beta").await, by(&[(1, 1)]));
    assert_eq!(impact("firmware_version=2").await, by(&[]));
    assert_eq!(release(&cloud, &product, json!({"version": 2, "product_default": true})).await.status, 200);
    assert_eq!(release(&cloud, &product, json!({"version": 3, "groups": ["beta"]})).await.status, 200);
    // Nothing new for those for whom it is meant already.
    assert_eq!(impact("firmware_version=2&product_default=true").await, by(&[]));
    assert_eq!(impact("firmware_version=3&groups=beta").await, by(&[]));
    // 1 is in beta too, which has a higher version.
    assert_eq!(impact("firmware_version=1&groups=asia").await, by(&[(1, 1)]));
    // Taken back, the group's devices get the default.
    assert_eq!(impact("firmware_version=3").await, by(&[(2, 2)]));
    // Both at once: what is 3 for beta stays, all others get 3, but for 6.
    assert_eq!(impact("firmware_version=3&groups=beta&product_default=true").await, by(&[(3, 3)]));
    assert_eq!(impact("firmware_version=2&product_default=false").await, by(&[]));
    for bad in [
        "action=edit_groups_for_firmware",
        "action=nothing&firmware_version=1",
        "firmware_version=1",
        "action=edit_groups_for_firmware&firmware_version=9",
        "action=edit_groups_for_firmware&firmware_version=1&groups=nothing",
        "action=edit_groups_for_firmware&firmware_version=1&product_default=perhaps",
    ] {
        assert_eq!(cloud.get(&format!("{path}/impact?{bad}"), &product.token).await.status, 400, "{bad}");
    }
}

/// The next command must be to take firmware: which version; the device begins to.
async fn taken(connection: &mut mote_core::sessions::Connection) -> i32 {
    let Some(Command::Update { update, answer }) = connection.next().await else { panic!("no update") };
    answer.send(Ok(())).unwrap();
    update.version
}

async fn connected_devices_take_what_they_should_have(cloud: Cloud) {
    let (product, path) = fleet(&cloud, 2).await;
    for version in [1, 2, 4, 5] {
        upload(&cloud, &product, version).await;
    }
    assert_eq!(release(&cloud, &product, json!({"version": 1, "product_default": true})).await.status, 200);
    let mut connection = connect(&cloud, &device(0), hello(&product)).await;
    let Some(Command::Update { update, answer }) = connection.next().await else { panic!("no update") };
    assert_eq!((update.version, update.size), (1, 2068));
    let mut blob = cloud.mote.open_blob(&update.blob).await.unwrap();
    assert_eq!(blob.next().await.unwrap().unwrap(), image(&product, 1));
    answer.send(Ok(())).unwrap();
    // It comes again with that version, and is left alone.
    let runs = |version| mote_core::sessions::Hello { firmware_version: Some(version), ..hello(&product) };
    let mut connection = connect(&cloud, &device(0), runs(1)).await;
    assert_eq!(
        cloud
            .form("PUT", &format!("{path}/devices/{}", device(0)), &product.token, &[("name", "x")])
            .await
            .status,
        200
    );
    // Locked to another, it takes that when it is told to, or connects.
    let lock = json!({"desired_firmware_version": 5, "flash": true});
    assert_eq!(put(&cloud, &product, 0, lock).await.status, 200);
    assert_eq!(taken(&mut connection).await, 5);
    let mut connection = connect(&cloud, &device(0), runs(1)).await;
    assert_eq!(taken(&mut connection).await, 5);
    // On the way it stops at what is mandatory.
    let mandatory =
        cloud.json("PUT", &format!("{path}/firmware/4"), &product.token, json!({"mandatory": true})).await;
    assert_eq!(mandatory.body["mandatory"], true);
    let mut connection = connect(&cloud, &device(0), runs(1)).await;
    assert_eq!(taken(&mut connection).await, 4);
    let mut connection = connect(&cloud, &device(0), runs(4)).await;
    assert_eq!(taken(&mut connection).await, 5);
    let group = cloud.get(&format!("{path}/firmware/4"), &product.token).await;
    assert_eq!(group.body["device_count"], 1);
}

async fn an_intelligent_release_reaches_devices_at_once(cloud: Cloud) {
    let (product, _) = fleet(&cloud, 4).await;
    for version in [1, 2] {
        upload(&cloud, &product, version).await;
    }
    let runs = |version| mote_core::sessions::Hello { firmware_version: Some(version), ..hello(&product) };
    let mut due = connect(&cloud, &device(0), runs(1)).await;
    let mut has_it = connect(&cloud, &device(1), runs(2)).await;
    let mut locked = connect(&cloud, &device(2), runs(1)).await;
    assert_eq!(put(&cloud, &product, 2, json!({"desired_firmware_version": 1})).await.status, 200);
    let mut other = connect(&cloud, &device(3), runs(1)).await;
    assert_eq!(put(&cloud, &product, 3, json!({"groups": ["other"]})).await.status, 200);
    assert_eq!(release(&cloud, &product, json!({"version": 1, "groups": ["other"]})).await.status, 200);
    let all = json!({"version": 2, "product_default": true, "intelligent": true});
    assert_eq!(release(&cloud, &product, all).await.body["intelligent"], true);
    assert_eq!(taken(&mut due).await, 2);
    let next = json!({"version": 2, "groups": ["other"], "intelligent": true});
    assert_eq!(release(&cloud, &product, next).await.status, 200);
    let (due, other) = tokio::join!(taken(&mut due), taken(&mut other));
    assert_eq!((due, other), (2, 2));
    // The others were left alone: the first that they hear of is a signal.
    for (number, connection) in [(1, &mut has_it), (2, &mut locked)] {
        let signal = put(&cloud, &product, number, json!({"signal": 1}));
        let next = async {
            let Some(Command::Signal { answer, .. }) = connection.next().await else { panic!("{number}") };
            answer.send(Ok(())).unwrap();
        };
        assert_eq!(tokio::join!(signal, next).0.status, 200);
    }
}

async fn the_same_bytes_are_kept_once_and_swept_when_nobody_needs_them(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let (one, other) = (cloud.product(&user, "One").await, cloud.product(&user, "Other").await);
    let bytes = Image { product: 0xffff, ..Image::new(0, 1) }.build();
    let body = multipart(&[("version", "1"), ("title", "t")], HEAD, &bytes);
    for product in [&one, &other] {
        assert_eq!(send(&cloud, product, body.clone()).await.status, 201);
    }
    assert_eq!(cloud.blobs().len(), 1);
    let firmware = |product: &Product| format!("/v1/products/{}/firmware/1", product.id);
    let sweep = async || while cloud.mote.sweep().await.unwrap() {};
    assert_eq!(cloud.form("DELETE", &firmware(&one), &one.token, &[]).await.status, 204);
    cloud.pass(7200);
    sweep().await;
    assert_eq!(download(&cloud, &other, 1).await, (StatusCode::OK, bytes.clone()));
    assert_eq!(cloud.form("DELETE", &firmware(&other), &other.token, &[]).await.status, 204);
    sweep().await;
    assert_eq!(cloud.blobs().len(), 1, "an upload of the same bytes may be on its way");
    // It is: the row that needs the blob comes in time.
    assert_eq!(send(&cloud, &one, body.clone()).await.status, 201);
    cloud.pass(7200);
    sweep().await;
    assert_eq!(download(&cloud, &one, 1).await, (StatusCode::OK, bytes.clone()));
    assert_eq!(cloud.form("DELETE", &firmware(&one), &one.token, &[]).await.status, 204);
    cloud.pass(3601);
    sweep().await;
    assert_eq!(cloud.blobs(), [""; 0]);
    // The same bytes once more are another blob.
    assert_eq!(send(&cloud, &one, body).await.status, 201);
    assert_eq!(download(&cloud, &one, 1).await, (StatusCode::OK, bytes));
}
