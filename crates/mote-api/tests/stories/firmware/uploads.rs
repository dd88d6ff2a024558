//! Uploads: taken, refused, kept and swept.

use http::StatusCode;
use mote_testkit::Image;
use serde_json::json;

use super::{HEAD, download, fleet, image, multipart, send, upload};
use crate::cloud::{Cloud, Product};
use crate::on_both_engines;

on_both_engines!(
    firmware_is_uploaded_looked_at_and_deleted,
    what_does_not_fit_is_refused_and_told_apart,
    the_same_bytes_are_kept_once_and_swept_when_nobody_needs_them,
);

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

    // From Device OS 4 on a source names no product: its binary has the platform's number there, or none.
    for (version, named) in [(5, 0xffff), (7, 13)] {
        let any = Image { product: named, ..Image::new(id, version) }.build();
        let fields = [("version", &*version.to_string()), ("title", "t")];
        assert_eq!(send(&cloud, &product, multipart(&fields, HEAD, &any)).await.status, 201);
    }
    let twice = send(&cloud, &product, multipart(&version, HEAD, &whole)).await;
    assert_eq!(twice.error(), (409, "conflict".into()));
    let behind_vectors = Image { vectors: 0x200, version: 6, ..good }.build();
    let next = [("version", "6"), ("title", "t")];
    assert_eq!(send(&cloud, &product, multipart(&next, HEAD, &behind_vectors)).await.status, 201);
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
