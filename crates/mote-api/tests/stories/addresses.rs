//! Another address for an account: asked for with its password, made by the link in a mail.

use http::StatusCode;
use serde_json::json;

use crate::accounts::token_in;
use crate::cloud::{Answer, Cloud, PASSWORD};
use crate::mails::REFUSING;
use crate::on_both_engines;

on_both_engines!(
    the_link_in_a_mail_makes_the_change,
    asking_tells_nothing_about_who_has_an_account,
    who_asks_first_does_not_keep_an_address_from_others,
    a_link_ends_with_its_hour_and_the_password,
    a_link_is_good_for_what_it_was_made_for,
    what_becomes_of_the_mail_tells_nothing_either,
    nobodys_mailbox_is_filled,
    whoever_reads_a_wrong_address_gets_no_account,
);

async fn ask(cloud: &Cloud, user: &str, address: &str) -> Answer {
    let change = json!({"username": address, "current_password": PASSWORD});
    cloud.json("PUT", "/v1/user", user, change).await
}

async fn follow(cloud: &Cloud, user: &str, token: &str) -> Answer {
    cloud.form("PUT", "/v1/user/username", user, &[("token", token)]).await
}

/// Asks for an address that is free; the token in the mail that went there.
async fn asked(cloud: &Cloud, user: &str, address: &str) -> String {
    assert_eq!(ask(cloud, user, address).await.status, 200);
    token_in(&cloud.mails.next_to(address).await)
}

/// Gives an account another address, as its owner does.
pub(crate) async fn move_to(cloud: &Cloud, user: &str, from: &str, to: &str) {
    let token = asked(cloud, user, to).await;
    let moved = follow(cloud, user, &token).await;
    assert_eq!((moved.status, moved.text("/message")), (StatusCode::OK, "User's username updated.".into()));
    assert!(cloud.mails.next_to(from).await.contains(&format!("another address now: {to}.")));
}

async fn named(cloud: &Cloud, user: &str) -> String {
    cloud.get("/v1/user", user).await.text("/username")
}

async fn the_link_in_a_mail_makes_the_change(cloud: Cloud) {
    let user = cloud.user("old@example.com").await;
    let product = cloud.product(&user, "Mine").await;
    let path = format!("/v1/products/{}", product.id);
    assert_eq!(cloud.get(&path, &product.token).await.text("/product/user"), "old@example.com");
    let told = ask(&cloud, &user, " New@Example.com ").await;
    let said = "The link in a mail to the new address updates the user's username.";
    assert_eq!((told.status.as_u16(), told.text("/message").as_str()), (200, said));
    let token = token_in(&cloud.mails.next_to("new@example.com").await);
    assert_eq!(named(&cloud, &user).await, "old@example.com", "not yet");
    assert_eq!(cloud.sign_in("new@example.com").await.status, 400);
    for wrong in ["", "0", &token[..39], &format!("{token}0"), &token.replace(|_| true, "0")] {
        let refused = follow(&cloud, &user, wrong).await;
        assert_eq!(refused.error(), (400, "invalid_request".into()), "{wrong}");
    }
    assert_eq!(follow(&cloud, &user, &token).await.status, 200);
    assert_eq!(named(&cloud, &user).await, "new@example.com", "the token in hand lives on");
    assert_eq!(cloud.get(&path, &product.token).await.text("/product/user"), "new@example.com");
    assert!(cloud.mails.next_to("old@example.com").await.contains("another address now: new@example.com."));
    assert_eq!(follow(&cloud, &user, &token).await.status, 400, "it is used");
    assert_eq!(cloud.sign_in("old@example.com").await.status, 400);
    assert_eq!(cloud.sign_in("new@example.com").await.status, 200);
    assert_eq!(ask(&cloud, &user, "NEW@example.com").await.status, 400, "it has that already");
}

async fn asking_tells_nothing_about_who_has_an_account(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    cloud.user("taken@example.com").await;
    let taken = ask(&cloud, &user, "taken@example.com").await;
    assert!(cloud.mails.next_to("taken@example.com").await.contains("your address, which yours has"));
    let free = ask(&cloud, &user, "free@example.com").await;
    assert!(cloud.mails.next_to("free@example.com").await.contains("/change-address?token="));
    assert_eq!((taken.status, &taken.body), (free.status, &free.body));
    assert_eq!(named(&cloud, &user).await, "me@example.com");
    assert_eq!(cloud.sign_in("taken@example.com").await.status, 200);
    // Its owner hears of it once an hour, whatever is asked in between.
    let again = ask(&cloud, &user, "taken@example.com").await;
    assert_eq!((again.status, again.body), (free.status, free.body.clone()));
    cloud.pass(3600);
    ask(&cloud, &user, "taken@example.com").await;
    cloud.mails.next_to("taken@example.com").await;
    asked(&cloud, &user, "last@example.com").await;
}

async fn what_becomes_of_the_mail_tells_nothing_either(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    cloud.user(&format!("taken@{REFUSING}")).await;
    for name in ["taken", "free"] {
        // The mail server refuses it; what the account may still ask for is the same.
        assert_eq!(ask(&cloud, &user, &format!("{name}@{REFUSING}")).await.status, 200);
    }
    let token = asked(&cloud, &user, "new@example.com").await;
    assert_eq!(ask(&cloud, &user, "other@example.com").await.status, 429);
    assert_eq!(follow(&cloud, &user, &token).await.status, 200);
}

async fn who_asks_first_does_not_keep_an_address_from_others(cloud: Cloud) {
    let (one, two) = (cloud.user("one@example.com").await, cloud.user("two@example.com").await);
    let first = asked(&cloud, &one, "new@example.com").await;
    let second = asked(&cloud, &two, "new@example.com").await;
    assert_ne!(first, second);
    assert_eq!(follow(&cloud, &two, &second).await.status, 200);
    cloud.mails.next_to("two@example.com").await;
    // Whoever holds this link reads the mail of the address: he may know.
    assert_eq!(follow(&cloud, &one, &first).await.status, 409);
    assert_eq!(named(&cloud, &one).await, "one@example.com");
    assert_eq!(named(&cloud, &two).await, "new@example.com");
    // What is free again may be had.
    move_to(&cloud, &two, "new@example.com", "two@example.com").await;
    assert_eq!(follow(&cloud, &one, &first).await.status, 200);
    assert_eq!(named(&cloud, &one).await, "new@example.com");
}

async fn whoever_reads_a_wrong_address_gets_no_account(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let stranger = cloud.user("typo@example.net").await;
    assert_eq!(ask(&cloud, &user, "typo@example.com").await.status, 200);
    let mail = cloud.mails.next_to("typo@example.com").await;
    assert!(mail.contains("The account me@example.com at"), "{mail}");
    let token = token_in(&mail);
    assert_eq!(follow(&cloud, "", &token).await.status, 401);
    let refused = follow(&cloud, &stranger, &token).await;
    assert_eq!(refused.status, 403);
    assert!(refused.text("/error_description").contains("for the account me@example.com"));
    let product = cloud.product(&user, "Mine").await;
    assert_eq!(follow(&cloud, &product.token, &token).await.status, 403);
    assert_eq!(named(&cloud, &user).await, "me@example.com");
    assert_eq!(named(&cloud, &stranger).await, "typo@example.net");
    assert_eq!(follow(&cloud, &user, &token).await.status, 200, "none of that spent it");
}

async fn a_link_ends_with_its_hour_and_the_password(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let mut links = Vec::new();
    for address in ["a@example.com", "b@example.com", "c@example.com"] {
        links.push(asked(&cloud, &user, address).await);
    }
    let refused = ask(&cloud, &user, "d@example.com").await;
    assert_eq!(refused.error(), (429, "too_many_requests".into()));
    cloud.pass(3600);
    for link in links {
        assert_eq!(follow(&cloud, &user, &link).await.status, 400, "its hour is over");
    }
    let before = asked(&cloud, &user, "e@example.com").await;
    // With a new password in the same request the link is one of the new password's time.
    let both =
        json!({"username": "f@example.com", "password": "another long one 99", "current_password": PASSWORD});
    let told = cloud.json("PUT", "/v1/user", &user, both).await.text("/message");
    assert_eq!(
        told,
        "User's password updated. The link in a mail to the new address updates the user's username."
    );
    let with = token_in(&cloud.mails.next_to("f@example.com").await);
    assert_eq!(follow(&cloud, &user, &before).await.status, 400);
    assert_eq!(follow(&cloud, &user, &with).await.status, 200);
}

async fn a_link_is_good_for_what_it_was_made_for(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let address = asked(&cloud, &user, "new@example.com").await;
    cloud.form("POST", "/v1/user/password-reset", "", &[("username", "me@example.com")]).await;
    let reset = token_in(&cloud.mails.next_to("me@example.com").await);
    assert_eq!(follow(&cloud, &user, &reset).await.status, 400);
    let set = [("token", address.as_str()), ("password", "another long one 99")];
    assert_eq!(cloud.form("PUT", "/v1/user/password-reset", "", &set).await.status, 400);
    assert_eq!(named(&cloud, &user).await, "me@example.com");
    assert_eq!(follow(&cloud, &user, &address).await.status, 200, "it was not spent");
}

async fn nobodys_mailbox_is_filled(cloud: Cloud) {
    // A new password ends the links that are out, and so would begin the count of one account anew.
    for name in ["one@example.com", "two@example.com"] {
        let user = cloud.user(name).await;
        for _ in 0..2 {
            let both = json!({"username": "stranger@example.com", "password": PASSWORD, "current_password": PASSWORD});
            assert_eq!(cloud.json("PUT", "/v1/user", &user, both).await.status, 200);
        }
    }
    for _ in 0..3 {
        cloud.mails.next_to("stranger@example.com").await;
    }
    let user = cloud.user("three@example.com").await;
    asked(&cloud, &user, "other@example.com").await;
    cloud.pass(3600);
    asked(&cloud, &user, "stranger@example.com").await;
    assert_eq!(ask(&cloud, &user, "stranger@example.com").await.status, 200);
    asked(&cloud, &user, "last@example.com").await;
}
