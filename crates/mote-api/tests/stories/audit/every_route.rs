//! Every route that changes something leaves an entry, or is on the list of those that do not, with the reason.

mod doer;

use axum::body::Body;
use http::Request;
use serde_json::json;

use crate::cloud::{Cloud, PASSWORD, Product, basic, bearer};
use crate::on_both_engines;

use doer::{Doer, filled};

on_both_engines!(each_leaves_an_entry_or_has_a_reason);

const DEVICE: &str = "e00fce680123456789abcdef";
const OTHER_DEVICE: &str = "e00fce680123456789abcdff";
const CARD: &str = "8900000000000000011";

/// Ends of routes that leave none, whatever is before them, and why.
const WITHOUT: &[(&str, &str)] = &[
    ("POST /oauth/introspect", "it only reads"),
    ("/events", "events are what devices and programs say, and change no right and no setting"),
    ("/ping", "a device is asked"),
    ("POST /v1/devices/{deviceId}/{name}", "a device is asked"),
    ("/devices/{deviceId}/{name}", "a device is asked"),
    ("/diagnostics/{deviceId}/update", "a device is asked"),
    ("/test", "a test is sent, and nothing changes"),
    ("/device_claims", "a code is made; what it claims is told of"),
    ("/instances/{scopeValue}", "what devices keep there has versions of its own"),
    ("/libraries", "a library's versions, with their times, are its record"),
    ("/libraries/{name}", "a library's versions, with their times, are its record"),
    ("POST /v1/password", "a mail is sent; what its link sets is told of"),
    ("POST /v1/user/password-reset", "a mail is sent; what its link sets is told of"),
    ("/customers/reset_password", "a mail is sent; what its link sets is told of"),
    ("/unprotect", "it takes a device that signs: protection.rs looks for the entry"),
];

fn without(route: &str) -> Option<&'static str> {
    let is = |end: &str| if end.starts_with('/') { route.ends_with(end) } else { route == end };
    WITHOUT.iter().find(|(end, _)| is(end)).map(|(_, reason)| *reason)
}

async fn each_leaves_an_entry_or_has_a_reason(cloud: Cloud) {
    let me = cloud.user("me@example.com").await;
    let mut doer = Doer::new(&cloud);
    let made = doer.json("POST /v1/products", &[], &me, json!({"name": "Own", "platform_id": 13})).await;
    let product = cloud.with_client(&me, &made).await;
    let path = format!("/v1/products/{}/devices", product.id);
    cloud.json("POST", &path, &product.token, json!({"ids": [OTHER_DEVICE]})).await;
    doer.json("POST /v1/orgs", &[], &me, json!({"name": "Makers"})).await;
    let of_makers = json!({"name": "Made", "platform_id": 13});
    doer.json("POST /v1/orgs/{orgIdOrSlug}/products", &["makers"], &me, of_makers).await;
    tokens_and_accounts(&mut doer, &me, &product).await;
    for (prefix, named, token) in [
        ("/v1", None, &me),
        ("/v1/products/{productIdOrSlug}", Some(product.id.as_str()), &product.token),
        ("/v1/orgs/{orgIdOrSlug}", Some("makers"), &me),
    ] {
        spaces(&mut doer, prefix, named, token).await;
    }
    for (prefix, place) in
        [("/v1/products/{productIdOrSlug}", product.id.as_str()), ("/v1/orgs/{orgIdOrSlug}", "makers")]
    {
        team(&mut doer, prefix, place, &me).await;
    }
    clients(&mut doer, "/v1", None, &me).await;
    clients(&mut doer, "/v1/products/{productIdOrSlug}", Some(&product.id), &me).await;
    devices(&mut doer, &me, &product).await;
    fleet(&mut doer, &me, &product).await;
    last(&mut doer, &me, &product).await;
    let changing = |route: &String| !["GET ", "HEAD "].iter().any(|reading| route.starts_with(reading));
    let routes: Vec<_> = crate::authorization::routes().into_iter().filter(changing).collect();
    let untold: Vec<_> =
        routes.iter().filter(|route| !doer.done.contains(*route) && without(route).is_none()).collect();
    assert!(untold.is_empty(), "neither told of here nor on the list: {untold:#?}");
    for (end, _) in WITHOUT {
        assert!(routes.iter().any(|route| route.ends_with(end)), "{end} is of no route");
    }
}

async fn tokens_and_accounts(doer: &mut Doer<'_>, me: &str, product: &Product) {
    let cloud = doer.cloud;
    doer.json("POST /v1/users", &[], "", json!({"username": "you@example.com", "password": PASSWORD})).await;
    let fields = [("grant_type", "password"), ("username", "you@example.com"), ("password", PASSWORD)];
    let particle = basic("particle", "particle");
    let you = async |doer: &mut Doer<'_>| {
        doer.form("POST /oauth/token", &[], &particle, &fields).await.text("/access_token")
    };
    let token = you(doer).await;
    doer.form("POST /oauth/revoke", &[], &particle, &[("token", &token)]).await;
    let token = you(doer).await;
    doer.form("DELETE /v1/access_tokens/{token}", &[&token], "", &[]).await;
    let token = bearer(&you(doer).await);
    doer.form("DELETE /v1/access_tokens/current", &[], &token, &[]).await;
    let token = bearer(&you(doer).await);
    doer.form("DELETE /v1/access_tokens", &[], &token, &[]).await;
    let token = bearer(&you(doer).await);
    let begun = cloud.get("/v1/user/mfa-enable", &token).await;
    let secret = crate::accounts::from_base32(&begun.text("/secret"));
    let otp = mote_core::mfa::totp::code_at(&secret, cloud.now()).unwrap();
    let confirm = json!({"mfa_token": begun.text("/mfa_token"), "otp": otp});
    doer.json("POST /v1/user/mfa-enable", &[], &token, confirm).await;
    let password = json!({"current_password": PASSWORD});
    doer.json("PUT /v1/user/mfa-disable", &[], &token, password).await;
    for _ in ["on", "off"] {
        assert!(cloud.mails.next_to("you@example.com").await.contains("second factor"));
    }
    cloud.json("POST", "/v1/user/password-reset", "", json!({"username": "you@example.com"})).await;
    let mail = cloud.mails.next_to("you@example.com").await;
    let reset = &mail.split("token=").nth(1).unwrap()[..40];
    let set = json!({"token": reset, "password": "another pass phrase of tests 8"});
    doer.json("PUT /v1/user/password-reset", &[], "", set).await;
    let fields = [("username", "you@example.com"), ("password", "another pass phrase of tests 8")];
    let fields: Vec<_> = fields.into_iter().chain([("grant_type", "password")]).collect();
    let token = cloud.form("POST", "/oauth/token", &particle, &fields).await.text("/access_token");
    let change = json!({"username": "they@example.com", "password": "one more pass phrase of tests 9", "current_password": "another pass phrase of tests 8"});
    doer.json("PUT /v1/user", &[], &bearer(&token), change).await;
    let link = crate::accounts::token_in(&cloud.mails.next_to("they@example.com").await);
    doer.json("PUT /v1/user/username", &[], &bearer(&token), json!({"token": link})).await;
    assert!(cloud.mails.next_to("you@example.com").await.contains("another address now"));
    let member = cloud.user("member@example.com").await;
    let team = format!("/v1/products/{}/team", product.id);
    let invitation = crate::teams::invite(cloud, &team, me, "member@example.com", "Developer").await;
    doer.json("POST /v1/user/invitations", &[], &member, json!({"token": invitation})).await;
    doer.json("DELETE /v1/user", &[], &member, json!({"password": PASSWORD})).await;
}

/// What accounts, products and organizations all have.
async fn spaces(doer: &mut Doer<'_>, prefix: &str, named: Option<&str>, token: &str) {
    let route = |method: &str, end: &str| format!("{method} {prefix}{end}");
    let with = |more: &[&'static str]| named.into_iter().chain(more.iter().copied()).collect::<Vec<_>>();
    let hook = json!({
        "integration_type": "Webhook", "event": "e", "url": doer.cloud.receiver.url("/"), "requestType": "POST"
    });
    for kind in ["integrations", "webhooks"] {
        let made = doer.json(&route("POST", &format!("/{kind}")), &with(&[]), token, hook.clone()).await;
        let id = made.body["id"].as_str().or(made.body["integration"]["id"].as_str()).unwrap().to_owned();
        let one: Vec<_> = named.into_iter().chain([id.as_str()]).collect();
        let change = json!({"event": "f", "url": doer.cloud.receiver.url("/"), "requestType": "POST"});
        doer.json(&route("PUT", &format!("/{kind}/{{integrationId}}")), &one, token, change).await;
        doer.json(&route("DELETE", &format!("/{kind}/{{integrationId}}")), &one, token, json!({})).await;
    }
    let ledger = json!({"ledger": {"name": "sensors", "scope": "Device", "direction": "Downstream"}});
    doer.json(&route("POST", "/ledgers"), &with(&[]), token, ledger).await;
    let change = json!({"ledger": {"description": "Of all"}});
    doer.json(&route("PUT", "/ledgers/{ledgerName}"), &with(&["sensors"]), token, change).await;
    doer.json(&route("DELETE", "/ledgers/{ledgerName}"), &with(&["sensors"]), token, json!({})).await;
    let ops = |value: &str| json!({"ops": [{"op": "Set", "key": "A", "value": value}]});
    doer.json(&route("PATCH", "/env"), &with(&[]), token, ops("1")).await;
    doer.json(&route("PUT", "/env/{deviceOrKey}"), &with(&["B"]), token, json!({"value": "2"})).await;
    doer.json(&route("POST", "/env/rollout"), &with(&[]), token, json!({"when": "Connect"})).await;
    doer.json(&route("DELETE", "/env/{deviceOrKey}"), &with(&["B"]), token, json!({})).await;
    if !prefix.contains("{productIdOrSlug}") {
        let secret = json!({"name": "A", "value": "one"});
        doer.json(&route("POST", "/secrets"), &with(&[]), token, secret).await;
        let change = json!({"value": "two"});
        doer.json(&route("PUT", "/secrets/{secretName}"), &with(&["A"]), token, change).await;
        doer.json(&route("DELETE", "/secrets/{secretName}"), &with(&["A"]), token, json!({})).await;
    }
}

/// Environment variables of a device.
async fn environment(doer: &mut Doer<'_>, prefix: &str, named: Option<&str>, token: &str, device: &str) {
    let route = |method: &str, end: &str| format!("{method} {prefix}/env/{{deviceOrKey}}{end}");
    let with = |key: Option<&'static str>| named.into_iter().chain([device]).chain(key).collect::<Vec<_>>();
    let ops = json!({"ops": [{"op": "Set", "key": "A", "value": "1"}]});
    doer.json(&route("PATCH", ""), &with(None), token, ops).await;
    doer.json(&route("PUT", "/{key}"), &with(Some("B")), token, json!({"value": "2"})).await;
    doer.json(&route("POST", "/rollout"), &with(None), token, json!({"when": "Connect"})).await;
    doer.json(&route("DELETE", "/{key}"), &with(Some("B")), token, json!({})).await;
}

async fn team(doer: &mut Doer<'_>, prefix: &str, place: &str, me: &str) {
    let route = |method: &str, end: &str| format!("{method} {prefix}/team{end}");
    let path = filled(&route("POST", ""), &[place]).1;
    let name = if prefix.contains("orgs") { "maker@example.com" } else { "helper@example.com" };
    let user = doer.cloud.user(name).await;
    let invited = json!({"username": "nobody@example.com", "role": "Developer"});
    doer.json(&route("POST", ""), &[place], me, invited).await;
    doer.cloud.mails.next_to("nobody@example.com").await;
    let token = crate::teams::invite(doer.cloud, &path, me, name, "Developer").await;
    assert_eq!(crate::teams::accept(doer.cloud, &user, &token).await.status, 200);
    doer.json(&route("POST", "/{username}"), &[place, name], me, json!({"role": "Support"})).await;
    doer.json(&route("DELETE", "/{username}"), &[place, name], me, json!({})).await;
    let (program, _) = crate::teams::program(doer.cloud, &path, me, &["devices:list"]).await;
    for method in ["POST", "PUT"] {
        doer.json(&route(method, "/{username}/token"), &[place, &program], me, json!({})).await;
    }
}

async fn clients(doer: &mut Doer<'_>, prefix: &str, place: Option<&str>, me: &str) {
    let route = |method: &str, end: &str| format!("{method} {prefix}/clients{end}");
    let new = json!({"name": "app", "type": "installed"});
    let named: Vec<_> = place.into_iter().collect();
    let client = doer.json(&route("POST", ""), &named, me, new).await.text("/client/id");
    let one: Vec<_> = place.into_iter().chain([client.as_str()]).collect();
    doer.json(&route("PUT", "/{clientId}"), &one, me, json!({"name": "renamed"})).await;
    let key = json!({
        "name": "signed", "public_key": {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
    });
    for (kind, new) in [("keys", key), ("secrets", json!({"name": "second"}))] {
        let made = doer.json(&route("POST", &format!("/{{clientId}}/{kind}")), &one, me, new).await;
        let id = made.body["key"]["id"].as_str().or(made.body["secret"]["id"].as_str()).unwrap();
        let name = if kind == "keys" { "keyId" } else { "secretId" };
        let ended: Vec<_> = one.iter().copied().chain([id]).collect();
        let end = format!("/{{clientId}}/{kind}/{{{name}}}");
        doer.json(&route("DELETE", &end), &ended, me, json!({})).await;
    }
    doer.json(&route("DELETE", "/{clientId}"), &one, me, json!({})).await;
}

async fn devices(doer: &mut Doer<'_>, me: &str, product: &Product) {
    let (of_product, token) = ("/v1/products/{productIdOrSlug}", product.token.as_str());
    let id = product.id.as_str();
    let open = json!({"settings": {"team_tokens": true}});
    doer.json(&format!("PUT {of_product}"), &[id], token, open).await;
    doer.json(&format!("POST {of_product}/devices"), &[id], token, json!({"id": DEVICE})).await;
    doer.json("POST /v1/devices", &[], me, json!({"id": DEVICE})).await;
    let pem = include_str!("../../../../mote-core/src/device_keys/test_keys/ec.pem");
    let key = json!({"publicKey": pem, "algorithm": "ecc"});
    doer.json("POST /v1/provisioning/{deviceId}", &[DEVICE], me, key).await;
    doer.json("PUT /v1/devices/{deviceId}", &[DEVICE], me, json!({"name": "porch"})).await;
    environment(doer, "/v1", None, me, DEVICE).await;
    environment(doer, of_product, Some(id), token, DEVICE).await;
    doer.json("DELETE /v1/devices/{deviceId}", &[DEVICE], me, json!({})).await;
    let one = format!("{of_product}/devices/{{deviceId}}");
    doer.json(&format!("PUT {one}"), &[id, DEVICE], token, json!({"name": "shed"})).await;
    doer.cloud.json("POST", "/v1/devices", me, json!({"id": DEVICE})).await;
    doer.json(&format!("DELETE {one}/owner"), &[id, DEVICE], token, json!({})).await;
    // An organization reaches the devices of its products.
    let clients = "/v1/products/made/clients";
    let new = [("name", "server"), ("type", "installed")];
    let client = doer.cloud.form("POST", clients, me, &new).await;
    let minted = doer.cloud.mint(&client.text("/client/id"), &client.text("/client/secret")).await;
    let made = bearer(&minted.text("/access_token"));
    let open = json!({"settings": {"team_tokens": true}});
    assert_eq!(doer.cloud.json("PUT", "/v1/products/made", &made, open).await.status, 200);
    let third = json!({"id": "e00fce680123456789abcd01"});
    assert_eq!(doer.cloud.json("POST", "/v1/products/made/devices", &made, third).await.status, 200);
    environment(doer, "/v1/orgs/{orgIdOrSlug}", Some("makers"), me, "e00fce680123456789abcd01").await;
}

async fn fleet(doer: &mut Doer<'_>, me: &str, product: &Product) {
    let (token, id) = (product.token.as_str(), product.id.as_str());
    let route = |method: &str, end: &str| format!("{method} /v1/products/{{productIdOrSlug}}{end}");
    for version in [1, 2] {
        let before = doer.newest().await;
        let answer = crate::firmware::upload(doer.cloud, product, version).await;
        doer.told(&route("POST", "/firmware"), before, &answer).await;
    }
    let path = format!("/v1/products/{id}/config");
    let schema = json!({"type": "object", "properties": {"led": {"type": "object"}}});
    for path in [path.clone(), format!("{path}/{DEVICE}")] {
        assert_eq!(crate::configurations::set_schema(doer.cloud, &path, token, &schema).await.status, 200);
    }
    let groups = json!({"action": "groups", "devices": [DEVICE], "metadata": {"add": ["beta"]}});
    let release = json!({"version": 1, "groups": ["beta"], "product_default": false});
    let customer = json!({"email": "zoe@example.com", "password": PASSWORD});
    for (method, end, named, body) in [
        ("POST", "/groups", vec![], json!({"name": "beta"})),
        ("PUT", "/groups/{groupName}", vec!["beta"], json!({"description": "Brave"})),
        ("PUT", "/devices", vec![], groups),
        ("PUT", "/firmware/release", vec![], release),
        ("PUT", "/firmware/{version}", vec!["1"], json!({"title": "Later"})),
        ("DELETE", "/firmware/{version}", vec!["2"], json!({})),
        ("DELETE", "/groups/{groupName}", vec!["beta"], json!({})),
        ("PUT", "/config", vec![], json!({"led": {"on": true}})),
        ("PUT", "/config/{deviceId}", vec![DEVICE], json!({"led": {"on": true}})),
        ("POST", "/customers", vec![], customer),
        (
            "PUT",
            "/customers/{customerEmail}",
            vec!["zoe@example.com"],
            json!({"password": "another one 99 long"}),
        ),
        ("DELETE", "/customers/{customerEmail}", vec!["zoe@example.com"], json!({})),
        ("POST", "/sims", vec![], json!({"sims": [CARD]})),
        ("PUT", "/sims/{iccid}", vec![CARD], json!({"action": "deactivate"})),
        ("DELETE", "/sims/{iccid}", vec![CARD], json!({})),
    ] {
        let named: Vec<_> = std::iter::once(id).chain(named).collect();
        doer.json(&route(method, end), &named, token, body).await;
    }
    for (end, path) in [("/config/{deviceId}", format!("{path}/{DEVICE}")), ("/config", path.clone())] {
        let before = doer.newest().await;
        let request = Request::delete(path).header("authorization", token);
        let request = request.header("content-type", "application/schema+json");
        let answer = doer.cloud.send(request.body(Body::empty()).unwrap()).await;
        doer.told(&route("DELETE", end), before, &answer).await;
    }
    doer.json("PUT /v1/sims/{iccid}", &[CARD], me, json!({"action": "activate"})).await;
    doer.json("DELETE /v1/sims/{iccid}", &[CARD], me, json!({})).await;
}

/// What ends the rest.
async fn last(doer: &mut Doer<'_>, me: &str, product: &Product) {
    let one = "DELETE /v1/products/{productIdOrSlug}/devices/{deviceId}";
    for device in [DEVICE, OTHER_DEVICE] {
        doer.json(one, &[&product.id, device], &product.token, json!({})).await;
    }
    doer.json("DELETE /v1/products/{productIdOrSlug}", &[&product.id], me, json!({})).await;
    let made = "/v1/products/made/devices/e00fce680123456789abcd01";
    assert_eq!(doer.cloud.form("DELETE", made, me, &[]).await.status, 204);
    doer.json("DELETE /v1/products/{productIdOrSlug}", &["made"], me, json!({})).await;
    doer.json("DELETE /v1/orgs/{orgIdOrSlug}", &["makers"], me, json!({})).await;
}
