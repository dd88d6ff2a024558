//! Listed, given other passwords, removed.

use serde_json::{Value, json};

use super::{NEW_PASSWORD, path, sign_in};
use crate::cloud::{Cloud, PASSWORD, basic, bearer};
use crate::on_both_engines;

on_both_engines!(
    customers_are_listed_page_by_page_with_their_devices,
    a_product_gives_another_password,
    a_removed_customer_leaves_nothing,
    a_forgotten_password_is_set_by_mail_and_tells_nobody_who_is_a_customer,
    customers_end_with_their_product,
);

async fn customers_are_listed_page_by_page_with_their_devices(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let product = cloud.product(&user, "List").await;
    let devices: Vec<String> = (0..3).map(|number| format!("{number:024x}")).collect();
    let all = format!("/v1/products/{}/devices", product.id);
    cloud.json("POST", &all, &product.token, json!({"ids": devices})).await;
    let jane = cloud.customer(&product, "jane@example.com").await;
    let bob = cloud.customer(&product, "bob@example.com").await;
    cloud.customer(&product, "zoe@example.com").await;
    for (owner, device) in [(&jane, &devices[0]), (&jane, &devices[2]), (&bob, &devices[1])] {
        assert_eq!(cloud.form("POST", "/v1/devices", owner, &[("id", device)]).await.status, 200);
    }
    let page = |query: &str| format!("{}{query}", path(&product));
    let first = cloud.get(&page("?per_page=2"), &product.token).await;
    assert_eq!(first.body["meta"], json!({"total_pages": 2}));
    let customers = first.body["customers"].as_array().unwrap();
    assert_eq!(customers[0]["username"], "jane@example.com");
    assert_eq!(customers[0]["devices"], json!([devices[0], devices[2]]));
    assert_eq!(customers[1]["devices"], json!([devices[1]]));
    assert_eq!(first.body["devices"].as_array().unwrap().len(), 3);
    let second = cloud.get(&page("?perPage=2&page=2"), &product.token).await;
    assert_eq!(second.body["customers"][0]["username"], "zoe@example.com");
    assert_eq!(second.body["devices"], json!([]));
    assert_eq!(cloud.get(&page("?page=3"), &product.token).await.body["customers"], json!([]));
    for bad in ["?page=0", "?per_page=1001", "?per_page=x", "?page=1&page=2"] {
        assert_eq!(cloud.get(&page(bad), &product.token).await.status, 400, "{bad}");
    }
    // The same people are named where the devices are listed, each once.
    let named = json!([
        {"id": customers[0]["id"], "username": "jane@example.com"},
        {"id": customers[1]["id"], "username": "bob@example.com"},
    ]);
    for query in ["?sortAttr=deviceId", "?sortAttr=deviceId&deviceId=0"] {
        let listed = cloud.get(&format!("{all}{query}"), &product.token).await;
        assert_eq!(listed.body["customers"], named);
        assert_eq!(listed.body["devices"][1]["owner"], "bob@example.com");
    }
    let one = cloud.get(&format!("{all}?sortAttr=deviceId&per_page=1"), &product.token).await;
    assert_eq!(one.body["customers"], json!([named[0]]));
    let zoe = format!("{}/zoe@example.com", path(&product));
    assert_eq!(cloud.form("DELETE", &zoe, &product.token, &[]).await.status, 200);
    let left = cloud.get(&page("?per_page=2"), &product.token).await;
    assert_eq!(left.body["meta"], json!({"total_pages": 1}));
    let other = cloud.product(&user, "Other").await;
    let none = cloud.get(&path(&other), &other.token).await;
    assert_eq!(none.body, json!({"customers": [], "devices": [], "meta": {"total_pages": 0}}));
}

async fn a_product_gives_another_password(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let (product, other) = (cloud.product(&user, "One").await, cloud.product(&user, "Other").await);
    let jane = cloud.customer(&product, "jane@example.com").await;
    cloud.customer(&other, "jane@example.com").await;
    let one = format!("{}/jane%40example.com", path(&product));
    assert_eq!(
        cloud.form("PUT", &one, &product.token, &[("password", NEW_PASSWORD)]).await.body,
        json!({"ok": true})
    );
    assert_eq!(sign_in(&cloud, &product, "jane@example.com", PASSWORD).await.status, 400);
    assert_eq!(sign_in(&cloud, &product, "jane@example.com", NEW_PASSWORD).await.status, 200);
    assert_eq!(sign_in(&cloud, &other, "jane@example.com", PASSWORD).await.status, 200);
    assert_eq!(cloud.get("/v1/devices", &jane).await.status, 200);
    let change = json!({"password": PASSWORD, "invalidate_tokens": true});
    assert_eq!(cloud.json("PUT", &one, &product.token, change).await.status, 200);
    assert_eq!(cloud.get("/v1/devices", &jane).await.status, 401);
    for (authorization, email, password, status) in [
        (&product.token, "jane@example.com", "short", 400),
        (&product.token, "jane@example.com", "jane@example.com", 400),
        (&product.token, "no@example.com", NEW_PASSWORD, 404),
        (&product.token, "%20", NEW_PASSWORD, 404),
        (&other.token, "jane@example.com", NEW_PASSWORD, 403),
        (&jane, "jane@example.com", NEW_PASSWORD, 401),
    ] {
        let one = format!("{}/{email}", path(&product));
        let refused = cloud.form("PUT", &one, authorization, &[("password", password)]).await;
        assert_eq!(refused.status, status, "{email} {password}");
    }
}

async fn a_removed_customer_leaves_nothing(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let (product, other) = (cloud.product(&user, "One").await, cloud.product(&user, "Other").await);
    let (device, all) = ("e00fce680000000000000001", format!("/v1/products/{}/devices", product.id));
    cloud.json("POST", &all, &product.token, json!({"id": device})).await;
    let jane = cloud.customer(&product, "jane@example.com").await;
    let namesake = cloud.customer(&other, "jane@example.com").await;
    let bob = cloud.customer(&product, "bob@example.com").await;
    cloud.form("POST", "/v1/devices", &jane, &[("id", device)]).await;
    let signed_in = sign_in(&cloud, &product, "jane@example.com", PASSWORD).await;
    let another = bearer(&signed_in.text("/access_token"));
    for token in [&jane, &another] {
        assert_eq!(cloud.get("/v1/devices/e00fce680000000000000001", token).await.status, 200);
    }
    let one = format!("{}/Jane@example.com", path(&product));
    assert_eq!(cloud.form("DELETE", &one, &other.token, &[]).await.status, 403);
    assert_eq!(cloud.form("DELETE", &one, &product.token, &[]).await.body, json!({"ok": true}));
    for token in [&jane, &another] {
        assert_eq!(cloud.get("/v1/devices", token).await.error(), (401, "invalid_token".into()));
    }
    assert_eq!(cloud.refresh(&product, &signed_in.text("/refresh_token")).await.status, 400);
    assert_eq!(sign_in(&cloud, &product, "jane@example.com", PASSWORD).await.status, 400);
    assert_eq!(cloud.get("/v1/devices", &namesake).await.status, 200);
    assert_eq!(cloud.get(&format!("{all}/{device}"), &product.token).await.body["owner"], Value::Null);
    assert_eq!(cloud.form("POST", "/v1/devices", &bob, &[("id", device)]).await.status, 200);
    assert_eq!(cloud.form("DELETE", &one, &product.token, &[]).await.status, 404);
    // The name is free again, for somebody else.
    let jane = cloud.customer(&product, "jane@example.com").await;
    assert_eq!(cloud.get("/v1/devices", &jane).await.body, json!([]));
}

async fn a_forgotten_password_is_set_by_mail_and_tells_nobody_who_is_a_customer(cloud: Cloud) {
    let user = cloud.user("jane@example.com").await;
    let (product, other) = (cloud.product(&user, "Lamps").await, cloud.product(&user, "Other").await);
    let jane = cloud.customer(&product, "jane@example.com").await;
    let namesake = cloud.customer(&other, "jane@example.com").await;
    let shadow = json!({"email": "shadow@example.com", "no_password": true});
    cloud.json("POST", &path(&product), &product.token, shadow).await;
    let ask = async |product: &str, email: &str| {
        let path = format!("/v1/products/{product}/customers/reset_password");
        let asked = cloud.json("POST", &path, "", json!({"email": email})).await;
        (asked.status.as_u16(), asked.body)
    };
    let expected = (200, json!({"ok": true, "message": "Password reset email sent."}));
    for (product, email) in [
        (product.slug.as_str(), "no@example.com"),
        (&product.slug, "shadow@example.com"),
        (&product.slug, "an-id"),
        ("no-such", "jane@example.com"),
        (&product.id, "Jane@example.com"),
    ] {
        assert_eq!(ask(product, email).await, expected, "{product} {email}");
    }
    assert_eq!(ask(&product.id, "not a name").await.0, 400);
    let mail = cloud.mails.next_to("jane@example.com").await;
    assert!(mail.contains("for you at Lamps"), "{mail}");
    let token = crate::accounts::token_in(&mail);
    let set = async |path: &str, token: &str, password: &str| {
        cloud
            .form(
                if path == "/v1/password" { "POST" } else { "PUT" },
                path,
                "",
                &[("token", token), ("password", password)],
            )
            .await
    };
    // A customer's link is none for the account of that address.
    assert_eq!(set("/v1/user/password-reset", &token, NEW_PASSWORD).await.status, 400);
    for (token, password) in [(token.as_str(), "short"), (&"0".repeat(40), NEW_PASSWORD), ("", NEW_PASSWORD)]
    {
        assert_eq!(set("/v1/password", token, password).await.status, 400);
    }
    assert_eq!(cloud.get("/v1/devices", &jane).await.status, 200);
    assert_eq!(set("/v1/password", &token, NEW_PASSWORD).await.body, json!({"ok": true}));
    assert_eq!(cloud.get("/v1/devices", &jane).await.status, 401);
    assert_eq!(sign_in(&cloud, &product, "jane@example.com", NEW_PASSWORD).await.status, 200);
    assert_eq!(set("/v1/password", &token, PASSWORD).await.status, 400, "it is spent");
    for (token, path) in [(&namesake, "/v1/devices"), (&user, "/v1/user")] {
        assert_eq!(cloud.get(path, token).await.status, 200, "somebody else");
    }
    ask(&product.id, "jane@example.com").await;
    let token = crate::accounts::token_in(&cloud.mails.next_to("jane@example.com").await);
    cloud.pass(3601);
    assert_eq!(set("/v1/password", &token, PASSWORD).await.status, 400, "it is over");
    // A password from the product ends the links that are under way.
    ask(&product.id, "jane@example.com").await;
    let token = crate::accounts::token_in(&cloud.mails.next_to("jane@example.com").await);
    let one = format!("{}/jane@example.com", path(&product));
    assert_eq!(cloud.form("PUT", &one, &product.token, &[("password", PASSWORD)]).await.status, 200);
    assert_eq!(set("/v1/password", &token, NEW_PASSWORD).await.status, 400);
}

async fn customers_end_with_their_product(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let product = cloud.product(&user, "Short").await;
    let open = json!({"settings": {"team_tokens": true}});
    let own = format!("/v1/products/{}", product.id);
    cloud.json("PUT", &own, &product.token, open).await;
    // Made with the member's own token, and so with a client that does not end with the product.
    let fields = [("email", "jane@example.com"), ("password", PASSWORD)];
    let made = cloud.form("POST", &path(&product), &user, &fields).await;
    let jane = bearer(&made.text("/access_token"));
    let unused = bearer(
        &cloud
            .form("POST", &path(&product), &user, &[("email", "bob@example.com"), ("password", PASSWORD)])
            .await
            .text("/access_token"),
    );
    assert_eq!(cloud.get("/v1/devices", &jane).await.status, 200);
    let before = cloud.mote.counts().await.unwrap().tokens;
    assert_eq!(cloud.form("DELETE", &own, &user, &[]).await.status, 204);
    for token in [&jane, &unused] {
        assert_eq!(cloud.get("/v1/devices", token).await.status, 401);
    }
    let refresh = [("grant_type", "refresh_token"), ("refresh_token", &made.text("/refresh_token"))];
    let refused = cloud.form("POST", "/oauth/token", &basic("particle", "particle"), &refresh).await;
    assert_eq!(refused.error(), (400, "invalid_grant".into()));
    while cloud.mote.sweep().await.unwrap() {}
    assert_eq!(cloud.mote.counts().await.unwrap().tokens, before - 3, "two customers' and the product's");
}
