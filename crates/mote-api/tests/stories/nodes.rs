//! Two nodes on one PostgreSQL: what is done on one is in force on the other within a second, heard of or not; and what
//! happens on one is heard on both.

use std::time::{Duration, Instant};

use mote_core::ProductId;
use mote_core::authorization::Role;
use mote_core::integrations::Missing;
use mote_core::passwords::Password;
use mote_core::teams::TeamId;
use serde_json::json;

use crate::cloud::{Cloud, PASSWORD, Product, basic, bearer};
use crate::events::Listener;
use crate::teams::{join, program, remove, set_role};

/// Within which what is done on one node is in force on all.
const A_SECOND: Duration = Duration::from_secs(1);
const ME: &str = "me@example.com";

/// Two nodes that hear each other.
async fn two() -> [Cloud; 2] {
    let both = Cloud::twice_on_postgresql().await;
    for node in &both {
        node.mote.begin_relay(None).await.unwrap();
        node.mote.begin_hearing().await.unwrap().go_on(|_| ());
    }
    until(|| both.iter().all(|node| node.mote.other_nodes() == 1)).await;
    both
}

async fn until(holds: impl Fn() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < Duration::from_secs(20), "it never came to that");
        tokio::task::yield_now().await;
    }
}

/// Asks a node so that it has everything in memory that the answer takes.
async fn answers(node: &Cloud, path: &str, token: &str) {
    for _ in 0..2 {
        let answer = node.get(path, token).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    }
}

/// Asks until it is so, which it is for whoever asks a second after what has just been done elsewhere.
async fn within_a_second(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let done = Instant::now();
    loop {
        let late = done.elapsed() >= A_SECOND;
        if is_so().await {
            return;
        }
        assert!(!late, "{what}");
        tokio::task::yield_now().await;
    }
}

/// The same of the status of an answer.
async fn soon(node: &Cloud, path: &str, token: &str, status: u16) {
    let what = format!("{path} is not answered with {status}");
    within_a_second(&what, async || node.get(path, token).await.status == status).await;
}

fn of(product: &Product, rest: &str) -> String {
    format!("/v1/products/{}{rest}", product.id)
}

#[tokio::test]
async fn a_token_that_ends_on_one_node_is_refused_on_the_other() {
    let [one, other] = two().await;
    let user = one.user(ME).await;
    let product = one.product(&user, "Mine").await;
    let path = of(&product, "");
    let mint = async || bearer(&one.mint(&product.client, &product.secret).await.text("/access_token"));
    // Given back; revoked by its client; ended by a replay of what it was refreshed with; with its client.
    answers(&other, &path, &product.token).await;
    assert_eq!(one.form("DELETE", "/v1/access_tokens/current", &product.token, &[]).await.status, 200);
    soon(&other, &path, &product.token, 401).await;
    let token = mint().await;
    answers(&other, &path, &token).await;
    let form = [("token", token.trim_start_matches("Bearer "))];
    let client = basic(&product.client, &product.secret);
    assert_eq!(one.form("POST", "/oauth/revoke", &client, &form).await.status, 200);
    soon(&other, &path, &token, 401).await;
    let first = one.mint(&product.client, &product.secret).await.text("/refresh_token");
    let token = bearer(&one.refresh(&product, &first).await.text("/access_token"));
    answers(&other, &path, &token).await;
    one.pass(3600);
    assert_eq!(one.refresh(&product, &first).await.status, 400);
    soon(&other, &path, &token, 401).await;
    let token = mint().await;
    answers(&other, &path, &token).await;
    let client = of(&product, &format!("/clients/{}", product.client));
    assert_eq!(one.form("DELETE", &client, &user, &[]).await.status, 204);
    soon(&other, &path, &token, 401).await;
    // An account's, one and all; by its operator; with its account.
    let signed_in = async || bearer(&one.sign_in(ME).await.text("/access_token"));
    for end in ["current", ""] {
        let token = signed_in().await;
        answers(&other, "/v1/user", &token).await;
        one.form("DELETE", format!("/v1/access_tokens/{end}").trim_end_matches('/'), &token, &[]).await;
        soon(&other, "/v1/user", &token, 401).await;
    }
    let token = signed_in().await;
    answers(&other, "/v1/user", &token).await;
    one.mote.set_password_for_operator(ME, Password::new(PASSWORD.into())).await.unwrap();
    soon(&other, "/v1/user", &token, 401).await;
    let token = one.user("gone@example.com").await;
    answers(&other, "/v1/user", &token).await;
    assert_eq!(one.json("DELETE", "/v1/user", &token, json!({"password": PASSWORD})).await.status, 200);
    soon(&other, "/v1/user", &token, 401).await;
}

#[tokio::test]
async fn who_is_less_or_nobody_on_one_node_is_so_on_the_other() {
    let [one, other] = two().await;
    let owner = one.user("owner@example.com").await;
    let product = one.product(&owner, "Mine").await;
    let (team, clients) = (of(&product, "/team"), of(&product, "/clients"));
    let member = join(&one, &team, &owner, ME, "Developer").await;
    answers(&other, &clients, &member).await;
    assert_eq!(set_role(&one, &team, &owner, ME, "View-only").await.status, 200);
    soon(&other, &clients, &member, 403).await;
    answers(&other, &team, &member).await;
    assert_eq!(remove(&one, &team, &owner, ME).await.status, 200);
    soon(&other, &team, &member, 403).await;
    // And more, as soon: the answer that he is nobody was in memory.
    let id = ProductId(product.id.parse().unwrap());
    one.mote.put_on_team(TeamId::Product(id), ME, Role::Developer).await.unwrap();
    soon(&other, &clients, &member, 200).await;
    let (name, token) = program(&one, &team, &owner, &["products:get"]).await;
    answers(&other, &of(&product, ""), &token).await;
    assert_eq!(remove(&one, &team, &owner, &name).await.status, 200);
    soon(&other, &of(&product, ""), &token, 401).await;
    let customer = one.customer(&product, "jane@example.com").await;
    answers(&other, "/v1/devices", &customer).await;
    let gone = of(&product, "/customers/jane@example.com");
    assert_eq!(one.form("DELETE", &gone, &product.token, &[]).await.status, 200);
    soon(&other, "/v1/devices", &customer, 401).await;
    let customer = one.customer(&product, "jim@example.com").await;
    answers(&other, "/v1/devices", &customer).await;
    answers(&other, &of(&product, ""), &product.token).await;
    assert_eq!(one.form("DELETE", &of(&product, ""), &product.token, &[]).await.status, 204);
    soon(&other, &of(&product, ""), &product.token, 401).await;
    soon(&other, "/v1/devices", &customer, 401).await;
    soon(&other, &team, &member, 403).await;
    // Organizations go with their teams.
    one.form("POST", "/v1/orgs", &owner, &[("name", "Makers")]).await;
    answers(&other, "/v1/orgs/makers", &owner).await;
    assert_eq!(one.form("DELETE", "/v1/orgs/makers", &owner, &[]).await.status, 204);
    soon(&other, "/v1/orgs/makers", &owner, 403).await;
}

#[tokio::test]
async fn a_clients_secret_that_is_taken_back_is_no_more_on_the_other_node() {
    let [one, other] = two().await;
    let user = one.user(ME).await;
    let product = one.product(&user, "Mine").await;
    assert_eq!(other.mint(&product.client, &product.secret).await.status, 200);
    let path = of(&product, &format!("/clients/{}/secrets", product.client));
    let new = one.json("POST", &path, &user, json!({"name": "autumn"})).await.text("/secret/secret");
    let taken = async || other.mint(&product.client, &new).await.status == 200;
    within_a_second("the new secret is not taken", taken).await;
    let first = one.get(&path, &user).await.text("/secrets/0/id");
    assert_eq!(one.form("DELETE", &format!("{path}/{first}"), &user, &[]).await.status, 204);
    let refused = async || other.mint(&product.client, &product.secret).await.status == 401;
    within_a_second("the former secret is still taken", refused).await;
}

#[tokio::test]
async fn a_node_that_hears_nothing_believes_nothing_for_longer_than_a_second() {
    let [one, deaf] = Cloud::twice_on_postgresql().await;
    let user = one.user(ME).await;
    let ended = bearer(&one.sign_in(ME).await.text("/access_token"));
    // It has begun to hear, and its thread was never started: no word and no look.
    let _hearing = deaf.mote.begin_hearing().await.unwrap();
    for token in [&user, &ended] {
        answers(&deaf, "/v1/user", token).await;
    }
    let mut stream = Listener::open(&deaf, "/v1/devices/events", &ended).await;
    assert_eq!(one.form("DELETE", "/v1/access_tokens/current", &ended, &[]).await.status, 200);
    let since = Instant::now();
    soon(&deaf, "/v1/user", &ended, 401).await;
    until(|| !deaf.mote.hears_others()).await;
    // It goes on to answer: what it does not believe it looks up.
    answers(&deaf, "/v1/user", &user).await;
    // And no event passes to whom it cannot be sure of.
    until(|| since.elapsed() >= A_SECOND).await;
    let published = deaf.form("POST", "/v1/devices/events", &user, &[("name", "secret")]).await;
    assert_eq!(published.status, 200);
    assert!(stream.ended().await);
}

#[tokio::test]
async fn an_event_on_one_node_is_heard_on_both_and_once() {
    let [one, other] = two().await;
    let user = one.user(ME).await;
    let product = one.product(&user, "Mine").await;
    let mut streams = [
        Listener::open(&one, "/v1/devices/events", &user).await,
        Listener::open(&other, "/v1/devices/events", &user).await,
    ];
    let mut of_product = Listener::open(&other, &of(&product, "/events"), &product.token).await;
    let large = "é\"".repeat(5000);
    for (node, name) in [(&one, "a"), (&other, "b"), (&one, "c")] {
        let form = [("name", name), ("data", large.as_str()), ("ttl", "7")];
        assert_eq!(node.form("POST", "/v1/devices/events", &user, &form).await.status, 200);
        // One after the other: nothing is promised of the order of what comes to a node from two.
        for stream in &mut streams {
            let (heard, event) = stream.event().await;
            assert_eq!((heard.as_str(), event["data"].as_str()), (name, Some(large.as_str())));
            assert_eq!((&event["ttl"], &event["coreid"]), (&json!(7), &json!("api")));
        }
    }
    for _ in 0..50 {
        one.form("POST", &of(&product, "/events"), &product.token, &[("name", "same")]).await;
    }
    one.form("POST", &of(&product, "/events"), &product.token, &[("name", "last")]).await;
    for _ in 0..50 {
        assert_eq!(of_product.names().await, ["same"]);
    }
    assert_eq!(of_product.names().await, ["last"]);
    let counts = other.mote.relay_counts();
    assert_eq!((counts.received, counts.sent, counts.lost), (53, 1, 0));
    // What ends the right on one node ends the stream on the other.
    assert_eq!(one.form("DELETE", "/v1/access_tokens/current", &product.token, &[]).await.status, 200);
    assert!(of_product.ended().await);
    let text = other.text("/metrics").await;
    assert!(
        text.contains("mote_other_nodes 1") && text.contains("mote_events_from_others_total 53"),
        "{text}"
    );
}

#[tokio::test]
async fn an_integration_made_on_one_node_is_fired_on_the_other_once() {
    let [one, other] = two().await;
    let user = one.user(ME).await;
    let hook = json!({"event": "t", "url": one.receiver.url("/"), "requestType": "POST", "integration_type": "Webhook"});
    // That there is none is in memory.
    other.form("POST", "/v1/devices/events", &user, &[("name", "t")]).await;
    let made = one.json("POST", "/v1/integrations", &user, hook).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let fired = async || {
        other.form("POST", "/v1/devices/events", &user, &[("name", "t")]).await;
        other.mote.hooks().queued() > 0
    };
    within_a_second("it is not fired", fired).await;
    // Both work on the queue: each takes what the other has not.
    for _ in 0..40 {
        one.form("POST", "/v1/devices/events", &user, &[("name", "t")]).await;
    }
    let (of_one, of_other) = tokio::join!(one.mote.deliver_due(), other.mote.deliver_due());
    assert_eq!(of_one.unwrap() + of_other.unwrap(), 41);
    // The receivers are two, the address is that of the first.
    assert_eq!(one.receiver.got().len(), 41);
}

#[tokio::test]
async fn what_a_node_took_that_is_gone_is_taken_again() {
    let [one, other] = two().await;
    let (leader, follower) = if one.mote.leads() { (one, other) } else { (other, one) };
    assert!(!follower.mote.leads());
    let user = leader.user(ME).await;
    let hook = json!({"event": "t", "url": leader.receiver.url("/"), "requestType": "POST", "integration_type": "Webhook"});
    assert_eq!(leader.json("POST", "/v1/integrations", &user, hook).await.status, 201);
    leader.form("POST", "/v1/devices/events", &user, &[("name", "t")]).await;
    // A node of the past took it: its number is none of those that live.
    let taken = mote_core::Moment(leader.now().0).plus_seconds(120);
    let take = move |db: &mut mote_store::Db| {
        use mote_store::integrations::deliveries::PassedOver;
        let due = mote_store::integrations::deliveries::due(db, i64::MAX, 10, &PassedOver::default())?;
        let ids: Vec<i64> = due.iter().map(|row| row.id).collect();
        mote_store::integrations::deliveries::lease(db, &ids, taken.0, 1)
    };
    leader.store.write(take).await.unwrap();
    let (mut missing, mut not_mine) = (Missing::default(), Missing::default());
    for _ in 0..3 {
        assert_eq!(follower.mote.release_claims(&mut not_mine).await.unwrap(), 0, "one does it for all");
    }
    assert_eq!(leader.mote.deliver_due().await.unwrap(), 0);
    assert_eq!(leader.mote.release_claims(&mut missing).await.unwrap(), 0, "it may come back");
    assert_eq!(leader.mote.release_claims(&mut missing).await.unwrap(), 1);
    assert_eq!(follower.mote.deliver_due().await.unwrap(), 1);
    assert_eq!(leader.receiver.got().len(), 1);
    // Who lives keeps what he took.
    leader.form("POST", "/v1/devices/events", &user, &[("name", "t")]).await;
    let slow = tokio::spawn({
        let mote = follower.mote.clone();
        async move { mote.deliver_due().await }
    });
    for _ in 0..3 {
        assert_eq!(leader.mote.release_claims(&mut missing).await.unwrap(), 0);
    }
    slow.await.unwrap().unwrap();
    // The lead goes on to the next when it is given up.
    drop(leader);
    until(|| follower.mote.leads() && follower.mote.other_nodes() == 0).await;
}
