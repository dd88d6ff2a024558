//! A body takes its time, and what the request rests on ends meanwhile: then it comes to nothing.

use axum::body::Body;
use http::Request;
use mote_testkit::Halves;
use serde_json::json;

use crate::cloud::{Answer, Cloud, Product};
use crate::on_both_engines;
use crate::teams::{join, program, team_of};

on_both_engines!(
    an_api_user_that_is_removed_leaves_no_other_behind,
    a_token_that_is_revoked_does_nothing_any_more,
    a_member_who_is_taken_off_makes_nothing_that_stays,
    a_product_that_is_deleted_takes_nothing_in,
    an_upload_is_no_exception,
    a_schema_is_no_exception,
    a_large_form_is_no_exception,
);

/// Sends half of a body, does something else, and sends the rest.
async fn meanwhile(
    cloud: &Cloud,
    head: http::request::Builder,
    body: &str,
    deed: impl Future<Output = Answer>,
) -> Answer {
    let (pieces, beside) = Halves::of(body).with(async {
        let done = deed.await;
        assert!(done.status.is_success(), "{}", done.body);
    });
    let request = head.body(Body::from_stream(pieces)).unwrap();
    tokio::join!(cloud.send(request), beside).0
}

fn post(path: &str, token: &str) -> http::request::Builder {
    Request::post(path).header("authorization", token).header("content-type", "application/json")
}

async fn world(cloud: &Cloud) -> (String, Product) {
    let owner = cloud.user("owner@example.com").await;
    let product = cloud.product(&owner, "Slow").await;
    (owner, product)
}

async fn an_api_user_that_is_removed_leaves_no_other_behind(cloud: Cloud) {
    let (owner, product) = world(&cloud).await;
    let team = team_of(&product);
    let scopes = ["devices:list", "teams.users:invite"];
    let (name, token) = program(&cloud, &team, &owner, &scopes).await;
    let path = format!("{team}/{name}");
    let ends = cloud.form("DELETE", &path, &owner, &[]);
    let another = json!({"friendly_name": "ghost", "scopes": ["devices:list"]}).to_string();
    let made = meanwhile(&cloud, post(&team, &token), &another, ends).await;
    assert_eq!(made.status, 401, "{}", made.body);
    assert!(!cloud.get(&team, &owner).await.body.to_string().contains("ghost"));
}

async fn a_token_that_is_revoked_does_nothing_any_more(cloud: Cloud) {
    let (owner, product) = world(&cloud).await;
    let clients = format!("/v1/products/{}/clients", product.id);
    let path = format!("{clients}/{}", product.client);
    let ends = cloud.form("DELETE", &path, &owner, &[]);
    let another = json!({"name": "ghost", "type": "installed"}).to_string();
    let made = meanwhile(&cloud, post(&clients, &product.token), &another, ends).await;
    assert_eq!(made.status, 401, "{}", made.body);
    assert_eq!(cloud.get(&clients, &owner).await.body["clients"], json!([]));
}

async fn a_member_who_is_taken_off_makes_nothing_that_stays(cloud: Cloud) {
    let (owner, product) = world(&cloud).await;
    let team = team_of(&product);
    let open = json!({"settings": {"team_tokens": true}});
    cloud.json("PUT", &format!("/v1/products/{}", product.id), &product.token, open).await;
    let member = join(&cloud, &team, &owner, "you@example.com", "Administrator").await;
    let path = format!("{team}/you@example.com");
    let ends = cloud.form("DELETE", &path, &owner, &[]);
    let groups = format!("/v1/products/{}/groups", product.id);
    let group = json!({"name": "ghost"}).to_string();
    let made = meanwhile(&cloud, post(&groups, &member), &group, ends).await;
    assert_eq!(made.status, 403, "{}", made.body);
    assert!(!cloud.get(&groups, &product.token).await.body.to_string().contains("ghost"));
}

async fn a_product_that_is_deleted_takes_nothing_in(cloud: Cloud) {
    const DEVICE: &str = "e00fce680123456789abcdef";
    let (owner, product) = world(&cloud).await;
    let path = format!("/v1/products/{}", product.id);
    let ends = cloud.form("DELETE", &path, &product.token, &[]);
    let devices = json!({"ids": [DEVICE]}).to_string();
    let made = meanwhile(&cloud, post(&format!("{path}/devices"), &product.token), &devices, ends).await;
    assert!(made.status.is_client_error(), "{}", made.body);
    // It is free for another.
    let other = cloud.product(&owner, "Other").await;
    let devices = json!({"ids": [DEVICE]});
    let imported =
        cloud.json("POST", &format!("/v1/products/{}/devices", other.id), &other.token, devices).await;
    assert_eq!(imported.body["updated"], 1, "{}", imported.body);
}

async fn an_upload_is_no_exception(cloud: Cloud) {
    let (owner, product) = world(&cloud).await;
    let clients = format!("/v1/products/{}/clients", product.id);
    let path = format!("{clients}/{}", product.client);
    let ends = cloud.form("DELETE", &path, &owner, &[]);
    let upload = Request::post(format!("/v1/products/{}/devices", product.id))
        .header("authorization", &product.token)
        .header("content-type", "multipart/form-data; boundary=x");
    let file = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"ids.txt\"\r\n\r\n\
        e00fce680123456789abcdef\r\n--x--";
    let made = meanwhile(&cloud, upload, file, ends).await;
    assert_eq!(made.status, 401, "{}", made.body);
}

async fn a_schema_is_no_exception(cloud: Cloud) {
    let (owner, product) = world(&cloud).await;
    let path = format!("/v1/products/{}", product.id);
    let open = json!({"settings": {"team_tokens": true}});
    cloud.json("PUT", &path, &product.token, open).await;
    let client = format!("{path}/clients/{}", product.client);
    let ends = cloud.form("DELETE", &client, &owner, &[]);
    let config = format!("{path}/config");
    let put = Request::put(&config)
        .header("authorization", &product.token)
        .header("content-type", "application/schema+json");
    let set = meanwhile(&cloud, put, r#"{"title": "ghost"}"#, ends).await;
    assert_eq!(set.status, 401, "{}", set.body);
    let seen =
        Request::get(&config).header("authorization", &owner).header("accept", "application/schema+json");
    let seen = cloud.send(seen.body(Body::empty()).unwrap()).await;
    assert!(seen.status.is_success() && seen.body.get("title").is_none(), "{}", seen.body);
}

async fn a_large_form_is_no_exception(cloud: Cloud) {
    let (owner, product) = world(&cloud).await;
    let clients = format!("/v1/products/{}/clients", product.id);
    let client = format!("{clients}/{}", product.client);
    let ends = cloud.form("DELETE", &client, &owner, &[]);
    let import = Request::post(format!("/v1/products/{}/devices", product.id))
        .header("authorization", &product.token)
        .header("content-type", "application/x-www-form-urlencoded");
    let ids: Vec<_> = (0..6000).map(|number| format!("ids[]=e00fce68{number:016x}")).collect();
    let made = meanwhile(&cloud, import, &ids.join("&"), ends).await;
    assert_eq!(made.status, 401, "{}", made.body);
}
