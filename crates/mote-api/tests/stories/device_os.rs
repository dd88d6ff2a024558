//! Releases of Device OS: registered by the operator, seen and fetched by clients.

use axum::body::Body;
use http::{Request, StatusCode};
use mote_core::Error;
use mote_core::device_os::{NewBinary, ReleaseState};
use mote_testkit::Image;
use serde_json::{Value, json};

use crate::cloud::Cloud;
use crate::on_both_engines;

on_both_engines!(
    where_nothing_is_registered_nothing_is_listed,
    a_release_is_registered_seen_and_fetched,
    the_latest_is_the_highest_for_everybody,
    what_does_not_fit_is_refused_and_nothing_of_it_kept,
    a_removed_release_is_gone_with_its_binaries,
);

/// A part of Device OS, or another module, for a platform.
fn module(platform: u16, function: u8, module_version: u16) -> Image {
    let image = Image::new(0xffff, 0xffff);
    Image { vectors: 0x200, start: 0x3_0000, platform, function, module_version, ..image }
}

fn system(platform: u16, version: u16) -> Vec<u8> {
    module(platform, 4, version).build()
}

async fn register(
    cloud: &Cloud,
    version: &str,
    state: &str,
    files: &[(&str, &[u8])],
) -> Result<Vec<i32>, Error> {
    let file =
        |(name, bytes): &(&str, &[u8])| NewBinary { file_name: (*name).into(), bytes: bytes.to_vec().into() };
    let state = ReleaseState::parse(state).unwrap();
    let files = files.iter().map(file).collect();
    Ok(cloud.mote.register_device_os(version, state, files).await?.platforms)
}

async fn versions(cloud: &Cloud, user: &str, query: &str) -> Vec<String> {
    let answer = cloud.get(&format!("/v1/device-os/versions?{query}"), user).await;
    let one = |release: &Value| release["version"].as_str().unwrap().to_owned();
    answer.body["versions"].as_array().unwrap().iter().map(one).collect()
}

async fn fetch(cloud: &Cloud, url: &str) -> (StatusCode, Vec<u8>) {
    let path = url.strip_prefix("http://mote.example.com").unwrap();
    let (parts, body) =
        cloud.frame.answer(Request::get(path).body(Body::empty()).unwrap()).await.into_parts();
    (parts.status, axum::body::to_bytes(body, usize::MAX).await.unwrap().to_vec())
}

async fn where_nothing_is_registered_nothing_is_listed(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let empty = cloud.get("/v1/device-os/versions?platform_id=13&per_page=100", &user).await;
    let meta = json!({"page": 1, "per_page": 100, "total_pages": 0, "total": 0});
    assert_eq!(empty.body, json!({"versions": [], "meta": meta}));
    for version in ["latest", "5.8.0", "5800", "x", "-1", "%00"] {
        let answer = cloud.get(&format!("/v1/device-os/versions/{version}?platform_id=13"), &user).await;
        assert_eq!(answer.error(), (404, "not_found".into()), "{version}");
    }
}

async fn a_release_is_registered_seen_and_fetched(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let bootloader = Image { start: 0x8_0000, ..module(13, 2, 2400) }.build();
    let boron = system(13, 5800);
    let files: [(&str, &[u8]); 2] =
        [("boron-system-part1@5.8.0.bin", &boron), ("boron-bootloader@5.8.0+lto.bin", &bootloader)];
    assert_eq!(register(&cloud, "v5.8.0", "preview", &files).await.unwrap(), [13]);
    // More of it later, and what was there already; then it is for everybody.
    let argon = system(12, 5800);
    let more: [(&str, &[u8]); 2] = [files[0], ("argon-system-part1@5.8.0.bin", &argon)];
    assert_eq!(register(&cloud, "5.8.0", "ga", &more).await.unwrap(), [12, 13]);

    let base = "http://mote.example.com/v1/firmware/device-os/v5.8.0";
    let release = json!({
        "version": "5.8.0", "internal_version": 5800, "release_state": "ga", "state": "ga", "base_url": base,
        "supported_platforms": [12, 13]
    });
    let listed = cloud.get("/v1/device-os/versions", &user).await;
    assert_eq!(listed.body["versions"], json!([release]));
    let seen = cloud.get("/v1/device-os/versions/5.8.0?platform_id=13", &user).await;
    for (key, value) in release.as_object().unwrap() {
        assert_eq!(&seen.body[key], value, "{key}");
    }
    let modules = seen.body["modules"].as_array().unwrap();
    assert_eq!(modules.len(), 2);
    let crc = |bytes: &[u8]| hex::encode(&bytes[bytes.len() - 4..]);
    assert_eq!(modules[0]["filename"], "boron-bootloader@5.8.0+lto.bin");
    assert_eq!(
        modules[1],
        json!({
            "filename": "boron-system-part1@5.8.0.bin",
            "size": boron.len(),
            "crc": {"ok": true, "storedCrc": crc(&boron), "actualCrc": crc(&boron)},
            "prefixInfo": {
                "moduleStartAddy": "30000",
                "moduleEndAddy": format!("{:x}", 0x3_0000 + boron.len() - 4),
                "reserved": 0, "moduleFlags": "none", "moduleVersion": 5800, "platformID": 13,
                "moduleFunction": "system_part", "moduleIndex": 1,
                "depModuleFunction": "system_part", "depModuleIndex": 1, "depModuleVersion": 6300,
                "dep2ModuleFunction": "none", "dep2ModuleIndex": 0, "dep2ModuleVersion": 0,
                "prefixOffset": 0x200
            },
            "suffixInfo": {
                "productId": 65535, "productVersion": 65535, "fwUniqueId": "5a".repeat(32), "suffixSize": 40,
                "crcBlock": crc(&boron)
            }
        })
    );
    for (name, bytes) in [files[0], files[1], more[1]] {
        assert_eq!(
            fetch(&cloud, &format!("{base}/{name}")).await,
            (StatusCode::OK, bytes.to_vec()),
            "{name}"
        );
    }
    for odd in ["x.bin", "..%2F..%2Fserver.key", "%00"] {
        assert_eq!(fetch(&cloud, &format!("{base}/{odd}")).await.0, 404, "{odd}");
    }
    assert_eq!(fetch(&cloud, &format!("{}%00/x.bin", base.trim_end_matches("5.8.0"))).await.0, 404);
    let unknown = "http://mote.example.com/v1/firmware/device-os/5.8.0/boron-system-part1@5.8.0.bin";
    assert_eq!(fetch(&cloud, unknown).await.0, 404);
    // Without a kind of hardware all of it, by number as well; for one that it is not for nothing.
    let all = cloud.get("/v1/device-os/versions/5800", &user).await;
    assert_eq!(all.body["modules"].as_array().unwrap().len(), 3);
    assert_eq!(cloud.get("/v1/device-os/versions/5.8.0?platform_id=32", &user).await.status, 404);
    // Any living token will do.
    let product = cloud.product(&user, "Fleet").await;
    assert_eq!(cloud.get("/v1/device-os/versions/latest", &product.token).await.status, 200);
}

async fn the_latest_is_the_highest_for_everybody(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    for (version, number, state) in [
        ("5.9.0", 5900, "ga"),
        ("5.10.0", 51000, "ga"),
        ("6.0.0-rc.1", 6000, "preview"),
        ("6.0.0-rc.2", 6000, "preview"),
    ] {
        register(&cloud, version, state, &[("boron.bin", &system(13, number))]).await.unwrap();
    }
    register(&cloud, "5.11.0", "ga", &[("argon.bin", &system(12, 51100))]).await.unwrap();
    for (asked, version) in [
        ("latest?platform_id=13", "5.10.0"),
        ("latest?platform_id=12", "5.11.0"),
        ("latest", "5.11.0"),
        ("6000", "6.0.0-rc.2"),
        ("6.0.0-rc.1", "6.0.0-rc.1"),
    ] {
        let answer = cloud.get(&format!("/v1/device-os/versions/{asked}"), &user).await;
        assert_eq!(answer.text("/version"), version, "{asked}");
    }
    let of_boron = ["6.0.0-rc.2", "6.0.0-rc.1", "5.10.0", "5.9.0"];
    assert_eq!(versions(&cloud, &user, "platform_id=13").await, of_boron);
    assert_eq!(versions(&cloud, &user, "internal_version=6000").await, of_boron[..2]);
    assert_eq!(versions(&cloud, &user, "page=2&per_page=2").await, ["5.11.0", "5.10.0"]);
    for bad in ["page=0", "per_page=1001", "platform_id=x", "internal_version=1.5"] {
        assert_eq!(cloud.get(&format!("/v1/device-os/versions?{bad}"), &user).await.status, 400, "{bad}");
    }
}

async fn what_does_not_fit_is_refused_and_nothing_of_it_kept(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let (good, bootloader) = (system(13, 5800), module(13, 2, 2400).build());
    let mut damaged = good.clone();
    damaged[1000] ^= 1;
    for (version, files, said) in [
        ("5.8", &[("a.bin", &good[..])][..], "semantic version"),
        ("5.8.0+x", &[("a.bin", &good)], "semantic version"),
        ("5.8.0", &[("a.bin", &damaged)], "CRC"),
        ("5.8.0", &[("a.bin", &good[..1000])], "truncated"),
        ("5.8.0", &[("a.bin", b"hello")], "no module prefix"),
        ("5.8.0", &[("a/b.bin", &good)], "file name"),
        ("5.8.0", &[(".bin", &good)], "file name"),
        ("5.8.0", &[("a.bin", &bootloader)], "internal version"),
        ("5.8.0", &[], "internal version"),
        ("5.8.0", &[("a.bin", &good), ("b.bin", &system(13, 5801))], "5801"),
        ("5.8.0", &[("a.bin", &good), ("a.bin", &bootloader)], "other bytes"),
    ] {
        let refused = register(&cloud, version, "ga", files).await.unwrap_err().to_string();
        assert!(refused.contains(said), "{version}: {refused}");
    }
    assert_eq!(versions(&cloud, &user, "").await, [""; 0]);
    register(&cloud, "5.8.0", "ga", &[("a.bin", &good)]).await.unwrap();
    // What is there stays as it is.
    let other = Image { code: vec![1; 100], ..module(13, 4, 5800) }.build();
    assert!(register(&cloud, "5.8.0", "ga", &[("a.bin", &other)]).await.is_err());
    assert!(register(&cloud, "5.8.0", "ga", &[("b.bin", &system(12, 5900))]).await.is_err());
    register(&cloud, "5.8.0", "ga", &[("b.bin", &bootloader)]).await.unwrap();
}

async fn a_removed_release_is_gone_with_its_binaries(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let shared = system(13, 5800);
    register(&cloud, "5.8.0", "ga", &[("a.bin", &shared)]).await.unwrap();
    register(&cloud, "5.8.1", "ga", &[("a.bin", &shared)]).await.unwrap();
    assert_eq!(cloud.blobs().len(), 1);
    cloud.mote.remove_device_os("v5.8.0").await.unwrap();
    assert!(matches!(cloud.mote.remove_device_os("5.8.0").await, Err(Error::NotFound(_))));
    cloud.pass(2 * 60 * 60);
    while cloud.mote.sweep().await.unwrap() {}
    assert_eq!(versions(&cloud, &user, "").await, ["5.8.1"]);
    let base = "http://mote.example.com/v1/firmware/device-os";
    assert_eq!(fetch(&cloud, &format!("{base}/v5.8.0/a.bin")).await.0, 404);
    assert_eq!(fetch(&cloud, &format!("{base}/v5.8.1/a.bin")).await, (StatusCode::OK, shared));
    cloud.mote.remove_device_os("5.8.1").await.unwrap();
    cloud.pass(2 * 60 * 60);
    while cloud.mote.sweep().await.unwrap() {}
    assert!(cloud.blobs().is_empty());
}
