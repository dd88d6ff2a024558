//! From a browser, with a client's ID alone.

use http::StatusCode;
use mote_core::accounts::{AuthorizationRequest, Unauthorized};
use mote_store::clients;
use serde_json::Value;

use super::{names, path};
use crate::cloud::{Answer, Cloud, PASSWORD, Product, basic, bearer};
use crate::on_both_engines;

on_both_engines!(
    a_browser_makes_a_customer_and_is_sent_to_the_registered_address,
    the_browsers_way_leads_nowhere_else,
    an_address_that_would_not_be_registered_today_leads_nowhere,
);

const CALLBACK: &str = "https://app.example.com/signed-up?x=1";

/// A client of type `web` of the product.
async fn web_client(cloud: &Cloud, product: &Product, user: &str) -> String {
    let fields = [("name", "web"), ("type", "web"), ("redirect_uri", CALLBACK)];
    let clients = format!("/v1/products/{}/clients", product.id);
    cloud.form("POST", &clients, user, &fields).await.text("/client/id")
}

/// What stands behind the `#` of the address that an answer leads to, which must be the registered one.
fn fragment(answer: &Answer) -> std::collections::HashMap<String, String> {
    assert_eq!((answer.status, &answer.body), (StatusCode::FOUND, &Value::Null));
    assert_eq!(answer.headers["cache-control"], "no-store");
    let location = answer.headers["location"].to_str().unwrap();
    let (address, fragment) = location.split_once('#').unwrap();
    assert_eq!(address, CALLBACK);
    form_urlencoded::parse(fragment.as_bytes()).into_owned().collect()
}

async fn a_browser_makes_a_customer_and_is_sent_to_the_registered_address(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let product = cloud.product(&user, "Web").await;
    let web = web_client(&cloud, &product, &user).await;
    let in_body = [("client_id", web.as_str())];
    for (email, authorization, more) in [
        ("one@example.com", String::new(), &in_body[..]),
        ("two@example.com", basic(&web, ""), &[]),
        ("three@example.com", String::new(), &[("client_id", web.as_str()), ("redirect_uri", CALLBACK)]),
    ] {
        let fields = [
            &[("email", email), ("password", PASSWORD), ("response_type", "token"), ("state", "a&b#c\r\n")],
            more,
        ];
        let sent = fragment(&cloud.form("POST", &path(&product), &authorization, &fields.concat()).await);
        let mut keys: Vec<_> = sent.keys().map(String::as_str).collect();
        keys.sort_unstable();
        assert_eq!(keys, ["access_token", "expires_in", "state", "token_type"]);
        assert_eq!(sent["state"], "a&b#c\r\n");
        let token = bearer(&sent["access_token"]);
        assert_eq!(cloud.get("/v1/devices", &token).await.status, 200);
        assert_eq!(cloud.get("/v1/access_tokens/current", &token).await.text("/client"), web);
    }
    // What a person can mend is told to the page; the token goes with the client.
    for (email, password) in
        [("one@example.com", PASSWORD), ("four@example.com", "password1"), ("a b", PASSWORD)]
    {
        let fields =
            [("email", email), ("password", password), ("response_type", "token"), ("client_id", &web)];
        let sent = fragment(&cloud.form("POST", &path(&product), "", &fields).await);
        assert_eq!(sent["error"], "invalid_request");
        assert!(sent["error_description"].len() > 10 && !sent.contains_key("access_token"));
    }
    assert_eq!(names(&cloud, &product).await.len(), 3);
}

/// Fields, and the status and error that must answer.
type Case<'a> = (&'a [(&'a str, &'a str)], u16, &'a str);

async fn the_browsers_way_leads_nowhere_else(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let (product, other) = (cloud.product(&user, "Web").await, cloud.product(&user, "Other").await);
    let (web, foreign) = (web_client(&cloud, &product, &user).await, web_client(&cloud, &other, &user).await);
    let cases: [Case<'_>; 9] = [
        (&[("client_id", &web), ("redirect_uri", "https://evil.example.com/")], 400, "invalid_request"),
        (
            &[("client_id", &web), ("redirect_uri", "https://app.example.com/signed-up?x=1#y")],
            400,
            "invalid_request",
        ),
        (&[("client_id", &product.client)], 400, "unauthorized_client"),
        (&[("client_id", &product.client), ("client_secret", &product.secret)], 400, "unauthorized_client"),
        (&[("client_id", &foreign)], 403, "Permission denied"),
        (&[("client_id", "particle")], 401, "invalid_client"),
        (&[("client_id", "nothing-0000")], 401, "invalid_client"),
        (&[], 401, "invalid_client"),
        (
            &[("client_id", &web), ("no_password", "true"), ("state", &"x".repeat(1001))],
            400,
            "invalid_request",
        ),
    ];
    for (more, status, error) in cases {
        let fields =
            [&[("email", "jane@example.com"), ("password", PASSWORD), ("response_type", "token")], more];
        let refused = cloud.form("POST", &path(&product), "", &fields.concat()).await;
        assert_eq!(refused.error(), (status, error.into()), "{more:?}");
        assert!(!refused.headers.contains_key("location"));
    }
    // An ID alone is no credential for anything but a browser's sign-up; nor is any other response_type.
    for more in [&[("client_id", web.as_str())][..], &[("client_id", &web), ("response_type", "")]] {
        let fields = [&[("email", "jane@example.com"), ("password", PASSWORD)], more].concat();
        let refused = cloud.form("POST", &path(&product), "", &fields).await;
        assert_eq!(refused.error(), (401, "invalid_client".into()));
    }
    let code = [("email", "jane@example.com"), ("response_type", "code"), ("client_id", &web)];
    assert_eq!(cloud.form("POST", &path(&product), "", &code).await.status, 400);
    // In a browser a customer has a password.
    let shadow = [
        ("email", "jane@example.com"),
        ("no_password", "1"),
        ("response_type", "token"),
        ("client_id", &web),
    ];
    assert_eq!(fragment(&cloud.form("POST", &path(&product), "", &shadow).await)["error"], "invalid_request");
    assert_eq!(names(&cloud, &product).await, [""; 0]);
}

async fn an_address_that_would_not_be_registered_today_leads_nowhere(cloud: Cloud) {
    // It says one host, and browsers go to another.
    const LAX: &str = "https://good.example@evil.example/cb";
    let user = cloud.user("me@example.com").await;
    let product = cloud.product(&user, "Old").await;
    let id = web_client(&cloud, &product, &user).await;
    // As a client that an earlier release registered.
    let stored = id.clone();
    let change = move |db: &mut mote_store::Db| {
        let row = clients::by_client_id(db, &stored)?.unwrap();
        clients::delete(db, row.id)?;
        clients::insert(db, &clients::ClientRow { redirect_uri: Some(LAX.into()), ..row })
    };
    cloud.store.write(change).await.unwrap();
    let request = AuthorizationRequest { client_id: id.clone(), ..AuthorizationRequest::default() };
    match cloud.mote.asked_authorization(&request).await.unwrap_err() {
        Unauthorized::Here(why) => assert!(why.contains("redirect_uri"), "{why}"),
        other => panic!("{other:?}"),
    }
    let fields = [
        ("email", "jane@example.com"),
        ("password", PASSWORD),
        ("response_type", "token"),
        ("client_id", &id),
    ];
    let refused = cloud.form("POST", &path(&product), "", &fields).await;
    assert_eq!(refused.error(), (400, "unauthorized_client".into()));
    assert!(refused.text("/error_description").contains("redirect_uri"), "{}", refused.body);
    assert_eq!(names(&cloud, &product).await, [""; 0]);
    let listed = cloud.get(&format!("/v1/products/{}/clients", product.id), &user).await;
    assert!(listed.body.to_string().contains(LAX), "its owner sees what is wrong: {}", listed.body);
}
