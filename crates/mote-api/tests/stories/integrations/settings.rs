//! Integrations: made, seen, replaced and ended, in all forms of their paths.

use serde_json::{Value, json};

use super::{DEVICE, id_of};
use crate::cloud::Cloud;
use crate::on_both_engines;
use crate::receiver::Reply;

on_both_engines!(
    a_webhook_is_made_seen_replaced_and_deleted,
    clients_of_all_ages_make_webhooks,
    what_cannot_be_is_refused_and_said_why,
    every_space_has_its_own,
    passwords_and_keys_are_not_shown_again,
    an_integration_is_tried_out,
    ending_a_product_ends_its_integrations,
);

async fn a_webhook_is_made_seen_replaced_and_deleted(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let body = json!({
        "integration_type": "Webhook", "event": "weather", "url": "https://weather.com/x", "requestType": "get",
        "query": {"q": "{{{PARTICLE_EVENT_VALUE}}}", "n": 1}, "noDefaults": true, "deviceID": "E00FCE680123456789ABCDEF",
        "responseTemplate": {"t": "{{{main.temp}}}"}, "headers": null
    });
    let made = cloud.json("POST", "/v1/integrations", &user, body).await;
    let id = id_of(&made);
    assert_eq!(id.len(), 24);
    assert_eq!(made.body["hookUrl"], json!(format!("http://mote.example.com/v1/webhooks/{id}")));
    assert_eq!((&made.body["ok"], &made.body["name"]), (&json!(true), &json!("weather for weather.com")));
    let shown = json!({
        "id": id, "event": "weather", "name": "weather for weather.com", "integration_type": "Webhook",
        "created_at": made.body["created_at"], "url": "https://weather.com/x", "requestType": "GET",
        "query": {"q": "{{{PARTICLE_EVENT_VALUE}}}", "n": "1"}, "noDefaults": true,
        "deviceID": "e00fce680123456789abcdef", "responseTemplate": {"t": "{{{main.temp}}}"}
    });
    for list in ["/v1/integrations", "/v1/webhooks"] {
        assert_eq!(cloud.get(list, &user).await.body, json!([shown]));
        let mut seen = cloud.get(&format!("{list}/{id}"), &user).await.body["integration"].take();
        assert_eq!(seen.as_object_mut().unwrap().remove("logs"), Some(json!([])));
        assert_eq!(seen, shown);
    }

    // What is not named is gone, but for what it cannot be without.
    cloud.pass(5);
    let replaced = cloud.form("PUT", &format!("/v1/integrations/{id}"), &user, &[("event", "wind")]).await;
    assert_eq!(replaced.status, 200);
    let shown = json!({
        "id": id, "event": "wind", "name": "weather for weather.com", "integration_type": "Webhook",
        "created_at": made.body["created_at"], "url": "https://weather.com/x", "requestType": "GET"
    });
    assert_eq!(replaced.body, json!({"integration": shown}));
    assert_eq!(cloud.get("/v1/integrations", &user).await.body, json!([shown]));
    let other = json!({"integration_type": "GoogleMaps", "api_key": "x"});
    let refused = cloud.json("PUT", &format!("/v1/integrations/{id}"), &user, other).await;
    assert_eq!(refused.status, 400, "a type does not change");

    assert_eq!(cloud.form("DELETE", &format!("/v1/integrations/{id}"), &user, &[]).await.status, 204);
    assert_eq!(cloud.get("/v1/integrations", &user).await.body, json!([]));
    for method in ["GET", "PUT", "DELETE"] {
        let gone = cloud.form(method, &format!("/v1/integrations/{id}"), &user, &[]).await;
        assert_eq!(gone.error(), (404, "not_found".into()));
    }
}

async fn clients_of_all_ages_make_webhooks(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    // CLI 3.43 and older: another path, with a slash at its end, no type, another name of the device, as form or JSON.
    let fields = [
        ("event", "temp"),
        ("url", "https://h.example/x"),
        ("deviceid", DEVICE),
        ("mydevices", "true"),
        ("headers[X-Key]", "1"),
        ("json[a][b]", "{{{c}}}"),
    ];
    let made = cloud.form("POST", "/v1/webhooks/", &user, &fields).await;
    let id = id_of(&made);
    assert!(id.len() > 10 && made.body["ok"] == true);
    let seen = cloud.get(&format!("/v1/webhooks/{id}/"), &user).await.body["integration"].take();
    assert_eq!((&seen["deviceID"], &seen["requestType"]), (&json!(DEVICE), &json!("POST")));
    assert_eq!((&seen["headers"], &seen["json"]), (&json!({"X-Key": "1"}), &json!({"a": {"b": "{{{c}}}"}})));
    // particle-api-js.
    let body = json!({
        "event": "temp", "url": "https://h.example/x", "deviceId": DEVICE, "requestType": "POST", "noDefaults": false,
        "rejectUnauthorized": "false", "body": "x"
    });
    id_of(&cloud.json("POST", "/v1/webhooks", &user, body).await);
    // CLI 3.51.
    let body = json!({"event": "temp", "url": "https://h.example/x", "integration_type": "Webhook"});
    let newest = id_of(&cloud.json("POST", "/v1/integrations", &user, body).await);
    let listed = cloud.get("/v1/webhooks/", &user).await;
    assert_eq!(listed.body.as_array().unwrap().len(), 3);
    assert_eq!(cloud.form("DELETE", &format!("/v1/webhooks/{newest}"), &user, &[]).await.status, 204);

    // Webhooks are not the only integrations.
    let maps = [("integration_type", "GoogleMaps"), ("event", "deviceLocator"), ("api_key", "123abc")];
    assert_eq!(cloud.form("POST", "/v1/webhooks", &user, &maps).await.status, 400);
    let maps = id_of(&cloud.form("POST", "/v1/integrations", &user, &maps).await);
    assert_eq!(cloud.get("/v1/integrations", &user).await.body.as_array().unwrap().len(), 3);
    assert_eq!(cloud.get("/v1/webhooks", &user).await.body.as_array().unwrap().len(), 2);
    assert_eq!(cloud.get(&format!("/v1/webhooks/{maps}"), &user).await.status, 404);
}

async fn what_cannot_be_is_refused_and_said_why(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let long = "x".repeat(20_000);
    for (field, body) in [
        ("event", json!({"url": "https://h.example/"})),
        ("event", json!({"event": "", "url": "https://h.example/"})),
        ("event", json!({"event": "x".repeat(65), "url": "https://h.example/"})),
        ("event", json!({"event": "a\nb", "url": "https://h.example/"})),
        ("event", json!({"event": "a", "eventName": "b", "url": "https://h.example/"})),
        ("url", json!({"event": "a"})),
        ("url", json!({"event": "a", "url": "h.example"})),
        ("url", json!({"event": "a", "url": "ftp://h.example/"})),
        ("url", json!({"event": "a", "url": "javascript:alert(1)//{{x}}"})),
        ("url", json!({"event": "a", "url": "http://127.0.0.2/"})),
        ("url", json!({"event": "a", "url": "http://169.254.169.254/latest/{{x}}"})),
        ("url", json!({"event": "a", "url": "http://[::1]:8080/"})),
        ("url", json!({"event": "a", "url": "http://2130706434/"})),
        ("url", json!({"event": "a", "url": "https://h.example/{{x"})),
        ("requestType", json!({"event": "a", "url": "https://h.example/", "requestType": "PATCH"})),
        ("requestType", json!({"event": "a", "url": "https://h.example/", "requestType": "GET", "json": {}})),
        ("json", json!({"event": "a", "url": "https://h.example/", "json": {}, "body": "x"})),
        ("json", json!({"event": "a", "url": "https://h.example/", "json": "no json"})),
        ("json", json!({"event": "a", "url": "https://h.example/", "json": {"{{#x}}": 1}})),
        ("form", json!({"event": "a", "url": "https://h.example/", "form": {"a": {"b": "c"}}})),
        ("headers", json!({"event": "a", "url": "https://h.example/", "headers": {"Host": "x"}})),
        ("headers", json!({"event": "a", "url": "https://h.example/", "headers": {"a b": "x"}})),
        ("headers", json!({"event": "a", "url": "https://h.example/", "headers": {"a": "x\r\nb: y"}})),
        ("auth", json!({"event": "a", "url": "https://h.example/", "auth": {"user": "x"}})),
        ("deviceID", json!({"event": "a", "url": "https://h.example/", "deviceid": "mine"})),
        ("deviceID", json!({"event": "a", "url": "https://h.example/", "deviceid": "1", "deviceID": "2"})),
        ("noDefaults", json!({"event": "a", "url": "https://h.example/", "noDefaults": "maybe"})),
        ("secrets", json!({"event": "a", "url": "https://h.example/", "secrets": ["NO_SUCH_KEY"]})),
        ("secrets", json!({"event": "a", "url": "https://h.example/", "secrets": "KEY"})),
        ("parameters", json!({"event": "a", "url": "https://h.example/", "parameters": [0, 1]})),
        ("integration", json!({"event": "a", "url": "https://h.example/", "azure_sas_token": {}})),
        ("integration", json!({"event": "a", "url": "https://h.example/", "body": long})),
        ("integration_type", json!({"event": "a", "integration_type": "GoogleCloudPubSub", "topic": "t"})),
        ("integration_type", json!({"event": "a", "integration_type": "Mail"})),
        ("hub_name", json!({"event": "a", "integration_type": "AzureIotHub"})),
        (
            "hub_name",
            json!({"event": "a", "integration_type": "AzureIotHub", "hub_name": "a.b", "policy_name": "p", "policy_key": "k"}),
        ),
        ("api_key", json!({"event": "a", "integration_type": "GoogleMaps"})),
    ] {
        let refused = cloud.json("POST", "/v1/integrations", &user, body.clone()).await;
        let said = refused.text("/error_description");
        assert_eq!(refused.status, 400, "{body}");
        assert!(said.starts_with(&format!("{field}: ")), "{body}: {said}");
    }
    assert_eq!(cloud.get("/v1/integrations", &user).await.body, json!([]));
    let deep = (0..100).fold(json!(1), |inner, _| json!([inner]));
    let body = json!({"event": "a", "url": "https://h.example/", "json": deep});
    assert_eq!(cloud.json("POST", "/v1/integrations", &user, body).await.status, 400);
}

async fn every_space_has_its_own(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let stranger = cloud.user("stranger@example.com").await;
    let (product, other) = (cloud.product(&user, "One").await, cloud.product(&user, "Other").await);
    let organization = cloud.form("POST", "/v1/orgs", &user, &[("name", "Makers")]).await;
    let organization = organization.text("/organization/slug");
    let of_product = format!("/v1/products/{}/integrations", product.id);
    let of_other = format!("/v1/products/{}/integrations", other.slug);
    let of_organization = format!("/v1/orgs/{organization}/integrations");
    let places = [
        ("/v1/integrations".to_owned(), &user),
        (of_product.clone(), &product.token),
        (of_other.clone(), &other.token),
        (of_organization.clone(), &user),
    ];
    let mut made = Vec::new();
    for (path, token) in &places {
        let fields = [("event", "a"), ("url", "https://h.example/"), ("integration_type", "Webhook")];
        let answer = cloud.form("POST", path, token, &fields).await;
        let place = path.trim_end_matches("integrations").replace(&other.slug, &other.id);
        assert_eq!(
            answer.text("/hookUrl"),
            format!("http://mote.example.com{place}webhooks/{}", id_of(&answer))
        );
        made.push(id_of(&answer));
    }
    for (at, (path, token)) in places.iter().enumerate() {
        for (of, id) in made.iter().enumerate() {
            let status = cloud.get(&format!("{path}/{id}"), token).await.status;
            assert_eq!(status == 200, at == of, "{path}/{id}: {status}");
        }
        assert_eq!(cloud.get(path, token).await.body.as_array().unwrap().len(), 1);
        assert_eq!(cloud.get(&path.replace("integrations", "webhooks"), token).await.status, 200);
        let foreign = if at == 0 { &product.token } else { &stranger };
        assert_eq!(cloud.get(path, foreign).await.status, 403, "{path}");
    }
    for id in ["", "1", "thing", &made[0][..20], &"f".repeat(24), &"9".repeat(40)] {
        assert_eq!(
            cloud.form("DELETE", &format!("{of_product}/{id}x"), &product.token, &[]).await.status,
            404
        );
    }
    let stolen = format!("{of_other}/{}", made[1]);
    for method in ["PUT", "DELETE"] {
        assert_eq!(cloud.form(method, &stolen, &other.token, &[("event", "b")]).await.status, 404);
    }
    let test = format!("{stolen}/test");
    assert_eq!(cloud.form("POST", &test, &other.token, &[]).await.status, 404);
}

async fn passwords_and_keys_are_not_shown_again(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let body = json!({
        "event": "a", "url": cloud.receiver.url("/in"), "auth": {"username": "me", "password": "hunter2"},
        "headers": {"AUTHORIZATION": "Bearer s3cret", "X-Of": "mote", "Cookie": "{{{COOKIE}}}"}, "noDefaults": true
    });
    let id = id_of(&cloud.json("POST", "/v1/integrations", &user, body).await);
    let path = format!("/v1/integrations/{id}");
    let mut seen = cloud.get(&path, &user).await.body["integration"].take();
    let hidden = "[[SENSITIVE]]";
    assert_eq!(seen["auth"], json!({"username": "me", "password": hidden}));
    assert_eq!(seen["headers"], json!({"AUTHORIZATION": hidden, "X-Of": "mote", "Cookie": "{{{COOKIE}}}"}));
    // Sent back as it was seen, all of it stays.
    seen["event"] = json!("b");
    let replaced = cloud.json("PUT", &path, &user, seen).await;
    assert_eq!(replaced.status, 200, "{}", replaced.body);
    let listed = cloud.get("/v1/integrations", &user).await.body.to_string();
    for text in [replaced.body.to_string(), listed] {
        assert!(!text.contains("hunter2") && !text.contains("s3cret"), "{text}");
    }
    let trial = cloud.form("POST", &format!("{path}/test"), &user, &[]).await;
    assert_eq!(trial.body["pass"], true);
    assert_eq!(cloud.receiver.got()[0].header("authorization"), "Bearer s3cret");
    let logs = cloud.get(&path, &user).await.body["integration"]["logs"].take();
    assert_eq!(logs[0]["request"]["headers"]["authorization"], hidden);
    assert!(!logs.to_string().contains("s3cret"));

    let azure = [
        ("integration_type", "AzureIotHub"),
        ("event", "foo"),
        ("hub_name", "my-hub"),
        ("policy_name", "particle"),
        ("policy_key", "a2V5"),
    ];
    let made = cloud.form("POST", "/v1/integrations", &user, &azure).await;
    assert_eq!((made.text("/policy_key"), made.text("/name")), ("a2V5".into(), "foo for my-hub".into()));
    let path = format!("/v1/integrations/{}", id_of(&made));
    assert_eq!(made.text("/integrationUrl"), format!("http://mote.example.com{path}"));
    assert_eq!(cloud.get(&path, &user).await.text("/integration/policy_key"), hidden);
    let kept = cloud.form("PUT", &path, &user, &[("event", "bar"), ("policy_key", hidden)]).await;
    assert_eq!((kept.status.as_u16(), kept.text("/integration/policy_key")), (200, hidden.into()));
    cloud.form("POST", &format!("{path}/test"), &user, &[]).await;
    assert!(cloud.receiver.got()[0].header("authorization").starts_with("SharedAccessSignature sr=my%2Dhub"));
}

async fn an_integration_is_tried_out(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let url = cloud.receiver.url("/in?a=b");
    let made = cloud.form("POST", "/v1/integrations", &user, &[("event", "temp"), ("url", &url)]).await;
    let (id, path) = (id_of(&made), format!("/v1/integrations/{}/test", id_of(&made)));
    cloud.receiver.reply([Reply::new(200, "thanks"), Reply::new(204, ""), Reply::new(503, "later")]);
    let trial = cloud.form("POST", &path, &user, &[("data", "my-data")]).await;
    assert_eq!(trial.body, json!({"pass": true, "data": "thanks"}));
    let got = cloud.receiver.got().remove(0);
    assert_eq!((got.method.as_str(), got.target.as_str()), ("POST", "/in?a=b"));
    assert_eq!(got.header("content-type"), "application/x-www-form-urlencoded");
    assert_eq!(got.body, "event=temp&data=my-data&published_at=2027-01-15T08%3A00%3A00.000Z&coreid=api");
    let device = [("device_id", "e00fce680123456789abcdef")];
    assert_eq!(cloud.form("POST", &path, &user, &device).await.body, json!({"pass": true, "data": null}));
    assert!(cloud.receiver.got()[0].body.contains("data=test-event&"));
    let failed = cloud.form("POST", &path, &user, &[]).await;
    assert_eq!(failed.body, json!({"pass": false, "data": null, "error": "error status 503 from 127.0.0.1"}));
    assert_eq!(cloud.form("POST", &path, &user, &[("device_id", "mine")]).await.status, 400);
    let logs = cloud.get(&format!("/v1/integrations/{id}"), &user).await.body["integration"]["logs"].take();
    let told = |at: usize, pointer: &str| logs[at].pointer(pointer).cloned().unwrap_or(Value::Null);
    assert_eq!(logs.as_array().unwrap().len(), 3, "{logs}");
    assert_eq!((told(0, "/response/status"), told(0, "/response/body")), (json!(503), json!("later")));
    assert_eq!((told(0, "/success"), told(2, "/success")), (json!(false), json!(true)));
    assert_eq!((told(2, "/event/data"), told(2, "/request/url")), (json!("my-data"), json!(url)));
}

async fn ending_a_product_ends_its_integrations(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let product = cloud.product(&user, "Short").await;
    let path = format!("/v1/products/{}", product.id);
    let fields = [("event", "a"), ("url", "https://h.example/")];
    let key = json!({"secret": {"value": "x"}});
    assert_eq!(cloud.json("PUT", "/v1/secrets/KEY", &user, key).await.status, 200);
    let hook = json!({"event": "a", "url": "https://h.example/{{{KEY}}}", "secrets": ["KEY"]});
    let open = json!({"settings": {"team_tokens": true}});
    assert_eq!(cloud.json("PUT", &path, &product.token, open).await.status, 200);
    id_of(&cloud.json("POST", &format!("{path}/integrations"), &user, hook).await);
    id_of(&cloud.form("POST", "/v1/integrations", &user, &fields).await);
    let in_use = async || cloud.get("/v1/secrets/KEY", &user).await.body["secret"]["integrations"].take();
    assert_eq!(in_use().await[0]["name"], "a for h.example");
    assert_eq!(cloud.form("DELETE", "/v1/secrets/KEY", &user, &[]).await.status, 409);
    assert_eq!(cloud.form("DELETE", &path, &product.token, &[]).await.status, 204);
    assert_eq!(in_use().await, json!([]));
    assert_eq!(cloud.get("/v1/integrations", &user).await.body.as_array().unwrap().len(), 1);
    let password = json!({"password": crate::cloud::PASSWORD});
    assert!(cloud.json("DELETE", "/v1/user", &user, password).await.status.is_success());
    assert_eq!(cloud.get("/v1/integrations", &user).await.status, 401);
}
