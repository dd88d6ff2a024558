//! What devices that are connected are told to take.

use mote_core::sessions::Command;
use serde_json::json;

use super::{device, fleet, image, put, release, upload};
use crate::cloud::Cloud;
use crate::on_both_engines;
use crate::sessions::{connect, hello};

on_both_engines!(
    connected_devices_take_what_they_should_have,
    an_intelligent_release_reaches_devices_at_once
);

/// The next command must be to take firmware: which version; the device begins to.
async fn taken(connection: &mut mote_core::sessions::Connection) -> i32 {
    let Some(Command::Update { update, answer }) = connection.next().await else { panic!("no update") };
    answer.send(Ok(())).unwrap();
    update.version
}

async fn connected_devices_take_what_they_should_have(cloud: Cloud) {
    let (product, path) = fleet(&cloud, 2).await;
    for version in [1, 2, 4, 5] {
        upload(&cloud, &product, version).await;
    }
    assert_eq!(release(&cloud, &product, json!({"version": 1, "product_default": true})).await.status, 200);
    let mut connection = connect(&cloud, &device(0), hello(&product)).await;
    let Some(Command::Update { update, answer }) = connection.next().await else { panic!("no update") };
    assert_eq!((update.version, update.size), (1, 2068));
    let mut blob = cloud.mote.open_blob(&update.blob).await.unwrap();
    assert_eq!(blob.next().await.unwrap().unwrap(), image(&product, 1));
    answer.send(Ok(())).unwrap();
    // It comes again with that version, and is left alone.
    let runs = |version| mote_core::sessions::Hello { firmware_version: Some(version), ..hello(&product) };
    let mut connection = connect(&cloud, &device(0), runs(1)).await;
    assert_eq!(
        cloud
            .form("PUT", &format!("{path}/devices/{}", device(0)), &product.token, &[("name", "x")])
            .await
            .status,
        200
    );
    // Locked to another, it takes that when it is told to, or connects.
    let lock = json!({"desired_firmware_version": 5, "flash": true});
    assert_eq!(put(&cloud, &product, 0, lock).await.status, 200);
    assert_eq!(taken(&mut connection).await, 5);
    let mut connection = connect(&cloud, &device(0), runs(1)).await;
    assert_eq!(taken(&mut connection).await, 5);
    // On the way it stops at what is mandatory.
    let mandatory =
        cloud.json("PUT", &format!("{path}/firmware/4"), &product.token, json!({"mandatory": true})).await;
    assert_eq!(mandatory.body["mandatory"], true);
    let mut connection = connect(&cloud, &device(0), runs(1)).await;
    assert_eq!(taken(&mut connection).await, 4);
    let mut connection = connect(&cloud, &device(0), runs(4)).await;
    assert_eq!(taken(&mut connection).await, 5);
    let group = cloud.get(&format!("{path}/firmware/4"), &product.token).await;
    assert_eq!(group.body["device_count"], 1);
}

async fn an_intelligent_release_reaches_devices_at_once(cloud: Cloud) {
    let (product, _) = fleet(&cloud, 4).await;
    for version in [1, 2] {
        upload(&cloud, &product, version).await;
    }
    let runs = |version| mote_core::sessions::Hello { firmware_version: Some(version), ..hello(&product) };
    let mut due = connect(&cloud, &device(0), runs(1)).await;
    let mut has_it = connect(&cloud, &device(1), runs(2)).await;
    let mut locked = connect(&cloud, &device(2), runs(1)).await;
    assert_eq!(put(&cloud, &product, 2, json!({"desired_firmware_version": 1})).await.status, 200);
    let mut other = connect(&cloud, &device(3), runs(1)).await;
    assert_eq!(put(&cloud, &product, 3, json!({"groups": ["other"]})).await.status, 200);
    assert_eq!(release(&cloud, &product, json!({"version": 1, "groups": ["other"]})).await.status, 200);
    let all = json!({"version": 2, "product_default": true, "intelligent": true});
    assert_eq!(release(&cloud, &product, all).await.body["intelligent"], true);
    assert_eq!(taken(&mut due).await, 2);
    let next = json!({"version": 2, "groups": ["other"], "intelligent": true});
    assert_eq!(release(&cloud, &product, next).await.status, 200);
    let (due, other) = tokio::join!(taken(&mut due), taken(&mut other));
    assert_eq!((due, other), (2, 2));
    // The others were left alone: the first that they hear of is a signal.
    for (number, connection) in [(1, &mut has_it), (2, &mut locked)] {
        let signal = put(&cloud, &product, number, json!({"signal": 1}));
        let next = async {
            let Some(Command::Signal { answer, .. }) = connection.next().await else { panic!("{number}") };
            answer.send(Ok(())).unwrap();
        };
        assert_eq!(tokio::join!(signal, next).0.status, 200);
    }
}
