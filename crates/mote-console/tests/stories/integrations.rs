//! The integrations of a product.

use std::sync::{Arc, Mutex};

use axum::Router;
use http::StatusCode;
use mote_core::authorization::Role;

use crate::cloud::{Browser, Cloud};
use crate::on_both_engines;

on_both_engines!(
    a_webhook_is_made_tried_and_changed,
    what_a_form_does_not_have_stays,
    passwords_are_asked_for_anew_where_the_url_goes_elsewhere,
    a_preview_is_what_would_be_sent,
    one_that_fails_and_fails_is_asleep,
    who_may_only_look_sees_no_password,
);

const PRODUCT: &str = "/products/tempmon-v100";
const INTEGRATIONS: &str = "/products/tempmon-v100/integrations";

/// A server elsewhere: its address, and the bodies that it was sent. It refuses those with `no` in them.
async fn receiver() -> (String, Arc<Mutex<Vec<String>>>) {
    let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/readings", socket.local_addr().unwrap());
    let got = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&got);
    let answer = move |body: String| {
        let status = if body.contains("no") { StatusCode::IM_A_TEAPOT } else { StatusCode::OK };
        kept.lock().unwrap().push(body);
        async move { (status, "<b>thanks</b>") }
    };
    tokio::spawn(async move { axum::serve(socket, Router::new().fallback(answer)).await });
    (url, got)
}

async fn with_product(cloud: &Cloud) -> Browser<'_> {
    let mut browser = cloud.person("me@example.com").await;
    browser.product("TempMon V100").await;
    browser
}

/// Makes a webhook: its page's path.
async fn webhook(browser: &mut Browser<'_>, fields: &[(&str, &str)]) -> String {
    browser.get(&format!("{INTEGRATIONS}/new")).await;
    let made = browser.post(INTEGRATIONS, fields).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text);
    made.location().split_once('?').unwrap().0.to_owned()
}

async fn a_webhook_is_made_tried_and_changed(cloud: Cloud) {
    let (url, got) = receiver().await;
    let mut browser = with_product(&cloud).await;
    assert!(browser.get(INTEGRATIONS).await.text.contains("No integrations yet"));
    for (event, url) in [("temp", "ftp://a/b"), ("", &*url), ("temp", ""), ("temp", "http://10.0.0.1/")] {
        browser.get(&format!("{INTEGRATIONS}/new")).await;
        let fields = [("event", event), ("url", url), ("request_type", "POST"), ("headers", "Accept: a/b")];
        let refused = browser.post(INTEGRATIONS, &fields).await;
        assert!(
            refused.text.contains("role=\"alert\"") && refused.text.contains("Accept: a/b"),
            "{event} {url}"
        );
    }
    let fields = [
        ("event", "temp/"),
        ("url", &*url),
        ("request_type", "POST"),
        ("payload_kind", "json"),
        ("payload", "{\"reading\": \"{{{t}}}\"}"),
        ("no_defaults", "on"),
    ];
    let path = webhook(&mut browser, &fields).await;
    let listed = browser.get(INTEGRATIONS).await;
    assert!(listed.text.contains(&path) && listed.text.contains(&url) && listed.text.contains(">none</td>"));

    let tried = browser.post(&format!("{path}/test"), &[("data", "{\"t\": \"<i>21</i>\"}")]).await;
    assert!(tried.text.contains("The receiver took it.") && !tried.text.contains("<b>thanks"));
    assert_eq!(*got.lock().unwrap(), ["{\"reading\":\"<i>21</i>\"}"]);
    let failed = browser.post(&format!("{path}/test"), &[("data", "{\"t\": \"no\"}")]).await;
    assert!(failed.text.contains("role=\"alert\"") && failed.text.contains("error status 418"));
    let seen = browser.get(&path).await;
    assert_eq!(seen.text.matches("class=\"card log\"").count(), 2);
    assert!(seen.text.contains("418") && seen.text.contains(">taken<") && !seen.text.contains("<i>21"));
    assert!(
        browser.get(INTEGRATIONS).await.text.contains("<span class=\"badge bad\">failed"),
        "the latest counts"
    );

    let off = browser.post(&format!("{path}/switch"), &[("off", "on")]).await;
    assert_eq!(off.location(), format!("{path}?done=saved"));
    assert!(browser.get(INTEGRATIONS).await.text.contains("<span class=\"badge\">off"));
    browser.post(&format!("{path}/switch"), &[]).await;
    assert!(browser.get(&path).await.text.contains("<span class=\"badge good\">on"));
    let gone = browser.post(&format!("{path}/delete"), &[]).await;
    assert_eq!(gone.location(), format!("{INTEGRATIONS}?done=deleted"));
    assert_eq!(browser.get(&path).await.status, StatusCode::NOT_FOUND);
}

async fn what_a_form_does_not_have_stays(cloud: Cloud) {
    let (url, got) = receiver().await;
    let mut browser = with_product(&cloud).await;
    let fields = [
        ("event", "temp"),
        ("url", &*url),
        ("request_type", "POST"),
        ("headers", "Authorization: Bearer 123\r\nX-Kind: a: b"),
        ("username", "me"),
        ("password", "hush"),
        ("payload_kind", "form"),
        ("payload", "t: {{{t}}}"),
        ("device", "e00fce68d1f3a0b2c4e5f601"),
        ("response_topic", "thanks"),
        ("any_certificate", "on"),
    ];
    let path = webhook(&mut browser, &fields).await;
    browser.post(&format!("{path}/switch"), &[("off", "on")]).await;
    let form = browser.get(&format!("{path}/edit")).await;
    for shown in
        ["X-Kind: a: b", "Authorization: [[SENSITIVE]]", "t: {{{t}}}", "thanks", "f601", "value=\"me\""]
    {
        assert!(form.text.contains(shown), "{shown}");
    }
    assert!(!form.text.contains("hush") && !form.text.contains("Bearer 123"));
    assert_eq!(form.text.matches(" checked").count(), 1);
    let changed = [
        ("event", "temp"),
        ("url", &*url),
        ("request_type", "PUT"),
        ("headers", "Authorization: [[SENSITIVE]]"),
        ("payload_kind", "body"),
        ("payload", "now\r\n{{{PARTICLE_EVENT_VALUE}}}"),
        ("username", "you"),
        ("password", "[[SENSITIVE]]"),
    ];
    let saved = browser.post(&path, &changed).await;
    assert_eq!(saved.location(), format!("{path}?done=saved"), "{}", saved.text);
    let seen = browser.get(&path).await;
    assert!(seen.text.contains("<span class=\"badge\">off"), "it stays off");
    assert!(
        !seen.text.contains("X-Kind") && !seen.text.contains("thanks") && seen.text.contains("all devices")
    );
    browser.post(&format!("{path}/test"), &[("data", "57")]).await;
    assert_eq!(*got.lock().unwrap(), ["now\n57"], "lines end as they should");
    let renamed = [changed[0], changed[1], changed[2], ("headers", "X-Key: [[SENSITIVE]]")];
    let refused = browser.post(&path, &renamed).await;
    assert!(refused.text.contains("give the value"), "what is not shown is not known under another name");
    let refused = browser.post(&path, &[("event", "temp"), ("url", "nowhere")]).await;
    assert!(refused.text.contains("role=\"alert\"") && refused.text.contains("Change the webhook"));
    let elsewhere = format!("{INTEGRATIONS}/0123456789abcdef01234567");
    for path in [format!("{elsewhere}/edit"), elsewhere.clone()] {
        assert_eq!(browser.get(&path).await.status, StatusCode::NOT_FOUND);
    }
    assert_eq!(browser.post(&elsewhere, &changed).await.status, StatusCode::NOT_FOUND);
}

/// The form of a webhook whose address and credentials somebody changes.
fn changed<'a>(id: &'a str, url: &'a str, password: &'a str, headers: &'a str) -> [(&'a str, &'a str); 7] {
    [
        ("id", id),
        ("event", "temp"),
        ("request_type", "POST"),
        ("username", "me"),
        ("url", url),
        ("password", password),
        ("headers", headers),
    ]
}

async fn passwords_are_asked_for_anew_where_the_url_goes_elsewhere(cloud: Cloud) {
    let (url, got) = receiver().await;
    let (elsewhere, stolen) = receiver().await;
    let mut browser = with_product(&cloud).await;
    let fields = [
        ("event", "temp"),
        ("url", &*url),
        ("request_type", "POST"),
        ("username", "me"),
        ("password", "hush"),
        ("headers", "Cookie: id=123"),
    ];
    let path = webhook(&mut browser, &fields).await;
    let form = browser.get(&format!("{path}/edit")).await;
    assert!(form.text.contains("What is kept goes to no other server") && !form.text.contains("hush"));
    let new = browser.get(&format!("{INTEGRATIONS}/new")).await;
    assert!(!new.text.contains("What is kept"), "there is nothing yet");

    browser.get(&format!("{path}/edit")).await;
    let id = path.rsplit_once('/').unwrap().1;
    let masked = changed(id, &elsewhere, "[[SENSITIVE]]", "Cookie: [[SENSITIVE]]");
    let preview = browser.post(&format!("{INTEGRATIONS}/preview"), &masked).await;
    let shown = preview.between("id=\"preview\"", "</section>");
    assert!(shown.contains("give the value anew"), "the preview says so while the URL is typed: {shown}");
    let why = "has [[SENSITIVE]] for password, but what is kept goes nowhere else: the URL has another scheme, host or port; \
               give the value anew";
    let refused = browser.post(&path, &masked).await;
    assert!(refused.text.contains("role=\"alert\"") && refused.text.contains(why), "{}", refused.text);
    assert!(refused.text.contains(&elsewhere), "the form is as it was typed");
    let half = browser.post(&path, &changed(id, &elsewhere, "mine", "Cookie: [[SENSITIVE]]")).await;
    assert!(half.text.contains("has [[SENSITIVE]] for Cookie"));
    browser.post(&format!("{path}/test"), &[("data", "57")]).await;
    assert_eq!((got.lock().unwrap().len(), stolen.lock().unwrap().len()), (1, 0), "nothing is changed");
    let anew = browser.post(&path, &changed(id, &elsewhere, "mine", "")).await;
    assert_eq!(anew.location(), format!("{path}?done=saved"), "{}", anew.text);
}

async fn a_preview_is_what_would_be_sent(cloud: Cloud) {
    let (url, got) = receiver().await;
    let mut browser = with_product(&cloud).await;
    browser.get(&format!("{INTEGRATIONS}/new")).await;
    let path = format!("{INTEGRATIONS}/preview");
    let fields = [
        ("event", "temp"),
        ("url", &*url),
        ("request_type", "POST"),
        ("payload_kind", "json"),
        ("payload", "{\"reading\": \"{{{t}}}\", \"key\": \"{{{API_KEY}}}\"}"),
        ("headers", "Authorization: Bearer 123"),
        ("secrets", "API_KEY"),
        ("query", "at: {{{PARTICLE_EVENT_NAME}}}"),
        ("sample", "{\"t\": \"<s>57\"}"),
    ];
    let shown = browser.post(&path, &fields).await;
    let request = shown.between("<pre tabindex=\"0\"><code>", "</code>");
    assert!(request.starts_with(&format!("POST {url}?at=temp\n")), "{request}");
    assert!(request.contains("&#60;s&#62;57") && request.contains("[[SENSITIVE]]"), "{request}");
    assert!(!request.contains("Bearer"), "{request}");
    assert!(shown.text.contains("Authorization: Bearer 123"), "the form is as it was");
    assert!(
        got.lock().unwrap().is_empty()
            && browser.get(INTEGRATIONS).await.text.contains("No integrations yet")
    );
    for (payload, why) in [
        ("{\"a\": {{{t}}}}", "does not become well-formed JSON"),
        ("{{#a}}", "is no well-formed template"),
        ("[not json", "is an object, or text with the JSON of one"),
    ] {
        let fields = [
            ("event", "temp"),
            ("url", &*url),
            ("request_type", "POST"),
            ("payload_kind", "json"),
            ("payload", payload),
        ];
        let refused = browser.post(&path, &fields).await;
        assert!(refused.text.contains(why), "{payload}: {}", refused.between("id=\"preview\"", "</section>"));
    }
}

async fn one_that_fails_and_fails_is_asleep(cloud: Cloud) {
    let (url, _) = receiver().await;
    let mut browser = with_product(&cloud).await;
    let fields = [("event", "temp"), ("url", &*url), ("request_type", "POST")];
    let path = webhook(&mut browser, &fields).await;
    browser.get("/products/tempmon-v100/events").await;
    for _ in 0..10 {
        let sent = browser.post("/products/tempmon-v100/events", &[("name", "temp/a"), ("data", "no")]).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER);
        cloud.mote.deliver_due().await.unwrap();
    }
    assert!(browser.get(INTEGRATIONS).await.text.contains("<span class=\"badge warn\">asleep"));
    assert!(browser.get(&path).await.text.contains("it sleeps until"));
    browser.post(&format!("{path}/test"), &[("data", "fine")]).await;
    let awake = browser.get(&path).await;
    assert!(awake.text.contains("<span class=\"badge good\">on"), "a test that succeeds wakes it");
}

async fn who_may_only_look_sees_no_password(cloud: Cloud) {
    let mut browser = with_product(&cloud).await;
    let fields = [
        ("event", "temp"),
        ("url", "https://example.com/a"),
        ("request_type", "POST"),
        ("username", "me"),
        ("password", "hush"),
    ];
    let path = webhook(&mut browser, &fields).await;
    let mut view = cloud.person("view@example.com").await;
    cloud.join(1001, "view@example.com", Role::ViewOnly).await;
    let seen = view.get(&path).await;
    assert!(seen.text.contains("it takes Developer") && !seen.text.contains("hush"));
    assert!(view.get(INTEGRATIONS).await.text.contains("it takes Developer"));
    for form in ["/test", "/switch", "/delete", ""] {
        assert_eq!(view.post(&format!("{path}{form}"), &[]).await.status, StatusCode::FORBIDDEN, "{form}");
    }
    for page in [format!("{path}/edit"), format!("{INTEGRATIONS}/new")] {
        assert_eq!(view.get(&page).await.status, StatusCode::FORBIDDEN);
    }
    assert_eq!(view.post(&format!("{INTEGRATIONS}/preview"), &fields).await.status, StatusCode::FORBIDDEN);

    // Another product's is nobody's here.
    browser.product("Greenhouse").await;
    let elsewhere = path.replace(PRODUCT, "/products/greenhouse");
    assert_eq!(browser.get(&elsewhere).await.status, StatusCode::NOT_FOUND);
    assert_eq!(browser.post(&format!("{elsewhere}/delete"), &[]).await.status, StatusCode::NOT_FOUND);
    assert_eq!(browser.get(&path).await.status, StatusCode::OK);
}
