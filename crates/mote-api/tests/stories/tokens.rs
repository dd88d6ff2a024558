//! Tokens: minted, refreshed, listed, ended.

use serde_json::json;

use crate::cloud::{Cloud, PASSWORD, basic, bearer};
use crate::on_both_engines;

on_both_engines!(
    a_lost_answer_locks_nobody_out,
    a_replayed_refresh_token_ends_its_family,
    thirty_two_refreshes_at_once_all_succeed,
    tokens_end_when_their_time_is_over,
    a_token_can_be_ended_by_whoever_holds_it,
    the_token_endpoint_refuses_by_the_rules_of_oauth,
    two_different_tokens_are_refused,
    a_limited_client_makes_limited_tokens,
    tokens_are_listed_by_password_and_by_token,
    what_is_over_is_swept,
);

async fn a_lost_answer_locks_nobody_out(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let product = cloud.product(&user, "Lost").await;
    assert_eq!(cloud.refresh(&product, &product.refresh).await.status, 200);
    let again = cloud.refresh(&product, &product.refresh).await;
    assert_eq!(again.status, 200);
    let seen =
        cloud.get(&format!("/v1/products/{}", product.id), &bearer(&again.text("/access_token"))).await;
    assert_eq!(seen.status, 200);
}

async fn a_replayed_refresh_token_ends_its_family(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let product = cloud.product(&user, "Replay").await;
    let path = format!("/v1/products/{}", product.id);
    let next = cloud.refresh(&product, &product.refresh).await;
    let next_token = bearer(&next.text("/access_token"));
    assert_eq!(cloud.get(&path, &next_token).await.status, 200);
    cloud.pass(1);
    assert_eq!(cloud.refresh(&product, &product.refresh).await.error(), (400, "invalid_grant".into()));
    assert_eq!(cloud.get(&path, &next_token).await.status, 401);
    assert_eq!(cloud.get(&path, &product.token).await.status, 401);
    assert_eq!(cloud.refresh(&product, &next.text("/refresh_token")).await.status, 400);
    // Another family of the same client goes on.
    assert_eq!(cloud.mint(&product.client, &product.secret).await.status, 200);
}

async fn thirty_two_refreshes_at_once_all_succeed(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let product = std::sync::Arc::new(cloud.product(&user, "Crowd").await);
    let cloud = std::sync::Arc::new(cloud);
    let crowd: Vec<_> = (0..32)
        .map(|_| {
            let (cloud, product) = (std::sync::Arc::clone(&cloud), std::sync::Arc::clone(&product));
            tokio::spawn(async move { cloud.refresh(&product, &product.refresh).await })
        })
        .collect();
    let path = format!("/v1/products/{}", product.id);
    for one in crowd {
        let answer = one.await.unwrap();
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(cloud.get(&path, &bearer(&answer.text("/access_token"))).await.status, 200);
    }
}

async fn tokens_end_when_their_time_is_over(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let product = cloud.product(&user, "Time").await;
    let fields = [("grant_type", "client_credentials"), ("expires_in", "60")];
    let minted = cloud.form("POST", "/oauth/token", &basic(&product.client, &product.secret), &fields).await;
    assert_eq!(minted.body["expires_in"], 60);
    let (path, token) = (format!("/v1/products/{}", product.id), bearer(&minted.text("/access_token")));
    cloud.pass(59);
    assert_eq!(cloud.get(&path, &token).await.status, 200);
    cloud.pass(1);
    let over = cloud.get(&path, &token).await;
    assert_eq!(over.text("/error_description"), "The access token provided is invalid.");
    assert!(over.headers["www-authenticate"].to_str().unwrap().contains("error=\"invalid_token\""));
    cloud.pass(14 * 86_400);
    assert_eq!(cloud.refresh(&product, &minted.text("/refresh_token")).await.status, 400);
}

async fn a_token_can_be_ended_by_whoever_holds_it(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let token = user.trim_start_matches("Bearer ").to_owned();
    assert_eq!(cloud.get("/v1/user", &user).await.status, 200);
    assert_eq!(
        cloud.form("DELETE", &format!("/v1/access_tokens/{token}"), "", &[]).await.body,
        json!({"ok": true})
    );
    assert_eq!(cloud.get("/v1/user", &user).await.status, 401);
    assert_eq!(cloud.form("DELETE", &format!("/v1/access_tokens/{token}"), "", &[]).await.status, 404);
    let (one, other) = (cloud.sign_in("me@example.com").await, cloud.sign_in("me@example.com").await);
    let (one, other) = (bearer(&one.text("/access_token")), bearer(&other.text("/access_token")));
    assert_eq!(cloud.get("/v1/user", &other).await.status, 200);
    assert_eq!(cloud.form("DELETE", "/v1/access_tokens", &one, &[]).await.status, 200);
    assert_eq!(cloud.get("/v1/user", &other).await.status, 401);
}

/// `Authorization` header, form, and the status and error that must answer.
type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], u16, &'a str);

async fn the_token_endpoint_refuses_by_the_rules_of_oauth(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let product = cloud.product(&user, "Rules").await;
    let (client, particle) = (basic(&product.client, &product.secret), basic("particle", "particle"));
    let password = [("grant_type", "password"), ("username", "me@example.com"), ("password", PASSWORD)];
    let cases: &[Case<'_>] = &[
        (&client, &[("grant_type", "nonsense")], 400, "unsupported_grant_type"),
        (&client, &[("x", "y")], 400, "invalid_request"),
        (
            &client,
            &[("grant_type", "client_credentials"), ("grant_type", "password")],
            400,
            "invalid_request",
        ),
        (&client, &[("grant_type", "client_credentials"), ("client_id", "particle")], 400, "invalid_request"),
        (&client, &[("grant_type", "client_credentials"), ("expires_in", "soon")], 400, "invalid_request"),
        (&client, &[("grant_type", "client_credentials"), ("scope", "customer=x")], 400, "invalid_scope"),
        (&client, &[("grant_type", "client_credentials"), ("scope", "devices:list")], 400, "invalid_scope"),
        (&client, &password, 400, "invalid_grant"),
        (
            &particle,
            &[("grant_type", "client_credentials"), ("scope", "customer=x")],
            400,
            "unauthorized_client",
        ),
        (&particle, &[("grant_type", "client_credentials")], 400, "unauthorized_client"),
        (
            &particle,
            &[("grant_type", "password"), ("username", "me@example.com"), ("password", "x")],
            400,
            "invalid_grant",
        ),
        (
            &particle,
            &[("grant_type", "password"), ("username", "no@example.com"), ("password", "x")],
            400,
            "invalid_grant",
        ),
        (&particle, &[("grant_type", "password"), ("username", "me@example.com")], 400, "invalid_request"),
        (
            &particle,
            &[("grant_type", "refresh_token"), ("refresh_token", &product.refresh)],
            400,
            "invalid_grant",
        ),
        ("", &[("grant_type", "client_credentials")], 401, "invalid_client"),
        ("Bearer null", &password, 401, "invalid_client"),
        ("Basic !!!", &password, 400, "invalid_request"),
    ];
    for (authorization, fields, status, error) in cases {
        let answer = cloud.form("POST", "/oauth/token", authorization, fields).await;
        assert_eq!(answer.error(), (*status, (*error).to_owned()), "{fields:?}");
        assert_eq!(answer.headers["cache-control"], "no-store");
        assert!(answer.body.get("ok").is_none());
    }
    let json = cloud.json("POST", "/oauth/token", &client, json!({"grant_type": "client_credentials"})).await;
    assert_eq!(json.error(), (400, "invalid_request".into()));
    // A stale Bearer beside a client in the form is left aside.
    let fields = [&password[..], &[("client_id", "CLI2"), ("client_secret", "client_secret_here")]].concat();
    assert_eq!(cloud.form("POST", "/oauth/token", "Bearer null", &fields).await.status, 200);
}

async fn two_different_tokens_are_refused(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let token = user.trim_start_matches("Bearer ").to_owned();
    let other = cloud.sign_in("me@example.com").await.text("/access_token");
    assert_eq!(cloud.get(&format!("/v1/user?access_token={token}"), &user).await.status, 200);
    // RFC 6750 section 3: with what is wrong, as an answer to a request without a good token has it.
    let challenge = "Bearer realm=\"mote\", error=\"invalid_request\"";
    for (query, header) in [
        (format!("access_token={other}"), user.as_str()),
        (format!("access_token={token}&access_token={token}"), ""),
        ("access_token=%ff".to_owned(), ""),
    ] {
        let refused = cloud.get(&format!("/v1/user?{query}"), header).await;
        assert_eq!(refused.error(), (400, "invalid_request".into()), "{query}");
        assert_eq!(refused.headers["www-authenticate"], challenge, "{query}");
    }
    let form = [("access_token", token.as_str()), ("account_info[first_name]", "Ada")];
    assert_eq!(cloud.form("PUT", "/v1/user", "", &form).await.status, 200);
    assert_eq!(cloud.get("/v1/user", "Bearer ").await.status, 401);
    for bad in ["Bearer x", &format!("Bearer {}", "f".repeat(40)), &format!("Bearer {}", "0".repeat(4000))] {
        assert_eq!(cloud.get("/v1/user", bad).await.error(), (401, "invalid_token".into()));
    }
}

async fn a_limited_client_makes_limited_tokens(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let product = cloud.product(&user, "Limits").await;
    let path = format!("/v1/products/{}", product.id);
    let fields = [("name", "app"), ("type", "installed"), ("scope", "create_customer")];
    let made = cloud.form("POST", &format!("{path}/clients"), &user, &fields).await;
    let (client, secret) = (made.text("/client/id"), made.text("/client/secret"));
    let token = bearer(&cloud.mint(&client, &secret).await.text("/access_token"));
    let refused = cloud.get(&path, &token).await;
    assert_eq!(refused.error(), (403, "Permission denied".into()));
    assert!(refused.headers["www-authenticate"].to_str().unwrap().contains("insufficient_scope"));
    // Its tokens follow when its scope changes.
    cloud.form("PUT", &format!("{path}/clients/{client}"), &user, &[("scope", "none")]).await;
    assert_eq!(cloud.get(&path, &token).await.status, 200);
}

async fn tokens_are_listed_by_password_and_by_token(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let mine = json!([{"token": user.trim_start_matches("Bearer "), "expires_at": "2027-04-15T08:00:00.000Z", "client": "particle"}]);
    assert_eq!(cloud.get("/v1/access_tokens", &user).await.body, mine);
    assert_eq!(cloud.get("/v1/access_tokens", &basic("me@example.com", PASSWORD)).await.body, mine);
    assert_eq!(cloud.get("/v1/access_tokens", &basic("me@example.com", "wrong")).await.status, 401);
    let second = cloud.sign_in("me@example.com").await.text("/access_token");
    let page = async |query: &str| {
        let page = cloud.get(&format!("/v1/access_tokens{query}"), &user).await;
        let next = page.headers.get("link").map(|link| link.to_str().unwrap().to_owned());
        (page.body.as_array().unwrap().iter().map(|one| one["token"].clone()).collect::<Vec<_>>(), next)
    };
    let (first, second) = (mine[0]["token"].clone(), json!(second));
    assert_eq!(page("").await, (vec![first.clone(), second.clone()], None));
    let next = "</v1/access_tokens?page=2&per_page=1>; rel=\"next\"".to_owned();
    assert_eq!(page("?per_page=1").await, (vec![second], Some(next)), "the newest come first");
    assert_eq!(page("?per_page=1&page=2").await, (vec![first], None));
    for bad in ["page=0", "per_page=1001", "page=99999999999"] {
        assert_eq!(cloud.get(&format!("/v1/access_tokens?{bad}"), &user).await.status, 400, "{bad}");
    }
    crate::accounts::switch_mfa_on(&cloud, &user).await;
    let wrong = cloud.get("/v1/access_tokens?otp=000000", &basic("me@example.com", PASSWORD)).await;
    assert_eq!((wrong.error(), &wrong.body["ok"]), ((400, "invalid_grant".into()), &json!(false)));
    let current = cloud.get("/v1/access_tokens/current", &user).await;
    assert_eq!(
        (current.text("/client"), current.text("/expires_at")),
        ("particle".into(), "2027-04-15T08:00:00.000Z".into())
    );
}

async fn what_is_over_is_swept(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let product = cloud.product(&user, "Sweep").await;
    assert_eq!(cloud.mote.counts().await.unwrap().tokens, 2);
    let path = format!("/v1/products/{}/clients/{}", product.id, product.client);
    assert_eq!(cloud.form("DELETE", &path, &user, &[]).await.status, 204);
    while cloud.mote.sweep().await.unwrap() {}
    assert_eq!(cloud.mote.counts().await.unwrap().tokens, 1);
    cloud.pass(91 * 86_400);
    while cloud.mote.sweep().await.unwrap() {}
    assert_eq!(cloud.mote.counts().await.unwrap().tokens, 0);
}
