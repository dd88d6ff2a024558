//! Signing in and out, and what ends a session.

use axum::body::Body;
use http::{Request, StatusCode};
use mote_core::audit::AuditQuery;
use mote_core::mfa::totp;
use mote_core::passwords::Password;

use crate::cloud::{Browser, Cloud, PASSWORD, Page};
use crate::on_both_engines;

on_both_engines!(
    somebody_signs_in_and_out,
    what_is_done_here_is_in_the_audit_trail,
    a_session_slides_and_ends,
    a_new_password_ends_the_other_sessions,
    a_second_factor_is_asked_for,
    a_session_is_no_token_and_a_token_no_session,
    the_first_account_is_made_once,
    a_forgotten_password_is_set_by_the_link,
    a_sign_in_beyond_the_most_ends_the_oldest,
);

const SESSION: &str = "__Host-mote";

async fn somebody_signs_in_and_out(cloud: Cloud) {
    let mut browser = Browser::new(&cloud);
    cloud.account("me@example.com").await;
    let asked = browser.get("/products/new").await;
    assert_eq!((asked.status, asked.location()), (StatusCode::SEE_OTHER, "/sign-in?next=%2Fproducts%2Fnew"));
    browser.get("/sign-in?next=%2Fproducts%2Fnew").await;
    for (username, password) in [("me@example.com", "wrong"), ("nobody@example.com", PASSWORD), ("", "")] {
        let refused = browser.post("/sign-in", &[("username", username), ("password", password)]).await;
        assert!(refused.text.contains("The address or the password is wrong."), "{}", refused.text);
        assert!(!browser.cookies.contains_key(SESSION) && !refused.text.contains(PASSWORD));
    }
    let fields = [("username", "Me@Example.com"), ("password", PASSWORD), ("next", "/products/new")];
    let done = browser.post("/sign-in", &fields).await;
    assert_eq!((done.status, done.location()), (StatusCode::SEE_OTHER, "/products/new"));
    let home = browser.get("/").await;
    assert!(home.status == StatusCode::OK && home.text.contains("Make your first product"));
    let again = browser.get("/sign-in").await;
    assert_eq!(again.location(), "/", "who is signed in has nothing to do here");

    let stolen = browser.cookies.clone();
    browser.get("/").await;
    let out = browser.post("/sign-out", &[]).await;
    assert_eq!(out.location(), "/sign-in?done=signed-out");
    assert!(!browser.cookies.contains_key(SESSION));
    browser.cookies = stolen;
    assert_eq!(browser.get("/").await.location(), "/sign-in", "the session has ended on the server");
    for bad in ["", "0", &"0".repeat(40), &"g".repeat(40)] {
        browser.cookies.insert(SESSION.into(), bad.to_owned());
        assert_eq!(browser.get("/").await.location(), "/sign-in");
    }
}

async fn what_is_done_here_is_in_the_audit_trail(cloud: Cloud) {
    cloud.account("me@example.com").await;
    let mut browser = Browser::new(&cloud);
    browser.get("/sign-in").await;
    for password in ["wrong", PASSWORD] {
        browser.post("/sign-in", &[("username", "me@example.com"), ("password", password)]).await;
    }
    browser.product("Sensor").await;
    browser.get("/").await;
    browser.post("/sign-out", &[]).await;
    let mut export = cloud.mote.export_audit_for_operator(&AuditQuery::default()).unwrap();
    let entries = cloud.mote.export_more(&mut export).await.unwrap();
    let told: Vec<_> = entries.iter().map(|e| (e.actor_kind.as_str(), e.action.as_str())).collect();
    let expected = [
        ("operator", "account.created"),
        ("user", "console_session.signed_in"),
        ("console", "product.created"),
        ("console", "console_session.signed_out"),
    ];
    assert_eq!(told, expected);
    // By the session's key, which is in the entry of its beginning.
    assert_eq!(entries[2].token_id.map(|id| id.to_string()).as_deref(), Some(entries[1].target_id.as_str()));
    assert!(entries[1..].iter().all(|entry| entry.actor_name == "me@example.com"));
}

async fn a_session_slides_and_ends(cloud: Cloud) {
    const DAY: i64 = 86_400;
    let mut browser = cloud.person("me@example.com").await;
    for _ in 0..6 {
        cloud.pass(13 * DAY);
        assert_eq!(browser.get("/").await.status, StatusCode::OK, "it is used, and lives on");
    }
    cloud.pass(13 * DAY);
    assert_eq!(browser.get("/").await.location(), "/sign-in", "three months are the most");
    let mut idle = cloud.signed_in("me@example.com").await;
    cloud.pass(14 * DAY);
    assert_eq!(idle.get("/").await.location(), "/sign-in", "it was not used for two weeks");
    while cloud.mote.sweep().await.unwrap() {}
    assert_eq!(idle.get("/").await.location(), "/sign-in");
}

async fn a_new_password_ends_the_other_sessions(cloud: Cloud) {
    let mut one = cloud.person("me@example.com").await;
    let mut other = cloud.signed_in("me@example.com").await;
    assert_eq!(other.get("/").await.status, StatusCode::OK);
    let token = user_token(&cloud).await;
    let fields = "password=another+long+pass+phrase+8&current_password=a+long+pass+phrase+of+tests+7";
    let request = Request::put("/v1/user").header("authorization", format!("Bearer {token}"));
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let changed = cloud.send(request.body(Body::from(fields)).unwrap()).await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.text);
    assert_eq!(one.get("/").await.location(), "/sign-in");
    assert_eq!(other.get("/").await.location(), "/sign-in");
}

async fn user_token(cloud: &Cloud) -> String {
    let form = format!("grant_type=password&username=me@example.com&password={}", PASSWORD.replace(' ', "+"));
    let request = Request::post("/oauth/token").header("authorization", "Basic cGFydGljbGU6cGFydGljbGU=");
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let minted = cloud.send(request.body(Body::from(form)).unwrap()).await;
    minted.between("\"access_token\":\"", "\"").to_owned()
}

async fn a_second_factor_is_asked_for(cloud: Cloud) {
    let mut browser = cloud.person("me@example.com").await;
    let secret = mote_core::keys::TokenSecret::parse(&browser.cookies[SESSION]).unwrap();
    let grant = cloud.mote.authenticate_console(&secret).await.unwrap();
    let caller = mote_core::authorization::Caller::new(grant, None);
    let access = cloud.mote.account_access(caller).unwrap();
    browser.get("/account").await;
    for wrong in ["", "not that one"] {
        let page = browser.post("/account/second-factor", &[("password", wrong)]).await;
        assert!(page.text.contains("is not the account&#39;s present password"), "{}", page.text);
    }
    assert!(
        browser.post("/account/second-factor", &[("password", PASSWORD)]).await.text.contains("class=\"qr\"")
    );
    let enrolment = cloud.mote.begin_mfa(&access, Some(Password::new(PASSWORD.into()))).await.unwrap();
    let key = base32(&enrolment.secret);
    let code = totp::code_at(&key, cloud.now()).unwrap();
    let mfa_token = enrolment.mfa_token.expose();
    let enrolled = cloud.mote.confirm_mfa(&access, &mfa_token, &code, false).await.unwrap();

    let mut phone = Browser::new(&cloud);
    phone.get("/sign-in").await;
    let credentials = [("username", "me@example.com"), ("password", PASSWORD)];
    let asked = phone.post("/sign-in", &credentials).await;
    assert!(asked.text.contains("One more step") && !phone.cookies.contains_key(SESSION));
    let waiting = asked.between("name=\"waiting\" value=\"", "\"").to_owned();
    let used = phone.post("/sign-in/code", &[("waiting", &waiting), ("code", &code)]).await;
    assert!(used.text.contains("was used before") && !phone.cookies.contains_key(SESSION), "{}", used.text);
    cloud.pass(30);
    let code = totp::code_at(&key, cloud.now()).unwrap();
    // What the API handed out for its own sign-in is worth nothing here, and the other way round.
    let at_api = format!("grant_type=urn:custom:mfa-otp&mfa_token={waiting}&otp={code}");
    let request = Request::post("/oauth/token").header("authorization", "Basic cGFydGljbGU6cGFydGljbGU=");
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let refused = cloud.send(request.body(Body::from(at_api)).unwrap()).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{}", refused.text);
    let done = phone.post("/sign-in/code", &[("waiting", &waiting), ("code", &code)]).await;
    assert_eq!((done.status, done.location()), (StatusCode::SEE_OTHER, "/"));
    assert_eq!(phone.get("/").await.status, StatusCode::OK);

    let mut lost = Browser::new(&cloud);
    lost.get("/sign-in").await;
    let asked = lost.post("/sign-in", &credentials).await;
    let waiting = asked.between("name=\"waiting\" value=\"", "\"").to_owned();
    let code = enrolled.recovery_codes[3].as_str();
    let done = lost.post("/sign-in/code", &[("waiting", &waiting), ("code", code)]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);

    // Five guesses end a sign-in.
    let mut thief = Browser::new(&cloud);
    thief.get("/sign-in").await;
    let asked = thief.post("/sign-in", &credentials).await;
    let waiting = asked.between("name=\"waiting\" value=\"", "\"").to_owned();
    for _ in 0..5 {
        thief.post("/sign-in/code", &[("waiting", &waiting), ("code", "000000")]).await;
    }
    let over = thief.post("/sign-in/code", &[("waiting", &waiting), ("code", "000000")]).await;
    assert!(over.text.contains("The sign-in is over"), "{}", over.text);
}

pub(crate) fn base32(text: &str) -> Vec<u8> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let (mut bits, mut count, mut bytes) = (0_u32, 0, Vec::new());
    for byte in text.bytes() {
        let digit = ALPHABET.iter().position(|known| *known == byte).unwrap();
        bits = (bits << 5) | u32::try_from(digit).unwrap();
        count += 5;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from((bits >> count) & 0xff).unwrap());
        }
    }
    bytes
}

async fn a_session_is_no_token_and_a_token_no_session(cloud: Cloud) {
    let mut browser = cloud.person("me@example.com").await;
    let session = browser.cookies[SESSION].clone();
    for path in ["/v1/user", "/v1/devices", "/v1/access_tokens/current", "/v1/products"] {
        let request = Request::get(path).header("authorization", format!("Bearer {session}"));
        assert_eq!(
            cloud.send(request.body(Body::empty()).unwrap()).await.status,
            StatusCode::UNAUTHORIZED,
            "{path}"
        );
        // Nor does the cookie open the API to a page that a browser is lured to.
        let request = browser.request("GET", path).body(Body::empty()).unwrap();
        assert_eq!(cloud.send(request).await.status, StatusCode::UNAUTHORIZED, "{path}");
    }
    let token = user_token(&cloud).await;
    browser.cookies.insert(SESSION.into(), token);
    assert_eq!(browser.get("/").await.location(), "/sign-in");
}

async fn the_first_account_is_made_once(cloud: Cloud) {
    let secret = cloud.mote.begin_set_up().await.unwrap().unwrap();
    let link = format!("/set-up?token={}", *secret.expose());
    let (mut one, mut other) = (Browser::new(&cloud), Browser::new(&cloud));
    let wrong = one.get(&format!("/set-up?token={}", "0".repeat(40))).await;
    assert!(wrong.text.contains("This link is over"));
    assert!(
        one.get(&link).await.text.contains("Make the first account")
            && other.get(&link).await.status.is_success()
    );
    let token = secret.expose();
    let weak = [("token", token.as_str()), ("username", "me@example.com"), ("password", "short")];
    assert!(one.post("/set-up", &weak).await.text.contains("role=\"alert\""));
    let fields = |username| [("token", token.as_str()), ("username", username), ("password", PASSWORD)];
    let made = one.post("/set-up", &fields("me@example.com")).await;
    assert_eq!(made.location(), "/sign-in?done=set-up");
    let late = other.post("/set-up", &fields("thief@example.com")).await;
    assert!(late.text.contains("This link is over"), "{}", late.text);
    assert!(cloud.mote.begin_set_up().await.unwrap().is_none());
    cloud.signed_in("me@example.com").await;
}

async fn a_forgotten_password_is_set_by_the_link(cloud: Cloud) {
    const NEW: &str = "another long pass phrase 8";
    let mut browser = Browser::new(&cloud);
    for path in ["/forgotten-password", "/reset-password?token=0", "/sign-up"] {
        assert_eq!(browser.get(path).await.status, StatusCode::OK, "{path}");
    }
    let is_over =
        |page: &Page| page.text.contains("This link is used or over") && !page.text.contains("<form");
    assert!(is_over(&browser.get("/reset-password?token=0").await));
    let over = browser.post("/reset-password", &[("token", "0"), ("password", PASSWORD)]).await;
    assert!(is_over(&over), "{}", over.text);
    let sent = browser.post("/forgotten-password", &[("username", "nobody@example.com")]).await;
    assert_eq!(sent.location(), "/sign-in?done=reset-sent");
    let up = browser.post("/sign-up", &[("username", "new@example.com"), ("password", PASSWORD)]).await;
    assert_eq!(up.location(), "/sign-in?done=signed-up");
    cloud.signed_in("new@example.com").await;

    browser.get("/forgotten-password").await;
    browser.post("/forgotten-password", &[("username", "new@example.com")]).await;
    let link = cloud.mailed("/reset-password?token=").await;
    let token = link.split_once('=').unwrap().1;
    for _ in 0..2 {
        assert!(browser.get(&link).await.text.contains("<form"), "looking at it spends nothing");
    }
    let weak = browser.post("/reset-password", &[("token", token), ("password", "short")]).await.text;
    assert!(weak.contains("role=\"alert\"") && weak.contains("<form"), "{weak}");
    let done = browser.post("/reset-password", &[("token", token), ("password", NEW)]).await;
    assert_eq!(done.location(), "/sign-in?done=reset");
    assert!(is_over(&browser.get(&link).await), "it is used");
    browser.get("/forgotten-password").await;
    browser.post("/forgotten-password", &[("username", "new@example.com")]).await;
    let link = cloud.mailed("/reset-password?token=").await;
    cloud.pass(3600);
    assert!(is_over(&browser.get(&link).await), "its hour is over");
}

async fn a_sign_in_beyond_the_most_ends_the_oldest(cloud: Cloud) {
    let mut oldest = cloud.person("me@example.com").await;
    for _ in 0..49 {
        cloud.signed_in("me@example.com").await;
    }
    assert_eq!(oldest.get("/").await.status, StatusCode::OK);
    cloud.signed_in("me@example.com").await;
    assert_eq!(oldest.get("/").await.location(), "/sign-in");
}
