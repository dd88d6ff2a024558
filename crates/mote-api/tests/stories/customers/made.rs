//! With a token, and with a client and its secret.

use serde_json::json;

use super::{NEW_PASSWORD, names, path, sign_in};
use crate::cloud::{Cloud, PASSWORD, basic, bearer};
use crate::on_both_engines;

on_both_engines!(
    a_customer_is_made_by_token_and_by_client,
    a_shadow_customer_has_no_password,
    a_limited_client_makes_customers_and_nothing_else,
    an_api_user_makes_customers_within_its_scopes,
    a_name_is_taken_once_in_a_product,
);

type Fields<'a> = Vec<(&'a str, &'a str)>;

async fn a_customer_is_made_by_token_and_by_client(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let product = cloud.product(&user, "App").await;
    let by_slug = format!("/v1/products/{}/customers", product.slug);
    let client = basic(&product.client, &product.secret);
    let in_body = [("client_id", product.client.as_str()), ("client_secret", &product.secret)];
    let ways: [(&str, &str, Fields<'_>); 4] = [
        ("one@example.com", &product.token, vec![]),
        ("Two@Example.com", &client, vec![("grant_type", "client_credentials")]),
        // As particle-api-js and the mobile SDKs send it.
        ("three@example.com", "", in_body.to_vec()),
        ("four@example.com", "Bearer null", in_body.to_vec()),
    ];
    for (email, authorization, more) in ways {
        let fields = [&[("email", email), ("password", PASSWORD)], &more[..]].concat();
        let made = cloud.form("POST", &by_slug, authorization, &fields).await;
        assert_eq!(made.status, 201, "{}", made.body);
        assert_eq!(made.body["expires_in"], 7_776_000);
        assert_eq!(made.headers["cache-control"], "no-store");
        let token = bearer(&made.text("/access_token"));
        assert_eq!(cloud.get("/v1/devices", &token).await.body, json!([]));
        assert_eq!(cloud.refresh(&product, &made.text("/refresh_token")).await.status, 200);
    }
    let android =
        json!({"username": "five@example.com", "password": PASSWORD, "grant_type": "client_credentials"});
    assert_eq!(cloud.json("POST", &by_slug, &client, android).await.status, 201);
    let expected =
        ["one@example.com", "two@example.com", "three@example.com", "four@example.com", "five@example.com"];
    assert_eq!(names(&cloud, &product).await, expected);

    let other = cloud.product(&user, "Other").await;
    let refusals: [(&str, Fields<'_>, u16, &str); 8] = [
        ("", vec![], 401, "invalid_token"),
        ("Bearer null", vec![], 401, "invalid_token"),
        (&other.token, vec![], 403, "Permission denied"),
        (&user, vec![], 403, "Permission denied"),
        (&basic(&product.client, "0".repeat(40).as_str()), vec![], 401, "invalid_client"),
        (&basic("particle", "particle"), vec![], 403, "Permission denied"),
        (&basic(&other.client, &other.secret), vec![], 403, "Permission denied"),
        (&client, vec![("client_id", &other.client)], 400, "invalid_request"),
    ];
    for (authorization, more, status, error) in refusals {
        let fields = [&[("email", "six@example.com"), ("password", PASSWORD)], &more[..]].concat();
        let answer = cloud.form("POST", &by_slug, authorization, &fields).await;
        assert_eq!(answer.error(), (status, error.into()), "{authorization}");
        if status == 403 && authorization != user {
            let absent = cloud.form("POST", "/v1/products/no-such/customers", authorization, &fields).await;
            assert_eq!((absent.status, absent.body), (answer.status, answer.body), "{authorization}");
        }
    }
    assert_eq!(names(&cloud, &product).await.len(), 5);
}

async fn a_shadow_customer_has_no_password(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let product = cloud.product(&user, "Shadows").await;
    let client = basic(&product.client, &product.secret);
    let shadow = json!({"email": "5f0c-Id", "no_password": true});
    let made = cloud.json("POST", &path(&product), &client, shadow).await;
    assert_eq!(made.status, 201);
    assert_eq!(names(&cloud, &product).await, ["5f0c-id"]);
    for password in ["", PASSWORD] {
        let refused = sign_in(&cloud, &product, "5f0c-id", password).await;
        assert_eq!(refused.status, 400, "{}", refused.body);
    }
    let one = format!("{}/5f0c-Id", path(&product));
    let refused = cloud.form("PUT", &one, &product.token, &[("password", NEW_PASSWORD)]).await;
    assert_eq!(refused.error(), (409, "conflict".into()));
    for body in [
        json!({"email": "x@example.com"}),
        json!({"email": "x@example.com", "no_password": false}),
        json!({"email": "x@example.com", "no_password": true, "password": PASSWORD}),
        json!({"email": "x@example.com", "password": "short"}),
        json!({"email": "x@example.com", "password": "password1"}),
        json!({"email": "x@example.com", "password": "x".repeat(2000)}),
        json!({"email": "", "password": PASSWORD}),
        json!({"password": PASSWORD}),
        json!({"email": "reset_password", "password": PASSWORD}),
        json!({"email": "a b@example.com", "password": PASSWORD}),
        json!({"email": "a/b", "password": PASSWORD}),
        json!({"email": format!("{}@example.com", "x".repeat(60_000)), "password": PASSWORD}),
        json!({"email": ["x@example.com"], "password": PASSWORD}),
        json!({"email": "x@example.com", "username": "y@example.com", "password": PASSWORD}),
    ] {
        let refused = cloud.json("POST", &path(&product), &client, body.clone()).await;
        assert_eq!(refused.error(), (400, "invalid_request".into()), "{body}");
        assert!(!refused.body.to_string().contains(PASSWORD));
    }
    let twice = [("email", "a@example.com"), ("email", "b@example.com"), ("password", PASSWORD)];
    assert_eq!(cloud.form("POST", &path(&product), &client, &twice).await.status, 400);
    assert_eq!(names(&cloud, &product).await, ["5f0c-id"]);
}

async fn a_limited_client_makes_customers_and_nothing_else(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let product = cloud.product(&user, "Limits").await;
    let clients = format!("/v1/products/{}/clients", product.id);
    let fields = [("name", "app"), ("type", "installed"), ("scope", "create_customer")];
    let made = cloud.form("POST", &clients, &user, &fields).await;
    let (id, secret) = (made.text("/client/id"), made.text("/client/secret"));
    let (client, token) =
        (basic(&id, &secret), bearer(&cloud.mint(&id, &secret).await.text("/access_token")));
    for (email, authorization) in [("one@example.com", &client), ("two@example.com", &token)] {
        let fields = [("email", email), ("password", PASSWORD)];
        let made = cloud.form("POST", &path(&product), authorization, &fields).await;
        assert_eq!(made.status, 201);
        // The limit is on what the client does, not on its customers.
        assert_eq!(cloud.get("/v1/devices", &bearer(&made.text("/access_token"))).await.status, 200);
    }
    let one = format!("{}/one@example.com", path(&product));
    assert_eq!(cloud.get(&path(&product), &token).await.status, 403);
    assert_eq!(cloud.form("PUT", &one, &token, &[("password", NEW_PASSWORD)]).await.status, 403);
    assert_eq!(cloud.form("DELETE", &one, &token, &[]).await.status, 403);
    // Its secret is in every copy of an app: it must not open any customer.
    let fields = [("grant_type", "client_credentials"), ("scope", "customer=one@example.com")];
    let refused = cloud.form("POST", "/oauth/token", &client, &fields).await;
    assert_eq!(refused.error(), (400, "unauthorized_client".into()));
    let fields = [("grant_type", "password"), ("username", "one@example.com"), ("password", PASSWORD)];
    assert_eq!(cloud.form("POST", "/oauth/token", &client, &fields).await.status, 200);
}

async fn an_api_user_makes_customers_within_its_scopes(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let (product, other) = (cloud.product(&user, "One").await, cloud.product(&user, "Other").await);
    let team = format!("/v1/products/{}/team", product.id);
    let api_user = async |scope: &str| {
        let new = json!({"friendly_name": "program", "scopes": [scope]});
        bearer(&cloud.json("POST", &team, &user, new).await.text("/created/tokens/0/token"))
    };
    let (maker, lister) = (api_user("customers:create").await, api_user("customers:list").await);
    let fields = [("email", "jane@example.com"), ("password", PASSWORD)];
    assert_eq!(cloud.form("POST", &path(&product), &lister, &fields).await.status, 403);
    assert_eq!(cloud.form("POST", &path(&other), &maker, &fields).await.status, 403);
    let made = cloud.form("POST", &path(&product), &maker, &fields).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let jane = bearer(&made.text("/access_token"));
    assert_eq!(cloud.get("/v1/devices", &jane).await.status, 200);
    assert_eq!(cloud.get("/v1/access_tokens/current", &jane).await.status, 200);
    // Her token was made with no client: the product's will do to trade it.
    let refresh = made.text("/refresh_token");
    assert_eq!(cloud.refresh(&other, &refresh).await.status, 400);
    assert_eq!(cloud.refresh(&product, &refresh).await.status, 200);
}

async fn a_name_is_taken_once_in_a_product(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let (product, other) = (cloud.product(&user, "One").await, cloud.product(&user, "Other").await);
    cloud.customer(&product, "jane@example.com").await;
    let fields = [("email", "JANE@example.com "), ("password", NEW_PASSWORD)];
    let refused = cloud.form("POST", &path(&product), &product.token, &fields).await;
    assert_eq!(refused.error(), (409, "conflict".into()));
    assert_eq!(sign_in(&cloud, &product, "jane@example.com", NEW_PASSWORD).await.status, 400);
    // An account with this address, and another product's customer, are somebody else.
    cloud.customer(&product, "me@example.com").await;
    let made = cloud.form("POST", &path(&other), &other.token, &fields).await;
    assert_eq!(made.status, 201);
    assert_eq!(sign_in(&cloud, &other, "jane@example.com", PASSWORD).await.status, 400);

    let cloud = std::sync::Arc::new(cloud);
    let crowd: Vec<_> = (0..8)
        .map(|_| {
            let (cloud, path, token) = (std::sync::Arc::clone(&cloud), path(&product), product.token.clone());
            tokio::spawn(async move {
                let fields = [("email", "crowd@example.com"), ("password", PASSWORD)];
                cloud.form("POST", &path, &token, &fields).await.status.as_u16()
            })
        })
        .collect();
    let mut answers = Vec::new();
    for one in crowd {
        answers.push(one.await.unwrap());
    }
    answers.sort_unstable();
    assert_eq!(answers, [201, 409, 409, 409, 409, 409, 409, 409]);
}
