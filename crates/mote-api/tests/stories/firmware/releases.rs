//! Releases and locks, and whom a planned release would update.

use serde_json::{Value, json};

use super::{device, fleet, put, release, targets, upload};
use crate::cloud::Cloud;
use crate::on_both_engines;
use crate::sessions::{connect, hello};

on_both_engines!(
    a_release_decides_what_devices_should_have,
    a_device_is_locked_and_unlocked,
    a_planned_release_tells_whom_it_would_update,
);

async fn a_release_decides_what_devices_should_have(cloud: Cloud) {
    let (product, path) = fleet(&cloud, 5).await;
    for version in 1..=4 {
        upload(&cloud, &product, version).await;
    }
    for (number, groups) in [(1, json!(["beta"])), (2, json!(["beta", "asia"])), (3, json!(["asia"]))] {
        assert_eq!(put(&cloud, &product, number, json!({"groups": groups})).await.status, 200);
    }
    let null = Value::Null;
    assert_eq!(targets(&cloud, &product).await, vec![null.clone(); 5]);
    let released = release(&cloud, &product, json!({"version": 1, "product_default": true})).await;
    assert_eq!((released.status.as_u16(), &released.body["product_default"]), (200, &json!(true)));
    assert_eq!(targets(&cloud, &product).await, [1, 1, 1, 1, 1]);
    let groups = [("version", "3"), ("groups[]", "beta"), ("intelligent", "true")];
    let released = cloud.form("PUT", &format!("{path}/firmware/release"), &product.token, &groups).await;
    assert_eq!((&released.body["groups"], &released.body["intelligent"]), (&json!(["beta"]), &json!(true)));
    assert_eq!(
        release(&cloud, &product, json!({"version": 2, "groups": ["asia"]})).await.body["groups"],
        json!(["asia"])
    );
    // Of several groups the highest version; no groups, the default.
    assert_eq!(targets(&cloud, &product).await, [1, 3, 3, 2, 1]);
    let group = cloud.get(&format!("{path}/groups/beta"), &product.token).await;
    assert_eq!(group.body["group"]["fw_version"], 3);
    assert_eq!(put(&cloud, &product, 4, json!({"development": true})).await.body["development"], true);
    assert_eq!(put(&cloud, &product, 3, json!({"desired_firmware_version": 1})).await.status, 200);
    assert_eq!(targets(&cloud, &product).await, [json!(1), json!(3), json!(3), json!(1), null.clone()]);
    let seen = cloud.get(&format!("{path}/devices/{}", device(2)), &product.token).await;
    assert_eq!(seen.body["targeted_firmware_release_version"], 3);

    // A group has one version at a time; what is not named stays.
    assert_eq!(
        release(&cloud, &product, json!({"version": 4, "groups": ["beta", "asia"]})).await.status,
        200
    );
    let third = cloud.get(&format!("{path}/firmware/3"), &product.token).await;
    assert_eq!((&third.body["groups"], &third.body["product_default"]), (&json!([]), &json!(false)));
    assert_eq!(
        release(&cloud, &product, json!({"version": 4, "product_default": true})).await.body["groups"],
        json!(["asia", "beta"])
    );
    assert_eq!(cloud.get(&format!("{path}/firmware/1"), &product.token).await.body["product_default"], false);
    assert_eq!(
        release(&cloud, &product, json!({"version": 4, "groups": ["beta"], "product_default": false}))
            .await
            .status,
        200
    );
    assert_eq!(targets(&cloud, &product).await, [null.clone(), json!(4), json!(4), json!(1), null.clone()]);
    assert_eq!(release(&cloud, &product, json!({"version": 4, "groups": []})).await.status, 200);
    assert_eq!(targets(&cloud, &product).await[..2], [null.clone(), null]);
    for (bad, status) in [
        (json!({"version": 4}), 400),
        (json!({"product_default": true}), 400),
        (json!({"version": 4, "groups": ["nothing"]}), 400),
        (json!({"version": 9, "product_default": true}), 404),
        (json!({"version": -1, "product_default": true}), 400),
        (json!({"version": 4, "product_default": "perhaps"}), 400),
    ] {
        assert_eq!(release(&cloud, &product, bad.clone()).await.status, status, "{bad}");
    }
    // What was ever released stays.
    for (version, status) in [(1, 409), (2, 409), (3, 409), (4, 409)] {
        let one = format!("{path}/firmware/{version}");
        assert_eq!(cloud.form("DELETE", &one, &product.token, &[]).await.status, status, "{version}");
    }
}

async fn a_device_is_locked_and_unlocked(cloud: Cloud) {
    let (product, path) = fleet(&cloud, 2).await;
    upload(&cloud, &product, 1).await;
    let of_device = format!("{path}/devices/{}", device(0));
    let locked = cloud.form("PUT", &of_device, &product.token, &[("desired_firmware_version", "1")]).await;
    assert_eq!((locked.text("/id"), &locked.body["desired_firmware_version"]), (device(0), &json!(1)));
    assert!(locked.body["updated_at"].is_string() && locked.body.as_object().unwrap().len() == 3);
    let seen = cloud.get(&of_device, &product.token).await;
    assert_eq!(
        (&seen.body["desired_firmware_version"], &seen.body["targeted_firmware_release_version"]),
        (&json!(1), &json!(1))
    );
    for bad in
        [json!(2), json!(-1), json!(1.5), json!("x"), json!([1]), json!(5_000_000_000_i64), json!(true)]
    {
        let change = json!({"desired_firmware_version": bad, "name": "not this"});
        assert_eq!(put(&cloud, &product, 0, change).await.status, 400, "{bad}");
    }
    assert_eq!(cloud.get(&of_device, &product.token).await.body["name"], Value::Null);
    let in_use = cloud.form("DELETE", &format!("{path}/firmware/1"), &product.token, &[]).await;
    assert_eq!(in_use.status, 409);
    for none in [json!(null), json!("null"), json!("")] {
        let unlocked = put(&cloud, &product, 0, json!({"desired_firmware_version": none})).await;
        assert_eq!(unlocked.body["desired_firmware_version"], Value::Null);
        let again = json!({"desired_firmware_version": 1, "flash": true});
        assert_eq!(put(&cloud, &product, 0, again).await.status, 200);
    }
    // Not one for development; one that is locked may become one.
    assert_eq!(put(&cloud, &product, 1, json!({"development": true})).await.status, 200);
    let refused = put(&cloud, &product, 1, json!({"desired_firmware_version": 1})).await;
    assert_eq!(
        (refused.status.as_u16(), refused.text("/error_description").contains("development")),
        (400, true)
    );
    let both = json!({"development": false, "desired_firmware_version": 1});
    assert_eq!(put(&cloud, &product, 1, both).await.status, 200);
    assert_eq!(put(&cloud, &product, 1, json!({"development": true})).await.status, 200);
    assert_eq!(targets(&cloud, &product).await, [json!(1), Value::Null]);
    // The owner of a device has no say in this.
    let user = cloud.user("owner@example.com").await;
    assert_eq!(cloud.form("POST", "/v1/devices", &user, &[("id", &device(0))]).await.status, 200);
    let own = cloud
        .json("PUT", &format!("/v1/devices/{}", device(0)), &user, json!({"desired_firmware_version": null}))
        .await;
    assert_eq!(own.status, 400);
    let seen = cloud.get(&format!("/v1/devices/{}", device(0)), &user).await;
    assert_eq!(seen.body.get("targeted_firmware_release_version"), None);
    // The lock ends with the stay.
    assert_eq!(cloud.form("DELETE", &of_device, &product.token, &[]).await.status, 204);
    assert_eq!(
        cloud.json("POST", &format!("{path}/devices"), &product.token, json!({"id": device(0)})).await.status,
        200
    );
    assert_eq!(targets(&cloud, &product).await[0], Value::Null);
}

async fn a_planned_release_tells_whom_it_would_update(cloud: Cloud) {
    let (product, path) = fleet(&cloud, 8).await;
    for version in 1..=3 {
        upload(&cloud, &product, version).await;
    }
    // 0 to 5 run version 1, 6 runs version 3, 7 has never connected.
    for number in 0..=6 {
        let version = if number == 6 { 3 } else { 1 };
        let runs = mote_core::sessions::Hello { firmware_version: Some(version), ..hello(&product) };
        drop(connect(&cloud, &device(number), runs).await);
    }
    for (number, groups) in
        [(0, json!(["beta"])), (1, json!(["beta", "asia"])), (2, json!(["asia"])), (6, json!(["asia"]))]
    {
        assert_eq!(put(&cloud, &product, number, json!({"groups": groups})).await.status, 200);
    }
    assert_eq!(put(&cloud, &product, 4, json!({"development": true})).await.status, 200);
    assert_eq!(put(&cloud, &product, 5, json!({"desired_firmware_version": 1})).await.status, 200);
    let impact = async |query: &str| {
        let query = format!("{path}/impact?action=edit_groups_for_firmware&{query}");
        cloud.get(&query, &product.token).await.body["devices"]["firmware_update"].clone()
    };
    let by = |versions: &[(i32, i64)]| {
        let total: i64 = versions.iter().map(|(_, total)| total).sum();
        let versions: Vec<_> =
            versions.iter().map(|(version, total)| json!({"version": version, "total": total})).collect();
        json!({"total": total, "by_version": versions})
    };
    // To all: 0 to 3 and 7; 6 runs it already, 4 and 5 are out of its reach.
    assert_eq!(impact("firmware_version=3&product_default=true").await, by(&[(3, 5)]));
    assert_eq!(impact("firmware_version=2&groups=asia").await, by(&[(2, 3)]));
    assert_eq!(impact("firmware_version=1&groups=asia,beta").await, by(&[(1, 1)]));
    assert_eq!(impact("firmware_version=2").await, by(&[]));
    assert_eq!(release(&cloud, &product, json!({"version": 2, "product_default": true})).await.status, 200);
    assert_eq!(release(&cloud, &product, json!({"version": 3, "groups": ["beta"]})).await.status, 200);
    // Nothing new for those for whom it is meant already.
    assert_eq!(impact("firmware_version=2&product_default=true").await, by(&[]));
    assert_eq!(impact("firmware_version=3&groups=beta").await, by(&[]));
    // 1 is in beta too, which has a higher version.
    assert_eq!(impact("firmware_version=1&groups=asia").await, by(&[(1, 1)]));
    // Taken back, the group's devices get the default.
    assert_eq!(impact("firmware_version=3").await, by(&[(2, 2)]));
    // Both at once: what is 3 for beta stays, all others get 3, but for 6.
    assert_eq!(impact("firmware_version=3&groups=beta&product_default=true").await, by(&[(3, 3)]));
    assert_eq!(impact("firmware_version=2&product_default=false").await, by(&[]));
    for bad in [
        "action=edit_groups_for_firmware",
        "action=nothing&firmware_version=1",
        "firmware_version=1",
        "action=edit_groups_for_firmware&firmware_version=9",
        "action=edit_groups_for_firmware&firmware_version=1&groups=nothing",
        "action=edit_groups_for_firmware&firmware_version=1&product_default=perhaps",
    ] {
        assert_eq!(cloud.get(&format!("{path}/impact?{bad}"), &product.token).await.status, 400, "{bad}");
    }
}
