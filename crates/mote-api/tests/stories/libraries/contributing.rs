//! Contributing, publishing and deleting.

use http::Request;
use mote_core::libraries::LibraryMarks;
use mote_testkit::library_archive;
use serde_json::{Value, json};

use super::{contribute, follow, library, listed, message, publish, send, share, shown};
use crate::cloud::{Cloud, PASSWORD};
use crate::firmware::multipart;
use crate::on_both_engines;

on_both_engines!(
    a_version_is_private_until_it_is_published,
    a_name_belongs_to_whoever_had_it_first,
    what_is_no_library_is_refused_in_words_that_clients_print,
    what_was_published_stays,
    the_operator_marks_libraries_and_takes_them_back,
    of_an_account_that_ends_what_is_public_stays,
    a_replaced_archive_is_swept,
);

async fn a_version_is_private_until_it_is_published(cloud: Cloud) {
    let (jane, john) = (cloud.user("jane@example.com").await, cloud.user("john@example.com").await);
    let more = "license=MIT\narchitectures=Photon,boron\ncategory=Sensors\ndependencies.neopixel=0.0.10\nurl=http://a.example";
    let made = contribute(&cloud, &jane, &library("Blink", "1.0.0", more)).await;
    let at = cloud.now().to_iso();
    for (pointer, value) in [
        ("/data/type", json!("libraries")),
        ("/data/id", json!("Blink")),
        ("/data/attributes/name", json!("Blink")),
        ("/data/attributes/version", json!("1.0.0")),
        ("/data/attributes/author", json!("Jane <jane@example.com>")),
        ("/data/attributes/license", json!("MIT")),
        ("/data/attributes/sentence", json!("Blinks.")),
        ("/data/attributes/architectures", json!(["Photon", "boron"])),
        ("/data/attributes/dependencies", json!({"neopixel": "0.0.10"})),
        ("/data/attributes/visibility", json!("private")),
        ("/data/attributes/installs", json!(0)),
        ("/data/attributes/mine", json!(true)),
        ("/data/attributes/official", json!(false)),
        ("/data/attributes/created_at", json!(at)),
        ("/data/attributes/published_at", Value::Null),
    ] {
        assert_eq!(made.body.pointer(pointer), Some(&value), "{pointer} of {}", made.body);
    }
    let path = "/v1/libraries/blink";
    assert_eq!(cloud.get(path, &jane).await.body["data"]["attributes"], made.body["data"]["attributes"]);
    assert_eq!(listed(&cloud, &jane, "").await, ["Blink 1.0.0 private"]);
    // Nobody else knows of it.
    assert_eq!(listed(&cloud, &john, "").await, [""; 0]);
    for path in [path, "/v1/libraries/blink?version=1.0.0", "/v1/libraries/blink/versions"] {
        let answer = cloud.get(path, &john).await;
        assert_eq!(
            (answer.status, message(&answer)),
            (
                404.try_into().unwrap(),
                "Library not found: there is none of this name and version that you may see".into()
            )
        );
    }

    cloud.pass(60);
    let published = publish(&cloud, &jane, "BLINK").await;
    assert_eq!(published.text("/data/attributes/visibility"), "public");
    assert_eq!(published.text("/data/attributes/published_at"), cloud.now().to_iso());
    // Again changes nothing.
    cloud.pass(60);
    assert_eq!(publish(&cloud, &jane, "blink").await.body, published.body);
    let seen = cloud.get(path, &john).await;
    assert_eq!(seen.body["data"]["attributes"]["mine"], json!(false));
    // A newer one is its owner's alone, a preview of it older than itself.
    for version in ["2.0.0-rc.1", "2.0.0", "1.9.0"] {
        contribute(&cloud, &jane, &library("Blink", version, "")).await;
    }
    let versions = "/v1/libraries/Blink/versions";
    let all =
        ["Blink 2.0.0 private", "Blink 2.0.0-rc.1 private", "Blink 1.9.0 private", "Blink 1.0.0 public"];
    assert_eq!(shown(&cloud.get(versions, &jane).await), all);
    assert_eq!(shown(&cloud.get(versions, &john).await), ["Blink 1.0.0 public"]);
    let page = cloud.get(&format!("{versions}?page=2&limit=3"), &jane).await;
    assert_eq!(
        (shown(&page).as_slice(), &page.body["meta"]["total"]),
        (&["Blink 1.0.0 public".to_owned()][..], &json!(4))
    );
    for (query, version) in [("", "2.0.0"), ("?version=latest", "2.0.0"), ("?version=1.9.0", "1.9.0")] {
        assert_eq!(
            cloud.get(&format!("{path}{query}"), &jane).await.text("/data/attributes/version"),
            version
        );
    }
    for (query, version) in [("", "1.0.0"), ("?version=latest", "1.0.0")] {
        assert_eq!(
            cloud.get(&format!("{path}{query}"), &john).await.text("/data/attributes/version"),
            version
        );
    }
    assert_eq!(cloud.get(&format!("{path}?version=2.0.0"), &john).await.status, 404);
    assert_eq!(publish(&cloud, &jane, "blink").await.text("/data/attributes/version"), "2.0.0");
    assert_eq!(listed(&cloud, &john, "").await, ["Blink 2.0.0 public"]);
}

async fn a_name_belongs_to_whoever_had_it_first(cloud: Cloud) {
    let (jane, john) = (cloud.user("jane@example.com").await, cloud.user("john@example.com").await);
    contribute(&cloud, &jane, &library("blink", "1.0.0", "")).await;
    let refused = send(&cloud, &john, &library("Blink", "2.0.0", "")).await;
    assert_eq!(refused.status, 409);
    assert!(message(&refused).contains("somebody else's"));
    // What he does not see he cannot change either, and what he sees neither.
    let delete = |user: String| {
        let cloud = &cloud;
        async move { cloud.form("DELETE", "/v1/libraries/blink", &user, &[]).await.status }
    };
    assert_eq!(
        (publish(&cloud, &john, "blink").await.status, delete(john.clone()).await),
        (404.try_into().unwrap(), 404.try_into().unwrap())
    );
    publish(&cloud, &jane, "blink").await;
    assert_eq!(
        (publish(&cloud, &john, "blink").await.status, delete(john.clone()).await),
        (403.try_into().unwrap(), 403.try_into().unwrap())
    );
    for bad in [json!({}), json!({"visibility": "private"}), json!({"visibility": 1})] {
        let answer = cloud.json("PATCH", "/v1/libraries/blink", &jane, bad).await;
        assert_eq!(answer.status, 400);
        assert!(!message(&answer).is_empty());
    }
}

async fn what_is_no_library_is_refused_in_words_that_clients_print(cloud: Cloud) {
    let jane = cloud.user("jane@example.com").await;
    for (file, said) in [
        (b"not gzipped".to_vec(), "gzipped tar"),
        (library_archive("author=Jane"), "says no name"),
        (library("blink", "one", ""), "semantic"),
        (library("../blink", "1.0.0", ""), "name"),
    ] {
        let refused = send(&cloud, &jane, &file).await;
        assert_eq!(refused.status, 400);
        assert!(message(&refused).contains(said), "{}", refused.body);
    }
    let request = |kind: &str, body: Vec<u8>| {
        let request =
            Request::post("/v1/libraries").header("authorization", &jane).header("content-type", kind);
        request.body(axum::body::Body::from(body)).unwrap()
    };
    let multipart_type = "multipart/form-data;boundary=x";
    let other = multipart(&[], "name=\"other\"; filename=\"a\"", b"x");
    let large = multipart(&[], super::HEAD, &vec![0; 10 * 1024 * 1024 + 1]);
    for (kind, body, status) in [
        ("application/json", b"{}".to_vec(), 415),
        (multipart_type, other, 400),
        (multipart_type, large, 413),
    ] {
        let refused = cloud.send(request(kind, body)).await;
        assert_eq!(refused.status, status, "{}", refused.body);
        assert!(!message(&refused).is_empty());
    }
    let stranger = cloud.form("POST", "/v1/libraries", "Bearer nothing", &[]).await;
    assert_eq!(
        (stranger.status, message(&stranger)),
        (401.try_into().unwrap(), "The access token provided is invalid.".into())
    );
    assert!(cloud.blobs().is_empty() && listed(&cloud, &jane, "").await.is_empty());
}

async fn what_was_published_stays(cloud: Cloud) {
    let jane = cloud.user("jane@example.com").await;
    let delete = |path: &'static str| {
        let (cloud, jane) = (&cloud, jane.clone());
        async move { cloud.json("DELETE", path, &jane, json!({"force": "xyz"})).await }
    };
    // A library that was never published goes as a whole, and its name is free.
    contribute(&cloud, &jane, &library("blink", "1.0.0", "")).await;
    contribute(&cloud, &jane, &library("blink", "1.1.0", "")).await;
    assert_eq!(delete("/v1/libraries/blink?version=1.1.0").await.status, 204);
    assert_eq!(listed(&cloud, &jane, "").await, ["blink 1.0.0 private"]);
    assert_eq!(delete("/v1/libraries/blink").await.status, 204);
    assert_eq!(delete("/v1/libraries/blink").await.status, 404);
    let john = cloud.user("john@example.com").await;
    contribute(&cloud, &john, &library("blink", "1.0.0", "")).await;

    share(&cloud, &jane, "hot", "1.0.0", "").await;
    let again = send(&cloud, &jane, &library("hot", "1.0.0", "license=MIT")).await;
    assert_eq!(again.status, 409);
    assert!(message(&again).contains("raise the version"), "{}", again.body);
    contribute(&cloud, &jane, &library("hot", "1.1.0", "license=MIT")).await;
    contribute(&cloud, &jane, &library("hot", "1.1.0", "license=BSD")).await;
    let seen = cloud.get("/v1/libraries/hot", &jane).await;
    assert_eq!(
        (seen.text("/data/attributes/version"), seen.text("/data/attributes/license")),
        ("1.1.0".into(), "BSD".into())
    );
    for path in ["/v1/libraries/hot", "/v1/libraries/hot?version=1.0.0"] {
        let refused = delete(path).await;
        assert_eq!(refused.status, 409);
        assert!(message(&refused).contains("was published"), "{}", refused.body);
    }
    assert_eq!(delete("/v1/libraries/hot?version=9.9.9").await.status, 404);
    assert_eq!(delete("/v1/libraries/hot?version=1.1.0").await.status, 204);
    assert_eq!(listed(&cloud, &jane, "").await, ["hot 1.0.0 public"]);
}

async fn the_operator_marks_libraries_and_takes_them_back(cloud: Cloud) {
    let jane = cloud.user("jane@example.com").await;
    for name in ["a", "b", "c"] {
        share(&cloud, &jane, name, "1.0.0", "").await;
    }
    let marks = LibraryMarks { official: true, ..LibraryMarks::default() };
    cloud.mote.mark_library_for_operator("B", marks).await.unwrap();
    assert!(cloud.mote.mark_library_for_operator("d", marks).await.is_err());
    let seen = cloud.mote.list_libraries_for_operator("a").await.unwrap();
    assert_eq!(seen, [("b".to_owned(), marks), ("c".to_owned(), LibraryMarks::default())]);
    assert_eq!(listed(&cloud, &jane, "scope=official").await, ["b 1.0.0 public"]);
    cloud.mote.delete_library_for_operator("B", None).await.unwrap();
    assert!(cloud.mote.delete_library_for_operator("c", Some("2.0.0".into())).await.is_err());
    assert_eq!(listed(&cloud, &jane, "sort=name").await, ["a 1.0.0 public", "c 1.0.0 public"]);
}

async fn of_an_account_that_ends_what_is_public_stays(cloud: Cloud) {
    let (jane, john) = (cloud.user("jane@example.com").await, cloud.user("john@example.com").await);
    share(&cloud, &jane, "public", "1.0.0", "").await;
    contribute(&cloud, &jane, &library("public", "2.0.0", "")).await;
    contribute(&cloud, &jane, &library("private", "1.0.0", "")).await;
    assert_eq!(cloud.json("DELETE", "/v1/user", &jane, json!({"password": PASSWORD})).await.status, 200);
    let public = cloud.get("/v1/libraries/public", &john).await;
    assert_eq!(shown(&cloud.get("/v1/libraries", &john).await), ["public 1.0.0 public"]);
    assert_eq!(follow(&cloud, &public.text("/data/links/download")).await.0, 200);
    // The name stays taken; that of what nobody saw is free.
    assert_eq!(send(&cloud, &john, &library("public", "3.0.0", "")).await.status, 409);
    contribute(&cloud, &john, &library("private", "1.0.0", "")).await;
}

async fn a_replaced_archive_is_swept(cloud: Cloud) {
    let jane = cloud.user("jane@example.com").await;
    contribute(&cloud, &jane, &library("blink", "1.0.0", "")).await;
    let first = cloud.blobs();
    contribute(&cloud, &jane, &library("blink", "1.0.0", "license=MIT")).await;
    assert_eq!(cloud.blobs().len(), 2);
    cloud.pass(2 * 60 * 60);
    while cloud.mote.sweep().await.unwrap() {}
    assert_eq!(cloud.blobs().len(), 1);
    assert_ne!(cloud.blobs(), first);
    let link = cloud.get("/v1/libraries/blink", &jane).await.text("/data/links/download");
    assert_eq!(follow(&cloud, &link).await.1, library("blink", "1.0.0", "license=MIT"));
}
