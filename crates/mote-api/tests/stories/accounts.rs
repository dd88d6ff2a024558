//! Accounts: sign-up, change, second factor, reset, end.

use mote_core::mfa::totp;
use serde_json::{Value, json};

use crate::addresses::move_to;
use crate::cloud::{Cloud, PASSWORD, basic, bearer};
use crate::on_both_engines;

on_both_engines!(
    nobody_ends_a_link_or_fills_a_mailbox_by_asking_for_more,
    an_owner_hears_of_a_second_factor,
    signing_up_tells_nothing_about_who_has_an_account,
    an_account_changes_with_its_password_only,
    a_second_factor_guards_the_sign_in,
    few_wrong_codes_end_a_sign_in,
    an_account_ends_with_its_tokens_and_clients,
    a_link_that_went_to_an_address_ends_with_it,
);

async fn signing_up_tells_nothing_about_who_has_an_account(cloud: Cloud) {
    let fields = [("username", "Me@Example.com"), ("password", PASSWORD)];
    let first = cloud.form("POST", "/v1/users", "", &fields).await;
    let second = cloud
        .form("POST", "/v1/users", "", &[("username", "me@example.com"), ("password", "another long one 99")])
        .await;
    assert_eq!((first.status, &first.body), (second.status, &second.body));
    assert_eq!(
        cloud.sign_in("me@example.com").await.status,
        200,
        "the account's password is still the first"
    );
    let known = cloud.form("POST", "/v1/user/password-reset", "", &[("username", "me@example.com")]).await;
    let unknown = cloud.form("POST", "/user/password-reset", "", &[("username", "no@example.com")]).await;
    assert_eq!((known.status, &known.body), (unknown.status, &unknown.body));
    for (username, password) in
        [("me", PASSWORD), ("you@example.com", "xq7"), ("you@example.com", "password1")]
    {
        let refused =
            cloud.form("POST", "/v1/users", "", &[("username", username), ("password", password)]).await;
        assert_eq!(refused.error(), (400, "invalid_request".into()));
        assert!(!refused.body.to_string().contains(password));
    }
}

async fn an_account_changes_with_its_password_only(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let info = [("account_info[first_name]", "Ada"), ("account_info[business_account]", "false")];
    assert_eq!(cloud.form("PUT", "/v1/user", &user, &info).await.status, 200);
    let seen = cloud.get("/v1/user", &user).await;
    assert_eq!(
        (&seen.body["username"], &seen.body["account_info"]),
        (&json!("me@example.com"), &json!({"first_name": "Ada", "business_account": false}))
    );
    let new = json!({"password": "another long one 99"});
    assert_eq!(cloud.json("PUT", "/v1/user", &user, new).await.status, 400);
    let new = json!({"password": "another long one 99", "current_password": "wrong"});
    assert_eq!(cloud.json("PUT", "/v1/user", &user, new).await.status, 400);
    let moved = json!({"username": "new@example.com"});
    assert_eq!(cloud.json("PUT", "/v1/user", &user, moved).await.status, 400);
    let new =
        json!({"password": "another long one 99", "current_password": PASSWORD, "invalidate_tokens": true});
    assert_eq!(cloud.json("PUT", "/v1/user", &user, new).await.text("/message"), "User's password updated.");
    assert_eq!(cloud.get("/v1/user", &user).await.status, 401);
    assert_eq!(cloud.sign_in("me@example.com").await.status, 400);
}

/// Switches the second factor on; its secret in bytes, and a recovery code.
pub(crate) async fn switch_mfa_on(cloud: &Cloud, user: &str) -> (Vec<u8>, String) {
    let begun = cloud.get("/v1/user/mfa-enable", user).await;
    assert!(begun.text("/qr_url").starts_with("otpauth://totp/Mote:me@example.com?secret="));
    let secret = from_base32(&begun.text("/secret"));
    let code = totp::code_at(&secret, cloud.now()).unwrap();
    let wrong = json!({"mfa_token": begun.text("/mfa_token"), "otp": "000000"});
    if code != "000000" {
        assert_eq!(cloud.json("POST", "/v1/user/mfa-enable", user, wrong).await.status, 400);
    }
    let confirm = json!({"mfa_token": begun.text("/mfa_token"), "otp": code});
    let enrolled = cloud.json("POST", "/v1/user/mfa-enable", user, confirm).await;
    assert_eq!((enrolled.status.as_u16(), &enrolled.body["enrolled"]), (200, &json!(true)));
    (secret, enrolled.text("/recovery_codes/0"))
}

pub(crate) fn from_base32(text: &str) -> Vec<u8> {
    let digit = |b: u8| u64::from(if b.is_ascii_digit() { b - b'2' + 26 } else { b - b'A' });
    let chunks =
        text.as_bytes().chunks(8).map(|chunk| chunk.iter().fold(0, |bits, b| (bits << 5) | digit(*b)));
    chunks.flat_map(|bits: u64| bits.to_be_bytes()[3..].to_vec()).collect()
}

async fn otp(cloud: &Cloud, mfa_token: &str, code: &str) -> crate::cloud::Answer {
    let fields = [("grant_type", "urn:custom:mfa-otp"), ("mfa_token", mfa_token), ("otp", code)];
    cloud.form("POST", "/oauth/token", &basic("particle", "particle"), &fields).await
}

async fn a_second_factor_guards_the_sign_in(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let (secret, recovery) = switch_mfa_on(&cloud, &user).await;
    assert_eq!(cloud.get("/v1/user", &user).await.body["mfa"], json!({"enabled": true}));
    cloud.pass(60);
    let asked = cloud.sign_in("me@example.com").await;
    assert_eq!(asked.error(), (403, "mfa_required".into()));
    let code = totp::code_at(&secret, cloud.now()).unwrap();
    let signed_in = otp(&cloud, &asked.text("/mfa_token"), &code).await;
    assert_eq!(cloud.get("/v1/user", &bearer(&signed_in.text("/access_token"))).await.status, 200);
    // Neither the sign-in nor the code works twice.
    assert_eq!(otp(&cloud, &asked.text("/mfa_token"), &code).await.error(), (400, "invalid_grant".into()));
    let asked = cloud.sign_in("me@example.com").await.text("/mfa_token");
    assert_eq!(otp(&cloud, &asked, &code).await.status, 400);
    assert_eq!(otp(&cloud, &asked, &recovery).await.status, 200);
    let asked = cloud.sign_in("me@example.com").await.text("/mfa_token");
    assert_eq!(otp(&cloud, &asked, &recovery).await.status, 400);
    cloud.pass(601);
    let late = totp::code_at(&secret, cloud.now()).unwrap();
    assert_eq!(otp(&cloud, &asked, &late).await.status, 400);
    let by_password = basic("me@example.com", PASSWORD);
    assert_eq!(cloud.get("/v1/access_tokens", &by_password).await.error(), (403, "mfa_required".into()));
    assert_eq!(cloud.get(&format!("/v1/access_tokens?otp={late}"), &by_password).await.status, 200);
    let off = |password: &str| json!({"current_password": password});
    assert_eq!(cloud.json("PUT", "/v1/user/mfa-disable", &user, off("wrong")).await.status, 400);
    assert_eq!(cloud.json("PUT", "/v1/user/mfa-disable", &user, off(PASSWORD)).await.status, 200);
    assert_eq!(cloud.sign_in("me@example.com").await.status, 200);
}

async fn few_wrong_codes_end_a_sign_in(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let (secret, _) = switch_mfa_on(&cloud, &user).await;
    cloud.pass(60);
    let asked = cloud.sign_in("me@example.com").await.text("/mfa_token");
    for _ in 0..5 {
        assert_eq!(otp(&cloud, &asked, "abcdef").await.status, 400);
    }
    let right = totp::code_at(&secret, cloud.now()).unwrap();
    assert_eq!(otp(&cloud, &asked, &right).await.status, 400);
}

async fn an_account_ends_with_its_tokens_and_clients(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let product = cloud.product(&user, "Mine").await;
    let made = cloud.form("POST", "/v1/clients", &user, &[("name", "My App"), ("type", "installed")]).await;
    assert!(made.text("/client/id").starts_with("my-app-"));
    let password = json!({"password": PASSWORD});
    let refused = cloud.json("DELETE", "/v1/user", &user, password.clone()).await;
    assert_eq!(refused.status, 409);
    assert!(refused.text("/error_description").contains("mine"));
    assert_eq!(
        cloud.form("DELETE", &format!("/v1/products/{}", product.id), &product.token, &[]).await.status,
        204
    );
    assert_eq!(cloud.get(&format!("/v1/products/{}", product.id), &product.token).await.status, 401);
    assert_eq!(cloud.json("DELETE", "/v1/user", &user, Value::Null).await.status, 400);
    assert_eq!(cloud.json("DELETE", "/v1/user", &user, password).await.status, 200);
    assert_eq!(cloud.get("/v1/user", &user).await.status, 401);
    assert_eq!(cloud.sign_in("me@example.com").await.status, 400);
}

/// The token in a mail that brings one.
pub(crate) fn token_in(mail: &str) -> String {
    let (_, rest) = mail.split_once("token=").unwrap();
    rest.chars().take_while(char::is_ascii_hexdigit).collect()
}

async fn a_link_that_went_to_an_address_ends_with_it(cloud: Cloud) {
    let user = cloud.user("old@example.com").await;
    cloud.form("POST", "/v1/user/password-reset", "", &[("username", "old@example.com")]).await;
    let token = token_in(&cloud.mails.next_to("old@example.com").await);
    move_to(&cloud, &user, "old@example.com", "new@example.com").await;
    // Whoever reads the mail of the old address has no business here any more.
    let set = [("token", token.as_str()), ("password", "another long one 99")];
    assert_eq!(cloud.form("PUT", "/v1/user/password-reset", "", &set).await.status, 400);
    assert_eq!(cloud.sign_in("new@example.com").await.status, 200);
}

async fn nobody_ends_a_link_or_fills_a_mailbox_by_asking_for_more(cloud: Cloud) {
    let me = "me@example.com";
    let user = cloud.user(me).await;
    let ask = async || cloud.form("POST", "/v1/user/password-reset", "", &[("username", me)]).await.status;
    assert_eq!(ask().await, 200);
    let token = token_in(&cloud.mails.next_to(me).await);
    for _ in 0..6 {
        assert_eq!(ask().await, 200);
    }
    for _ in 0..2 {
        assert_ne!(token_in(&cloud.mails.next_to(me).await), token);
    }
    for _ in 0..2 {
        let again = [("username", me), ("password", "another long one 99")];
        assert_eq!(cloud.form("POST", "/v1/users", "", &again).await.status, 200);
    }
    assert!(cloud.mails.next_to(me).await.contains("where you have one already"), "three links are out");
    switch_mfa_on(&cloud, &user).await;
    assert!(cloud.mails.next_to(me).await.contains("second factor"), "one word of a sign-up in an hour");
    let set = [("token", token.as_str()), ("password", "another long one 99")];
    assert_eq!(cloud.form("PUT", "/v1/user/password-reset", "", &set).await.status, 200);
    // Who has used one may have another, and so may who let them end.
    assert_eq!(ask().await, 200);
    let over = token_in(&cloud.mails.next_to(me).await);
    for _ in 0..2 {
        assert_eq!(ask().await, 200);
        cloud.mails.next_to(me).await;
    }
    cloud.pass(3601);
    assert_eq!(ask().await, 200);
    assert_ne!(token_in(&cloud.mails.next_to(me).await), over);
}

async fn an_owner_hears_of_a_second_factor(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    switch_mfa_on(&cloud, &user).await;
    let told = cloud.mails.next_to("me@example.com").await;
    assert!(told.contains("was switched on") && told.contains("mote user disable-mfa"), "{told}");
    let off = [("current_password", PASSWORD)];
    assert_eq!(cloud.form("PUT", "/v1/user/mfa-disable", &user, &off).await.status, 200);
    assert!(cloud.mails.next_to("me@example.com").await.contains("was switched off"));
    // The operator helps out whom somebody else's keeps out.
    switch_mfa_on(&cloud, &user).await;
    assert_eq!(cloud.sign_in("me@example.com").await.status, 403);
    cloud.mote.disable_mfa_for_operator("Me@example.com").await.unwrap();
    assert_eq!(cloud.get("/v1/user", &user).await.status, 401, "whoever switched it on is out");
    let user = crate::cloud::bearer(&cloud.sign_in("me@example.com").await.text("/access_token"));
    let actions = crate::audit::actions(&cloud, "/v1/user/audit", &user).await;
    assert!(
        actions.ends_with(&["mfa.disabled", "token.all_revoked", "token.created"].map(String::from)),
        "{actions:?}"
    );
    let twice = cloud.mote.disable_mfa_for_operator("me@example.com").await;
    assert!(matches!(twice, Err(mote_core::Error::Conflict(_))), "{twice:?}");
}
