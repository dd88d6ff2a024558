//! Addresses of pages that are not well-formed, as people come to them by broken links.

use http::StatusCode;

use crate::authorize::{decide, query, request, web_client};
use crate::cloud::{Browser, Cloud, Page};
use crate::on_both_engines;

on_both_engines!(
    an_address_that_is_not_well_formed_is_told_by_a_page,
    what_a_program_asks_twice_is_told_to_the_person_alone,
);

/// A page of this console that says what was wrong.
fn is_told(page: &Page, what: &str) -> bool {
    page.status == StatusCode::BAD_REQUEST
        && page.header("content-type").starts_with("text/html")
        && page.header("content-security-policy").starts_with("default-src 'none'")
        && page.location().is_empty()
        && page.text.contains(what)
}

async fn an_address_that_is_not_well_formed_is_told_by_a_page(cloud: Cloud) {
    let mut visitor = Browser::new(&cloud);
    for (path, what) in [
        ("/sign-in?next=a&next=b", "next"),
        ("/sign-in?done=%ff", "UTF-8"),
        ("/reset-password?token=a&token=b", "token"),
        ("/set-up?token=a&token=b", "token"),
    ] {
        let page = visitor.get(path).await;
        assert!(is_told(&page, what), "{path}: {} {}", page.status, page.text);
    }
    assert_eq!(visitor.get("/sign-in?next=&done=").await.status, StatusCode::OK);
    let mut browser = cloud.person("me@example.com").await;
    let product = browser.product("TempMon V100").await;
    for (path, what) in [
        ("/join?token=a&token=b".to_owned(), "token"),
        ("/?done=a&done=b".to_owned(), "done"),
        ("/products/new?name=a&name=b".to_owned(), "name"),
        (format!("{product}/devices?page=abc"), "page"),
        (format!("{product}/devices?id=a&id=b"), "id"),
        (format!("{product}/sims?page=1.5"), "page"),
        (format!("{product}/audit?actor=a&actor=b"), "actor"),
    ] {
        let page = browser.get(&path).await;
        assert!(is_told(&page, what) && !page.text.contains("abc"), "{path}: {} {}", page.status, page.text);
    }
    for path in [format!("{product}/groups/%ff"), format!("{product}/sims/%ff"), "/products/%ff".to_owned()] {
        let page = browser.get(&path).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
        assert!(page.header("content-type").starts_with("text/html"), "{path}: {}", page.text);
    }
    let page = browser.post("/account/tokens/abc/end", &[]).await;
    assert!(page.status == StatusCode::NOT_FOUND && page.text.contains("There is nothing at this address"));
    let listed = browser.get(&format!("{product}/devices?page=&name=&utm=1&utm=2")).await;
    assert_eq!(listed.status, StatusCode::OK, "what is empty or not known is left aside");
}

async fn what_a_program_asks_twice_is_told_to_the_person_alone(cloud: Cloud) {
    let mut browser = cloud.person("me@example.com").await;
    let client = web_client(&mut browser, "/account/clients").await;
    let asked = request(&client.0);
    browser.get(&query(&asked)).await;
    for (name, value) in &asked {
        let twice = [asked.clone(), vec![(*name, value.clone())]].concat();
        let page = browser.get(&query(&twice)).await;
        assert!(is_told(&page, name), "{name}: {} {}", page.status, page.text);
        let decided = decide(&mut browser, &twice, &[("decision", "allow")]).await;
        assert!(is_told(&decided, ""), "{name}: {} {}", decided.status, decided.text);
    }
    // RFC 6749 section 3.1: what is not known is left aside, as `resource` of RFC 8707, which may come more than once.
    let more = [asked.clone(), vec![("resource", "a".into()), ("resource", "b".into())]].concat();
    assert_eq!(browser.get(&query(&more)).await.status, StatusCode::OK);
}
