//! A refusal says what was wrong, by its name, and never repeats a value.

use serde_json::json;

use crate::cloud::Cloud;
use crate::on_both_engines;

on_both_engines!(what_does_not_fit_is_named, whoever_sends_no_client_is_told_so);

async fn what_does_not_fit_is_named(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let product = cloud.product(&user, "Odd").await;
    let devices = format!("/v1/products/{}/devices", product.id);
    for (query, name) in [("quarantined=hunter2", "quarantined"), ("perPage=hunter2", "perPage")] {
        let refused = cloud.get(&format!("{devices}?{query}"), &product.token).await;
        assert_eq!(refused.error(), (400, "invalid_request".into()));
        let why = refused.text("/error_description");
        assert!(why.starts_with(&format!("The query parameter {name} does not fit: ")), "{why}");
        assert!(!why.contains("hunter2"), "{why}");
    }
    for (body, name) in [
        (json!({"ids": [true, "hunter2"]}), "ids"),
        (json!({"ids": ["e00fce680000000000000001"], "claim_user": ["hunter2"]}), "claim_user"),
    ] {
        let refused = cloud.json("POST", &devices, &product.token, body).await;
        let why = refused.text("/error_description");
        assert!(why.starts_with(&format!("The field {name} does not fit: ")), "{why}");
        assert!(!why.contains("hunter2"), "{why}");
    }
    // Flat or within `product`.
    for (body, name) in [
        (json!({"name": "Odd", "platform_id": "hunter2"}), "platform_id"),
        (json!({"product": {"name": "Odd", "platform_id": "hunter2"}}), "product.platform_id"),
    ] {
        let refused = cloud.json("POST", "/v1/products", &user, body).await;
        let why = refused.text("/error_description");
        assert_eq!(why, format!("The field {name} does not fit: expected a whole number"));
    }
}

async fn whoever_sends_no_client_is_told_so(cloud: Cloud) {
    let grant = [("grant_type", "client_credentials")];
    let half = [("grant_type", "client_credentials"), ("client_id", "particle")];
    for fields in [&grant[..], &half[..]] {
        let refused = cloud.form("POST", "/oauth/token", "", fields).await;
        assert_eq!(refused.error(), (401, "invalid_client".into()));
        assert!(refused.text("/error_description").contains("missing"), "{}", refused.body);
        assert_eq!(refused.headers["www-authenticate"], "Basic realm=\"mote\"");
    }
    let wrong = cloud.mint("nobody-0000", &"0".repeat(40)).await;
    assert_eq!(wrong.text("/error_description"), "Client credentials are invalid");
}
