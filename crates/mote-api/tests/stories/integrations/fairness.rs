//! What one space's integrations leave to the others'.

use std::net::TcpListener;
use std::time::Duration;

use futures_util::future::select_all;
use serde_json::json;

use super::{hook, own_device, publish};
use crate::cloud::Cloud;
use crate::on_both_engines;

on_both_engines!(
    slow_receivers_of_one_leave_the_others_their_turns,
    who_tries_out_slow_receivers_leaves_others_their_trials,
);

async fn slow_receivers_of_one_leave_the_others_their_turns(cloud: Cloud) {
    let (busy, other) = (cloud.user("busy@example.com").await, cloud.user("other@example.com").await);
    let (of_busy, of_other) = (own_device(&cloud, &busy).await, own_device(&cloud, &other).await);
    // Takes connections, and never answers.
    let silent = TcpListener::bind("127.0.0.3:0").unwrap();
    let url = format!("http://{}/", silent.local_addr().unwrap());
    for _ in 0..20 {
        hook(&cloud, &busy, json!({"event": "a", "url": url})).await;
    }
    hook(&cloud, &other, json!({"event": "a", "url": cloud.receiver.url("/")})).await;
    for _ in 0..16 {
        publish(&cloud, &of_busy, "a", "1").await;
    }
    let mote = cloud.mote.clone();
    let work = tokio::spawn(async move { mote.run_deliveries().await });
    // All that is due has been taken, as far as there is room for it.
    publish(&cloud, &of_other, "a", "1").await;
    let come = async {
        while cloud.receiver.got().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    let come = tokio::time::timeout(Duration::from_secs(10), come).await;
    work.abort();
    come.expect("the other's event waits for receivers that are not his");
    assert_eq!(cloud.mote.hooks().queued() / 320, 1, "the others still wait");
}

async fn who_tries_out_slow_receivers_leaves_others_their_trials(cloud: Cloud) {
    let (busy, other) = (cloud.user("busy@example.com").await, cloud.user("other@example.com").await);
    let silent = TcpListener::bind("127.0.0.3:0").unwrap();
    let url = format!("http://{}/", silent.local_addr().unwrap());
    let slow = hook(&cloud, &busy, json!({"event": "a", "url": url})).await;
    let quick = hook(&cloud, &other, json!({"event": "a", "url": cloud.receiver.url("/")})).await;
    let test = async |user: &str, id: &str| {
        cloud.form("POST", &format!("/v1/integrations/{id}/test"), user, &[]).await
    };
    let trials = (0..5).map(|_| Box::pin(test(&busy, &slow)));
    let (refused, _, waiting) = select_all(trials).await;
    assert_eq!(refused.error(), (429, "too_many_requests".into()), "{}", refused.body);
    assert_eq!(waiting.len(), 4);
    assert_eq!(test(&other, &quick).await.body["pass"], true);
}
