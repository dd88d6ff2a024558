//! Finding libraries among others.

use mote_core::libraries::LibraryMarks;
use serde_json::json;

use super::{contribute, follow, library, listed, message, share};
use crate::cloud::Cloud;
use crate::on_both_engines;

on_both_engines!(lists_are_narrowed, lists_are_ordered_and_paged, what_makes_no_sense_is_refused);

async fn mark(cloud: &Cloud, name: &str, official: bool, verified: bool, featured: bool) {
    let marks = LibraryMarks { official, verified, featured };
    cloud.mote.mark_library_for_operator(name, marks).await.unwrap();
}

async fn lists_are_narrowed(cloud: Cloud) {
    let (jane, john) = (cloud.user("jane@example.com").await, cloud.user("john@example.com").await);
    share(&cloud, &jane, "neopixel", "1.0.0", "architectures=particle-photon\ncategory=Display").await;
    share(&cloud, &jane, "neo_matrix", "1.0.0", "architectures=*").await;
    contribute(&cloud, &jane, &library("neo_matrix", "1.1.0", "")).await;
    contribute(&cloud, &jane, &library("secret", "1.0.0", "")).await;
    share(&cloud, &john, "Button", "1.0.0", "architectures=Boron, particle-photon\ncategory=display").await;
    mark(&cloud, "neopixel", true, true, false).await;
    mark(&cloud, "button", false, true, true).await;

    let (button, matrix, next, neopixel, secret) = (
        "Button 1.0.0 public",
        "neo_matrix 1.0.0 public",
        "neo_matrix 1.1.0 private",
        "neopixel 1.0.0 public",
        "secret 1.0.0 private",
    );
    for (query, found) in [
        ("", &[button, next, neopixel, secret][..]),
        ("scope=all", &[button, next, neopixel, secret]),
        ("scope=public", &[button, matrix, neopixel]),
        ("scope=mine", &[next, neopixel, secret]),
        ("scope=private", &[next, secret]),
        ("scope=official", &[neopixel]),
        ("scope=verified", &[button, neopixel]),
        ("scope=featured", &[button]),
        ("scope=all&excludeScopes=mine", &[button]),
        ("scope=verified&excludeScopes=official", &[button]),
        ("scope=public&excludeScopes=verified,official", &[matrix]),
        ("scope=all&excludeScopes=private", &[button, neopixel]),
        ("scope=official&excludeScopes=official", &[]),
        ("filter=NEO", &[next, neopixel]),
        ("filter=o_m", &[next]),
        ("filter=%25", &[]),
        ("category=DISPLAY", &[button, neopixel]),
        ("architectures=boron", &[button, next, secret]),
        ("architectures=boron,particle-photon", &[button, next, neopixel, secret]),
        ("architectures=argon", &[next, secret]),
        ("architectures=*", &[button, next, neopixel, secret]),
    ] {
        assert_eq!(listed(&cloud, &jane, &format!("sort=name&{query}")).await, found, "{query}");
    }
    assert_eq!(listed(&cloud, &john, "sort=name").await, [button, matrix, neopixel]);
    assert_eq!(listed(&cloud, &john, "scope=mine").await, [button]);
}

async fn lists_are_ordered_and_paged(cloud: Cloud) {
    let jane = cloud.user("jane@example.com").await;
    for (name, downloads) in [("b", 1), ("A", 3), ("c", 0), ("d", 3)] {
        cloud.pass(60);
        share(&cloud, &jane, name, "1.0.0", "").await;
        for _ in 0..downloads {
            let link = cloud.get(&format!("/v1/libraries/{name}"), &jane).await.text("/data/links/download");
            assert_eq!(follow(&cloud, &link).await.0, 200);
        }
    }
    mark(&cloud, "c", true, false, false).await;
    mark(&cloud, "b", false, true, false).await;
    cloud.pass(60);
    contribute(&cloud, &jane, &library("b", "1.1.0", "")).await;
    for (sort, names) in [
        ("", "Adbc"),
        ("sort=name", "Abcd"),
        ("sort=-name", "dcbA"),
        ("sort=popularity", "Adbc"),
        ("sort=-installs", "cbAd"),
        ("sort=official,verified,popularity,name", "cbAd"),
        ("sort=-popularity,-name", "cbdA"),
        ("sort=created", "bAcd"),
        ("sort=-date", "bdcA"),
        ("sort=-published", "dcAb"),
    ] {
        let found = listed(&cloud, &jane, sort).await;
        let order: String = found.iter().map(|one| one.split(' ').next().unwrap()).collect();
        assert_eq!(order, names, "{sort}");
    }
    let page = cloud.get("/v1/libraries?sort=name&page=2&limit=3", &jane).await;
    assert_eq!(super::shown(&page), ["d 1.0.0 public"]);
    assert_eq!(page.body["meta"], json!({"page": 2, "limit": 3, "total": 4}));
    assert_eq!(listed(&cloud, &jane, "page=9").await, [""; 0]);
}

async fn what_makes_no_sense_is_refused(cloud: Cloud) {
    let jane = cloud.user("jane@example.com").await;
    for query in [
        "sort=size",
        "scope=everything",
        "excludeScopes=everything",
        "page=0",
        "page=x",
        "limit=0",
        "limit=101",
        "page=99999999999999999999",
        "scope=all&scope=mine",
        "filter=%00",
        "category=a%00",
        "architectures=%00",
        "scope=%00",
        &format!("filter={}", "a".repeat(129)),
        &format!("architectures={}", "a,".repeat(21)),
    ] {
        let refused = cloud.get(&format!("/v1/libraries?{query}"), &jane).await;
        assert_eq!(refused.status, 400, "{query}: {}", refused.body);
        assert!(!message(&refused).is_empty());
    }
    share(&cloud, &jane, "blink", "1.0.0", "").await;
    for path in ["%00", "blink%00", "%00/versions", "blink/archive/%00.tar.gz", "%00/archive/1.0.0.tar.gz"] {
        assert_eq!(cloud.get(&format!("/v1/libraries/{path}"), &jane).await.status, 404, "{path}");
    }
    assert_eq!(cloud.get("/v1/libraries/blink?version=%00", &jane).await.status, 400);
}
