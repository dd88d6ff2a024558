//! How much one caller may ask, and how often guess.

use std::net::SocketAddr;

use axum::body::Body;
use http::Request;
use mote_api::frame::Peer;
use mote_core::notices::Locked;

use crate::cloud::{Answer, Cloud, PASSWORD, basic};
use crate::on_both_engines;

on_both_engines!(
    an_address_that_asks_too_much_is_told_when_to_come_again,
    an_address_that_guesses_is_locked_out_of_credentials_alone,
    many_addresses_cannot_guess_one_password,
    guesses_that_come_at_once_learn_no_more,
    codes_of_a_second_factor_cannot_be_guessed_either,
    a_customer_is_locked_apart_from_the_account_of_his_address,
    an_operator_unlocks,
    a_present_password_that_is_asked_for_once_more_is_a_guess_too,
);

/// Somebody at this address.
struct From<'a>(&'a Cloud, &'a str);

impl From<'_> {
    async fn send(&self, method: &str, path: &str, authorization: &str, form: &[(&str, &str)]) -> Answer {
        let peer: SocketAddr = format!("{}:4711", self.1).parse().unwrap();
        let request = Request::builder().method(method).uri(path).extension(Peer(peer));
        let request = request
            .header("authorization", authorization)
            .header("content-type", "application/x-www-form-urlencoded");
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        self.0.send(request.body(Body::from(form)).unwrap()).await
    }

    async fn sign_in(&self, client: &str, username: &str, password: &str) -> Answer {
        let form = [("grant_type", "password"), ("username", username), ("password", password)];
        self.send("POST", "/oauth/token", client, &form).await
    }

    async fn guess(&self, username: &str) -> Answer {
        self.sign_in(&basic("particle", "particle"), username, "not that one").await
    }
}

fn retry_after(answer: &Answer) -> i64 {
    assert_eq!(answer.error(), (429, "too_many_requests".into()));
    answer.headers["retry-after"].to_str().unwrap().parse().unwrap()
}

async fn an_address_that_asks_too_much_is_told_when_to_come_again(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let one = From(&cloud, "192.0.2.1");
    for _ in 0..100 {
        assert_eq!(one.send("GET", "/v1/access_tokens", &user, &[]).await.status, 200);
    }
    let refused = one.send("GET", "/v1/access_tokens", &user, &[]).await;
    let seconds = retry_after(&refused);
    assert!(refused.text("/error_description").contains(&seconds.to_string()));
    assert_eq!(one.send("GET", "/v1/devices", &user, &[]).await.status, 200, "that is counted by itself");
    assert_eq!(From(&cloud, "192.0.2.2").send("GET", "/v1/access_tokens", &user, &[]).await.status, 200);
    assert_eq!(From(&cloud, "127.0.0.1").send("GET", "/v1/access_tokens", &user, &[]).await.status, 200);
    for _ in 0..10_000 - 102 {
        assert_eq!(one.send("GET", "/v1/nonsense", "", &[]).await.status, 404);
    }
    retry_after(&one.send("GET", "/v1/devices", &user, &[]).await);
    let metrics = cloud.text("/metrics").await;
    assert!(metrics.contains("mote_requests_refused_total{limit=\"credentials\"} 1"), "{metrics}");
    assert!(metrics.contains("mote_requests_refused_total{limit=\"requests\"} 1"));
    cloud.pass(seconds);
    assert_eq!(one.send("GET", "/v1/access_tokens", &user, &[]).await.status, 200);
}

async fn an_address_that_guesses_is_locked_out_of_credentials_alone(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let product = cloud.product(&user, "Guessed").await;
    let (one, right) = (From(&cloud, "192.0.2.1"), basic(&product.client, &product.secret));
    let mint = async |client: &str| {
        one.send("POST", "/oauth/token", client, &[("grant_type", "client_credentials")]).await
    };
    for round in 0..2 {
        for _ in 0..9 {
            assert_eq!(mint(&basic(&product.client, &"0".repeat(40))).await.status, 401);
        }
        if round == 0 {
            assert_eq!(mint(&right).await.status, 200, "a right one ends the row");
        }
    }
    assert_eq!(one.guess("me@example.com").await.status, 400, "a wrong password is one more");
    assert_eq!(retry_after(&mint(&right).await), 1800);
    // Nor is there another way to write the address.
    for path in ["//oauth/token", "/oauth/token/", "//oauth/token/"] {
        let grant = [("grant_type", "client_credentials")];
        assert_eq!(retry_after(&one.send("POST", path, &right, &grant).await), 1800, "{path}");
    }
    retry_after(&one.send("GET", "/v1/access_tokens", &basic("me@example.com", PASSWORD), &[]).await);
    assert_eq!(one.send("GET", "/v1/devices", &user, &[]).await.status, 200);
    assert_eq!(cloud.mint(&product.client, &product.secret).await.status, 200);
    cloud.pass(1800);
    assert_eq!(mint(&right).await.status, 200);
}

async fn many_addresses_cannot_guess_one_password(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    for address in 1..=20 {
        let address = format!("198.51.100.{address}");
        assert_eq!(From(&cloud, &address).guess("Me@Example.com").await.status, 400);
    }
    let (one, particle) = (From(&cloud, "192.0.2.1"), basic("particle", "particle"));
    let refused = one.sign_in(&particle, "me@example.com", PASSWORD).await;
    assert_eq!(retry_after(&refused), 60);
    assert!(refused.body.get("ok").is_none(), "in the shape of the token endpoint");
    // Who has no account here is told the same.
    for address in 1..=20 {
        let address = format!("198.51.101.{address}");
        assert_eq!(From(&cloud, &address).guess("nobody@example.com").await.status, 400);
    }
    assert_eq!(retry_after(&From(&cloud, "192.0.2.1").guess("nobody@example.com").await), 60);
    assert_eq!(cloud.get("/v1/user", &user).await.status, 200, "who is in stays in");
    cloud.pass(60);
    assert_eq!(cloud.sign_in("me@example.com").await.status, 200);
    assert_eq!(From(&cloud, "192.0.2.9").guess("me@example.com").await.status, 400, "counted anew");
}

async fn guesses_that_come_at_once_learn_no_more(cloud: Cloud) {
    cloud.user("me@example.com").await;
    let guesses = (1..=40).map(async |address| {
        let address = format!("198.51.100.{address}");
        From(&cloud, &address).guess("me@example.com").await.status
    });
    let answers = futures_util::future::join_all(guesses).await;
    assert_eq!(answers.iter().filter(|status| **status == 400).count(), 20);
    assert_eq!(answers.iter().filter(|status| **status == 429).count(), 20, "{answers:?}");
    retry_after(&From(&cloud, "192.0.2.1").guess("me@example.com").await);
}

async fn codes_of_a_second_factor_cannot_be_guessed_either(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    crate::accounts::switch_mfa_on(&cloud, &user).await;
    let mut guesses = 0;
    let refused = loop {
        let waiting = cloud.sign_in("me@example.com").await;
        if waiting.status == 429 {
            break waiting;
        }
        let mfa_token = waiting.text("/mfa_token");
        for _ in 0..4 {
            let form =
                [("grant_type", "urn:custom:mfa-otp"), ("mfa_token", mfa_token.as_str()), ("otp", "000000")];
            let answer = cloud.form("POST", "/oauth/token", &basic("particle", "particle"), &form).await;
            guesses += u32::from(answer.status == 400);
        }
        assert!(guesses <= 20, "a right password does not begin the count anew");
    };
    retry_after(&refused);
    assert_eq!(guesses, 20);
}

async fn a_customer_is_locked_apart_from_the_account_of_his_address(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let product = cloud.product(&user, "Customers").await;
    cloud.customer(&product, "me@example.com").await;
    let client = basic(&product.client, &product.secret);
    for address in 1..=20 {
        let address = format!("198.51.100.{address}");
        let one = From(&cloud, &address);
        assert_eq!(one.sign_in(&client, "me@example.com", "not that one").await.status, 400);
    }
    retry_after(&From(&cloud, "192.0.2.1").sign_in(&client, "me@example.com", PASSWORD).await);
    assert_eq!(cloud.sign_in("me@example.com").await.status, 200);
}

async fn an_operator_unlocks(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let mut heard = cloud.mote.heard_until_now().await.unwrap();
    let one = From(&cloud, "192.0.2.1");
    for _ in 0..10 {
        assert_eq!(one.guess("me@example.com").await.status, 400);
    }
    for address in 1..=10 {
        let address = format!("198.51.100.{address}");
        From(&cloud, &address).guess("me@example.com").await;
    }
    retry_after(&cloud.sign_in("me@example.com").await);
    for who in ["192.0.2.1", "ME@example.com"] {
        cloud.mote.unlock(Locked::parse(who).unwrap()).await.unwrap();
    }
    for address in cloud.mote.hear_notices(&mut heard).await.unwrap() {
        assert!(cloud.frame.unlock(address));
    }
    assert_eq!(one.sign_in(&basic("particle", "particle"), "me@example.com", PASSWORD).await.status, 200);
    assert!(cloud.mote.hear_notices(&mut heard).await.unwrap().is_empty(), "heard already");
    assert_eq!(cloud.get("/v1/user", &user).await.status, 200);
}

async fn a_present_password_that_is_asked_for_once_more_is_a_guess_too(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let one = From(&cloud, "192.0.2.1");
    let (wrong, new) = (("current_password", "not that one"), ("username", "you@example.com"));
    for round in 0..5 {
        let refused = one.send("PUT", "/v1/user", &user, &[new, wrong]).await;
        assert_eq!(refused.status, 400, "{round}");
        let text = "current_password: is not the account's present password";
        assert_eq!(refused.text("/error_description"), text);
        let refused = if round % 2 == 0 {
            one.send("PUT", "/v1/user/mfa-disable", &user, &[wrong]).await
        } else {
            one.send("DELETE", "/v1/user", &user, &[("password", "not that one")]).await
        };
        assert_eq!(refused.status, 400, "{round}");
    }
    let right = [new, ("current_password", PASSWORD)];
    assert_eq!(retry_after(&one.send("PUT", "/v1/user", &user, &right).await), 1800);
    assert_eq!(From(&cloud, "192.0.2.2").send("PUT", "/v1/user", &user, &right).await.status, 200);
}
