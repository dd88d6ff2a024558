//! All of a trail as lines.

use http::Request;
use serde_json::{Value, json};

use super::{entries, of_product};
use crate::cloud::Cloud;
use crate::on_both_engines;

on_both_engines!(an_export_has_every_entry_once, an_export_ends_although_entries_go_on);

/// The lines of an answer, and its media type.
pub(super) async fn lines(
    cloud: &Cloud,
    path: &str,
    authorization: &str,
    accept: &str,
) -> (String, Vec<Value>) {
    let request = Request::get(path).header("authorization", authorization).header("accept", accept);
    let response = cloud.frame.answer(request.body(axum::body::Body::empty()).unwrap()).await;
    let kind = response.headers()["content-type"].to_str().unwrap().to_owned();
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    (kind, text.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

async fn an_export_has_every_entry_once(cloud: Cloud) {
    let owner = cloud.user("owner@example.com").await;
    let product = cloud.product(&owner, "Sensor").await;
    let (path, audit) = (format!("/v1/products/{}", product.id), of_product(&product));
    // More than are read at a time.
    for number in 0..510 {
        let change = json!({"description": number.to_string()});
        assert_eq!(cloud.json("PUT", &path, &product.token, change).await.status, 200);
    }
    let (kind, all) = lines(&cloud, &audit, &product.token, "application/x-ndjson").await;
    assert_eq!((kind.as_str(), all.len()), ("application/x-ndjson", 512));
    assert_eq!(
        (&all[0]["action"], &all[1]["action"]),
        (&json!("product.created"), &json!("oauth_client.created"))
    );
    let mut newest = entries(&cloud, &format!("{audit}?per_page=1000"), &product.token).await;
    newest.reverse();
    assert_eq!(all, newest);
    let path = format!("{audit}?format=ndjson&action=oauth_client&per_page=1");
    let (_, some) = lines(&cloud, &path, &product.token, "*/*").await;
    assert_eq!(some, all[1..2]);
    // JSON is what is had by whoever does not ask.
    for (query, accept) in [
        ("", "*/*"),
        ("?format=json", "application/x-ndjson"),
        ("", "application/json, application/x-ndjson;q=0.5"),
    ] {
        let (kind, _) = lines(&cloud, &format!("{audit}{query}"), &product.token, accept).await;
        assert_eq!(kind, "application/json", "{query} {accept}");
    }
    let (_, own) = lines(&cloud, "/v1/user/audit?format=ndjson", &owner, "*/*").await;
    assert_eq!(own.len(), 2);
}

async fn an_export_ends_although_entries_go_on(cloud: Cloud) {
    let owner = cloud.user("owner@example.com").await;
    let product = cloud.product(&owner, "Sensor").await;
    let query = mote_core::audit::AuditQuery::default();
    let mut export = cloud.mote.export_audit_for_operator(&query).unwrap();
    let path = format!("/v1/products/{}", product.id);
    cloud.json("PUT", &path, &product.token, json!({"name": "Later"})).await;
    let all = cloud.mote.export_more(&mut export).await.unwrap();
    assert_eq!(all.last().unwrap().action, "oauth_client.created");
    assert!(cloud.mote.export_more(&mut export).await.unwrap().is_empty());
}
