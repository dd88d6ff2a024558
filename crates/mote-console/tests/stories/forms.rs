//! Forms that were forged, and what is around every page.

use axum::body::Body;
use http::{Request, StatusCode};

use crate::authorize::{add_customer, decide, query, request, web_client};
use crate::cloud::{Browser, Cloud};
use crate::on_both_engines;

on_both_engines!(
    a_forged_form_is_refused,
    once_somebody_is_signed_in_his_sessions_token_alone_counts,
    who_is_signed_in_can_send_the_forms_of_visitors_too,
    every_page_has_its_headers,
    what_is_not_there_is_said_in_both_ways
);

async fn a_forged_form_is_refused(cloud: Cloud) {
    let mut browser = cloud.person("me@example.com").await;
    browser.get("/products/new").await;
    let token = browser.form_token();
    let fields = [("name", "Forged"), ("platform", "13")];
    let same = [("sec-fetch-site", "same-origin")];
    let other = cloud.person("other@example.com").await;
    let foreign = {
        let mut other = other;
        other.get("/products/new").await;
        other.form_token()
    };
    for (token, headers) in [
        (None, &same[..]),
        (Some(""), &same[..]),
        (Some(foreign.as_str()), &same[..]),
        (Some(&token[1..]), &same[..]),
        (Some(token.as_str()), &[("sec-fetch-site", "cross-site")][..]),
        (Some(token.as_str()), &[("sec-fetch-site", "same-site")][..]),
        (Some(token.as_str()), &[("origin", "https://evil.example")][..]),
        (Some(token.as_str()), &[("origin", "null")][..]),
    ] {
        let refused = browser.post_with("/products/new", &fields, token, headers).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{token:?} {headers:?}");
        assert!(refused.text.contains("Form refused"));
    }
    // As JSON, as text, or twice: none of it is a form.
    for (kind, body) in [("application/json", "{\"name\":\"Forged\"}"), ("text/plain", "name=Forged")] {
        let request = browser.request("POST", "/products/new").header("content-type", kind);
        assert_eq!(cloud.send(request.body(Body::from(body)).unwrap()).await.status, StatusCode::FORBIDDEN);
    }
    let twice = [("name", "Forged"), ("form_token", token.as_str())];
    let refused = browser.post_with("/products/new", &twice, Some(&token), &same).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(browser.get("/").await.text.contains("Make your first product"), "nothing was made");
    let own = [("origin", "https://mote.example.com")];
    let made = browser.post_with("/products/new", &fields, Some(&token), &own).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER);
    // Signing somebody in to a stranger's account is a forgery too.
    let mut victim = Browser::new(&cloud);
    let fields = [("username", "me@example.com"), ("password", crate::cloud::PASSWORD)];
    let refused = victim.post_with("/sign-in", &fields, Some(&token), &[]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}

const VISITOR: &str = "__Host-mote-visitor";

async fn once_somebody_is_signed_in_his_sessions_token_alone_counts(cloud: Cloud) {
    cloud.account("me@example.com").await;
    let mut browser = Browser::new(&cloud);
    browser.get("/sign-in").await;
    let (visitor, of_visitor) = (browser.cookies[VISITOR].clone(), browser.form_token());
    let credentials = [("username", "me@example.com"), ("password", crate::cloud::PASSWORD)];
    assert_eq!(browser.post("/sign-in", &credentials).await.status, StatusCode::SEE_OTHER);
    // Whoever can plant a cookie knows what forms carry that belongs to it.
    browser.cookies.insert(VISITOR.into(), visitor);
    browser.get("/products/new").await;
    let (of_session, fields) = (browser.form_token(), [("name", "Forged"), ("platform", "13")]);
    let refused = browser.post_with("/products/new", &fields, Some(&of_visitor), &[]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    // Nor is another signed in by it; a tab from before is told why.
    let refused = browser.post_with("/sign-in", &credentials, Some(&of_visitor), &[]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(
        refused.text.contains("You are signed in") && refused.text.contains("href=\"/\""),
        "{}",
        refused.text
    );
    assert!(browser.get("/").await.text.contains("Make your first product"), "nothing was made");
    let made = browser.post_with("/products/new", &fields, Some(&of_session), &[]).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER);
    // The cookie of a session that has ended is in nobody's way.
    let over = browser.cookies.clone();
    browser.get("/").await;
    browser.post("/sign-out", &[]).await;
    browser.cookies = over;
    browser.get("/sign-in").await;
    assert_eq!(browser.post("/sign-in", &credentials).await.location(), "/");
}

async fn who_is_signed_in_can_send_the_forms_of_visitors_too(cloud: Cloud) {
    let mut browser = cloud.person("me@example.com").await;
    browser.get("/forgotten-password").await;
    let sent = browser.post("/forgotten-password", &[("username", "me@example.com")]).await;
    assert_eq!(sent.location(), "/sign-in?done=reset-sent", "{}", sent.text);
    browser.get("/reset-password?token=0").await;
    let over = browser.post("/reset-password", &[("token", "0"), ("password", crate::cloud::PASSWORD)]).await;
    assert!(over.text.contains("This link is used or over"), "{}", over.text);
    let product = browser.product("TempMon V100").await;
    let client = web_client(&mut browser, &format!("{product}/authentication")).await;
    add_customer(&cloud, &client).await;
    let asked = request(&client.0);
    browser.get(&query(&asked)).await;
    let him = [("decision", "allow"), ("username", "him@example.com"), ("password", crate::cloud::PASSWORD)];
    let allowed = decide(&mut browser, &asked, &him).await;
    assert!(allowed.location().contains("code="), "{}", allowed.text);
    assert!(!browser.cookies.contains_key(VISITOR), "a session binds its forms");
}

async fn every_page_has_its_headers(cloud: Cloud) {
    let mut browser = cloud.person("me@example.com").await;
    let product = browser.product("TempMon V100").await;
    for path in ["/", "/products/new", &product, "/nothing", "/sign-up", "/products/nothing"] {
        let page = browser.get(path).await;
        let policy = page.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(page.header("cache-control"), "no-store", "{path}");
        assert_eq!(page.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(page.header("referrer-policy"), "same-origin", "{path}");
        assert_eq!(page.header("access-control-allow-origin"), "", "{path}");
        assert!(
            !page.text.contains("<style")
                && !page.text.contains(" style=")
                && !page.text.contains(" onclick=")
        );
        let script =
            page.text.split("<script").skip(1).all(|tag| tag.starts_with(" type=\"module\" src=\"/assets/"));
        assert!(script, "{path} has a script in it");
    }
    let page = browser.get("/").await;
    let style = page.between("rel=\"stylesheet\" href=\"", "\"").to_owned();
    let style = browser.get(&style).await;
    assert_eq!(style.header("content-type"), "text/css; charset=utf-8");
    assert_eq!(style.header("cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(browser.get("/assets/000000000000/console.css").await.status, StatusCode::NOT_FOUND);
}

async fn what_is_not_there_is_said_in_both_ways(cloud: Cloud) {
    let mut browser = Browser::new(&cloud);
    let page = browser.get("/nothing").await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert!(
        page.header("content-type").starts_with("text/html")
            && page.text.contains("There is nothing at this address.")
    );
    for path in ["/v1/nothing", "/v1", "/oauth/nothing"] {
        let answer = cloud.send(Request::get(path).body(Body::empty()).unwrap()).await;
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (StatusCode::NOT_FOUND, "application/json"),
            "{path}"
        );
    }
    let page = browser.get("/v1x").await;
    assert!(page.header("content-type").starts_with("text/html") && !page.text.contains("Sign out"));
    let mut person = cloud.person("me@example.com").await;
    for path in ["/nothing", "/devices?page=x", "/products/none/devices"] {
        let page = person.get(path).await;
        assert!(page.status.is_client_error(), "{path}");
        assert!(
            page.text.contains("Sign out") && page.text.contains("<a href=\"/account\">"),
            "{}",
            page.text
        );
    }
    let out = person.post("/sign-out", &[]).await;
    assert_eq!(out.location(), "/sign-in?done=signed-out", "the form of such a page is one of the session's");
}
