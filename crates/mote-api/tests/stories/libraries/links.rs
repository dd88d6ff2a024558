//! Links to archives, which clients follow without a token.

use axum::body::Body;
use http::Request;
use serde_json::json;

use super::{contribute, follow, library, publish};
use crate::cloud::Cloud;
use crate::on_both_engines;

on_both_engines!(
    a_public_archive_is_open_and_its_downloads_are_counted,
    the_link_to_a_private_one_opens_it_alone
);

async fn a_public_archive_is_open_and_its_downloads_are_counted(cloud: Cloud) {
    let jane = cloud.user("jane@example.com").await;
    let file = library("Blink", "1.0.0", "");
    contribute(&cloud, &jane, &file).await;
    let link = publish(&cloud, &jane, "blink").await.text("/data/links/download");
    assert_eq!(link, "http://mote.example.com/v1/libraries/Blink/archive/1.0.0.tar.gz");
    for _ in 0..2 {
        assert_eq!(follow(&cloud, &link).await, (200.try_into().unwrap(), file.clone()));
    }
    // To look is not to download.
    let path = link.strip_prefix("http://mote.example.com").unwrap();
    let head = cloud.send(Request::head(path).body(Body::empty()).unwrap()).await;
    assert_eq!(
        (head.status.as_u16(), head.headers["content-length"].to_str().unwrap()),
        (200, &*file.len().to_string())
    );
    assert_eq!(head.headers["content-type"], "application/gzip");
    let seen = cloud.get("/v1/libraries/blink", &jane).await;
    assert_eq!(seen.body["data"]["attributes"]["installs"], json!(2));
    for path in [
        "Blink/archive/1.0.0",
        "Blink/archive/2.0.0.tar.gz",
        "Blunk/archive/1.0.0.tar.gz",
        "x/archive/.tar.gz",
    ] {
        assert_eq!(cloud.get(&format!("/v1/libraries/{path}"), "").await.status, 404, "{path}");
    }
}

async fn the_link_to_a_private_one_opens_it_alone(cloud: Cloud) {
    let jane = cloud.user("jane@example.com").await;
    let (one, other) = (library("blink", "1.0.0", ""), library("blink", "2.0.0", ""));
    let link = contribute(&cloud, &jane, &one).await.text("/data/links/download");
    let link_to_other = contribute(&cloud, &jane, &other).await.text("/data/links/download");
    assert!(!link.contains(jane.strip_prefix("Bearer ").unwrap()), "{link}");
    assert_eq!(follow(&cloud, &link).await, (200.try_into().unwrap(), one));
    assert_eq!(follow(&cloud, &link_to_other).await, (200.try_into().unwrap(), other));
    let (bare, query) = link.split_once('?').unwrap();
    let (bare_other, _) = link_to_other.split_once('?').unwrap();
    let later = query.replacen("expires=1", "expires=2", 1);
    for forged in [
        bare.to_owned(),
        format!("{bare_other}?{query}"),
        format!("{bare}?{later}"),
        format!("{bare}?{}", query.replace("signature=", "signature=00")),
        format!("{bare}?{}", &query[..query.len() - 1]),
        format!("{bare}?expires=99999999999&signature={}", "0".repeat(40)),
    ] {
        assert_eq!(follow(&cloud, &forged).await.0, 404, "{forged}");
    }
    cloud.pass(60 * 60 - 1);
    assert_eq!(follow(&cloud, &link).await.0, 200);
    cloud.pass(1);
    assert_eq!(follow(&cloud, &link).await.0, 404);
}
