//! What an integration sends.

use serde_json::json;

use super::{DEVICE, delivered, hook, logs, own_device};
use crate::cloud::Cloud;
use crate::events::Listener;
use crate::on_both_engines;

on_both_engines!(
    settings_make_the_request,
    templates_are_filled_in_with_the_event,
    secrets_are_filled_in_and_seen_nowhere,
    a_host_that_is_made_of_secrets_is_seen_nowhere,
    what_makes_no_request_is_told_and_not_tried_again,
);

const TIME: &str = "2027-01-15T08:00:00.000Z";

async fn settings_make_the_request(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let device = own_device(&cloud, &user).await;
    let url = cloud.receiver.url("/in?x=1");
    let form = format!("event=temp&data=21&published_at=2027-01-15T08%3A00%3A00.000Z&coreid={DEVICE}");
    let json_kind = "application/json";
    let form_kind = "application/x-www-form-urlencoded";
    let nothing = "";
    // What the settings say, and method, target, type and body that come of it.
    for (settings, method, target, kind, body) in [
        (json!({}), "POST", "/in?x=1".to_owned(), form_kind, form.clone()),
        (json!({"requestType": "PUT"}), "PUT", "/in?x=1".into(), form_kind, form.clone()),
        (json!({"noDefaults": true}), "POST", "/in?x=1".into(), nothing, String::new()),
        (json!({"requestType": "GET"}), "GET", format!("/in?x=1&{form}"), nothing, String::new()),
        (
            json!({"requestType": "GET", "noDefaults": true, "query": {"q": "a b&c"}, "form": {"f": "1"}}),
            "GET",
            "/in?x=1&f=1&q=a+b%26c".into(),
            nothing,
            String::new(),
        ),
        (
            json!({"form": {"data": "own", "To": "é"}}),
            "POST",
            "/in?x=1".into(),
            form_kind,
            format!(
                "event=temp&published_at=2027-01-15T08%3A00%3A00.000Z&coreid={DEVICE}&To=%C3%A9&data=own"
            ),
        ),
        (
            json!({"json": {"v": 1, "data": "own"}}),
            "POST",
            "/in?x=1".into(),
            json_kind,
            json!({"v": 1, "data": "own", "event": "temp", "published_at": TIME, "coreid": DEVICE})
                .to_string(),
        ),
        (
            json!({"json": "{\"v\": {{{PARTICLE_EVENT_VALUE}}} }", "noDefaults": true}),
            "POST",
            "/in?x=1".into(),
            json_kind,
            "{\"v\":21}".into(),
        ),
        (json!({"json": "[{{{PARTICLE_EVENT_VALUE}}}]"}), "POST", "/in?x=1".into(), json_kind, "[21]".into()),
        (
            json!({"body": "<v>{{PARTICLE_EVENT_VALUE}}</v>", "headers": {"content-type": "text/xml"}}),
            "POST",
            "/in?x=1".into(),
            "text/xml",
            "<v>21</v>".into(),
        ),
        (json!({"body": "x", "requestType": "DELETE"}), "DELETE", "/in?x=1".into(), nothing, "x".into()),
    ] {
        let mut whole = settings.clone();
        whole["event"] = json!("temp");
        whole["url"] = json!(url);
        let id = hook(&cloud, &user, whole).await;
        let got = delivered(&cloud, &device, "temp", "21").await.remove(0);
        assert_eq!((got.method.as_str(), got.target.as_str()), (method, target.as_str()), "{settings}");
        assert_eq!((got.header("content-type"), got.body.as_str()), (kind, body.as_str()), "{settings}");
        assert!(got.header("user-agent").starts_with("Mote/") && got.header("transfer-encoding").is_empty());
        let gone = cloud.form("DELETE", &format!("/v1/integrations/{id}"), &user, &[]).await;
        assert_eq!(gone.status, 204);
    }
}

async fn templates_are_filled_in_with_the_event(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let device = own_device(&cloud, &user).await;
    let settings = json!({
        "event": "room/", "url": cloud.receiver.url("/log/{{{room}}}/x"), "noDefaults": true, "requestType": "PUT",
        "query": {"{{k}}": "{{{l.1.n}}}"}, "auth": {"username": "{{room}}", "password": "p:w"},
        "headers": {"X-{{k}}": "{{{PARTICLE_EVENT_NAME}}}"},
        "json": {"{{{PARTICLE_EVENT_NAME}}}": ["{{#l}}{{n}};{{/l}}", {"site": "{{site}}", "html": "{{room}}"}]},
        "parameters": [{"name": "site", "value": "north"}]
    });
    hook(&cloud, &user, settings).await;
    let data = json!({"room": "<k> 1", "k": "key", "l": [{"n": 1}, {"n": 2.5}]}).to_string();
    let got = delivered(&cloud, &device, "room/a", &data).await.remove(0);
    assert_eq!(got.target, "/log/%3Ck%3E%201/x?key=2.5");
    assert_eq!(got.json(), json!({"room/a": ["1;2.5;", {"site": "north", "html": "&lt;k&gt; 1"}]}));
    assert_eq!(got.header("x-key"), "room/a");
    assert_eq!(got.header("authorization"), crate::cloud::basic("&lt;k&gt; 1", "p:w"));
}

async fn secrets_are_filled_in_and_seen_nowhere(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let device = own_device(&cloud, &user).await;
    for (name, value) in [("KEY", "s3cret&1"), ("PATH_KEY", "abc123")] {
        let body = json!({"secret": {"value": value}});
        let made = cloud.json("PUT", &format!("/v1/secrets/{name}"), &user, body).await;
        assert_eq!(made.status, 200, "{}", made.body);
    }
    let settings = json!({
        "event": "temp", "url": cloud.receiver.url("/{{{PATH_KEY}}}"), "secrets": ["KEY", "PATH_KEY"],
        "headers": {"Authorization": "Bearer {{{KEY}}}", "X-Other": "{{{OTHER}}}"},
        "json": {"key": "{{{KEY}}}"}, "noDefaults": true, "responseTopic": "answer/{{{KEY}}}"
    });
    let id = hook(&cloud, &user, settings).await;
    // The device cannot put a value of its own in the place of the secret, nor does an answer give it away.
    cloud.receiver.reply([crate::receiver::Reply::new(200, "you sent s3cret&1 to abc123")]);
    let got = delivered(&cloud, &device, "temp", "{\"KEY\":\"mine\",\"OTHER\":\"x\"}").await.remove(0);
    assert_eq!((got.target.as_str(), got.header("authorization")), ("/abc123", "Bearer s3cret&1"));
    assert_eq!((got.json(), got.header("x-other")), (json!({"key": "s3cret&1"}), "x"));
    let log = logs(&cloud, &user, &id).await.remove(0);
    assert_eq!(log["request"]["headers"]["authorization"], "Bearer [[SENSITIVE]]");
    assert!(log["request"]["url"].as_str().unwrap().ends_with("/[[SENSITIVE]]"), "{log}");
    assert_eq!(log["response"]["body"], "you sent [[SENSITIVE]] to [[SENSITIVE]]");
    assert!(!log.to_string().contains("s3cret") && !log.to_string().contains("abc123"));
    // A new value counts from then on.
    let body = json!({"secret": {"value": "n3w"}});
    cloud.json("PUT", "/v1/secrets/KEY", &user, body).await;
    let got = delivered(&cloud, &device, "temp", "{}").await.remove(0);
    assert_eq!(got.header("authorization"), "Bearer n3w");
    // Another space's secrets are not this one's.
    let stranger = cloud.user("stranger@example.com").await;
    let settings = json!({"event": "a", "url": "https://h.example/{{{KEY}}}", "secrets": ["KEY"]});
    assert_eq!(cloud.json("POST", "/v1/integrations", &stranger, settings).await.status, 400);
}

async fn a_host_that_is_made_of_secrets_is_seen_nowhere(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let device = own_device(&cloud, &user).await;
    let port = cloud.receiver.port();
    for (name, value) in [("TOKN", "Hush4You"), ("NUMBER", "2130706434")] {
        let made = cloud.json("PUT", &format!("/v1/secrets/{name}"), &user, json!({"value": value})).await;
        assert_eq!(made.status, 200);
    }
    let mut heard = Listener::open(&cloud, "/v1/devices/events/hook-error", &user).await;
    // A number becomes an address, which is not what it was.
    for url in ["http://{{{TOKN}}}.invalid/x".to_owned(), format!("http://{{{{{{NUMBER}}}}}}:{port}/x")] {
        let settings = json!({"event": "temp", "url": url, "secrets": ["TOKN", "NUMBER"]});
        let id = hook(&cloud, &user, settings).await;
        assert!(delivered(&cloud, &device, "temp", "1").await.is_empty());
        let tried = cloud.form("POST", &format!("/v1/integrations/{id}/test"), &user, &[]).await;
        let log = logs(&cloud, &user, &id).await;
        let (_, told) = heard.event().await;
        for text in [tried.body.to_string(), json!(log).to_string(), told.to_string()] {
            assert!(text.contains("[[SENSITIVE]]"), "{text}");
            for value in ["Hush4You", "hush4you", "2130706434", "127.0.0.2"] {
                assert!(!text.contains(value), "{value}: {text}");
            }
        }
        cloud.form("DELETE", &format!("/v1/integrations/{id}"), &user, &[]).await;
        cloud.pass(600);
        cloud.mote.deliver_due().await.unwrap();
    }
}

async fn what_makes_no_request_is_told_and_not_tried_again(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let device = own_device(&cloud, &user).await;
    let url = cloud.receiver.url("/");
    for (settings, told) in [
        (json!({"url": "{{{to}}}"}), "the url does not become"),
        (json!({"url": url, "headers": {"X": "{{{line}}}"}}), "a header does not become"),
        (json!({"url": url, "headers": {"{{{host}}}": "x"}}), "a header does not become"),
        (json!({"url": url, "json": "{{{line}}}"}), "the json template does not become"),
        (
            json!({"url": url, "body": "{{#many}}{{{PARTICLE_EVENT_VALUE}}}{{/many}}"}),
            "more comes of the templates",
        ),
        (json!({"url": "http://{{{inside}}}/"}), "127.0.0.2 is an address of the server's own network"),
    ] {
        let mut whole = settings.clone();
        whole["event"] = json!("a");
        let id = hook(&cloud, &user, whole).await;
        let data = json!({
            "to": "file:///etc/passwd", "line": "a\r\nb: c", "host": "Host", "inside": "127.0.0.2", "many": vec![1; 1000]
        });
        assert!(delivered(&cloud, &device, "a", &data.to_string()).await.is_empty(), "{settings}");
        cloud.pass(600);
        assert_eq!(cloud.mote.deliver_due().await.unwrap(), 0, "{settings}");
        let log = logs(&cloud, &user, &id).await.remove(0);
        assert!(log["error"].as_str().unwrap().starts_with(told), "{settings}: {log}");
        cloud.form("DELETE", &format!("/v1/integrations/{id}"), &user, &[]).await;
    }
}
