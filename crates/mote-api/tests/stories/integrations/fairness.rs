//! What one space's integrations leave to the others'.

use std::net::TcpListener;
use std::time::Duration;

use serde_json::json;

use super::{hook, own_device, publish};
use crate::cloud::Cloud;
use crate::on_both_engines;

on_both_engines!(slow_receivers_of_one_leave_the_others_their_turns,);

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
