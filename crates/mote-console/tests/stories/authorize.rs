//! Programs send people here to let them act for them, with strict PKCE.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use mote_core::clients::Client;
use mote_core::tokens::Lifetime;
use ring::digest::{SHA256, digest};

use crate::cloud::{Browser, Cloud, PASSWORD};
use crate::on_both_engines;

on_both_engines!(
    a_person_lets_a_program_act_for_him,
    a_code_ends_with_what_it_was_allowed_by,
    a_customer_signs_in_for_a_program,
    a_code_is_good_for_one_trade,
    nobody_is_sent_where_he_should_not_be,
    a_request_that_is_wrong_goes_back_with_its_reason,
    a_parameter_without_a_value_counts_as_left_out,
    a_code_asked_for_without_an_address_is_traded_with_the_registered_one,
);

const VERIFIER: &str = "a-verifier-of-at-least-forty-three-characters";
const BACK: &str = "https://app.example.com/cb?x=1";

/// A client of type `web` that somebody made at this list, with its ID and its secret.
pub(crate) async fn web_client(browser: &mut Browser<'_>, list: &str) -> (String, String) {
    browser.get(&format!("{list}/new")).await;
    let fields = [
        ("name", "Web App"),
        ("purpose", "custom"),
        ("kind", "web"),
        ("scope", "none"),
        ("redirect_uri", BACK),
    ];
    let made = browser.post(list, &fields).await;
    let shown = |before: &str| made.between(before, "</code>").to_owned();
    (
        shown("<dt>Client ID</dt><dd><span class=\"copied\"><code>"),
        shown("id=\"secret\"><span class=\"copied\"><code>"),
    )
}

/// The request that a program sends a browser with.
pub(crate) fn request(client: &str) -> Vec<(&'static str, String)> {
    let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, VERIFIER.as_bytes()));
    vec![
        ("response_type", "code".into()),
        ("client_id", client.into()),
        ("redirect_uri", BACK.into()),
        ("state", "a state & more".into()),
        ("code_challenge", challenge),
        ("code_challenge_method", "S256".into()),
    ]
}

pub(crate) fn query(request: &[(&'static str, String)]) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(request).finish();
    format!("/oauth/authorize?{query}")
}

/// The same as a form, with a decision.
pub(crate) async fn decide(
    browser: &mut Browser<'_>,
    request: &[(&'static str, String)],
    more: &[(&'static str, &str)],
) -> crate::cloud::Page {
    let mut fields: Vec<_> = request.iter().map(|(name, value)| (*name, value.as_str())).collect();
    fields.extend(more);
    browser.post("/oauth/authorize", &fields).await
}

/// A value of the query of an address.
fn value_of(address: &str, name: &str) -> String {
    let query = address.split_once('?').unwrap().1;
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    pairs.find(|(known, _)| known == name).unwrap_or_else(|| panic!("{name} in {address}")).1.into_owned()
}

async fn client_of(cloud: &Cloud, client: &(String, String)) -> std::sync::Arc<Client> {
    cloud.mote.authenticate_client(&client.0, &client.1).await.unwrap()
}

/// Makes `him@example.com` a customer of the client's product.
pub(crate) async fn add_customer(cloud: &Cloud, (id, secret): &(String, String)) {
    let basic = base64::engine::general_purpose::STANDARD.encode(format!("{id}:{secret}"));
    let form = form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("email", "him@example.com"), ("password", PASSWORD)])
        .finish();
    let request = http::Request::post("/v1/products/1001/customers")
        .header("authorization", format!("Basic {basic}"))
        .header("content-type", "application/x-www-form-urlencoded");
    let made = cloud.send(request.body(form.into()).unwrap()).await;
    assert!(made.status.is_success(), "{}", made.text);
}

async fn a_person_lets_a_program_act_for_him(cloud: Cloud) {
    let mut browser = cloud.person("me@example.com").await;
    let client = web_client(&mut browser, "/account/clients").await;
    let asked = request(&client.0);
    // Whoever is not signed in is asked to, and comes back here.
    let sent = Browser::new(&cloud).get(&query(&asked)).await;
    assert!(value_of(sent.location(), "next").starts_with("/oauth/authorize?response_type=code&client_id="));
    let page = browser.get(&query(&asked)).await;
    assert!(page.text.contains("Let Web App act for you?") && page.text.contains("me@example.com"));
    assert!(page.header("content-security-policy").ends_with("form-action 'self' https://app.example.com"));
    let denied = decide(&mut browser, &asked, &[("decision", "deny")]).await;
    assert_eq!(value_of(denied.location(), "error"), "access_denied");
    let allowed = decide(&mut browser, &asked, &[("decision", "allow")]).await;
    let back = allowed.location();
    assert!(back.starts_with("https://app.example.com/cb?x=1&code="), "{back}");
    assert_eq!(value_of(back, "state"), "a state & more");
    assert_eq!(value_of(back, "iss"), cloud.mote.settings().public_url);
    let (client, code) = (client_of(&cloud, &client).await, value_of(back, "code"));
    let minted =
        cloud.mote.code_grant(&client, &code, Some(BACK), VERIFIER, Lifetime::default(), None).await.unwrap();
    let grant = cloud.mote.authenticate(minted.access.expose().as_ref()).await.unwrap();
    assert!(grant.holder().account().is_some());
    // It acts for him and is not him.
    let begin = http::Request::get("/v1/user/mfa-enable")
        .header("authorization", format!("Bearer {}", minted.access.expose().as_str()));
    let refused = cloud.send(begin.body(axum::body::Body::empty()).unwrap()).await;
    assert!(
        refused.status == StatusCode::FORBIDDEN && refused.text.contains("sign in yourself"),
        "{}",
        refused.text
    );
}

async fn a_code_ends_with_what_it_was_allowed_by(cloud: Cloud) {
    let mut browser = cloud.person("me@example.com").await;
    let names = web_client(&mut browser, "/account/clients").await;
    let (asked, client) = (request(&names.0), client_of(&cloud, &names).await);
    for end in ["/sign-out", "tokens"] {
        browser.get(&query(&asked)).await;
        let code = value_of(decide(&mut browser, &asked, &[("decision", "allow")]).await.location(), "code");
        let secret = mote_core::keys::TokenSecret::parse(&browser.cookies["__Host-mote"]).unwrap();
        let grant = cloud.mote.authenticate_console(&secret).await.unwrap();
        if end == "tokens" {
            let caller = mote_core::authorization::Caller::new(grant, None);
            cloud.mote.end_all_tokens(&cloud.mote.account_access(caller).unwrap()).await.unwrap();
        } else {
            assert_eq!(browser.post(end, &[]).await.status, StatusCode::SEE_OTHER);
            browser.get("/sign-in").await;
            let credentials = [("username", "me@example.com"), ("password", PASSWORD)];
            assert_eq!(browser.post("/sign-in", &credentials).await.status, StatusCode::SEE_OTHER);
        }
        let traded = cloud.mote.code_grant(&client, &code, Some(BACK), VERIFIER, Lifetime::Never, None).await;
        assert!(matches!(traded, Err(mote_core::Error::OAuth(_))), "{end}: {traded:?}");
    }
}

async fn a_customer_signs_in_for_a_program(cloud: Cloud) {
    let mut browser = cloud.person("me@example.com").await;
    let product = browser.product("TempMon V100").await;
    let client = web_client(&mut browser, &format!("{product}/authentication")).await;
    add_customer(&cloud, &client).await;
    let (asked, mut visitor) = (request(&client.0), Browser::new(&cloud));
    let page = visitor.get(&query(&asked)).await;
    assert!(page.text.contains("Sign in to TempMon V100") && page.status == StatusCode::OK);
    let him = |password| [("decision", "allow"), ("username", "him@example.com"), ("password", password)];
    let wrong = decide(&mut visitor, &asked, &him("not that one")).await;
    assert!(wrong.status == StatusCode::OK && wrong.text.contains("role=\"alert\""));
    let allowed = decide(&mut visitor, &asked, &him(PASSWORD)).await;
    let (client, code) = (client_of(&cloud, &client).await, value_of(allowed.location(), "code"));
    let minted =
        cloud.mote.code_grant(&client, &code, Some(BACK), VERIFIER, Lifetime::default(), None).await.unwrap();
    let grant = cloud.mote.authenticate(minted.access.expose().as_ref()).await.unwrap();
    assert!(matches!(grant.holder(), mote_core::tokens::Holder::Customer(..)));
}

async fn a_code_is_good_for_one_trade(cloud: Cloud) {
    let mut browser = cloud.person("me@example.com").await;
    let names = web_client(&mut browser, "/account/clients").await;
    let other = web_client(&mut browser, "/account/clients").await;
    let (asked, own) = (request(&names.0), client_of(&cloud, &names).await);
    let other = client_of(&cloud, &other).await;
    browser.get(&query(&asked)).await;
    let mut code = async || {
        let allowed = decide(&mut browser, &asked, &[("decision", "allow")]).await;
        value_of(allowed.location(), "code")
    };
    let trade = async |client: &Client, code: &str, back: Option<&str>, verifier: &str| {
        cloud.mote.code_grant(client, code, back, verifier, Lifetime::default(), None).await
    };
    for (client, back, verifier) in [
        (&other, Some(BACK), VERIFIER),
        (&own, Some("https://app.example.com/"), VERIFIER),
        (&own, None, VERIFIER),
        (&own, Some(BACK), "another-verifier-of-forty-three-characters-"),
    ] {
        let code = code().await;
        assert!(trade(client, &code, back, verifier).await.is_err());
        assert!(trade(&own, &code, Some(BACK), VERIFIER).await.is_err(), "a wrong trade spends it");
    }
    let refused = trade(&own, &code().await, Some("https://app.example.com/"), VERIFIER).await.unwrap_err();
    assert!(refused.to_string().contains("redirect_uri"), "{refused}");
    let late = code().await;
    cloud.pass(121);
    assert!(trade(&own, &late, Some(BACK), VERIFIER).await.is_err());
    for (back, verifier) in [
        (Some(BACK), VERIFIER),
        (None, VERIFIER),
        (Some(BACK), "another-verifier-of-forty-three-characters-"),
    ] {
        let code = code().await;
        let minted = trade(&own, &code, Some(BACK), VERIFIER).await.unwrap();
        let token = minted.access.expose().to_string();
        assert!(trade(&other, &code, Some(BACK), VERIFIER).await.is_err());
        cloud.mote.authenticate(&token).await.unwrap();
        assert!(trade(&own, &code, back, verifier).await.is_err());
        assert!(cloud.mote.authenticate(&token).await.is_err(), "who has the code has what came of it");
    }
}

async fn nobody_is_sent_where_he_should_not_be(cloud: Cloud) {
    let mut browser = cloud.person("me@example.com").await;
    let client = web_client(&mut browser, "/account/clients").await;
    for (name, value) in [
        ("client_id", "nobody-0000"),
        ("client_id", ""),
        ("redirect_uri", "https://evil.example/cb"),
        ("redirect_uri", "https://app.example.com/cb"),
    ] {
        let mut asked = request(&client.0);
        asked.iter_mut().find(|(known, _)| *known == name).unwrap().1 = value.into();
        let page = browser.get(&query(&asked)).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{name}");
        assert!(!page.text.contains("action=\"/oauth/authorize\"") && !page.text.contains("evil"));
        assert!(page.text.contains(name), "{name} is what is wrong: {}", page.text);
        let decided = decide(&mut browser, &asked, &[("decision", "allow")]).await;
        assert_eq!(decided.status, StatusCode::BAD_REQUEST, "{name}");
    }
    // An installed client signs nobody in by browser.
    let made = browser.post("/account/clients", &[("name", "cli"), ("purpose", "server")]).await;
    let installed = made.between("<dt>Client ID</dt><dd><span class=\"copied\"><code>", "</code>").to_owned();
    assert_eq!(browser.get(&query(&request(&installed))).await.status, StatusCode::BAD_REQUEST);
}

async fn a_request_that_is_wrong_goes_back_with_its_reason(cloud: Cloud) {
    let mut browser = cloud.person("me@example.com").await;
    let client = web_client(&mut browser, "/account/clients").await;
    for (name, value, error) in [
        ("response_type", "token", "unsupported_response_type"),
        ("response_type", "", "invalid_request"),
        ("code_challenge", "short", "invalid_request"),
        ("code_challenge_method", "plain", "invalid_request"),
        ("scope", "devices:list", "invalid_scope"),
    ] {
        let mut asked = request(&client.0);
        asked.retain(|(known, _)| *known != name);
        asked.push((name, value.into()));
        let sent = browser.get(&query(&asked)).await;
        assert_eq!(value_of(sent.location(), "error"), error, "{name}");
        assert_eq!(value_of(sent.location(), "state"), "a state & more");
    }
}

async fn a_parameter_without_a_value_counts_as_left_out(cloud: Cloud) {
    let mut browser = cloud.person("me@example.com").await;
    let client = web_client(&mut browser, "/account/clients").await;
    let with = |empty: &[&'static str]| {
        let mut asked = request(&client.0);
        asked.retain(|(known, _)| !empty.contains(known));
        asked.extend(empty.iter().map(|name| (*name, String::new())));
        asked
    };
    let asked = with(&["redirect_uri", "state", "scope"]);
    let page = browser.get(&query(&asked)).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.location());
    let allowed = decide(&mut browser, &asked, &[("decision", "allow")]).await;
    let back = allowed.location();
    assert!(back.starts_with("https://app.example.com/cb?x=1&code=") && !back.contains("state="), "{back}");
    for name in ["response_type", "code_challenge", "code_challenge_method"] {
        let sent = browser.get(&query(&with(&[name]))).await;
        assert_eq!(value_of(sent.location(), "error"), "invalid_request", "{name}");
        assert!(value_of(sent.location(), "error_description").contains(name));
    }
}

async fn a_code_asked_for_without_an_address_is_traded_with_the_registered_one(cloud: Cloud) {
    let mut browser = cloud.person("me@example.com").await;
    let names = web_client(&mut browser, "/account/clients").await;
    let own = client_of(&cloud, &names).await;
    let mut asked = request(&names.0);
    asked.retain(|(known, _)| *known != "redirect_uri");
    browser.get(&query(&asked)).await;
    for (back, is_taken) in [(None, true), (Some(BACK), true), (Some("https://app.example.com/cb"), false)] {
        let allowed = decide(&mut browser, &asked, &[("decision", "allow")]).await;
        let code = value_of(allowed.location(), "code");
        let traded = cloud.mote.code_grant(&own, &code, back, VERIFIER, Lifetime::default(), None).await;
        assert_eq!(traded.is_ok(), is_taken, "{back:?}");
    }
}
