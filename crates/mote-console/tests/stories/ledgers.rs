//! The ledgers of a product.

use http::StatusCode;
use mote_core::authorization::Role;

use crate::cloud::{Browser, Cloud};
use crate::devices::add;
use crate::on_both_engines;

on_both_engines!(
    a_ledger_is_made_and_archived,
    what_it_holds_is_written_and_kept_as_versions,
    devices_alone_write_upstream,
    who_may_only_look_writes_nothing,
);

const PRODUCT: &str = "/products/tempmon-v100";
const LEDGERS: &str = "/products/tempmon-v100/ledgers";
const DEVICE: &str = "e00fce68d1f3a0b2c4e5f601";

async fn with_ledger<'a>(cloud: &'a Cloud, scope: &str, direction: &str) -> Browser<'a> {
    let mut browser = cloud.person("me@example.com").await;
    browser.product("TempMon V100").await;
    browser.get(LEDGERS).await;
    let fields =
        [("name", "settings"), ("scope", scope), ("direction", direction), ("description", "<u>all")];
    let made = browser.post(LEDGERS, &fields).await;
    assert_eq!(made.location(), format!("{LEDGERS}/settings?done=saved"), "{}", made.text);
    browser
}

async fn a_ledger_is_made_and_archived(cloud: Cloud) {
    let mut browser = with_ledger(&cloud, "Device", "Downstream").await;
    let seen = browser.get(LEDGERS).await;
    assert!(seen.text.contains("to devices") && !seen.text.contains("<u>"));
    for (name, scope) in [("settings", "Device"), ("No Name", "Device"), ("", "Device"), ("other", "World")] {
        let fields = [("name", name), ("scope", scope), ("direction", "None"), ("description", "typed")];
        let refused = browser.post(LEDGERS, &fields).await;
        assert!(refused.text.contains("role=\"alert\"") && refused.text.contains("typed"), "{name} {scope}");
    }
    let path = format!("{LEDGERS}/settings");
    let changed = browser.post(&path, &[("description", "others"), ("direction", "Upstream")]).await;
    assert_eq!(changed.location(), format!("{path}?done=saved"));
    assert!(browser.get(&path).await.text.contains("from devices"));
    assert!(browser.get(&format!("{LEDGERS}?archived=on")).await.text.contains("Nothing is archived"));
    let archived = browser.post(&format!("{path}/archive"), &[]).await;
    assert_eq!(archived.location(), format!("{path}?done=archived"));
    let seen = browser.get(&path).await;
    assert!(seen.text.contains(">archived<") && !seen.text.contains("Archive ledger"));
    assert!(browser.get(LEDGERS).await.text.contains("No ledgers yet"));
    assert!(browser.get(&format!("{LEDGERS}?archived=on")).await.text.contains("others"));
    assert!(browser.post(&path, &[("description", "late")]).await.text.contains("role=\"alert\""));
    assert_eq!(browser.get(&format!("{LEDGERS}/none")).await.status, StatusCode::NOT_FOUND);
}

async fn what_it_holds_is_written_and_kept_as_versions(cloud: Cloud) {
    let mut browser = with_ledger(&cloud, "Device", "Downstream").await;
    add(&cloud, &mut browser, DEVICE).await;
    let path = format!("{LEDGERS}/settings/instance");
    let of = format!("{path}?of={DEVICE}");
    assert!(browser.get(&of).await.text.contains("Nothing is held for it yet."));
    assert_eq!(browser.get(&format!("{path}?of=%3Ci%3E")).await.status, StatusCode::BAD_REQUEST);
    for data in ["[1]", "{", "null"] {
        let refused = browser.post(&path, &[("of", DEVICE), ("data", data)]).await;
        assert!(refused.text.contains("role=\"alert\"") && refused.text.contains(data), "{data}");
    }
    for data in [r#"{"t": 1}"#, r#"{"t": 2}"#] {
        let set = browser.post(&path, &[("of", DEVICE), ("data", data)]).await;
        assert_eq!(set.location(), format!("{of}&done=saved"), "{}", set.text);
        cloud.pass(60);
    }
    let elsewhere = browser.post(&path, &[("of", "e00fce68d1f3a0b2c4e5f6ff"), ("data", "{\"t\": 3}")]).await;
    assert!(elsewhere.text.contains("There is no such device here"));
    assert!(browser.get(&format!("{LEDGERS}/settings")).await.text.contains(DEVICE));
    let seen = browser.get(&of).await;
    assert!(seen.text.contains("&#34;t&#34;: 2") && !seen.text.contains("&#34;t&#34;: 1"));
    let version = seen.between("&version=", "\"").to_owned();
    let then = browser.get(&format!("{of}&version={version}")).await;
    assert!(then.text.contains("&#34;t&#34;: 1") && then.text.contains("What was held then"));
    assert_eq!(browser.get(&format!("{of}&version=7")).await.status, StatusCode::NOT_FOUND);
    let gone = browser.post(&format!("{path}/delete"), &[("of", DEVICE)]).await;
    assert_eq!(gone.location(), format!("{LEDGERS}/settings?done=deleted"));
    assert!(browser.get(&of).await.text.contains("Nothing is held for it yet."));
}

async fn devices_alone_write_upstream(cloud: Cloud) {
    let mut browser = with_ledger(&cloud, "Owner", "Upstream").await;
    let only = browser.get(&format!("{LEDGERS}/settings")).await;
    let owner = only.between("name=\"of\" required value=\"", "\"").to_owned();
    let path = format!("{LEDGERS}/settings/instance");
    let seen = browser.get(&format!("{path}?of={owner}")).await;
    assert!(seen.text.contains("Only devices write this ledger."));
    let refused = browser.post(&path, &[("of", &owner), ("data", "{}")]).await;
    assert!(refused.text.contains("only devices write it"));

    browser.post(LEDGERS, &[("name", "totals"), ("scope", "Owner"), ("direction", "None")]).await;
    let path = format!("{LEDGERS}/totals/instance");
    let set = browser.post(&path, &[("of", &owner), ("data", "{\"a\": 1}")]).await;
    assert_eq!(set.location(), format!("{path}?of={owner}&done=saved"), "{}", set.text);
}

async fn who_may_only_look_writes_nothing(cloud: Cloud) {
    let mut browser = with_ledger(&cloud, "Product", "Downstream").await;
    let path = format!("{LEDGERS}/settings");
    let instance = format!("{path}/instance");
    let made = browser.post(&instance, &[("of", "1001"), ("data", "{\"a\": 1}")]).await;
    assert_eq!(made.location(), format!("{instance}?of=1001&done=saved"), "{}", made.text);
    let mut view = cloud.person("view@example.com").await;
    cloud.join(1001, "view@example.com", Role::ViewOnly).await;
    for page in [LEDGERS, &path, &format!("{instance}?of=1001")] {
        assert!(view.get(page).await.text.contains("it takes Developer"), "{page}");
    }
    for form in [LEDGERS, &path, &format!("{path}/archive"), &instance, &format!("{instance}/delete")] {
        let sent =
            view.post(form, &[("of", "1001"), ("data", "{}"), ("name", "mine"), ("scope", "Owner")]).await;
        assert_eq!(sent.status, StatusCode::FORBIDDEN, "{form}");
    }
    browser.product("Greenhouse").await;
    let elsewhere = path.replace(PRODUCT, "/products/greenhouse");
    assert_eq!(browser.get(&elsewhere).await.status, StatusCode::NOT_FOUND);
}
