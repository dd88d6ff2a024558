//! Devices, events and settings of a product.

use axum::body::Body;
use http::{StatusCode, header};
use mote_core::authorization::Role;

use crate::cloud::{Browser, Cloud, Page};
use crate::on_both_engines;

on_both_engines!(
    devices_are_added_found_and_taken_away,
    roles_decide_at_devices,
    settings_are_kept_and_a_product_ends,
    events_are_published_and_heard,
);

const PRODUCT: &str = "/products/tempmon-v100";
const GOOD: [&str; 3] = ["e00fce680000000000000001", "e00fce680000000000000002", "e00fce680000000000000003"];

/// Sends the form with which devices are added: pasted text, and a file.
/// Adds a device to the first product, by a browser that may.
pub(crate) async fn add(cloud: &Cloud, browser: &mut Browser<'_>, id: &str) {
    browser.get(&format!("{PRODUCT}/devices/import")).await;
    let done = import(cloud, browser, &browser.form_token(), id, "").await;
    assert!(done.text.contains("1 added"), "{}", done.text);
}

async fn import(cloud: &Cloud, browser: &Browser<'_>, token: &str, pasted: &str, file: &str) -> Page {
    let part = |name: &str, more: &str, value: &str| {
        format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"{more}\r\n\r\n{value}\r\n")
    };
    let body = [
        part("form_token", "", token),
        part("ids", "", pasted),
        part("file", "; filename=\"ids.txt\"", file),
        part("claim_user", "", ""),
        "--b--\r\n".to_owned(),
    ];
    let request = browser.request("POST", &format!("{PRODUCT}/devices/import"));
    let request = request.header(header::CONTENT_TYPE, "multipart/form-data; boundary=b");
    cloud.send(request.body(Body::from(body.concat())).unwrap()).await
}

async fn devices_are_added_found_and_taken_away(cloud: Cloud) {
    let mut browser = cloud.person("me@example.com").await;
    browser.product("TempMon V100").await;
    assert!(browser.get(&format!("{PRODUCT}/devices")).await.text.contains("No devices yet"));
    browser.get(&format!("{PRODUCT}/devices/import")).await;
    let token = browser.form_token();
    let refused = import(&cloud, &browser, "0", GOOD[0], "").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "a forged one");
    let pasted = format!("{}, not-an-id", GOOD[0]);
    let file = format!("{}\r\n{}\r\n<b>bad</b>\n", GOOD[1], GOOD[2]);
    let done = import(&cloud, &browser, &token, &pasted, &file).await;
    assert!(done.text.contains("3 added") && done.text.contains("2 refused: no device ID"), "{}", done.text);
    assert!(done.text.contains("<code>not-an-id</code>") && !done.text.contains("<b>bad"));
    let again = import(&cloud, &browser, &token, GOOD[0], "").await;
    assert!(again.text.contains("0 added, 1 were here before"));
    assert!(
        import(&cloud, &browser, &token, "", "").await.text.contains("alert\">Give at least one device ID: "),
        "nothing was sent"
    );

    let page = format!("{PRODUCT}/devices/{}", GOOD[1]);
    browser.get(&page).await;
    let fields =
        [("name", "=cmd"), ("more_groups", "north lab"), ("notes", "by the door"), ("development", "on")];
    let saved = browser.post(&page, &fields).await;
    assert_eq!(saved.location(), format!("{page}?done=saved"), "{}", saved.text);
    let seen = browser.get(&page).await;
    for group in ["lab", "north"] {
        assert!(seen.text.contains(&format!("value=\"{group}\" checked")), "{group}");
    }
    assert!(seen.text.contains("by the door") && seen.text.contains("value=\"on\" checked"));
    let refused = browser.post(&page, &[("name", "fine"), ("more_groups", "No/Group")]).await;
    assert!(refused.text.contains("role=\"alert\""), "{}", refused.text);

    for (query, found) in [
        ("id=0002", vec![1]),
        ("name=cmd", vec![1]),
        ("group=north", vec![1]),
        ("state=quarantined", vec![]),
        ("sort=id", vec![0, 1, 2]),
        ("id=%3Cscript%3E", vec![]),
    ] {
        let list = browser.get(&format!("{PRODUCT}/devices?{query}")).await;
        for (place, id) in GOOD.iter().enumerate() {
            assert_eq!(
                list.text.contains(&format!("<code>{id}</code>")),
                found.contains(&place),
                "{query} {id}"
            );
        }
        assert!(!list.text.contains("<script>"));
    }
    assert_eq!(browser.get(&format!("{PRODUCT}/devices?page=0")).await.status, StatusCode::BAD_REQUEST);

    let table = browser.get(&format!("{PRODUCT}/devices.csv?group=north")).await;
    assert_eq!(table.header("content-type"), "text/csv; charset=utf-8");
    assert!(table.header("content-disposition").contains("tempmon-v100-devices.csv"));
    let lines: Vec<_> = table.text.lines().collect();
    assert_eq!(lines.len(), 2, "{}", table.text);
    assert!(lines[0].starts_with("id,name,") && lines[1].starts_with(&format!("{},\"'=cmd\",", GOOD[1])));

    let overview = browser.get(PRODUCT).await;
    assert!(overview.text.contains(&format!("<a href=\"{PRODUCT}/devices\">3</a>")));
    browser.get(&page).await;
    let removed = browser.post(&format!("{page}/remove"), &[]).await;
    assert_eq!(removed.location(), format!("{PRODUCT}/devices?done=removed"));
    assert_eq!(browser.get(&page).await.status, StatusCode::NOT_FOUND);
}

async fn roles_decide_at_devices(cloud: Cloud) {
    let mut owner = cloud.person("me@example.com").await;
    owner.product("TempMon V100").await;
    owner.get(&format!("{PRODUCT}/devices/import")).await;
    import(&cloud, &owner, &owner.form_token(), GOOD[0], "").await;
    let page = format!("{PRODUCT}/devices/{}", GOOD[0]);
    for (name, role, changes, adds) in [
        ("view@example.com", Role::ViewOnly, false, false),
        ("support@example.com", Role::Support, true, false),
        ("dev@example.com", Role::Developer, true, true),
    ] {
        let mut person = cloud.person(name).await;
        cloud.join(1001, name, role).await;
        let list = person.get(&format!("{PRODUCT}/devices")).await;
        assert!(list.status == StatusCode::OK && list.text.contains(GOOD[0]));
        assert_eq!(list.text.contains("it takes Developer"), !adds, "{role:?}");
        let seen = person.get(&page).await;
        assert_eq!(seen.text.contains("<fieldset class=\"bare\" disabled>"), !changes, "{role:?}");
        let changed = person.post(&page, &[("name", "x"), ("more_groups", "")]).await;
        assert_eq!(changed.status == StatusCode::SEE_OTHER, changes, "{role:?}: {}", changed.text);
        let tried = import(&cloud, &person, &person.form_token(), GOOD[1], "").await;
        assert_eq!(tried.status == StatusCode::OK, adds, "{role:?}");
        if !adds {
            assert_eq!(person.post(&format!("{page}/remove"), &[]).await.status, StatusCode::FORBIDDEN);
        }
        let settings = person.get(&format!("{PRODUCT}/settings")).await;
        assert!(settings.text.contains("it takes Administrator") && settings.text.contains("it takes Owner"));
        let tried = person.post(&format!("{PRODUCT}/settings"), &[("name", "Mine")]).await;
        assert_eq!(tried.status, StatusCode::FORBIDDEN);
        let tried = person.post(&format!("{PRODUCT}/delete"), &[("slug", "tempmon-v100")]).await;
        assert_eq!(tried.status, StatusCode::FORBIDDEN);
    }
}

async fn settings_are_kept_and_a_product_ends(cloud: Cloud) {
    let mut browser = cloud.person("me@example.com").await;
    browser.product("TempMon V100").await;
    let path = format!("{PRODUCT}/settings");
    browser.get(&path).await;
    let fields =
        [("name", "TempMon V200"), ("description", "Loggers"), ("team_tokens", "on"), ("quarantine", "on")];
    assert_eq!(browser.post(&path, &fields).await.location(), format!("{path}?done=saved"));
    let seen = browser.get(&path).await;
    assert_eq!(seen.text.matches(" checked").count(), 2);
    assert!(seen.text.contains("TempMon V200") && seen.text.contains("Loggers"));
    assert_eq!(browser.post(&path, &[("name", "TempMon V200")]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(browser.get(&path).await.text.matches(" checked").count(), 0, "what is not ticked is off");
    assert!(browser.post(&path, &[]).await.text.contains("role=\"alert\""), "a product has a name");

    let end = format!("{PRODUCT}/delete");
    assert!(browser.post(&end, &[("slug", "tempmon")]).await.text.contains("type its slug"));
    assert_eq!(browser.post(&end, &[("slug", "tempmon-v100")]).await.location(), "/?done=deleted");
    assert_eq!(browser.get(PRODUCT).await.status, StatusCode::FORBIDDEN);
}

async fn events_are_published_and_heard(cloud: Cloud) {
    use axum::body::Bytes;
    use http_body_util::BodyExt;

    let mut browser = cloud.person("me@example.com").await;
    browser.product("TempMon V100").await;
    let path = format!("{PRODUCT}/events");
    let page = browser.get(&format!("{path}?prefix=te%22mp")).await;
    assert!(page.text.contains("data-stream=\"/products/tempmon-v100/events/stream?prefix=te%22mp\""));
    let request = browser.request("GET", &format!("{path}/stream?prefix=temp")).body(Body::empty()).unwrap();
    let response = cloud.answer(request).await;
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut stream = response.into_body();
    let sent = browser.post(&path, &[("name", "temp/hot"), ("data", "57")]).await;
    assert_eq!(sent.location(), format!("{path}?done=sent"), "{}", sent.text);
    let mut heard = String::new();
    while !heard.contains("temp/hot") {
        let frame: Bytes = stream.frame().await.unwrap().unwrap().into_data().unwrap();
        heard.push_str(std::str::from_utf8(&frame).unwrap());
    }
    assert!(heard.contains("\"data\":\"57\""), "{heard}");
    // Who signs out hears no more.
    browser.get("/").await;
    browser.post("/sign-out", &[]).await;
    let ended = async { while let Some(Ok(_)) = stream.frame().await {} };
    tokio::time::timeout(std::time::Duration::from_secs(20), ended)
        .await
        .expect("the stream ends with the session");
    let refused = browser.post(&path, &[("name", "x")]).await;
    assert_eq!(refused.location(), "/sign-in");
}
