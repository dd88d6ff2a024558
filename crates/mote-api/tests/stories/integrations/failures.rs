//! What an integration does when its receiver fails.

use mote_core::integrations::Outcome;
use serde_json::{Value, json};

use super::{delivered, hook, logs, own_device, publish};
use crate::cloud::Cloud;
use crate::on_both_engines;
use crate::receiver::Reply;

on_both_engines!(
    what_fails_is_tried_again_twice,
    what_is_refused_is_not_tried_again,
    many_failures_put_it_to_sleep,
    redirects_are_followed_with_care,
    the_own_network_stays_closed,
    old_logs_and_old_events_are_swept,
);

async fn what_fails_is_tried_again_twice(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let device = own_device(&cloud, &user).await;
    let id = hook(&cloud, &user, json!({"event": "a", "url": cloud.receiver.url("/")})).await;
    let due = async || cloud.mote.deliver_due().await.unwrap();
    cloud.receiver.reply([Reply::new(500, "x"), Reply::new(429, "x"), Reply::new(200, "at last")]);
    assert_eq!(delivered(&cloud, &device, "a", "one").await.len(), 1);
    cloud.pass(29);
    assert_eq!(due().await, 0);
    cloud.pass(1);
    assert_eq!(due().await, 1);
    cloud.pass(59);
    assert_eq!(due().await, 0);
    cloud.pass(1);
    assert_eq!(due().await, 1);
    cloud.pass(3600);
    assert_eq!(due().await, 0);
    let got = cloud.receiver.got();
    assert!(got.len() == 2 && got.iter().all(|got| got.body.contains("data=one")));
    let seen = logs(&cloud, &user, &id).await;
    let told: Vec<_> = seen.iter().map(|log| (log["attempt"].clone(), log["error"].clone())).collect();
    let status = |status: u16| json!(format!("error status {status} from 127.0.0.1"));
    assert_eq!(told, [(json!(3), Value::Null), (json!(2), status(429)), (json!(1), status(500))]);

    // Nobody is there: after three times it is given up.
    let nowhere = format!("http://127.0.0.1:{}/", free_port());
    let path = format!("/v1/integrations/{id}");
    assert_eq!(cloud.json("PUT", &path, &user, json!({"url": nowhere})).await.status, 200);
    publish(&cloud, &device, "a", "two").await;
    for pause in [0, 30, 60] {
        cloud.pass(pause);
        assert_eq!(due().await, 1);
    }
    cloud.pass(3600);
    assert_eq!((due().await, cloud.mote.hooks().queued()), (0, 0));
    let counts = cloud.mote.hooks().counts();
    let all: Vec<_> = Outcome::ALL.map(|outcome| counts.of(outcome)).into();
    assert_eq!(all, [1, 4, 1, 0, 0]);
    let log = logs(&cloud, &user, &id).await.remove(0);
    assert!(log["error"].as_str().unwrap().starts_with("cannot connect to 127.0.0.1: "), "{log}");
    assert_eq!(log["response"], Value::Null);
}

/// A port at which nobody listens.
fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

async fn what_is_refused_is_not_tried_again(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let device = own_device(&cloud, &user).await;
    hook(&cloud, &user, json!({"event": "a", "url": cloud.receiver.url("/")})).await;
    for status in [400, 401, 403, 404, 410, 422] {
        cloud.receiver.reply([Reply::new(status, "no")]);
        assert_eq!(delivered(&cloud, &device, "a", "1").await.len(), 1);
        cloud.pass(3600);
        assert_eq!(cloud.mote.deliver_due().await.unwrap(), 0, "{status}");
    }
    assert_eq!(cloud.mote.hooks().counts().of(Outcome::Failure), 6);
}

async fn many_failures_put_it_to_sleep(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let device = own_device(&cloud, &user).await;
    let id = hook(&cloud, &user, json!({"event": "a", "url": cloud.receiver.url("/")})).await;
    let path = format!("/v1/integrations/{id}");
    let state = async || cloud.get(&path, &user).await.body["integration"]["state"].take();
    for _ in 0..10 {
        assert_eq!(state().await, Value::Null);
        cloud.receiver.reply([Reply::new(404, "no")]);
        assert_eq!(delivered(&cloud, &device, "a", "1").await.len(), 1);
    }
    let seen = cloud.get(&path, &user).await.body["integration"].take();
    assert_eq!(
        (&seen["state"], &seen["sleeping_until"]),
        (&json!("sleeping"), &json!("2027-01-15T08:00:05.000Z"))
    );
    // Nothing is sent now; it is tried again later, and after two more times in vain it is dropped.
    assert_eq!(delivered(&cloud, &device, "a", "waits").await.len(), 0);
    cloud.pass(5);
    assert_eq!(state().await, Value::Null);
    cloud.receiver.reply([Reply::new(404, "no")]);
    assert_eq!(delivered(&cloud, &device, "a", "trial").await.len(), 1);
    assert_eq!(state().await, "sleeping");
    cloud.pass(25);
    assert_eq!(cloud.mote.deliver_due().await.unwrap(), 1);
    assert!(cloud.receiver.got()[0].body.contains("data=waits"));
    assert_eq!(state().await, Value::Null, "a success wakes it up");
    assert_eq!(delivered(&cloud, &device, "a", "well").await.len(), 1);
    // A change wakes it up too.
    for _ in 0..10 {
        cloud.receiver.reply([Reply::new(404, "no")]);
        delivered(&cloud, &device, "a", "1").await;
    }
    assert_eq!(state().await, "sleeping");
    assert_eq!(cloud.json("PUT", &path, &user, json!({})).await.status, 200);
    assert_eq!(state().await, Value::Null);
    // An event that comes in a long sleep, and is due in it each time, is dropped.
    let fail = async || {
        cloud.receiver.reply([Reply::new(404, "no")]);
        assert_eq!(delivered(&cloud, &device, "a", "1").await.len(), 1);
    };
    for _ in 0..10 {
        fail().await;
    }
    for sleep in [5, 10, 20, 40, 60] {
        cloud.pass(sleep);
        fail().await;
    }
    assert!(delivered(&cloud, &device, "a", "late").await.is_empty());
    cloud.pass(30);
    assert_eq!(cloud.mote.deliver_due().await.unwrap(), 1);
    cloud.pass(30);
    fail().await;
    cloud.pass(30);
    assert_eq!(cloud.mote.deliver_due().await.unwrap(), 1);
    assert!(cloud.receiver.got().is_empty());
    assert_eq!((cloud.mote.hooks().counts().of(Outcome::Asleep), cloud.mote.hooks().queued()), (1, 0));
}

async fn redirects_are_followed_with_care(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let device = own_device(&cloud, &user).await;
    let settings = json!({
        "event": "a", "url": cloud.receiver.url("/one"), "requestType": "GET", "noDefaults": true,
        "headers": {"Authorization": "Bearer x"}
    });
    let id = hook(&cloud, &user, settings).await;
    cloud.receiver.reply([Reply::new(302, "").with("location", "/two"), Reply::new(200, "there")]);
    let got = delivered(&cloud, &device, "a", "1").await;
    assert_eq!((got[1].target.as_str(), got[1].header("authorization")), ("/two", "Bearer x"));
    // Nothing enters the server's own network by a redirect either.
    let error =
        async || logs(&cloud, &user, &id).await.remove(0)["error"].as_str().unwrap_or_default().to_owned();
    for (to, said) in [
        ("http://127.0.0.2/", "127.0.0.2 is an address of the server's own network"),
        ("http://169.254.169.254/latest", "169.254.169.254 is an address"),
        ("http://[::ffff:10.0.0.1]/", "::ffff:a00:1 is an address"),
        ("file:///etc/passwd", "127.0.0.1 redirects to an address that is not of http or https"),
    ] {
        cloud.receiver.reply([Reply::new(302, "").with("location", to)]);
        assert_eq!(delivered(&cloud, &device, "a", "1").await.len(), 1);
        let error = error().await;
        assert!(error.trim_start_matches('[').replace(']', "").starts_with(said), "{to}: {error}");
    }
    cloud.receiver.reply((0..9).map(|_| Reply::new(302, "").with("location", "/again")));
    assert_eq!(delivered(&cloud, &device, "a", "1").await.len(), 6);
    assert_eq!(error().await, "127.0.0.1 redirects too often");
}

async fn the_own_network_stays_closed(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let device = own_device(&cloud, &user).await;
    let port = cloud.receiver.port();
    cloud.receiver.url("/");
    let id =
        hook(&cloud, &user, json!({"event": "a", "url": "http://{{{host}}}/", "noDefaults": true})).await;
    // Each of these is the machine itself, and only one of its addresses is allowed.
    for host in ["127.0.0.2", "0.0.0.0", "[::1]", "[::]", "[::ffff:127.0.0.2]", "localhost6.localhost"] {
        let data = json!({"host": format!("{host}:{port}")}).to_string();
        assert!(delivered(&cloud, &device, "a", &data).await.is_empty(), "{host}");
        let log = logs(&cloud, &user, &id).await.remove(0);
        let error = log["error"].as_str().unwrap();
        assert!(error.contains("own network") || error.contains("no address"), "{host}: {error}");
    }
    for host in ["127.0.0.1", "2130706433", "0x7f000001", "[::ffff:127.0.0.1]"] {
        let data = json!({"host": format!("{host}:{port}")}).to_string();
        assert_eq!(
            delivered(&cloud, &device, "a", &data).await.len(),
            1,
            "{host} is the one that is allowed"
        );
    }
}

async fn old_logs_and_old_events_are_swept(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let device = own_device(&cloud, &user).await;
    let id = hook(&cloud, &user, json!({"event": "a", "url": cloud.receiver.url("/")})).await;
    for number in 0..13 {
        delivered(&cloud, &device, "a", &format!("n{number}")).await;
    }
    let seen = logs(&cloud, &user, &id).await;
    let data: Vec<_> = seen.iter().map(|log| log["event"]["data"].as_str().unwrap()).collect();
    assert_eq!(data, ["n12", "n11", "n10", "n9", "n8", "n7", "n6", "n5", "n4", "n3"]);
    publish(&cloud, &device, "a", "forgotten").await;
    cloud.pass(24 * 3600 + 1);
    while cloud.mote.sweep().await.unwrap() {}
    assert_eq!(cloud.mote.deliver_due().await.unwrap(), 0, "an event of yesterday is none");
    assert_eq!((logs(&cloud, &user, &id).await.len(), cloud.mote.hooks().queued()), (10, 0));
    cloud.pass(30 * 24 * 3600);
    while cloud.mote.sweep().await.unwrap() {}
    assert!(logs(&cloud, &user, &id).await.is_empty());
}
