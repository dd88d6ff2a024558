//! Customer tokens: had for a password or from the product's server, and what they open.

use serde_json::{Value, json};

use crate::cloud::{Answer, Cloud, PASSWORD, Product, basic, bearer};
use crate::on_both_engines;

on_both_engines!(
    a_customer_signs_in_with_the_products_client,
    a_server_signs_in_whomever_it_names,
    a_customers_tokens_are_refreshed_and_end,
    a_replayed_refresh_token_ends_the_customers_family,
    a_customer_reaches_his_devices,
    a_customer_claims_within_his_product,
    a_customer_reaches_nothing_else,
);

async fn grant(cloud: &Cloud, client: &str, fields: &[(&str, &str)]) -> Answer {
    cloud.form("POST", "/oauth/token", client, fields).await
}

fn by_password<'a>(username: &'a str, password: &'a str) -> [(&'a str, &'a str); 3] {
    [("grant_type", "password"), ("username", username), ("password", password)]
}

fn of(product: &Product) -> String {
    basic(&product.client, &product.secret)
}

async fn a_customer_signs_in_with_the_products_client(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let (product, other) = (cloud.product(&user, "One").await, cloud.product(&user, "Other").await);
    cloud.customer(&product, "jane@example.com").await;
    let signed_in = grant(&cloud, &of(&product), &by_password("Jane@Example.com", PASSWORD)).await;
    assert_eq!((signed_in.status.as_u16(), &signed_in.body["expires_in"]), (200, &json!(7_776_000)));
    let token = bearer(&signed_in.text("/access_token"));
    let current = cloud.get("/v1/access_tokens/current", &token).await;
    assert_eq!((current.text("/client"), &current.body["scopes"]), (product.client.clone(), &json!([])));
    let short = [&by_password("jane@example.com", PASSWORD)[..], &[("expires_in", "60")]].concat();
    let short = bearer(&grant(&cloud, &of(&product), &short).await.text("/access_token"));
    assert_eq!(cloud.get("/v1/devices", &short).await.status, 200);
    cloud.pass(60);
    assert_eq!(cloud.get("/v1/devices", &short).await.status, 401);
    // Whatever does not fit is answered alike: nobody learns who is a customer, and nobody is taken for somebody else.
    for (client, username, password) in [
        (of(&product), "jane@example.com", "wrong"),
        (of(&product), "no@example.com", PASSWORD),
        (of(&product), "not a name", PASSWORD),
        (of(&product), "me@example.com", PASSWORD),
        (of(&other), "jane@example.com", PASSWORD),
        (basic("particle", "particle"), "jane@example.com", PASSWORD),
    ] {
        let refused = grant(&cloud, &client, &by_password(username, password)).await;
        assert_eq!(refused.status, 400, "{client} {username}");
        let expected = json!({"error": "invalid_grant", "error_description": "User credentials are invalid"});
        assert_eq!(refused.body, expected);
    }
    let fields = [("name", "mine"), ("type", "installed")];
    let mine = cloud.form("POST", "/v1/clients", &user, &fields).await;
    let mine = basic(&mine.text("/client/id"), &mine.text("/client/secret"));
    assert_eq!(grant(&cloud, &mine, &by_password("jane@example.com", PASSWORD)).await.status, 400);
}

async fn a_server_signs_in_whomever_it_names(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let (product, other) = (cloud.product(&user, "One").await, cloud.product(&user, "Other").await);
    cloud.customer(&product, "jane@example.com").await;
    let shadow = json!({"email": "shadow-1", "no_password": true});
    cloud.json("POST", &format!("/v1/products/{}/customers", product.id), &product.token, shadow).await;
    for name in ["jane@example.com", "Shadow-1"] {
        let scope = format!("customer={name}");
        let fields = [("grant_type", "client_credentials"), ("scope", scope.as_str())];
        let minted = grant(&cloud, &of(&product), &fields).await;
        let token = bearer(&minted.text("/access_token"));
        assert_eq!(cloud.get("/v1/devices", &token).await.body, json!([]));
        assert_eq!(cloud.get(&format!("/v1/products/{}", product.id), &token).await.status, 403);
        assert_eq!(cloud.refresh(&product, &minted.text("/refresh_token")).await.status, 200);
        assert_eq!(grant(&cloud, &of(&other), &fields).await.error(), (400, "invalid_scope".into()));
    }
    for scope in
        ["customer=", "customer=no@example.com", "customer=me@example.com", "customer=a b", "customer"]
    {
        let fields = [("grant_type", "client_credentials"), ("scope", scope)];
        assert_eq!(
            grant(&cloud, &of(&product), &fields).await.error(),
            (400, "invalid_scope".into()),
            "{scope}"
        );
    }
}

async fn a_customers_tokens_are_refreshed_and_end(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let (product, other) = (cloud.product(&user, "One").await, cloud.product(&user, "Other").await);
    cloud.customer(&product, "jane@example.com").await;
    let signed_in = grant(&cloud, &of(&product), &by_password("jane@example.com", PASSWORD)).await;
    let refresh = signed_in.text("/refresh_token");
    assert_eq!(cloud.refresh(&other, &refresh).await.error(), (400, "invalid_grant".into()));
    let next = cloud.refresh(&product, &refresh).await;
    let token = bearer(&next.text("/access_token"));
    assert_eq!(cloud.get("/v1/devices", &token).await.status, 200);
    assert_eq!(cloud.get(&format!("/v1/products/{}", product.id), &token).await.status, 403);
    assert_eq!(cloud.form("DELETE", "/v1/access_tokens/current", &token, &[]).await.status, 200);
    assert_eq!(cloud.get("/v1/devices", &token).await.status, 401);
    // A client takes along the tokens that were made with it.
    let again = grant(&cloud, &of(&product), &by_password("jane@example.com", PASSWORD)).await;
    let token = bearer(&again.text("/access_token"));
    assert_eq!(cloud.get("/v1/devices", &token).await.status, 200);
    let client = format!("/v1/products/{}/clients/{}", product.id, product.client);
    assert_eq!(cloud.form("DELETE", &client, &user, &[]).await.status, 204);
    assert_eq!(cloud.get("/v1/devices", &token).await.status, 401);
}

async fn a_replayed_refresh_token_ends_the_customers_family(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let product = cloud.product(&user, "One").await;
    let bystander = cloud.customer(&product, "bob@example.com").await;
    cloud.customer(&product, "jane@example.com").await;
    let first = grant(&cloud, &of(&product), &by_password("jane@example.com", PASSWORD)).await;
    let next = cloud.refresh(&product, &first.text("/refresh_token")).await;
    let token = bearer(&next.text("/access_token"));
    assert_eq!(cloud.get("/v1/devices", &token).await.status, 200);
    cloud.pass(1);
    let replayed = cloud.refresh(&product, &first.text("/refresh_token")).await;
    assert_eq!(replayed.error(), (400, "invalid_grant".into()));
    assert_eq!(cloud.get("/v1/devices", &token).await.status, 401);
    assert_eq!(cloud.refresh(&product, &next.text("/refresh_token")).await.status, 400);
    assert_eq!(cloud.get("/v1/devices", &bystander).await.status, 200);
}

/// A product with devices in it.
async fn with_devices(cloud: &Cloud, user: &str, name: &str, ids: &[&str]) -> Product {
    let product = cloud.product(user, name).await;
    let path = format!("/v1/products/{}/devices", product.id);
    let imported = cloud.json("POST", &path, &product.token, json!({"ids": ids})).await;
    assert_eq!(imported.body["updated"], ids.len());
    product
}

const LAMP: &str = "e00fce680000000000000001";
const FAN: &str = "e00fce680000000000000002";

async fn a_customer_reaches_his_devices(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let product = with_devices(&cloud, &user, "One", &[LAMP, FAN]).await;
    let jane = cloud.customer(&product, "jane@example.com").await;
    let claimed = cloud.form("POST", "/v1/devices", &jane, &[("id", LAMP)]).await;
    assert_eq!(claimed.body["claimed"], true);
    let path = format!("/v1/devices/{LAMP}");
    assert_eq!(cloud.form("PUT", &path, &jane, &[("name", "lamp")]).await.text("/name"), "lamp");
    assert_eq!(
        cloud.form("PUT", "/v1/devices/lamp", &jane, &[("notes", "hall")]).await.text("/notes"),
        "hall"
    );
    let seen = cloud.get("/v1/devices/lamp", &jane).await;
    assert_eq!((seen.text("/id"), seen.text("/owner")), (LAMP.into(), "jane@example.com".into()));
    let listed = cloud.get("/v1/devices", &jane).await;
    assert_eq!(listed.body, json!([seen.body]));
    assert_eq!(cloud.form("POST", "/v1/devices/lamp/on", &jane, &[("arg", "now")]).await.status, 408);
    assert_eq!(cloud.get("/v1/devices/lamp/temperature", &jane).await.status, 408);
    assert_eq!(cloud.form("PUT", "/v1/devices/lamp/ping", &jane, &[]).await.body["online"], false);
    for (method, path) in [
        ("GET", format!("/v1/devices/{FAN}")),
        ("PUT", format!("/v1/devices/{FAN}/ping")),
        ("POST", format!("/v1/devices/{FAN}/on")),
        ("GET", format!("/v1/devices/{FAN}/temperature")),
        ("DELETE", format!("/v1/devices/{FAN}")),
    ] {
        assert_eq!(cloud.form(method, &path, &jane, &[]).await.status, 404, "{method} {path}");
    }
    assert_eq!(cloud.form("PUT", &format!("/v1/devices/{FAN}"), &jane, &[("name", "x")]).await.status, 404);
    assert_eq!(cloud.form("DELETE", "/v1/devices/lamp", &jane, &[]).await.body, json!({"ok": true}));
    assert_eq!(cloud.get("/v1/devices", &jane).await.body, json!([]));
}

async fn a_customer_claims_within_his_product(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let product = with_devices(&cloud, &user, "One", &[LAMP]).await;
    let other = with_devices(&cloud, &user, "Other", &[FAN]).await;
    let jane = cloud.customer(&product, "jane@example.com").await;
    let bob = cloud.customer(&product, "bob").await;
    let claim = async |whose: &str, id: &str, transfer: bool| {
        cloud.json("POST", "/v1/devices", whose, json!({"id": id, "request_transfer": transfer})).await
    };
    for id in [FAN, "e00fce680000000000000009"] {
        let refused = claim(&jane, id, true).await;
        assert_eq!((refused.status.as_u16(), &refused.body["errors"]), (404, &json!(["device not found"])));
    }
    assert_eq!(claim(&jane, LAMP, false).await.status, 200);
    assert_eq!(claim(&bob, LAMP, false).await.status, 403);
    // The owner is asked by mail, where his name is an address.
    assert_eq!(claim(&bob, LAMP, true).await.text("/transfer_id").len(), 24);
    let mail = cloud.mails.next_to("jane@example.com").await;
    assert!(mail.contains("bob asks for your device"), "{mail}");
    cloud.form("DELETE", &format!("/v1/devices/{LAMP}"), &jane, &[]).await;
    assert_eq!(claim(&bob, LAMP, false).await.status, 200);
    assert_eq!(claim(&user, LAMP, true).await.status, 403);
    // Another product does not get what is a customer's, and out of its product a device is nobody's.
    let import = format!("/v1/products/{}/devices", other.id);
    let refused = cloud.json("POST", &import, &other.token, json!({"id": LAMP})).await;
    assert_eq!(refused.body["nonmemberDeviceIds"], json!([LAMP]));
    let claimed = json!({"id": LAMP, "claim_user": "bob"});
    assert_eq!(cloud.json("POST", &import, &other.token, claimed).await.status, 400);
    let gone = format!("/v1/products/{}/devices/{LAMP}", product.id);
    assert_eq!(cloud.form("DELETE", &gone, &product.token, &[]).await.status, 204);
    assert_eq!(cloud.get("/v1/devices", &bob).await.body, json!([]));
    assert_eq!(claim(&bob, LAMP, false).await.status, 404);
    assert_eq!(claim(&user, LAMP, false).await.status, 200);
}

async fn a_customer_reaches_nothing_else(cloud: Cloud) {
    let user = cloud.user("jane@example.com").await;
    let product = with_devices(&cloud, &user, "One", &[LAMP]).await;
    let other = cloud.product(&user, "Other").await;
    let jane = cloud.customer(&product, "jane@example.com").await;
    let own = format!("/v1/products/{}", product.id);
    for (method, path) in [
        ("GET", "/v1/user".to_owned()),
        ("PUT", "/v1/user".to_owned()),
        ("DELETE", "/v1/user".to_owned()),
        ("GET", "/v1/access_tokens".to_owned()),
        ("DELETE", "/v1/access_tokens".to_owned()),
        ("GET", "/v1/user/products".to_owned()),
        ("POST", "/v1/products".to_owned()),
        ("POST", "/v1/clients".to_owned()),
        ("GET", "/v1/orgs".to_owned()),
        ("POST", format!("/v1/provisioning/{LAMP}")),
        ("GET", own.clone()),
        ("GET", format!("{own}/devices")),
        ("GET", format!("{own}/devices/{LAMP}")),
        ("GET", format!("{own}/customers")),
        ("POST", format!("{own}/customers")),
        ("PUT", format!("{own}/customers/jane@example.com")),
        ("DELETE", format!("{own}/customers/jane@example.com")),
        ("GET", format!("{own}/clients")),
        ("GET", format!("/v1/products/{}/devices", other.id)),
    ] {
        let refused = cloud.form(method, &path, &jane, &[]).await;
        assert_eq!(refused.error(), (403, "Permission denied".into()), "{method} {path}");
        assert!(!refused.text("/error_description").contains("access token"));
    }
    // Serial numbers lead to devices of the product alone.
    let found = cloud.get("/v1/serial_numbers/no-such", &jane).await;
    assert_eq!(found.error(), (404, "not_found".into()));
    assert_eq!(found.body["ok"], Value::Bool(false));
}
