//! Groups, firmware and customers of a product.

use axum::body::Body;
use http::{StatusCode, header};
use mote_core::authorization::Role;
use mote_testkit::Image;

use crate::cloud::{Browser, Cloud, Page};
use crate::on_both_engines;

on_both_engines!(
    groups_are_made_and_deleted,
    firmware_is_uploaded_and_released,
    customers_are_listed_and_removed,
    devices_are_claimed_and_let_go,
);

const PRODUCT: &str = "/products/tempmon-v100";

async fn groups_are_made_and_deleted(cloud: Cloud) {
    let mut browser = cloud.person("me@example.com").await;
    browser.product("TempMon V100").await;
    let path = format!("{PRODUCT}/groups");
    assert!(browser.get(&path).await.text.contains("No groups yet"));
    let made = browser.post(&path, &[("name", "north"), ("description", "<i>cold</i>")]).await;
    assert_eq!(made.location(), format!("{path}?done=saved"));
    let seen = browser.get(&path).await;
    assert!(seen.text.contains("devices?group=north") && !seen.text.contains("<i>cold"));
    for name in ["north", "No/Group", ""] {
        let refused = browser.post(&path, &[("name", name)]).await;
        assert!(refused.text.contains("role=\"alert\""), "{name}");
    }
    browser.post(&path, &[("name", "south"), ("color", "#f00")]).await;
    let group = format!("{path}/north");
    for (name, color) in [("south", "#ff0000"), ("No/Group", "#ff0000"), ("north", "red")] {
        let refused = browser.post(&group, &[("name", name), ("color", color)]).await;
        assert!(refused.text.contains("role=\"alert\""), "{name} {color}");
    }
    let fields = [("name", "far-north"), ("description", "ice"), ("color", "#0000ff")];
    let changed = browser.post(&group, &fields).await;
    assert_eq!(changed.location(), format!("{path}/far-north?done=saved"), "{}", changed.text);
    let seen = browser.get(&format!("{path}/far-north")).await;
    assert!(seen.text.contains("value=\"ice\"") && seen.text.contains("fill=\"#0000ff\""));
    assert!(browser.get(&format!("{path}/south")).await.text.contains("value=\"#ff0000\""));
    assert_eq!(browser.get(&group).await.status, StatusCode::NOT_FOUND);
    browser.post(&format!("{path}/far-north"), &[("name", "north")]).await;
    let mut view = cloud.person("view@example.com").await;
    cloud.join(1001, "view@example.com", Role::ViewOnly).await;
    for page in [&path, &group] {
        assert!(view.get(page).await.text.contains("it takes Developer"), "{page}");
    }
    assert_eq!(view.post(&group, &[("name", "mine")]).await.status, StatusCode::FORBIDDEN);
    assert_eq!(view.post(&path, &[("name", "mine")]).await.status, StatusCode::FORBIDDEN);
    assert_eq!(view.post(&format!("{path}/north/delete"), &[]).await.status, StatusCode::FORBIDDEN);
    let gone = browser.post(&format!("{path}/north/delete"), &[]).await;
    assert_eq!(gone.location(), format!("{path}?done=deleted"));
    let again = browser.post(&format!("{path}/north/delete"), &[]).await;
    assert!(again.text.contains("role=\"alert\""));
}

/// Sends the form with which firmware is uploaded.
async fn upload(cloud: &Cloud, browser: &Browser<'_>, token: &str, version: &str, file: &[u8]) -> Page {
    let mut body = Vec::new();
    for (name, value) in
        [("form_token", token), ("version", version), ("title", "First"), ("mandatory", "on")]
    {
        let part = format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend_from_slice(part.as_bytes());
    }
    body.extend_from_slice(
        b"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"one.bin\"\r\n\r\n",
    );
    body.extend_from_slice(file);
    body.extend_from_slice(b"\r\n--b--\r\n");
    let request = browser.request("POST", &format!("{PRODUCT}/firmware"));
    let request = request.header(header::CONTENT_TYPE, "multipart/form-data; boundary=b");
    cloud.send(request.body(Body::from(body)).unwrap()).await
}

async fn firmware_is_uploaded_and_released(cloud: Cloud) {
    let mut browser = cloud.person("me@example.com").await;
    browser.product("TempMon V100").await;
    browser.get(&format!("{PRODUCT}/groups")).await;
    browser.post(&format!("{PRODUCT}/groups"), &[("name", "beta")]).await;
    let path = format!("{PRODUCT}/firmware");
    assert!(browser.get(&path).await.text.contains("No firmware yet"));
    let (token, binary) = (browser.form_token(), Image::new(1001, 1).build());
    assert_eq!(upload(&cloud, &browser, "0", "1", &binary).await.status, StatusCode::FORBIDDEN);
    for (version, file) in
        [("2", &binary[..]), ("one", &binary[..]), ("1", &b"no binary"[..]), ("1", &b""[..])]
    {
        let refused = upload(&cloud, &browser, &token, version, file).await;
        assert!(refused.text.contains("role=\"alert\""), "{version}");
    }
    assert_eq!(upload(&cloud, &browser, &token, "1", &binary).await.location(), format!("{path}?done=saved"));
    let seen = browser.get(&path).await;
    assert!(
        seen.text.contains("1 · First")
            && seen.text.contains("one.bin")
            && !seen.text.contains("released to all")
    );
    let release = format!("{path}/1/release");
    let done = browser.post(&release, &[("everybody", "on"), ("groups[]", "beta")]).await;
    assert_eq!(done.location(), format!("{path}?done=saved"), "{}", done.text);
    assert_eq!(browser.get(&path).await.text.matches(" checked").count(), 2);
    let refused = browser.post(&format!("{path}/1/delete"), &[]).await;
    assert!(refused.text.contains("role=\"alert\""), "what is released stays");
    browser.post(&release, &[]).await;
    assert_eq!(
        browser.get(&path).await.text.matches(" checked").count(),
        0,
        "what is not ticked is taken back"
    );

    let mut support = cloud.person("support@example.com").await;
    cloud.join(1001, "support@example.com", Role::Support).await;
    let seen = support.get(&path).await;
    assert!(seen.text.contains("it takes Developer") && !seen.text.contains("/1/release"));
    assert_eq!(support.post(&release, &[("everybody", "on")]).await.status, StatusCode::FORBIDDEN);
    let tried = upload(&cloud, &support, &support.form_token(), "3", &binary).await;
    assert_eq!(tried.status, StatusCode::FORBIDDEN);
    let stays = browser.post(&format!("{path}/1/delete"), &[]).await;
    assert!(stays.text.contains("was released, and stays"));
    let other = upload(&cloud, &browser, &token, "2", &Image::new(1001, 2).build()).await;
    assert_eq!(other.location(), format!("{path}?done=saved"));
    let gone = browser.post(&format!("{path}/2/delete"), &[]).await;
    assert_eq!(gone.location(), format!("{path}?done=deleted"));
}

async fn customers_are_listed_and_removed(cloud: Cloud) {
    let mut browser = cloud.person("me@example.com").await;
    browser.product("TempMon V100").await;
    let tab = format!("{PRODUCT}/authentication");
    browser.get(&format!("{tab}/new")).await;
    let made = browser.post(&tab, &[("name", "app"), ("purpose", "mobile")]).await;
    let client = made.between("<dt>Client ID</dt><dd><span class=\"copied\"><code>", "</code>").to_owned();
    let secret = made.between("id=\"secret\"><span class=\"copied\"><code>", "</code>").to_owned();
    let path = format!("{PRODUCT}/customers");
    assert!(browser.get(&path).await.text.contains("No customers yet"));
    let form = format!(
        "client_id={client}&client_secret={secret}&email=ann@example.com&password=a+long+pass+phrase+of+hers"
    );
    let request = http::Request::post("/v1/products/1001/customers");
    let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let made = cloud.send(request.body(Body::from(form)).unwrap()).await;
    assert!(made.status.is_success(), "{}", made.text);
    assert!(browser.get(&path).await.text.contains("ann@example.com"));
    let mut view = cloud.person("view@example.com").await;
    cloud.join(1001, "view@example.com", Role::ViewOnly).await;
    assert!(view.get(&path).await.text.contains("it takes Developer"));
    let password = format!("{path}/password");
    let new = [("username", "ann@example.com"), ("password", "another pass phrase of hers")];
    assert_eq!(view.post(&password, &new).await.status, StatusCode::FORBIDDEN);
    let short = browser.post(&password, &[("username", "ann@example.com"), ("password", "short")]).await;
    assert!(short.text.contains("role=\"alert\""));
    let nobody = browser.post(&password, &[("username", "bob@example.com"), new[1]]).await;
    assert!(nobody.text.contains("role=\"alert\""));
    let set = browser.post(&password, &new).await;
    assert_eq!(set.location(), format!("{path}?done=customer-password"), "{}", set.text);
    let sign_in = |password: &str| {
        let fields = [("client_id", &*client), ("client_secret", &secret), ("grant_type", "password")];
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(fields)
            .append_pair("username", "ann@example.com")
            .append_pair("password", password);
        let request = http::Request::post("/oauth/token");
        let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        cloud.send(request.body(Body::from(form.finish())).unwrap())
    };
    assert_eq!(sign_in("a long pass phrase of hers").await.status, StatusCode::BAD_REQUEST);
    assert_eq!(sign_in("another pass phrase of hers").await.status, StatusCode::OK);
    let gone = format!("{path}/delete");
    assert_eq!(view.post(&gone, &[("username", "ann@example.com")]).await.status, StatusCode::FORBIDDEN);
    assert_eq!(
        browser.post(&gone, &[("username", "ann@example.com")]).await.location(),
        format!("{path}?done=removed")
    );
    assert!(browser.post(&gone, &[("username", "ann@example.com")]).await.text.contains("role=\"alert\""));
    assert_eq!(browser.get(&format!("{path}?page=0")).await.status, StatusCode::BAD_REQUEST);
}

async fn devices_are_claimed_and_let_go(cloud: Cloud) {
    const DEVICE: &str = "e00fce680000000000000001";
    let mut owner = cloud.person("me@example.com").await;
    owner.product("TempMon V100").await;
    owner.get(&format!("{PRODUCT}/devices/import")).await;
    let form = format!(
        "--b\r\nContent-Disposition: form-data; name=\"form_token\"\r\n\r\n{}\r\n--b\r\nContent-Disposition: \
         form-data; name=\"ids\"\r\n\r\n{DEVICE}\r\n--b--\r\n",
        owner.form_token()
    );
    let request = owner.request("POST", &format!("{PRODUCT}/devices/import"));
    let request = request.header(header::CONTENT_TYPE, "multipart/form-data; boundary=b");
    assert!(cloud.send(request.body(Body::from(form)).unwrap()).await.text.contains("1 added"));

    let mut ann = cloud.person("ann@example.com").await;
    assert!(ann.get("/devices").await.text.contains("No devices yet"));
    for (id, why) in [
        ("", "ID is not a device ID, which is 24 hex digits"),
        ("no-id", "ID is not a device ID, which is 24 hex digits"),
        ("e00fce680000000000000099", "No device with this ID was imported, registered or connected here."),
    ] {
        assert!(ann.post("/devices", &[("id", id)]).await.text.contains(&format!("alert\">{why}<")), "{id}");
    }
    assert_eq!(ann.post("/devices", &[("id", DEVICE)]).await.location(), "/devices?done=claimed");
    let seen = ann.get("/devices").await.text;
    assert!(
        seen.contains(DEVICE) && seen.contains(">1001</td>") && !seen.contains("TempMon"),
        "she is on no team"
    );
    cloud.join(1001, "ann@example.com", Role::ViewOnly).await;
    let link = format!("<a href=\"{PRODUCT}\">TempMon V100</a></td>");
    assert!(ann.get("/devices").await.text.contains(&link));
    let mut bob = cloud.person("bob@example.com").await;
    bob.get("/devices").await;
    assert!(bob.post("/devices", &[("id", DEVICE)]).await.text.contains("role=\"alert\""));
    let asked = bob.post("/devices", &[("id", DEVICE), ("transfer", "on")]).await;
    assert_eq!(asked.location(), "/devices?done=transfer-asked", "{}", asked.text);
    let release = format!("/devices/{DEVICE}/release");
    assert!(bob.post(&release, &[]).await.status.is_client_error(), "it is not his");
    assert_eq!(ann.post(&release, &[]).await.location(), "/devices?done=released");
    assert!(!ann.get("/devices").await.text.contains(DEVICE));
}
