use serde_json::json;

use super::{Exception, Group};
use crate::cloud::Cloud;
use crate::firmware::{image, multipart, send};
use crate::on_both_engines;

on_both_engines!(answers_have_the_documented_shapes);

/// What every firmware object of ours has beside those of the example: the examples show parts of one object.
const MORE: [(&str, &str); 7] = [
    ("product_default", "of the firmware object"),
    ("current", "the older name of product_default, as some examples have it"),
    ("groups", "of the firmware object"),
    ("device_count", "as in the list"),
    ("mandatory", "of the firmware object"),
    ("intelligent", "as in the answer to a release"),
    ("updated_at", "as in the answer to a release"),
];

fn all_but(place: &str, shown: &[&str], more: &[Exception]) -> Vec<Exception> {
    let hidden = MORE.iter().filter(|(key, _)| !shown.contains(key)).map(|(key, reason)| {
        let place: &'static str = format!("{place}/{key}").leak();
        (place, *reason)
    });
    hidden.chain(more.iter().copied()).collect()
}

async fn answers_have_the_documented_shapes(cloud: Cloud) {
    let mut contract = Group::begin("ProductFirmware");
    let user = cloud.user("me@example.com").await;
    let product = cloud.product(&user, "Firmware").await;
    let path = format!("/v1/products/{}", product.id);
    let firmware = format!("{path}/firmware");
    let fields = [("version", "1"), ("title", "My Firmware"), ("description", "Sample firmware description")];
    let head = "name=\"file\"; filename=\"firmware.bin\"";
    let made = send(&cloud, &product, multipart(&fields, head, &image(&product, 1))).await;
    contract.check_with("ProductFirmware-uploadProductFirmware", &made, &all_but("", &["current"], &[]));
    for name in ["foo", "bar"] {
        let group =
            cloud.json("POST", &format!("{path}/groups"), &product.token, json!({"name": name})).await;
        assert_eq!(group.status, 201);
    }
    let release = json!({"version": 1, "groups": ["foo", "bar"], "intelligent": true});
    let released = cloud.json("PUT", &format!("{firmware}/release"), &product.token, release).await;
    let shown = ["product_default", "groups", "intelligent", "updated_at"];
    let more = [
        ("/_id", "of the firmware object"),
        ("/description", "of the firmware object"),
        ("/name", "of the firmware object"),
    ];
    let exceptions = all_but("", &shown, &more);
    contract.check_with("ProductFirmware-releaseProductFirmware", &released, &exceptions);
    let listed = cloud.get(&firmware, &product.token).await;
    let exceptions = all_but("/*", &["product_default", "groups", "device_count"], &[]);
    contract.check_with("ProductFirmware-listAllProductFirmwares", &listed, &exceptions);
    let one = format!("{firmware}/1");
    let seen = cloud.get(&one, &product.token).await;
    let exceptions = all_but("", &["product_default", "mandatory"], &[]);
    contract.check_with("ProductFirmware-getProductFirmwareVersion", &seen, &exceptions);
    let changed = cloud.form("PUT", &one, &product.token, &[("title", "New title")]).await;
    contract.check_with("ProductFirmware-editProductFirmware", &changed, &all_but("", &["current"], &[]));
    let binary = cloud.get(&format!("{one}/binary"), &product.token).await;
    contract.check("ProductFirmware-downloadProductFirmwareBinary", &binary);
    let second =
        send(&cloud, &product, multipart(&[("version", "2"), ("title", "t")], head, &image(&product, 2)))
            .await;
    assert_eq!(second.status, 201);
    let removed = cloud.form("DELETE", &format!("{firmware}/2"), &product.token, &[]).await;
    contract.check("ProductFirmware-deleteProductFirmware", &removed);
    contract.end();
}
