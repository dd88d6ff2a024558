//! Forms that were forged, and what is around every page.

use axum::body::Body;
use http::{Request, StatusCode};

use crate::cloud::{Browser, Cloud};
use crate::on_both_engines;

on_both_engines!(
    a_forged_form_is_refused,
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
    assert!(page.header("content-type").starts_with("text/html"));
}
