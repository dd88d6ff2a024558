//! Coming to a team: from the link in the mail, through an account that is still to be made, to the team.

use http::StatusCode;
use mote_core::authorization::Role;

use crate::cloud::{Browser, Cloud, PASSWORD};
use crate::on_both_engines;

on_both_engines!(
    whoever_has_no_account_comes_to_the_invitation_all_the_same,
    an_invitation_says_what_it_is_to,
    an_invitation_to_another_address_is_not_offered,
    an_invitation_that_is_over_says_so,
    nobody_is_sent_elsewhere_after_signing_up,
);

const TEAM: &str = "/products/tempmon-v100/team";

/// Invites somebody to the first product, whose owner is `me@example.com`: the path of the link in the mail.
async fn invite(cloud: &Cloud, owner: &mut Browser<'_>, username: &str) -> String {
    owner.get(TEAM).await;
    let fields = [("username", username), ("role", "Developer")];
    assert_eq!(owner.post(TEAM, &fields).await.location(), format!("{TEAM}?done=invited"));
    cloud.mailed("/join?token=").await
}

async fn owner(cloud: &Cloud) -> Browser<'_> {
    let mut owner = cloud.person("me@example.com").await;
    owner.product("TempMon V100").await;
    owner
}

async fn whoever_has_no_account_comes_to_the_invitation_all_the_same(cloud: Cloud) {
    let link = invite(&cloud, &mut owner(&cloud).await, "ada@example.com").await;
    let mut ada = Browser::new(&cloud);
    let to_sign_in = ada.get(&link).await.location().to_owned();
    let next = to_sign_in.strip_prefix("/sign-in").unwrap();
    let asked = ada.get(&to_sign_in).await;
    for path in ["/sign-up", "/forgotten-password"] {
        assert!(asked.text.contains(&format!("href=\"{path}{next}\"")), "{path}: {}", asked.text);
        let page = ada.get(&format!("{path}{next}")).await;
        assert!(page.text.contains(&format!("name=\"next\" value=\"{link}\"")), "{path}: {}", page.text);
        assert!(page.text.contains(&format!("href=\"/sign-in{next}\"")), "and back: {}", page.text);
    }
    let fields =
        |password| [("next", link.as_str()), ("username", "ada@example.com"), ("password", password)];
    let refused = ada.post("/sign-up", &fields("short")).await;
    assert!(refused.text.contains("role=\"alert\"") && refused.text.contains(&link), "{}", refused.text);
    let made = ada.post("/sign-up", &fields(PASSWORD)).await.location().to_owned();
    assert_eq!(made, format!("/sign-in?done=signed-up&{}", &next[1..]));
    assert!(ada.get(&made).await.text.contains(&format!("name=\"next\" value=\"{link}\"")));
    let forgot = [("next", link.as_str()), ("username", "nobody@example.com")];
    let sent = ada.post("/forgotten-password", &forgot).await;
    assert_eq!(sent.location(), format!("/sign-in?done=reset-sent&{}", &next[1..]));
    assert_eq!(ada.post("/sign-in", &fields(PASSWORD)).await.location(), link);
    let (_, token) = link.split_once("token=").unwrap();
    ada.get(&link).await;
    assert_eq!(ada.post("/join", &[("token", token)]).await.location(), "/?done=joined");
    assert_eq!(ada.get(TEAM).await.status, StatusCode::OK);
}

async fn an_invitation_says_what_it_is_to(cloud: Cloud) {
    let mut owner = owner(&cloud).await;
    let link = invite(&cloud, &mut owner, "ada@example.com").await;
    let mut ada = cloud.person("ada@example.com").await;
    let page = ada.get(&link).await;
    for told in ["product <strong>TempMon V100", "<strong>Developer", "<strong>ada@example.com", ">Join<"] {
        assert!(page.text.contains(told), "{told}: {}", page.text);
    }
    owner.get("/organizations").await;
    owner.post("/organizations", &[("name", "Acme <Inc>")]).await;
    owner.get("/organizations/acme-inc/team").await;
    let fields = [("username", "ada@example.com"), ("role", "Support")];
    owner.post("/organizations/acme-inc/team", &fields).await;
    let page = ada.get(&cloud.mailed("/join?token=").await).await;
    assert!(page.text.contains("organization <strong>Acme &#60;Inc&#62;</strong>"), "{}", page.text);
    assert!(page.text.contains("<strong>Support"));
}

async fn an_invitation_to_another_address_is_not_offered(cloud: Cloud) {
    let link = invite(&cloud, &mut owner(&cloud).await, "ada@example.com").await;
    let mut eve = cloud.person("eve@example.com").await;
    let page = eve.get(&link).await;
    assert!(!page.text.contains("action=\"/join\""), "no button: {}", page.text);
    for told in ["signed in as eve@example.com", "the account of ada@example.com", "Sign out and go on"] {
        assert!(page.text.contains(told), "{told}: {}", page.text);
    }
    let (_, token) = link.split_once("token=").unwrap();
    let refused = eve.post("/join", &[("token", token)]).await;
    assert!(refused.text.contains("went to another address") && !refused.text.contains("action=\"/join\""));
    // Signing out leads on to the invitation.
    let out = eve.post("/sign-out", &[("next", &link)]).await;
    assert_eq!(out.location(), format!("/sign-in?done=signed-out&next=%2Fjoin%3Ftoken%3D{token}"));
}

async fn an_invitation_that_is_over_says_so(cloud: Cloud) {
    let mut owner = owner(&cloud).await;
    let mut ada = cloud.person("ada@example.com").await;
    let old = invite(&cloud, &mut owner, "ada@example.com").await;
    let new = invite(&cloud, &mut owner, "ada@example.com").await;
    let over = async |browser: &mut Browser<'_>, link: &str| {
        let page = browser.get(link).await;
        let tells =
            page.text.contains("unknown, used, taken back or over") && page.text.contains("for a new one");
        assert!(tells && !page.text.contains("action=\"/join\""), "{link}: {}", page.text);
        assert!(!page.text.contains("TempMon"), "nothing is given away: {}", page.text);
    };
    for link in ["/join", "/join?token=", "/join?token=0", old.as_str()] {
        over(&mut ada, link).await;
    }
    assert!(ada.get(&new).await.text.contains("TempMon V100"));
    // It is worth what its sender still is.
    cloud.account("boss@example.com").await;
    cloud.join(1001, "boss@example.com", Role::Owner).await;
    let mut boss = cloud.signed_in("boss@example.com").await;
    boss.get(TEAM).await;
    let fields = [("username", "me@example.com"), ("role", "View-only")];
    assert_eq!(boss.post(&format!("{TEAM}/role"), &fields).await.location(), format!("{TEAM}?done=saved"));
    over(&mut ada, &new).await;
    let last = invite(&cloud, &mut boss, "ada@example.com").await;
    cloud.pass(7 * 86_400);
    over(&mut ada, &last).await;
}

async fn nobody_is_sent_elsewhere_after_signing_up(cloud: Cloud) {
    let mut browser = Browser::new(&cloud);
    for evil in ["//evil.example", "https://evil.example", "/\\evil.example"] {
        let query = form_urlencoded::Serializer::new(String::new()).append_pair("next", evil).finish();
        for path in ["/sign-in", "/sign-up", "/forgotten-password"] {
            assert!(!browser.get(&format!("{path}?{query}")).await.text.contains("evil"), "{path} {evil}");
        }
        let fields = [("next", evil), ("username", "new@example.com"), ("password", PASSWORD)];
        assert_eq!(browser.post("/sign-up", &fields).await.location(), "/sign-in?done=signed-up");
        assert_eq!(browser.post("/forgotten-password", &fields).await.location(), "/sign-in?done=reset-sent");
        cloud.signed_in("new@example.com").await;
    }
    let mut person = cloud.signed_in("new@example.com").await;
    person.get("/").await;
    let out = person.post("/sign-out", &[("next", "//evil.example")]).await;
    assert_eq!(out.location(), "/sign-in?done=signed-out");
}

/// What is said does not depend on the engine.
#[tokio::test]
async fn without_a_mail_server_the_console_says_where_the_links_are() {
    let cloud = Cloud::without_mails().await;
    let mut owner = owner(&cloud).await;
    owner.get(TEAM).await;
    let fields = [("username", "ada@example.com"), ("role", "Developer")];
    let to = owner.post(TEAM, &fields).await.location().to_owned();
    let told = owner.get(&to).await;
    assert!(told.text.contains("No mail server is configured: the link of the invitation is in the server"));
    let mut browser = Browser::new(&cloud);
    assert!(browser.get("/forgotten-password").await.text.contains("No mail server is configured"));
    let mut answers = Vec::new();
    for username in ["me@example.com", "nobody@example.com"] {
        browser.get("/forgotten-password").await;
        let sent = browser.post("/forgotten-password", &[("username", username)]).await;
        answers.push(browser.get(sent.location()).await.text);
    }
    assert!(answers[0].contains("the link is in the server") && !answers[0].contains("on its way"));
    assert_eq!(answers[0], answers[1], "whether there is an account makes no difference");
}
