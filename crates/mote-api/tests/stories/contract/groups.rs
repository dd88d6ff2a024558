use serde_json::json;

use super::Group;
use crate::cloud::Cloud;
use crate::firmware::upload;
use crate::on_both_engines;
use crate::sessions::{connect, hello};

on_both_engines!(answers_have_the_documented_shapes);

async fn answers_have_the_documented_shapes(cloud: Cloud) {
    let mut contract = Group::begin("Groups");
    let user = cloud.user("me@example.com").await;
    let product = cloud.product(&user, "Groups").await;
    let path = format!("/v1/products/{}", product.id);
    let (groups, devices) = (format!("{path}/groups"), format!("{path}/devices"));
    let device = "0123456789abcdef01234567";
    drop(connect(&cloud, device, hello(&product)).await);
    let fields = [("name", "group_a"), ("description", "the A group"), ("color", "#34495e")];
    contract.check("Groups-createDeviceGroup", &cloud.form("POST", &groups, &product.token, &fields).await);
    let batch = json!({"action": "groups", "devices": [device], "metadata": {"add": ["group_a"]}});
    let assigned = cloud.json("PUT", &devices, &product.token, batch).await;
    contract.check("Groups-batchAssignDeviceGroups", &assigned);
    let one = format!("{devices}/{device}");
    let set = cloud.json("PUT", &one, &product.token, json!({"groups": ["group_a", "group_b"]})).await;
    contract.check("Groups-updateDeviceGroups", &set);
    upload(&cloud, &product, 1).await;
    let impact = "action=edit_groups_for_firmware&firmware_version=1&groups=group_a";
    let impact = cloud.get(&format!("{path}/impact?{impact}"), &product.token).await;
    contract.check("Groups-getDeviceGroupsImpact", &impact);
    let release = json!({"version": 1, "groups": ["group_a"]});
    assert_eq!(
        cloud.json("PUT", &format!("{path}/firmware/release"), &product.token, release).await.status,
        200
    );
    contract.check("Groups-getDeviceGroups", &cloud.get(&format!("{groups}?name=gr"), &product.token).await);
    let group = format!("{groups}/group_a");
    contract.check("Groups-getDeviceGroup", &cloud.get(&group, &product.token).await);
    let renamed = cloud.form("PUT", &group, &product.token, &[("name", "double_agent")]).await;
    contract.check("Groups-updateDeviceGroup", &renamed);
    let removed = cloud.form("DELETE", &format!("{groups}/double_agent"), &product.token, &[]).await;
    contract.check("Groups-deleteDeviceGroup", &removed);
    contract.end();
}
