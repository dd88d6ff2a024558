//! Libraries: contributed, published, found, downloaded, deleted.

mod contributing;
mod finding;
mod links;

use axum::body::Body;
use http::{Request, StatusCode};
use mote_testkit::library_archive;
use serde_json::Value;

use crate::cloud::{Answer, Cloud};
use crate::firmware::multipart;

const HEAD: &str = "name=\"file\"; filename=\"archive.tar.gz\"\r\nContent-Type: application/gzip";

/// The archive of a library, with more lines in its properties.
fn library(name: &str, version: &str, more: &str) -> Vec<u8> {
    library_archive(&format!(
        "name={name}\nversion={version}\nauthor=Jane <jane@example.com>\nsentence=Blinks.\n{more}"
    ))
}

async fn send(cloud: &Cloud, user: &str, file: &[u8]) -> Answer {
    let request = Request::post("/v1/libraries")
        .header("authorization", user)
        .header("content-type", "multipart/form-data;boundary=x");
    cloud.send(request.body(Body::from(multipart(&[], HEAD, file))).unwrap()).await
}

/// Contributes a version, which is taken.
async fn contribute(cloud: &Cloud, user: &str, file: &[u8]) -> Answer {
    let answer = send(cloud, user, file).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer
}

async fn publish(cloud: &Cloud, user: &str, name: &str) -> Answer {
    cloud.form("PATCH", &format!("/v1/libraries/{name}"), user, &[("visibility", "public")]).await
}

/// Contributes a version and publishes it.
async fn share(cloud: &Cloud, user: &str, name: &str, version: &str, more: &str) {
    contribute(cloud, user, &library(name, version, more)).await;
    assert_eq!(publish(cloud, user, name).await.status, 200);
}

/// `name version visibility` of each library of an answer, in its order.
fn shown(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 200, "{}", answer.body);
    let one = |library: &Value| {
        let attributes = &library["attributes"];
        let part = |name: &str| attributes[name].as_str().unwrap().to_owned();
        format!("{} {} {}", part("name"), part("version"), part("visibility"))
    };
    answer.body["data"].as_array().unwrap().iter().map(one).collect()
}

async fn listed(cloud: &Cloud, user: &str, query: &str) -> Vec<String> {
    shown(&cloud.get(&format!("/v1/libraries?{query}"), user).await)
}

/// Follows a link without a token: status, and bytes.
async fn follow(cloud: &Cloud, link: &str) -> (StatusCode, Vec<u8>) {
    let path = link.strip_prefix("http://mote.example.com").unwrap();
    let request = Request::get(path).body(Body::empty()).unwrap();
    let (parts, body) = cloud.frame.answer(request).await.into_parts();
    (parts.status, axum::body::to_bytes(body, usize::MAX).await.unwrap().to_vec())
}

/// The message that clients print of a refusal.
fn message(answer: &Answer) -> String {
    answer.text("/errors/0/message")
}
