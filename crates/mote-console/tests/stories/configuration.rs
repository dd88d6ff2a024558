//! What products and devices are configured with.

use http::StatusCode;
use mote_core::authorization::Role;

use crate::cloud::Cloud;
use crate::devices::add;
use crate::on_both_engines;

on_both_engines!(
    values_are_set_within_a_schema,
    a_device_has_its_own_values,
    who_may_only_look_changes_nothing,
);

const PRODUCT: &str = "/products/tempmon-v100";
const DEVICE: &str = "e00fce68d1f3a0b2c4e5f601";
const SCHEMA: &str = r#"{"type": "object", "properties": {"interval": {"type": "integer", "minimum": 10}}}"#;

async fn values_are_set_within_a_schema(cloud: Cloud) {
    let mut browser = cloud.person("me@example.com").await;
    browser.product("TempMon V100").await;
    let path = format!("{PRODUCT}/configuration");
    let first = browser.get(&path).await;
    assert!(first.text.contains("draft-07"), "the schema where none is set");
    for schema in ["{", "[]", r#"{"type": "nothing"}"#] {
        let refused = browser.post(&format!("{path}/schema"), &[("schema", schema)]).await;
        assert!(refused.text.contains("role=\"alert\""), "{schema}");
    }
    let set = browser.post(&format!("{path}/schema"), &[("schema", SCHEMA)]).await;
    assert_eq!(set.location(), format!("{path}?done=saved"), "{}", set.text);
    for values in [r#"{"interval": 1}"#, "3", "{\"interval\": "] {
        let refused = browser.post(&path, &[("values", values)]).await;
        assert!(refused.text.contains("role=\"alert\""), "{values}");
        let kept = refused.between("name=\"values\"", "</textarea>");
        assert!(kept.ends_with(&values.replace('"', "&#34;")), "what was typed is not lost: {kept}");
    }
    let set = browser.post(&path, &[("values", r#"{"interval": 900, "note": "<b>"}"#)]).await;
    assert_eq!(set.location(), format!("{path}?done=saved"), "{}", set.text);
    let seen = browser.get(&path).await;
    assert!(seen.text.contains("&#34;interval&#34;: 900") && !seen.text.contains("<b>"));
    assert!(seen.text.contains("&#34;minimum&#34;: 10"));
    for (form, field) in [(path.clone(), "values"), (format!("{path}/schema"), "schema")] {
        let emptied = browser.post(&form, &[(field, "")]).await;
        assert_eq!(emptied.location(), format!("{path}?done=saved"));
    }
    let seen = browser.get(&path).await;
    assert!(!seen.text.contains("&#34;note") && !seen.text.contains("&#34;minimum"));
}

async fn a_device_has_its_own_values(cloud: Cloud) {
    let mut browser = cloud.person("me@example.com").await;
    browser.product("TempMon V100").await;
    let path = format!("{PRODUCT}/devices/{DEVICE}/configuration");
    assert_eq!(browser.get(&path).await.status, StatusCode::NOT_FOUND);
    add(&cloud, &mut browser, DEVICE).await;
    assert!(browser.get(&path).await.text.contains("It has confirmed nothing yet."));
    browser.post(&format!("{PRODUCT}/configuration"), &[("values", r#"{"interval": 900}"#)]).await;
    let inherited = browser.get(&path).await;
    assert!(inherited.text.contains("pending") && inherited.text.contains("900"));
    let set = browser.post(&path, &[("values", r#"{"interval": 60}"#)]).await;
    assert_eq!(set.location(), format!("{path}?done=saved"), "{}", set.text);
    assert!(browser.get(&path).await.text.contains("&#34;interval&#34;: 60"));
    assert!(browser.get(&format!("{PRODUCT}/configuration")).await.text.contains("900"));
    browser.post(&path, &[]).await;
    assert!(browser.get(&path).await.text.contains("900"), "without its own it has the product's");
    let set = browser.post(&format!("{path}/schema"), &[("schema", SCHEMA)]).await;
    assert_eq!(set.location(), format!("{path}?done=saved"), "{}", set.text);
    assert!(browser.post(&path, &[("values", r#"{"interval": 1}"#)]).await.text.contains("role=\"alert\""));
    let unknown = format!("{PRODUCT}/devices/e00fce68d1f3a0b2c4e5f6ff/configuration");
    for form in [unknown.clone(), format!("{unknown}/schema")] {
        let tried = browser.post(&form, &[("values", "{\"a\": 1}"), ("schema", SCHEMA)]).await;
        assert_eq!(tried.status, StatusCode::NOT_FOUND, "{form}");
    }
}

async fn who_may_only_look_changes_nothing(cloud: Cloud) {
    let mut browser = cloud.person("me@example.com").await;
    browser.product("TempMon V100").await;
    let path = format!("{PRODUCT}/configuration");
    let mut view = cloud.person("view@example.com").await;
    assert_eq!(view.get(&path).await.status, StatusCode::FORBIDDEN);
    cloud.join(1001, "view@example.com", Role::ViewOnly).await;
    let seen = view.get(&path).await;
    assert!(
        seen.text.contains("it takes Developer") && seen.text.contains("<fieldset class=\"bare\" disabled>")
    );
    for form in [path.clone(), format!("{path}/schema")] {
        let refused = view.post(&form, &[("values", "{\"a\": 1}"), ("schema", SCHEMA)]).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
    }
    let forged = browser.post_with(&path, &[("values", "{\"a\": 1}")], Some("0"), &[]).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    assert!(!browser.get(&path).await.text.contains("&#34;a&#34;"));
}
