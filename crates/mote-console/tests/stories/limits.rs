//! How often somebody at a browser may guess.

use axum::body::Body;
use http::StatusCode;

use crate::authorize::{add_customer, decide, query, request, web_client};
use crate::cloud::{Browser, Cloud, HOST, PASSWORD, Page};
use crate::on_both_engines;

on_both_engines!(
    an_address_that_guesses_where_customers_sign_in_is_locked_out_of_it,
    every_page_that_takes_a_credential_is_counted_as_one,
    a_present_password_that_is_asked_for_once_more_is_a_guess_too,
    what_the_frame_refuses_is_a_page_for_people_alone,
);

/// Whether the address is told to wait, on a page for people.
fn is_refused(page: &Page) -> bool {
    let refused = page.status == StatusCode::TOO_MANY_REQUESTS;
    if refused {
        assert!(page.text.contains("<h1>Too many requests</h1>"), "{}", page.text);
        assert!(page.text.contains(&format!("try again in {} seconds.", page.header("retry-after"))));
        assert!(page.header("content-security-policy").contains("frame-ancestors 'none'"));
    }
    refused
}

async fn an_address_that_guesses_where_customers_sign_in_is_locked_out_of_it(cloud: Cloud) {
    let mut browser = cloud.person("me@example.com").await;
    let product = browser.product("TempMon V100").await;
    let client = web_client(&mut browser, &format!("{product}/authentication")).await;
    add_customer(&cloud, &client).await;
    let (asked, mut visitor) = (request(&client.0), Browser::at(&cloud, "192.0.2.1"));
    visitor.get(&query(&asked)).await;
    let him = |password| [("decision", "allow"), ("username", "him@example.com"), ("password", password)];
    for round in 0..2 {
        for _ in 0..9 {
            let wrong = decide(&mut visitor, &asked, &him("not that one")).await;
            assert_eq!(wrong.status, StatusCode::OK);
        }
        if round == 0 {
            let right = decide(&mut visitor, &asked, &him(PASSWORD)).await;
            assert_eq!(right.status, StatusCode::SEE_OTHER, "a right one ends the row");
        }
    }
    decide(&mut visitor, &asked, &him("not that one")).await;
    // Whoever is locked out does not get to end that by what he knows.
    for _ in 0..2 {
        assert!(is_refused(&decide(&mut visitor, &asked, &him(PASSWORD)).await));
        assert!(is_refused(&visitor.post("/sign-in", &[("username", "me@example.com")]).await));
    }
    assert_eq!(visitor.get(&query(&asked)).await.status, StatusCode::OK, "pages are shown all the same");
    cloud.pass(1800);
    let right = decide(&mut visitor, &asked, &him(PASSWORD)).await;
    assert_eq!(right.status, StatusCode::SEE_OTHER);
}

async fn every_page_that_takes_a_credential_is_counted_as_one(cloud: Cloud) {
    let pages = [
        "/sign-in",
        "/sign-in/code",
        "/sign-up",
        "/forgotten-password",
        "/reset-password",
        "/change-address",
        "/set-up",
        "/join",
        "/oauth/authorize",
        "/account/address",
        "/account/password",
        "/account/delete",
        "/account/second-factor",
        "/account/second-factor/confirm",
        "/account/second-factor/off",
        "/account/tokens",
    ];
    for (number, path) in pages.into_iter().enumerate() {
        let mut visitor = Browser::at(&cloud, &format!("192.0.2.{number}"));
        for _ in 0..100 {
            assert!(!is_refused(&visitor.post_with(path, &[], None, &[]).await), "{path}");
        }
        assert!(is_refused(&visitor.post_with(path, &[], None, &[]).await), "{path}");
    }
    for (number, link) in ["/set-up?token=0", "/reset-password?token=0"].into_iter().enumerate() {
        let mut visitor = Browser::at(&cloud, &format!("198.51.100.{number}"));
        for _ in 0..100 {
            assert!(!is_refused(&visitor.get(link).await), "{link}");
        }
        assert!(
            is_refused(&visitor.get(link).await),
            "{link}: its answer tells a right link from a wrong one"
        );
    }
}

async fn a_present_password_that_is_asked_for_once_more_is_a_guess_too(cloud: Cloud) {
    cloud.account("me@example.com").await;
    let mut browser = Browser::at(&cloud, "192.0.2.1");
    browser.get("/sign-in").await;
    let credentials = [("username", "me@example.com"), ("password", PASSWORD)];
    assert_eq!(browser.post("/sign-in", &credentials).await.status, StatusCode::SEE_OTHER);
    browser.get("/account").await;
    let new = ("username", "you@example.com");
    let wrong = [new, ("current_password", "not that one"), ("password", "not that one")];
    for round in 0..2 {
        for page in ["address", "password", "delete", "second-factor/off", "tokens"] {
            let refused = browser.post(&format!("/account/{page}"), &wrong).await.text;
            let told = "is not the account&#39;s present password";
            assert!(refused.contains(told), "{round} {page}: {refused}");
        }
    }
    assert!(is_refused(&browser.post("/account/tokens", &[("password", PASSWORD)]).await));
    assert_eq!(browser.get("/account").await.status, StatusCode::OK, "whoever is in stays in");
}

async fn what_the_frame_refuses_is_a_page_for_people_alone(cloud: Cloud) {
    let browser = Browser::new(&cloud);
    let send = async |path: &str, accept: &str| {
        let request = http::Request::post(path).header("host", HOST).header("accept", accept);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        cloud.send(request.body(Body::from("name=%ff")).unwrap()).await
    };
    let page = send("/sign-in", "text/html, */*").await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    assert!(
        page.text.contains("<h1>That did not work</h1>") && page.text.contains("is not UTF-8."),
        "{}",
        page.text
    );
    for (path, accept) in [("/v1/user", "text/html"), ("/oauth/token", "text/html"), ("/sign-in", "*/*")] {
        let told: serde_json::Value = serde_json::from_str(&send(path, accept).await.text).unwrap();
        assert_eq!(told["error"], "invalid_request", "{path}");
        assert_eq!(told.get("ok").is_none(), path == "/oauth/token", "{path}");
    }
    let long = browser.request("GET", &format!("/{}", "x".repeat(9000))).body(Body::empty()).unwrap();
    let page = cloud.send(long).await;
    assert_eq!(page.status, StatusCode::URI_TOO_LONG);
    assert!(page.text.contains("The address is too long"), "{}", page.text);
}
