//! How streams end.

use mote_core::authorization::Role;
use mote_core::teams::TeamId;
use mote_core::{OrganizationId, ProductId};
use serde_json::json;

use super::listener::Listener;
use crate::cloud::{Cloud, basic, bearer};
use crate::on_both_engines;

on_both_engines!(
    a_revoked_token_hears_nothing_more,
    an_expired_token_hears_nothing_more,
    who_may_no_longer_hears_nothing_more,
    an_organizations_streams_end_with_the_right_too,
    a_slow_reader_is_dropped,
    streams_end_with_the_server,
);

async fn publish(cloud: &Cloud, user: &str, name: &str) {
    let published = cloud.form("POST", "/v1/devices/events", user, &[("name", name)]).await;
    assert_eq!(published.status, 200);
}

async fn a_revoked_token_hears_nothing_more(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let revoked = cloud.sign_in("me@example.com").await.text("/access_token");
    let given_back = cloud.sign_in("me@example.com").await.text("/access_token");
    let (mut kept, mut one, mut other) = (
        Listener::open(&cloud, "/v1/devices/events", &user).await,
        Listener::open(&cloud, "/v1/devices/events", &bearer(&revoked)).await,
        Listener::open(&cloud, "/v1/events/a", &bearer(&given_back)).await,
    );
    cloud.form("DELETE", &format!("/v1/access_tokens/{revoked}"), "", &[]).await;
    assert!(one.ended().await);
    publish(&cloud, &user, "a").await;
    assert_eq!(other.names().await, ["a"]);
    cloud.form("DELETE", "/v1/access_tokens/current", &bearer(&given_back), &[]).await;
    assert!(other.ended().await);
    publish(&cloud, &user, "b").await;
    assert_eq!(kept.names().await, ["a", "b"]);
    // A client that goes takes its tokens with it, and what waits unread is not read any more.
    let product = cloud.product(&user, "Product").await;
    let path = format!("/v1/products/{}/events", product.id);
    let mut of_product = Listener::open(&cloud, &path, &product.token).await;
    cloud.form("POST", &path, &product.token, &[("name", "unread")]).await;
    let client = format!("/v1/products/{}/clients/{}", product.id, product.client);
    assert_eq!(cloud.form("DELETE", &client, &user, &[]).await.status, 204);
    assert!(of_product.ended().await);
    // All of an account's at once.
    cloud.form("DELETE", "/v1/access_tokens", &user, &[]).await;
    assert!(kept.ended().await);
    drop((kept, one, other, of_product));
    assert_eq!(cloud.mote.event_hub().open(), 0);
}

async fn an_expired_token_hears_nothing_more(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let fields = [
        ("grant_type", "password"),
        ("username", "me@example.com"),
        ("password", crate::cloud::PASSWORD),
        ("expires_in", "3600"),
    ];
    let minted = cloud.form("POST", "/oauth/token", &basic("particle", "particle"), &fields).await;
    let token = bearer(&minted.text("/access_token"));
    let mut listener = Listener::open(&cloud, "/v1/devices/events", &token).await;
    cloud.pass(3599);
    publish(&cloud, &user, "in time").await;
    assert_eq!(listener.names().await, ["in time"]);
    cloud.pass(1);
    publish(&cloud, &user, "too late").await;
    assert!(listener.ended().await);
}

async fn who_may_no_longer_hears_nothing_more(cloud: Cloud) {
    let (owner, member) = (cloud.user("me@example.com").await, cloud.user("member@example.com").await);
    let product = cloud.product(&owner, "Product").await;
    let path = format!("/v1/products/{}", product.id);
    let events = format!("{path}/events");
    let set = async |open: bool| {
        let changed =
            cloud.json("PUT", &path, &product.token, json!({"settings": {"team_tokens": open}})).await;
        assert_eq!(changed.status, 200);
    };
    let join = async || {
        let id = TeamId::Product(ProductId(product.id.parse().unwrap()));
        cloud.mote.put_on_team(id, "member@example.com", Role::Developer).await.unwrap();
    };
    set(true).await;
    join().await;
    let (mut listener, mut of_product) = (
        Listener::open(&cloud, &events, &member).await,
        Listener::open(&cloud, &events, &product.token).await,
    );
    // A change that leaves the right as it was leaves the stream as it is.
    let renamed = cloud.json("PUT", &path, &product.token, json!({"name": "New name"})).await;
    assert_eq!(renamed.status, 200);
    cloud.form("POST", &events, &product.token, &[("name", "still")]).await;
    assert_eq!(listener.names().await, ["still"]);
    // The product no longer lets its team's own tokens in.
    set(false).await;
    cloud.form("POST", &events, &product.token, &[("name", "closed")]).await;
    assert!(listener.ended().await);
    assert_eq!(of_product.names().await, ["still", "closed"]);
    set(true).await;
    // The team no longer has him.
    let mut listener = Listener::open(&cloud, &events, &member).await;
    let removed = cloud.form("DELETE", &format!("{path}/team/member@example.com"), &owner, &[]).await;
    assert!(removed.status.is_success());
    assert!(listener.ended().await);
    // His account is no more.
    join().await;
    let mut listener = Listener::open(&cloud, &events, &member).await;
    let ended = cloud.json("DELETE", "/v1/user", &member, json!({"password": crate::cloud::PASSWORD})).await;
    assert!(ended.status.is_success());
    assert!(listener.ended().await);
}

async fn an_organizations_streams_end_with_the_right_too(cloud: Cloud) {
    let (owner, member) = (cloud.user("me@example.com").await, cloud.user("member@example.com").await);
    let made = cloud.form("POST", "/v1/orgs", &owner, &[("name", "Makers")]).await;
    let org = made.text("/organization/id");
    let (path, events) = (format!("/v1/orgs/{org}/team"), format!("/v1/orgs/{org}/events"));
    let id = TeamId::Organization(OrganizationId::parse(&org).unwrap());
    cloud.mote.put_on_team(id, "member@example.com", Role::ViewOnly).await.unwrap();
    let new = json!({"friendly_name": "listener", "scopes": ["events:get"]});
    let made = cloud.json("POST", &path, &owner, new).await;
    let (username, token) = (made.text("/created/username"), made.text("/created/tokens/0/token"));
    let mut of_member = Listener::open(&cloud, &events, &member).await;
    let mut of_api_user = Listener::open(&cloud, &events, &bearer(&token)).await;
    let removed = cloud.form("DELETE", &format!("{path}/member@example.com"), &owner, &[]).await;
    assert!(removed.status.is_success());
    assert!(of_member.ended().await);
    cloud.form("POST", &events, &owner, &[("name", "heard")]).await;
    assert_eq!(of_api_user.names().await, ["heard"]);
    let new = json!({"scopes": ["organization:get"]});
    assert_eq!(cloud.json("POST", &format!("{path}/{username}"), &owner, new).await.status, 200);
    assert!(of_api_user.ended().await);
}

async fn a_slow_reader_is_dropped(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let mut slow = Listener::open(&cloud, "/v1/devices/events", &user).await;
    let mut other = Listener::open(&cloud, "/v1/events/last", &user).await;
    let (hub, mut sent) = (cloud.mote.event_hub(), 0);
    while hub.dropped() == 0 {
        publish(&cloud, &user, "x").await;
        sent += 1;
        assert!(sent <= 2000, "it was never dropped");
    }
    assert!(slow.ended().await, "what waited was given up with it");
    publish(&cloud, &user, "last").await;
    assert_eq!(other.names().await, ["last"], "nobody else is hurt");
    assert!(cloud.text("/metrics").await.contains("mote_event_streams_dropped_total 1"));
}

async fn streams_end_with_the_server(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let mut listener = Listener::open(&cloud, "/v1/devices/events", &user).await;
    cloud.mote.event_hub().close();
    assert!(listener.ended().await);
    assert_eq!(cloud.get("/v1/devices/events", &user).await.status, 503);
}
