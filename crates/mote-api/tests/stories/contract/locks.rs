use serde_json::json;

use super::Group;
use crate::cloud::Cloud;
use crate::firmware::upload;
use crate::on_both_engines;

on_both_engines!(answers_have_the_documented_shapes);

async fn answers_have_the_documented_shapes(cloud: Cloud) {
    let mut contract = Group::begin("Firmware");
    let user = cloud.user("me@example.com").await;
    let product = cloud.product(&user, "Locks").await;
    let devices = format!("/v1/products/{}/devices", product.id);
    let device = "0123456789abcdef01234567";
    assert_eq!(cloud.json("POST", &devices, &product.token, json!({"id": device})).await.status, 200);
    upload(&cloud, &product, 1).await;
    let one = format!("{devices}/{device}");
    for (id, fields) in [
        ("Firmware-lockProductDevice", ("desired_firmware_version", "1")),
        ("Firmware-unlockProductDevice", ("desired_firmware_version", "null")),
        ("Firmware-markProductDevelopmentDevice", ("development", "true")),
        ("Firmware-unmarkProductDevelopmentDevice", ("development", "false")),
    ] {
        contract.check(id, &cloud.form("PUT", &one, &product.token, &[fields]).await);
    }
    contract.leave(
        "nothing compiles here, and a device takes the firmware of its product only",
        &[
            "Firmware-compileSource",
            "Firmware-listBuildTargets",
            "Firmware-FlashSourceCode",
            "Firmware-UpdateDeviceFirmware",
            "Firmware-UpdateDeviceFirmware-2",
        ],
    );
    contract.end();
}
