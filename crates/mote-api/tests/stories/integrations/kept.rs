//! What an integration keeps where the mask comes back, and where that goes.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{delivered, hook, id_of, logs, own_device};
use crate::cloud::{Cloud, basic};
use crate::events::Listener;
use crate::on_both_engines;
use crate::receiver::Reply;
use crate::teams::program;

on_both_engines!(
    what_is_kept_goes_nowhere_else,
    a_hosts_filling_is_part_of_where_it_is,
    a_copy_comes_without_passwords_and_keys,
    a_key_is_kept_for_its_hub,
    what_receivers_repeat_has_no_credentials_in_it,
    what_is_no_text_has_no_credentials_in_it_either,
);

const HIDDEN: &str = "[[SENSITIVE]]";
/// A place that a request could go to, but for who would be there.
const ELSEWHERE: &str = "https://mine.example/in";

/// A webhook with a password and a key.
fn guarded(url: &str) -> Value {
    json!({
        "event": "a", "url": url, "auth": {"username": "me", "password": "hunter2"},
        "headers": {"Cookie": "id=s3cret-12345", "X-Of": "mote"}, "noDefaults": true
    })
}

/// The settings as they are seen.
async fn seen(cloud: &Cloud, path: &str, token: &str) -> Value {
    cloud.get(path, token).await.body["integration"].take()
}

async fn what_is_kept_goes_nowhere_else(cloud: Cloud) {
    let owner = cloud.user("owner@example.com").await;
    let product = cloud.product(&owner, "Pay").await;
    let base = format!("/v1/products/{}", product.id);
    let scopes = ["integrations:get", "integrations:update", "integrations:test"];
    let (_, thief) = program(&cloud, &format!("{base}/team"), &product.token, &scopes).await;
    let hook = guarded(&cloud.receiver.url("/in"));
    let id = id_of(&cloud.json("POST", &format!("{base}/integrations"), &product.token, hook).await);
    let port = cloud.receiver.port();
    let elsewhere = [
        ELSEWHERE.to_owned(),
        format!("https://127.0.0.1:{port}/in"),
        format!("http://127.0.0.3:{port}/in"),
        "http://127.0.0.1/in".to_owned(),
        format!("http://127.0.0.1:{port}@mine.example/in"),
        format!("http://127.0.0.1:{port}{{{{{{x}}}}}}/in"),
        "http://{{{x}}}/in".to_owned(),
        "{{{x}}}".to_owned(),
    ];
    for path in [format!("{base}/integrations/{id}"), format!("{base}/webhooks/{id}")] {
        let shown = seen(&cloud, &path, &thief).await;
        for url in &elsewhere {
            let mut changed = shown.clone();
            changed["url"] = json!(url);
            let refused = cloud.json("PUT", &path, &thief, changed.clone()).await;
            let said = refused.text("/error_description");
            assert_eq!(refused.status, 400, "{url}: {}", refused.body);
            assert!(said.starts_with("auth: has [[SENSITIVE]] for password"), "{url}: {said}");
            assert!(said.contains("scheme, host or port; give the value anew"), "{said}");
            changed["auth"]["password"] = json!("mine");
            let refused = cloud.json("PUT", &path, &thief, changed).await;
            let said = refused.text("/error_description");
            assert!(said.starts_with("headers: has [[SENSITIVE]] for Cookie"), "{url}: {said}");
        }
        // Nor into another place of the same request, or past a check of who is there.
        for (field, value) in [
            ("headers", json!({"X-Cookie": HIDDEN})),
            ("query", json!({"password": HIDDEN})),
            ("json", json!({"Cookie": HIDDEN})),
            ("rejectUnauthorized", json!(false)),
        ] {
            let mut changed = shown.clone();
            changed[field] = value;
            assert_eq!(cloud.json("PUT", &path, &thief, changed).await.status, 400, "{field}");
        }
        assert_eq!(seen(&cloud, &path, &thief).await["url"], shown["url"]);
    }
    assert!(cloud.receiver.got().is_empty());

    // With the same server, and with values of one's own, all may change.
    let path = format!("{base}/integrations/{id}");
    let mut changed = seen(&cloud, &path, &thief).await;
    changed["url"] = json!(cloud.receiver.url("/other/{{{PARTICLE_EVENT_NAME}}}"));
    let kept = cloud.json("PUT", &path, &thief, changed).await;
    assert_eq!(kept.status, 200, "{}", kept.body);
    cloud.form("POST", &format!("{path}/test"), &thief, &[]).await;
    let got = cloud.receiver.got().remove(0);
    assert_eq!((got.target.as_str(), got.header("cookie")), ("/other/a", "id=s3cret-12345"));
    assert_eq!(got.header("authorization"), basic("me", "hunter2"));
    let mut anew = guarded(ELSEWHERE);
    anew["auth"]["password"] = json!("mine");
    assert_eq!(cloud.json("PUT", &path, &thief, anew).await.status, 200);
}

async fn a_hosts_filling_is_part_of_where_it_is(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let mut settings = guarded("http://{{{site}}}/in");
    settings["parameters"] = json!({"site": format!("127.0.0.1:{}", cloud.receiver.port())});
    cloud.receiver.url("/");
    let path = format!("/v1/integrations/{}", hook(&cloud, &user, settings).await);
    let shown = seen(&cloud, &path, &user).await;
    for (field, value) in [
        ("parameters", json!({"site": "mine.example"})),
        ("parameters", json!(null)),
        ("event", json!("mine.example")),
        ("url", json!("http://{{{site}}}.mine.example/in")),
    ] {
        let mut changed = shown.clone();
        changed[field] = value;
        let refused = cloud.json("PUT", &path, &user, changed).await;
        assert!(
            refused.text("/error_description").starts_with("auth: has [[SENSITIVE]]"),
            "{}",
            refused.body
        );
    }
    let mut same = shown;
    same["name"] = json!("Payments");
    assert_eq!(cloud.json("PUT", &path, &user, same).await.status, 200);
    cloud.form("POST", &format!("{path}/test"), &user, &[]).await;
    assert_eq!(cloud.receiver.got()[0].header("authorization"), basic("me", "hunter2"));
}

async fn a_copy_comes_without_passwords_and_keys(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let id = hook(&cloud, &user, guarded("https://pay.example/in")).await;
    let mut copy = seen(&cloud, &format!("/v1/integrations/{id}"), &user).await;
    for (field, value) in [("auth", json!(null)), ("headers", json!({"X-Of": "mote"}))] {
        let refused = cloud.json("POST", "/v1/integrations", &user, copy.clone()).await;
        let said = refused.text("/error_description");
        assert_eq!(refused.status, 400);
        assert!(said.contains("has [[SENSITIVE]] where nothing is kept"), "{said}");
        copy[field] = value;
    }
    // Nor does one integration take over what another keeps.
    let other = id_of(&cloud.json("POST", "/v1/integrations", &user, copy).await);
    let masked = guarded("https://pay.example/in");
    let masked = json!({"url": masked["url"], "auth": {"username": "me", "password": HIDDEN}});
    let refused = cloud.json("PUT", &format!("/v1/integrations/{other}"), &user, masked).await;
    assert!(refused.text("/error_description").starts_with("auth: has [[SENSITIVE]] where nothing is kept"));
}

async fn a_key_is_kept_for_its_hub(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let azure = json!({
        "integration_type": "AzureIotHub", "event": "a", "hub_name": "my-hub", "policy_name": "p", "policy_key": "a2V5"
    });
    let path = format!("/v1/integrations/{}", hook(&cloud, &user, azure).await);
    // Left out, it is kept as well.
    for body in [json!({"hub_name": "mine"}), json!({"hub_name": "mine", "policy_key": HIDDEN})] {
        let refused = cloud.json("PUT", &path, &user, body).await;
        assert_eq!(refused.status, 400);
        assert!(refused.text("/error_description").starts_with("policy_key: is [[SENSITIVE]] or left out"));
    }
    assert_eq!(cloud.json("PUT", &path, &user, json!({"policy_name": "q"})).await.status, 200);
    let anew = json!({"hub_name": "mine", "policy_key": "bWluZQ=="});
    assert_eq!(cloud.json("PUT", &path, &user, anew).await.status, 200);
}

async fn what_receivers_repeat_has_no_credentials_in_it(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let device = own_device(&cloud, &user).await;
    let mut settings = guarded(&cloud.receiver.url("/echo"));
    settings["responseTopic"] = json!("heard");
    settings["responseTemplate"] = json!("{{{authorization}}} {{{password}}} {{{cookie}}} {{{id}}}");
    let id = hook(&cloud, &user, settings).await;
    let echo = json!({
        "authorization": basic("me", "hunter2"), "password": "hunter2", "cookie": "id=s3cret-12345", "id": "s3cret-12345"
    });
    let echo = echo.to_string();
    cloud.receiver.reply([200, 200, 500].map(|status| Reply::new(status, echo.clone())));
    let mut heard = Listener::open(&cloud, "/v1/devices/events/heard", &user).await;
    delivered(&cloud, &device, "a", "1").await;
    let (_, told) = heard.event().await;
    let tried = cloud.form("POST", &format!("/v1/integrations/{id}/test"), &user, &[]).await;
    assert_eq!(tried.body["pass"], true);
    cloud.form("POST", &format!("/v1/integrations/{id}/test"), &user, &[]).await;
    let log = json!(logs(&cloud, &user, &id).await);
    assert_eq!(log.as_array().unwrap().len(), 3);
    for text in [told.to_string(), tried.body.to_string(), log.to_string()] {
        assert!(text.contains(HIDDEN), "{text}");
        for value in ["hunter2", "s3cret-12345", basic("me", "hunter2").trim_start_matches("Basic ")] {
            assert!(!text.contains(value), "{value}: {text}");
        }
    }
}

async fn what_is_no_text_has_no_credentials_in_it_either(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let device = own_device(&cloud, &user).await;
    let mut settings = guarded(&cloud.receiver.url("/echo"));
    settings["responseTopic"] = json!("heard");
    settings["dataUrlResponseEvent"] = json!(true);
    hook(&cloud, &user, settings).await;
    let packed = Reply::new(200, "who knows what").with("content-encoding", "gzip");
    cloud.receiver.reply([Reply::new(200, &b"\xffhunter2"[..]), packed, Reply::new(200, &b"\xfeend"[..])]);
    let mut heard = Listener::open(&cloud, "/v1/devices/events/heard", &user).await;
    for _ in 0..3 {
        delivered(&cloud, &device, "a", "1").await;
    }
    // What is packed cannot be looked into, and is not passed on.
    for expected in [[&b"\xff"[..], HIDDEN.as_bytes()].concat(), b"\xfeend".to_vec()] {
        let (_, told) = heard.event().await;
        let data = told["data"].as_str().unwrap().split_once(";base64,").unwrap().1;
        assert_eq!(STANDARD.decode(data).unwrap(), expected);
    }
}
