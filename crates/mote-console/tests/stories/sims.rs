//! The SIM cards of a product.

use http::StatusCode;
use mote_core::authorization::Role;
use mote_core::names::Iccid;
use mote_core::sims::Day;

use crate::cloud::Cloud;
use crate::on_both_engines;

on_both_engines!(cards_are_imported_limited_and_released, who_may_only_look_switches_no_card);

const PRODUCT: &str = "/products/tempmon-v100";
const SIMS: &str = "/products/tempmon-v100/sims";
const ONE: &str = "8934076500002589174";
const TWO: &str = "8934076500002589182";

async fn cards_are_imported_limited_and_released(cloud: Cloud) {
    let mut browser = cloud.person("me@example.com").await;
    browser.product("TempMon V100").await;
    assert!(browser.get(SIMS).await.text.contains("No SIM cards yet"));
    assert!(browser.post(SIMS, &[("iccids", " ,\n")]).await.text.contains("role=\"alert\""));
    let pasted = format!("{ONE}\r\n{TWO}, 123;<b>");
    let done = browser.post(SIMS, &[("iccids", &pasted)]).await;
    assert!(done.text.contains("2 imported") && done.text.contains("2 refused"), "{}", done.text);
    assert!(done.text.contains("<code>123</code>") && !done.text.contains("<b>"));
    let again = browser.post(SIMS, &[("iccids", ONE)]).await;
    assert!(again.text.contains("0 imported, 1 were here before"));

    let found = browser.get(&format!("{SIMS}?iccid=589174")).await;
    assert!(found.text.contains(ONE) && !found.text.contains(TWO) && found.text.contains(">active<"));
    assert!(browser.get(&format!("{SIMS}?iccid=777")).await.text.contains("Nothing found"));
    let day = Day::of(cloud.now());
    cloud.mote.record_sim_usage(&Iccid::parse(ONE).unwrap(), day, 2_500_000).await.unwrap();
    assert!(browser.get(SIMS).await.text.contains("2.5 MB"));

    let path = format!("{SIMS}/{ONE}");
    for limit in ["many", "-1", "99999999"] {
        let refused = browser.post(&path, &[("mb_limit", limit)]).await;
        assert!(refused.text.contains("role=\"alert\""), "{limit}");
    }
    let set = browser.post(&path, &[("mb_limit", "2")]).await;
    assert_eq!(set.location(), format!("{path}?done=saved"));
    let seen = browser.get(&path).await;
    assert!(seen.text.contains(">paused<") && seen.text.contains("2.5 MB of 2 MB"), "{}", seen.text);
    browser.post(&path, &[("mb_limit", "")]).await;
    assert!(browser.get(&path).await.text.contains(">active<"), "without a limit");
    browser.post(&path, &[("action", "deactivate")]).await;
    assert!(browser.get(&path).await.text.contains(">deactivated<"));
    browser.post(&path, &[("action", "reactivate")]).await;
    assert!(browser.get(&path).await.text.contains(">active<"));
    assert!(browser.post(&path, &[("action", "burn")]).await.text.contains("role=\"alert\""));
    let released = browser.post(&format!("{path}/release"), &[]).await;
    assert_eq!(released.location(), format!("{SIMS}?done=removed"));
    assert_eq!(browser.get(&path).await.status, StatusCode::NOT_FOUND);
}

async fn who_may_only_look_switches_no_card(cloud: Cloud) {
    let mut browser = cloud.person("me@example.com").await;
    browser.product("TempMon V100").await;
    browser.get(SIMS).await;
    browser.post(SIMS, &[("iccids", ONE)]).await;
    let mut view = cloud.person("view@example.com").await;
    cloud.join(1001, "view@example.com", Role::ViewOnly).await;
    let path = format!("{SIMS}/{ONE}");
    for page in [SIMS, &path] {
        assert!(view.get(page).await.text.contains("it takes Developer"), "{page}");
    }
    for form in [SIMS, &path, &format!("{path}/release")] {
        let sent = view.post(form, &[("iccids", TWO), ("action", "deactivate")]).await;
        assert_eq!(sent.status, StatusCode::FORBIDDEN, "{form}");
    }
    browser.product("Greenhouse").await;
    let elsewhere = path.replace(PRODUCT, "/products/greenhouse");
    assert_eq!(browser.get(&elsewhere).await.status, StatusCode::NOT_FOUND);
    assert_eq!(browser.post(&elsewhere, &[("action", "deactivate")]).await.status, StatusCode::NOT_FOUND);
    assert!(browser.get(&path).await.text.contains(">active<"));
}
