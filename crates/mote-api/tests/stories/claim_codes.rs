//! Claim codes: made by accounts and customers, brought along by devices.

use mote_core::devices::CodeClaim;
use mote_core::names::DeviceId;
use serde_json::{Value, json};

use crate::cloud::{Cloud, Product};
use crate::on_both_engines;

on_both_engines!(
    a_device_becomes_the_owners_by_his_code,
    a_products_code_is_for_its_customers_and_its_team,
    codes_end_with_the_customer,
    a_modems_number_is_one_owners_at_a_time,
);

const LAMP: &str = "e00fce680000000000000001";
const FAN: &str = "e00fce680000000000000002";

async fn import(cloud: &Cloud, product: &Product, id: &str) {
    let path = format!("/v1/products/{}/devices", product.id);
    let imported = cloud.json("POST", &path, &product.token, json!({"id": id})).await;
    assert_eq!(imported.body["updated"], 1);
}

/// The device connects, and brings a code along; whether that made it its owner's.
async fn bring(cloud: &Cloud, device: &str, code: &str) -> bool {
    let device = DeviceId::parse(device).unwrap();
    matches!(cloud.mote.claim_by_code(&device, code).await.unwrap(), CodeClaim::Claimed(_))
}

async fn a_device_becomes_the_owners_by_his_code(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let product = cloud.product(&user, "One").await;
    import(&cloud, &product, LAMP).await;
    import(&cloud, &product, FAN).await;
    let jane = cloud.customer(&product, "jane@example.com").await;
    for whose in [&user, &jane] {
        // As the Android SDK sends it.
        let made = cloud.form("POST", "/v1/device_claims", whose, &[("blank", "")]).await;
        assert_eq!((made.status.as_u16(), &made.body["device_ids"]), (200, &json!([])));
        assert_eq!(made.headers["cache-control"], "no-store");
        let code = made.text("/claim_code");
        assert_eq!(code.len(), 63);
        assert!(code.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/')), "{code}");
        assert!(bring(&cloud, LAMP, &code).await);
        assert_eq!(cloud.get(&format!("/v1/devices/{LAMP}"), whose).await.status, 200);
        assert!(!bring(&cloud, FAN, &code).await, "a code is good once");
        let made = cloud.form("POST", "/v1/device_claims", whose, &[]).await;
        assert_eq!(made.body["device_ids"], json!([LAMP]));
        cloud.pass(3600);
        assert!(!bring(&cloud, FAN, &made.text("/claim_code")).await, "an hour is over");
        cloud.form("DELETE", &format!("/v1/devices/{LAMP}"), whose, &[]).await;
    }
    for bad in [
        json!({"iccid": "12"}),
        json!({"iccid": "x".repeat(19)}),
        json!({"imei": "1", "iccid": ""}),
        json!({"iccid": {}}),
    ] {
        assert_eq!(cloud.json("POST", "/v1/device_claims", &user, bad.clone()).await.status, 400, "{bad}");
    }
    assert_eq!(cloud.form("POST", "/v1/device_claims", &product.token, &[]).await.status, 403);
}

async fn a_products_code_is_for_its_customers_and_its_team(cloud: Cloud) {
    let (user, stranger) = (cloud.user("me@example.com").await, cloud.user("stranger@example.com").await);
    let (product, other) = (cloud.product(&user, "One").await, cloud.product(&user, "Other").await);
    import(&cloud, &product, LAMP).await;
    import(&cloud, &other, FAN).await;
    let jane = cloud.customer(&product, "jane@example.com").await;
    let foreign = cloud.customer(&other, "jane@example.com").await;
    let at = |product: &str| format!("/v1/products/{product}/device_claims");
    for whose in [&user, &jane] {
        let code = cloud.form("POST", &at(&product.slug), whose, &[]).await.text("/claim_code");
        assert!(!bring(&cloud, FAN, &code).await, "it is another product's");
        assert!(bring(&cloud, LAMP, &code).await);
        cloud.form("DELETE", &format!("/v1/devices/{LAMP}"), whose, &[]).await;
    }
    // A customer's code is within his product, wherever it was made.
    let code = cloud.form("POST", "/v1/device_claims", &jane, &[]).await.text("/claim_code");
    assert!(!bring(&cloud, FAN, &code).await);
    for whose in [&stranger, &foreign, &product.token] {
        let refused = cloud.form("POST", &at(&product.id), whose, &[]).await;
        assert_eq!(refused.error(), (403, "Permission denied".into()));
        let absent = cloud.form("POST", &at("no-such"), whose, &[]).await;
        assert_eq!((refused.status, refused.body), (absent.status, absent.body));
    }
    assert_eq!(cloud.form("POST", &at(&product.id), "", &[]).await.status, 401);
}

async fn codes_end_with_the_customer(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let product = cloud.product(&user, "One").await;
    import(&cloud, &product, LAMP).await;
    let jane = cloud.customer(&product, "jane@example.com").await;
    let code = cloud.form("POST", "/v1/device_claims", &jane, &[]).await.text("/claim_code");
    let one = format!("/v1/products/{}/customers/jane@example.com", product.id);
    assert_eq!(cloud.form("DELETE", &one, &product.token, &[]).await.status, 200);
    cloud.customer(&product, "jane@example.com").await;
    assert!(!bring(&cloud, LAMP, &code).await);
    let device = format!("/v1/products/{}/devices/{LAMP}", product.id);
    assert_eq!(cloud.get(&device, &product.token).await.body["owner"], Value::Null);
}

async fn a_modems_number_is_one_owners_at_a_time(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let product = cloud.product(&user, "One").await;
    import(&cloud, &product, LAMP).await;
    let jane = cloud.customer(&product, "jane@example.com").await;
    let bob = cloud.customer(&product, "bob@example.com").await;
    let iccid = json!({"iccid": "8934076500002589174"});
    let ask = async |whose: &str| cloud.json("POST", "/v1/device_claims", whose, iccid.clone()).await;
    assert_eq!(ask(&jane).await.text("/claim_code"), "8934076500002589174");
    assert_eq!(ask(&bob).await.error(), (409, "conflict".into()));
    assert!(bring(&cloud, LAMP, "8934076500002589174").await);
    assert_eq!(cloud.get(&format!("/v1/devices/{LAMP}"), &jane).await.status, 200);
    assert_eq!(ask(&bob).await.status, 200);
    assert!(!bring(&cloud, LAMP, "8934076500002589174").await, "it is hers");
}
