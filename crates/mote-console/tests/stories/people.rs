//! The team of a product, and one's own account.

use http::StatusCode;
use mote_core::authorization::Role;
use mote_core::keys::TokenSecret;

use crate::cloud::{Browser, Cloud, PASSWORD, Page};
use crate::on_both_engines;

on_both_engines!(
    a_team_is_managed,
    an_api_user_gets_a_token_once,
    the_last_use_of_an_api_user_is_shown,
    a_password_is_changed_and_the_other_sessions_end,
    an_address_is_changed_by_the_link_in_a_mail,
    tokens_are_made_and_ended,
    a_second_factor_is_switched_on_and_off,
    sessions_are_listed_and_ended,
    an_account_ends,
);

const TEAM: &str = "/products/tempmon-v100/team";

async fn a_team_is_managed(cloud: Cloud) {
    let mut owner = cloud.person("me@example.com").await;
    owner.product("TempMon V100").await;
    assert!(owner.get(TEAM).await.text.contains("me@example.com"));
    let fields = [("username", "ada@example.com"), ("role", "Developer")];
    assert_eq!(owner.post(TEAM, &fields).await.location(), format!("{TEAM}?done=invited"));
    assert!(owner.get(TEAM).await.text.contains("ada@example.com"));
    let fields = [("username", "ada@example.com"), ("role", "Emperor")];
    assert!(owner.post(TEAM, &fields).await.text.contains("role=\"alert\""));
    owner.get(TEAM).await;
    let back = owner.post(&format!("{TEAM}/remove"), &[("username", "ada@example.com")]).await;
    assert_eq!(back.location(), format!("{TEAM}?done=removed"));

    let mut admin = cloud.person("admin@example.com").await;
    cloud.join(1001, "admin@example.com", Role::Administrator).await;
    let mut dev = cloud.person("dev@example.com").await;
    cloud.join(1001, "dev@example.com", Role::Developer).await;
    admin.get(TEAM).await;
    let up =
        admin.post(&format!("{TEAM}/role"), &[("username", "dev@example.com"), ("role", "Support")]).await;
    assert_eq!(up.location(), format!("{TEAM}?done=saved"));
    admin.get(TEAM).await;
    for fields in [
        [("username", "me@example.com"), ("role", "View-only")],
        [("username", "dev@example.com"), ("role", "Owner")],
    ] {
        let refused = admin.post(&format!("{TEAM}/role"), &fields).await;
        assert!(refused.text.contains("role=\"alert\""), "nobody reaches above himself");
        admin.get(TEAM).await;
    }
    let seen = admin.get(TEAM).await;
    let of_owner = seen.between(">me@example.com</th>", "</tr>");
    assert!(of_owner.contains("is above yours") && !of_owner.contains("<form"), "{of_owner}");
    assert!(seen.between(">dev@example.com</th>", "</tr>").contains("<form"));
    assert!(!seen.text.contains("<option>Owner"), "nobody gives more than he has");
    let seen = dev.get(TEAM).await;
    assert!(seen.text.contains("it takes Administrator") && !seen.text.contains(&format!("{TEAM}/role")));
    dev.get("/").await;
    for path in ["", "/role", "/remove", "/api-users"] {
        let fields = [("username", "admin@example.com"), ("role", "View-only"), ("name", "x")];
        assert_eq!(dev.post(&format!("{TEAM}{path}"), &fields).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    let gone = admin.post(&format!("{TEAM}/remove"), &[("username", "admin@example.com")]).await;
    assert_eq!(gone.location(), "/?done=removed", "he took himself off it");
    let of_owner = async |browser: &mut Browser<'_>, username| {
        browser.get(TEAM).await.between(&format!(">{username}</th>"), "</tr>").to_owned()
    };
    let alone = of_owner(&mut owner, "me@example.com").await;
    assert!(alone.contains("make another member Owner first") && !alone.contains("<form"), "{alone}");
    let last = owner.post(&format!("{TEAM}/remove"), &[("username", "me@example.com")]).await;
    assert!(last.text.contains("role=\"alert\""), "the last Owner stays");
    let owners = [("username", "dev@example.com"), ("role", "Owner")];
    assert_eq!(owner.post(&format!("{TEAM}/role"), &owners).await.location(), format!("{TEAM}?done=saved"));
    for username in ["me@example.com", "dev@example.com"] {
        assert!(of_owner(&mut owner, username).await.contains("<form"), "there is another Owner");
    }
    let mut guest = cloud.person("guest@example.com").await;
    guest.get("/join?token=0").await;
    assert!(guest.post("/join", &[("token", "0")]).await.text.contains("role=\"alert\""));
}

async fn an_api_user_gets_a_token_once(cloud: Cloud) {
    let mut owner = cloud.person("me@example.com").await;
    owner.product("TempMon V100").await;
    owner.get(&format!("{TEAM}/api-users/new")).await;
    let fields = [("name", "Report"), ("scopes[]", "devices:list"), ("scopes[]", "events:get")];
    let made = owner.post(&format!("{TEAM}/api-users"), &fields).await;
    let token = made.between("id=\"secret\"><span class=\"copied\"><code>", "</code>").to_owned();
    assert!(cloud.mote.authenticate(&token).await.is_ok());
    let list = owner.get(TEAM).await;
    assert!(list.text.contains("devices:list") && !list.text.contains(&token));
    let name = list.between("action=\"/products/tempmon-v100/team/api-users/", "/token\"").to_owned();
    let renewed = owner.post(&format!("{TEAM}/api-users/{name}/token"), &[]).await;
    let other = renewed.between("id=\"secret\"><span class=\"copied\"><code>", "</code>").to_owned();
    assert!(cloud.mote.authenticate(&token).await.is_err() && cloud.mote.authenticate(&other).await.is_ok());
    let refused =
        owner.post(&format!("{TEAM}/api-users"), &[("name", "Bad"), ("scopes[]", "all:things")]).await;
    assert!(refused.text.contains("role=\"alert\"") && !refused.text.contains("id=\"secret\""));
    let nothing = owner.post(&format!("{TEAM}/api-users"), &[("name", "Idle")]).await;
    assert!(nothing.text.contains("Tick at least one scope") && nothing.text.contains("value=\"Idle\""));
    assert!(!owner.get(TEAM).await.text.contains("Idle"));
}

async fn the_last_use_of_an_api_user_is_shown(cloud: Cloud) {
    let mut owner = cloud.person("me@example.com").await;
    owner.product("TempMon V100").await;
    owner.get("/organizations").await;
    owner.post("/organizations", &[("name", "Acme Inc")]).await;
    for team in [TEAM, "/organizations/acme-inc/team"] {
        let api = format!("{team}/api-users");
        owner.get(&format!("{api}/new")).await;
        let made = owner.post(&api, &[("name", "Report"), ("scopes[]", "devices:list")]).await;
        let token = made.between("id=\"secret\"><span class=\"copied\"><code>", "</code>").to_owned();
        let of_programs = |page: Page| page.between("aria-label=\"API users\"", "</table>").replace('\n', "");
        assert!(of_programs(owner.get(team).await).contains(">never</td>"));
        cloud.pass(3600);
        cloud.mote.authenticate(&token).await.unwrap();
        cloud.mote.flush_uses().await.unwrap();
        let used = format!("<time datetime=\"{}\">", cloud.now().to_iso());
        let seen = of_programs(owner.get(team).await);
        assert!(seen.contains(&used) && !seen.contains("never"), "{seen}");
        // A new token is another credential, which nobody has used.
        let (_, rest) = seen.split_once(&format!("action=\"{api}/")).unwrap();
        let name = rest.split_once("/token").unwrap().0;
        owner.post(&format!("{api}/{name}/token"), &[]).await;
        assert!(of_programs(owner.get(team).await).contains(">never</td>"));
    }
}

async fn a_password_is_changed_and_the_other_sessions_end(cloud: Cloud) {
    const NEW: &str = "another long pass phrase 8";
    let mut browser = cloud.person("me@example.com").await;
    let mut other = cloud.signed_in("me@example.com").await;
    browser.get("/account").await;
    let wrong = [("current_password", "wrong"), ("password", NEW)];
    assert!(browser.post("/account/password", &wrong).await.text.contains("role=\"alert\""));
    let right = [("current_password", PASSWORD), ("password", NEW)];
    assert_eq!(browser.post("/account/password", &right).await.location(), "/account?done=password");
    assert_eq!(browser.get("/account").await.status, StatusCode::OK, "this one goes on");
    assert_eq!(other.get("/account").await.location(), "/sign-in?next=%2Faccount");
}

async fn an_address_is_changed_by_the_link_in_a_mail(cloud: Cloud) {
    let mut browser = cloud.person("me@example.com").await;
    cloud.account("taken@example.com").await;
    browser.get("/account").await;
    let ask = |username| [("current_password", PASSWORD), ("username", username)];
    let asked = browser.post("/account/address", &ask("new@example.com")).await;
    assert_eq!(asked.location(), "/account?done=address-asked");
    let is_over = |page: &Page| {
        page.text.contains("This link is used or over") && !page.text.contains("name=\"token\"")
    };
    let link = cloud.mailed("/change-address?token=").await;
    let token = link.split_once('=').unwrap().1;
    browser.get("/account").await;
    let asked = browser.post("/account/address", &ask("taken@example.com")).await;
    assert_eq!(asked.location(), "/account?done=address-asked", "as of one that is free");

    let mut stranger = Browser::new(&cloud);
    let page = stranger.get(&link).await;
    assert!(page.location().starts_with("/sign-in?next=%2Fchange-address%3Ftoken%3D"), "{}", page.text);
    let mut other = cloud.signed_in("taken@example.com").await;
    let seen = other.get(&link).await.text;
    assert!(seen.contains("You are signed in as taken@example.com") && !seen.contains("Change it"), "{seen}");
    let refused = other.post("/change-address", &[("token", token)]).await.text;
    assert!(refused.contains("for the account me@example.com"), "{refused}");

    for over in ["0", ""] {
        assert!(is_over(&browser.get(&format!("/change-address?token={over}")).await));
        assert!(is_over(&browser.post("/change-address", &[("token", over)]).await));
    }
    for _ in 0..2 {
        let seen = browser.get(&link).await.text;
        assert!(seen.contains("<strong>me@example.com</strong>"), "looking changes nothing: {seen}");
        assert!(seen.contains("<strong>new@example.com</strong>"), "{seen}");
    }
    let done = browser.post("/change-address", &[("token", token)]).await.location().to_owned();
    let seen = browser.get(&done).await.text;
    assert!(seen.contains("The account has its new address."), "{seen}");
    assert!(seen.contains("<strong>new@example.com</strong>"), "{seen}");
    assert!(is_over(&browser.get(&link).await), "it is used");
    cloud.signed_in("new@example.com").await;
    for wrong in [
        ask("new@example.com"),
        ask("nobody"),
        [("current_password", "wrong"), ("username", "a@example.com")],
    ] {
        browser.get("/account").await;
        assert!(browser.post("/account/address", &wrong).await.text.contains("role=\"alert\""), "{wrong:?}");
    }
}

async fn tokens_are_made_and_ended(cloud: Cloud) {
    let mut browser = cloud.person("me@example.com").await;
    browser.get("/account/tokens").await;
    let wrong = browser.post("/account/tokens", &[("days", "30"), ("password", "wrong")]).await;
    assert!(wrong.text.contains("role=\"alert\"") && !wrong.text.contains("id=\"secret\""));
    let made = browser.post("/account/tokens", &[("days", "30"), ("password", PASSWORD)]).await;
    let token = made.between("id=\"secret\"><span class=\"copied\"><code>", "</code>").to_owned();
    let grant = cloud.mote.authenticate(&token).await.unwrap();
    assert_eq!(grant.expires_at(), Some(cloud.now().plus_seconds(30 * 86_400)));
    let list = browser.get("/account/tokens").await;
    assert!(!list.text.contains(&token), "lists show no token");
    assert!(
        list.text.contains(&format!("<code>{}…</code>", &token[..6])),
        "but one by which it is known again"
    );
    let end = list.between("action=\"/account/tokens/", "/end\"").to_owned();
    let mut thief = cloud.person("thief@example.com").await;
    thief.get("/account").await;
    let refused = thief.post(&format!("/account/tokens/{end}/end"), &[]).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
    assert!(cloud.mote.authenticate(&token).await.is_ok());
    let ended = browser.post(&format!("/account/tokens/{end}/end"), &[]).await;
    assert_eq!(ended.location(), "/account/tokens?done=token-ended");
    assert!(cloud.mote.authenticate(&token).await.is_err());
}

async fn a_second_factor_is_switched_on_and_off(cloud: Cloud) {
    let mut browser = cloud.person("me@example.com").await;
    browser.get("/account").await;
    let begun = browser.post("/account/second-factor", &[("password", PASSWORD)]).await;
    assert!(begun.text.contains("<svg class=\"qr\""));
    let key = begun.between("Key: <span class=\"copied\"><code>", "</code>").to_owned();
    let waiting = begun.between("name=\"mfa_token\" value=\"", "\"").to_owned();
    let path = "/account/second-factor/confirm";
    let wrong = browser.post(path, &[("mfa_token", &waiting), ("code", "000000")]).await;
    assert!(wrong.text.contains("not the code") && wrong.text.contains("<svg class=\"qr\""));
    assert_eq!(
        wrong.between("Key: <span class=\"copied\"><code>", "</code>"),
        key,
        "it can still be scanned"
    );
    assert_eq!(wrong.between("name=\"mfa_token\" value=\"", "\""), waiting);
    let mut thief = cloud.person("thief@example.com").await;
    thief.get("/account").await;
    let stolen = thief.post(path, &[("mfa_token", &waiting), ("code", "000000")]).await;
    assert!(stolen.text.contains("start again") && !stolen.text.contains(&key));
    let code = mote_core::mfa::totp::code_at(&crate::sessions::base32(&key), cloud.now()).unwrap();
    let on = browser.post(path, &[("mfa_token", &waiting), ("code", &code)]).await;
    assert_eq!(on.between("id=\"codes\">", "</ul>").matches("<li>").count(), 10);
    assert!(browser.get("/account").await.text.contains(">on</span>"));
    let mut other = Browser::new(&cloud);
    other.get("/sign-in").await;
    let asked = other.post("/sign-in", &[("username", "me@example.com"), ("password", PASSWORD)]).await;
    assert!(asked.text.contains("One more step"));
    assert!(browser.post("/account/second-factor/off", &[]).await.text.contains("role=\"alert\""));
    let off = browser.post("/account/second-factor/off", &[("password", PASSWORD)]).await;
    assert_eq!(off.location(), "/account?done=mfa-off");
    cloud.signed_in("me@example.com").await;
}

async fn sessions_are_listed_and_ended(cloud: Cloud) {
    let mut browser = cloud.person("me@example.com").await;
    let mut other = cloud.signed_in("me@example.com").await;
    let mut third = cloud.signed_in("me@example.com").await;
    let list = browser.get("/account/sessions").await;
    assert_eq!(list.text.matches("Story/1.0").count(), 3);
    assert_eq!(list.text.matches("this one").count(), 1);
    for browser in [&browser, &other, &third] {
        assert!(!list.text.contains(&browser.cookies["__Host-mote"]), "lists show no secret");
    }
    let secret = TokenSecret::parse(&third.cookies["__Host-mote"]).unwrap();
    let id = cloud.mote.authenticate_console(&secret).await.unwrap().id();
    let mut thief = cloud.person("thief@example.com").await;
    thief.get("/account/sessions").await;
    let refused = thief.post(&format!("/account/sessions/{id}/end"), &[]).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
    let ended = browser.post(&format!("/account/sessions/{id}/end"), &[]).await;
    assert_eq!(ended.location(), "/account/sessions?done=session-ended");
    assert_eq!(third.get("/").await.location(), "/sign-in");
    assert_eq!(other.get("/").await.status, StatusCode::OK);
    let others = browser.post("/account/sessions/end-others", &[]).await;
    assert_eq!(others.location(), "/account/sessions?done=sessions-ended");
    assert_eq!(other.get("/").await.location(), "/sign-in");
    assert_eq!(browser.get("/").await.status, StatusCode::OK);
}

async fn an_account_ends(cloud: Cloud) {
    let mut browser = cloud.person("me@example.com").await;
    let mut other = cloud.signed_in("me@example.com").await;
    browser.get("/account").await;
    assert!(browser.post("/account/delete", &[("password", "wrong")]).await.text.contains("role=\"alert\""));
    let gone = browser.post("/account/delete", &[("password", PASSWORD)]).await;
    assert_eq!(gone.location(), "/sign-in?done=deleted");
    assert_eq!(other.get("/").await.location(), "/sign-in");
}
