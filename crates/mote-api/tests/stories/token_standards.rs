//! Introspection, revocation and metadata, as other systems ask for them.

use axum::body::Body;
use http::Request;
use serde_json::{Value, json};

use crate::cloud::{Answer, Cloud, Product, basic, bearer};
use crate::on_both_engines;

on_both_engines!(
    a_product_client_sees_what_opens_its_product,
    what_is_over_is_not_active,
    an_account_client_sees_its_own_tokens,
    introspection_takes_a_client_with_a_secret,
    both_tokens_of_a_grant_are_revoked_together,
    only_its_own_client_revokes_a_token,
    metadata_names_what_works,
    a_client_may_encode_what_it_sends_by_basic,
    what_is_wrong_with_a_request_is_told_in_the_words_of_its_endpoint,
);

impl Cloud {
    async fn introspect(&self, product: &Product, token: &str) -> Value {
        let client = basic(&product.client, &product.secret);
        let answer = self.form("POST", "/oauth/introspect", &client, &[("token", token)]).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(answer.headers["cache-control"], "no-store");
        answer.body
    }

    async fn revoke(&self, client: (&str, &str), token: &str) -> Answer {
        self.form("POST", "/oauth/revoke", &basic(client.0, client.1), &[("token", token)]).await
    }
}

fn plain(authorization: &str) -> &str {
    authorization.trim_start_matches("Bearer ")
}

async fn a_product_client_sees_what_opens_its_product(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let (product, other) = (cloud.product(&user, "Own").await, cloud.product(&user, "Other").await);
    let now = cloud.now().unix_seconds();
    let seen = cloud.introspect(&product, plain(&product.token)).await;
    let expected = json!({
        "active": true, "token_type": "bearer", "client_id": product.client, "sub": format!("product:{}", product.id),
        "iat": now, "exp": now + 7_776_000, "iss": "http://mote.example.com",
    });
    assert_eq!(seen, expected);
    let refresh = cloud.introspect(&product, &product.refresh).await;
    assert_eq!((&refresh["active"], refresh.get("token_type")), (&json!(true), None));
    assert_eq!(refresh["exp"], now + 14 * 86_400);
    let customer = cloud.customer(&product, "him@example.com").await;
    let seen = cloud.introspect(&product, plain(&customer)).await;
    assert_eq!((&seen["active"], &seen["username"]), (&json!(true), &json!("him@example.com")));
    let new = json!({"friendly_name": "counter", "scopes": ["devices:list"]});
    let team = format!("/v1/products/{}/team", product.id);
    let api_user = cloud.json("POST", &team, &user, new).await;
    let seen = cloud.introspect(&product, &api_user.text("/created/tokens/0/token")).await;
    assert_eq!((&seen["scope"], seen.get("exp")), (&json!("devices:list"), None));
    // What opens another product, or an account, is no business of this one's.
    for foreign in [plain(&other.token), plain(&user), &other.refresh, "nonsense", &"a".repeat(9000)] {
        assert_eq!(cloud.introspect(&product, foreign).await, json!({"active": false}));
    }
}

async fn what_is_over_is_not_active(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let product = cloud.product(&user, "Over").await;
    let next = cloud.refresh(&product, &product.refresh).await;
    assert_eq!(cloud.introspect(&product, &product.refresh).await["active"], false, "spent");
    assert_eq!(cloud.introspect(&product, plain(&product.token)).await["active"], true);
    cloud.pass(7_776_000);
    assert_eq!(cloud.introspect(&product, plain(&product.token)).await["active"], false);
    assert_eq!(cloud.introspect(&product, &next.text("/refresh_token")).await["active"], false);
}

async fn an_account_client_sees_its_own_tokens(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let new = json!({"name": "mine", "type": "installed"});
    let made = cloud.json("POST", "/v1/clients", &user, new).await;
    let client = basic(&made.text("/client/id"), &made.text("/client/secret"));
    let password =
        [("grant_type", "password"), ("username", "me@example.com"), ("password", crate::cloud::PASSWORD)];
    let token = cloud.form("POST", "/oauth/token", &client, &password).await.text("/access_token");
    let seen = cloud.form("POST", "/oauth/introspect", &client, &[("token", &token)]).await;
    assert_eq!((&seen.body["active"], &seen.body["username"]), (&json!(true), &json!("me@example.com")));
    let seen = cloud.form("POST", "/oauth/introspect", &client, &[("token", plain(&user))]).await;
    assert_eq!(seen.body, json!({"active": false}), "made with another client");
}

async fn introspection_takes_a_client_with_a_secret(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let product = cloud.product(&user, "Closed").await;
    let token = [("token", plain(&product.token))];
    let ask = async |authorization: &str| {
        let answer = cloud.form("POST", "/oauth/introspect", authorization, &token).await;
        assert!(answer.body.get("ok").is_none());
        answer.error()
    };
    assert_eq!(ask("").await, (401, "invalid_client".into()));
    assert_eq!(ask(&product.token).await, (401, "invalid_client".into()));
    assert_eq!(ask(&basic(&product.client, "wrong")).await, (401, "invalid_client".into()));
    assert_eq!(ask(&basic("particle", "particle")).await, (400, "unauthorized_client".into()));
    let client = basic(&product.client, &product.secret);
    let refused =
        async |form: &[(&str, &str)]| cloud.form("POST", "/oauth/introspect", &client, form).await.error();
    assert_eq!(refused(&[]).await, (400, "invalid_request".into()));
    assert_eq!(refused(&[("token", "a"), ("token", "b")]).await, (400, "invalid_request".into()));
    let as_json = cloud.json("POST", "/oauth/introspect", &client, json!({"token": "x"})).await;
    assert_eq!(as_json.error(), (400, "invalid_request".into()));
}

async fn both_tokens_of_a_grant_are_revoked_together(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let product = cloud.product(&user, "Revoked").await;
    let (path, client) = (format!("/v1/products/{}", product.id), (&*product.client, &*product.secret));
    assert_eq!(cloud.get(&path, &product.token).await.status, 200);
    assert_eq!(cloud.revoke(client, &product.refresh).await.status, 200);
    assert_eq!(cloud.get(&path, &product.token).await.status, 401);
    assert_eq!(cloud.refresh(&product, &product.refresh).await.status, 400);
    assert_eq!(cloud.revoke(client, &product.refresh).await.status, 200, "it has ended already");
    assert_eq!(cloud.revoke(client, "never was one").await.status, 200);
    let minted = cloud.mint(&product.client, &product.secret).await;
    let token = minted.text("/access_token");
    assert_eq!(cloud.get(&path, &bearer(&token)).await.status, 200);
    assert_eq!(cloud.revoke(client, &token).await.status, 200);
    assert_eq!(cloud.get(&path, &bearer(&token)).await.status, 401);
    assert_eq!(cloud.refresh(&product, &minted.text("/refresh_token")).await.status, 400);
}

async fn only_its_own_client_revokes_a_token(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let (product, other) = (cloud.product(&user, "Own").await, cloud.product(&user, "Other").await);
    let refused = cloud.revoke((&other.client, &other.secret), plain(&product.token)).await;
    assert_eq!(refused.error(), (400, "invalid_grant".into()));
    let refused = cloud.revoke((&other.client, "wrong"), plain(&product.token)).await;
    assert_eq!(refused.error(), (401, "invalid_client".into()));
    assert_eq!(cloud.get(&format!("/v1/products/{}", product.id), &product.token).await.status, 200);
    // A person's token was made with a public client, and holding it is enough.
    assert_eq!(cloud.revoke(("particle", "particle"), plain(&user)).await.status, 200);
    assert_eq!(cloud.get("/v1/user", &user).await.status, 401);
}

async fn metadata_names_what_works(cloud: Cloud) {
    let seen = cloud.get("/.well-known/oauth-authorization-server", "").await;
    assert_eq!(seen.status, 200);
    assert_eq!(seen.body["issuer"], "http://mote.example.com");
    for (name, address) in seen.body.as_object().unwrap() {
        // Where people are sent is a page, of the console.
        if name.ends_with("_endpoint") && name != "authorization_endpoint" {
            let path = address.as_str().unwrap().strip_prefix("http://mote.example.com").unwrap();
            let asked = cloud.form("POST", path, "", &[("token", "x"), ("grant_type", "password")]).await;
            assert_eq!(asked.error(), (401, "invalid_client".into()), "{name}");
        }
    }
    for grant in seen.body["grant_types_supported"].as_array().unwrap() {
        let form = [("grant_type", grant.as_str().unwrap())];
        let (_, error) =
            cloud.form("POST", "/oauth/token", &basic("particle", "particle"), &form).await.error();
        assert_ne!(error, "unsupported_grant_type", "{grant}");
    }
}

async fn a_client_may_encode_what_it_sends_by_basic(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let product = cloud.product(&user, "Encoded").await;
    let encoded = product.client.replace('-', "%2D");
    assert_eq!(cloud.mint(&encoded, &product.secret).await.status, 200);
    assert_eq!(cloud.mint("%ff", "%ff").await.error(), (401, "invalid_client".into()));
    let beside = [("grant_type", "client_credentials"), ("client_id", &*product.client)];
    let answer = cloud.form("POST", "/oauth/token", &basic(&encoded, &product.secret), &beside).await;
    assert_eq!(answer.status, 200, "the same client twice");
}

async fn what_is_wrong_with_a_request_is_told_in_the_words_of_its_endpoint(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let product = cloud.product(&user, "Words").await;
    let client = basic(&product.client, &product.secret);
    for path in ["/oauth/introspect", "/oauth/revoke"] {
        let refused = cloud.form("POST", path, &client, &[("token", "")]).await;
        assert_eq!(refused.error(), (400, "invalid_request".into()));
        let why = refused.text("/error_description");
        assert!(why.starts_with("token is needed") && !why.contains("grant_type"), "{why}");
    }
    // RFC 6749 section 5.2, also of a form that cannot be read.
    for path in ["/oauth/token", "/oauth/introspect", "/oauth/revoke"] {
        let request = Request::post(path).header("authorization", &client);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let refused = cloud.send(request.body(Body::from("token=%ff")).unwrap()).await;
        assert_eq!(refused.error(), (400, "invalid_request".into()));
        assert!(refused.text("/error_description").contains("form is not UTF-8"));
        assert!(refused.body.get("ok").is_none() && refused.body.get("errors").is_none(), "{}", refused.body);
        assert_eq!(refused.headers["cache-control"], "no-store");
    }
    let request = Request::post("/v1/products").header("content-type", "application/x-www-form-urlencoded");
    let elsewhere = cloud.send(request.body(Body::from("name=%ff")).unwrap()).await;
    assert_eq!(elsewhere.body["ok"], false);
    let refused = cloud.get("/v1/devices?access_token=%ff", "").await;
    assert!(refused.text("/error_description").contains("query is not UTF-8"), "{}", refused.body);
    let refused = cloud.get("/v1/devices?page=%ff", &user).await;
    assert!(refused.text("/error_description").contains("query is not UTF-8"), "{}", refused.body);
}
