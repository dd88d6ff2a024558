//! Organizations, and what accounts have beside products: OAuth clients of their own.

use http::StatusCode;
use mote_core::authorization::Role;

use crate::cloud::Cloud;
use crate::on_both_engines;

on_both_engines!(
    an_organization_has_products_and_a_team,
    only_its_team_sees_it,
    an_account_has_clients_of_its_own,
);

const ACME: &str = "/organizations/acme-inc";
const CLIENTS: &str = "/account/clients";

async fn an_organization_has_products_and_a_team(cloud: Cloud) {
    let mut browser = cloud.person("me@example.com").await;
    assert!(browser.get("/organizations").await.text.contains("You are in no organization"));
    assert!(browser.post("/organizations", &[("name", " ")]).await.text.contains("role=\"alert\""));
    let made = browser.post("/organizations", &[("name", "Acme <b>Inc")]).await;
    assert_eq!(made.location(), "/organizations/acme-b-inc", "{}", made.text);
    assert!(!browser.get("/organizations").await.text.contains("<b>"));
    let made = browser.post("/organizations", &[("name", "Acme Inc")]).await;
    assert_eq!(made.location(), ACME);
    assert!(browser.get(ACME).await.text.contains("No products yet"));

    let new = browser.get("/products/new?organization=acme-inc").await;
    assert!(new.text.contains("<option value=\"acme-inc\" selected>"));
    let fields = [("name", "Valve"), ("platform", "32"), ("organization", "acme-inc")];
    let product = browser.post("/products/new", &fields).await;
    assert_eq!(product.location(), "/products/valve", "{}", product.text);
    assert!(browser.get(ACME).await.text.contains("href=\"/products/valve\""));
    let nowhere = [("name", "Valve"), ("platform", "32"), ("organization", "nowhere")];
    assert!(browser.post("/products/new", &nowhere).await.text.contains("role=\"alert\""));

    let home = browser.get("/").await;
    assert!(home.text.contains("href=\"/organizations/acme-inc\"") && !home.text.contains("/products/valve"));
    cloud.account("ada@example.com").await;
    let team = format!("{ACME}/team");
    browser.get(&team).await;
    let invited = browser.post(&team, &[("username", "ada@example.com"), ("role", "Developer")]).await;
    assert_eq!(invited.location(), format!("{team}?done=invited"), "{}", invited.text);
    let api = format!("{team}/api-users");
    assert!(browser.get(&format!("{api}/new")).await.text.contains("New API user"));
    let made = browser.post(&api, &[("name", "Report"), ("scopes[]", "devices:list")]).await;
    assert_eq!(made.between("id=\"secret\"", "</code>").rsplit('>').next().unwrap().len(), 40);
    let seen = browser.get(&team).await;
    assert!(seen.text.contains("ada@example.com") && seen.text.contains("Report"));
    let removed = browser.post(&format!("{team}/remove"), &[("username", "ada@example.com")]).await;
    assert_eq!(removed.location(), format!("{team}?done=removed"));
    let last = browser.post(&format!("{team}/remove"), &[("username", "me@example.com")]).await;
    assert!(last.text.contains("role=\"alert\""), "the last Owner stays");

    let delete = format!("{ACME}/delete");
    assert!(browser.post(&delete, &[("slug", "acme")]).await.text.contains("type its slug"));
    assert!(browser.post(&delete, &[("slug", "acme-inc")]).await.text.contains("delete them first"));
    browser.get("/products/valve/settings").await;
    browser.post("/products/valve/delete", &[("slug", "valve")]).await;
    let gone = browser.post(&delete, &[("slug", "acme-inc")]).await;
    assert_eq!(gone.location(), "/organizations?done=organization-deleted");
    assert_eq!(browser.get(ACME).await.status, StatusCode::FORBIDDEN);
}

async fn only_its_team_sees_it(cloud: Cloud) {
    let mut browser = cloud.person("me@example.com").await;
    browser.get("/organizations").await;
    browser.post("/organizations", &[("name", "Acme Inc")]).await;
    let mut other = cloud.person("other@example.com").await;
    for page in ["", "/team", "/settings", "/team/api-users/new"] {
        let (theirs, none) = (
            other.get(&format!("{ACME}{page}")).await,
            other.get(&format!("/organizations/none{page}")).await,
        );
        assert_eq!((theirs.status, none.status), (StatusCode::FORBIDDEN, StatusCode::FORBIDDEN), "{page}");
        assert_eq!(theirs.text, none.text, "whether it is there is not told");
        assert_eq!(theirs.text.matches("to invite you").count(), 1, "{}", theirs.text);
    }
    other.get("/products/new").await;
    let fields = [("name", "Mine"), ("platform", "32"), ("organization", "acme-inc")];
    assert!(other.post("/products/new", &fields).await.text.contains("role=\"alert\""));

    cloud.join_organization("acme-inc", "other@example.com", Role::Developer).await;
    let seen = other.get(ACME).await;
    assert!(seen.text.contains("it takes Administrator"), "{}", seen.text);
    assert!(other.get(&format!("{ACME}/settings")).await.text.contains("it takes Owner"));
    assert_eq!(
        other.post(&format!("{ACME}/delete"), &[("slug", "acme-inc")]).await.status,
        StatusCode::FORBIDDEN
    );
    let invited =
        other.post(&format!("{ACME}/team"), &[("username", "x@example.com"), ("role", "Owner")]).await;
    assert_eq!(invited.status, StatusCode::FORBIDDEN);
    browser.get(&format!("{ACME}/team")).await;
    let change = [("username", "other@example.com"), ("role", "Administrator")];
    let changed = browser.post(&format!("{ACME}/team/role"), &change).await;
    assert_eq!(changed.location(), format!("{ACME}/team?done=saved"), "{}", changed.text);
    let left = other.post(&format!("{ACME}/team/remove"), &[("username", "other@example.com")]).await;
    assert_eq!(left.location(), "/?done=removed", "{}", left.text);
    assert_eq!(other.get(ACME).await.status, StatusCode::FORBIDDEN);
}

async fn an_account_has_clients_of_its_own(cloud: Cloud) {
    let mut browser = cloud.person("me@example.com").await;
    assert!(browser.get(CLIENTS).await.text.contains("No client yet"));
    let form = browser.get(&format!("{CLIENTS}/new")).await;
    assert!(form.text.contains("Password grant") && !form.text.contains("Two-legged"));
    let refused = browser.post(CLIENTS, &[("purpose", "server")]).await;
    assert!(refused.text.contains("role=\"alert\""));
    let made = browser.post(CLIENTS, &[("name", "myapp"), ("purpose", "server")]).await;
    let secret = made.between("id=\"secret\"", "</code>").rsplit('>').next().unwrap().to_owned();
    assert!(secret.len() == 40 && made.text.contains("-d grant_type=password"), "{}", made.text);
    let listed = browser.get(CLIENTS).await;
    assert!(!listed.text.contains(&secret));
    let path = format!("{CLIENTS}/{}", listed.between("href=\"/account/clients/myapp", "\""));
    let path = path.replace("clients/-", "clients/myapp-");
    assert!(browser.get(&path).await.text.contains("It has no living tokens."), "{path}");
    let changed = browser.post(&path, &[("name", "renamed"), ("scope", "none")]).await;
    assert_eq!(changed.location(), format!("{CLIENTS}?done=client-changed"));

    let mut other = cloud.person("other@example.com").await;
    other.get(CLIENTS).await;
    assert_eq!(other.get(&path).await.status, StatusCode::NOT_FOUND);
    assert_eq!(other.post(&format!("{path}/delete"), &[]).await.status, StatusCode::NOT_FOUND);
    // A product's tab has nothing of an account's.
    let product = browser.product("TempMon V100").await;
    let elsewhere = path.replace(CLIENTS, &format!("{product}/authentication"));
    assert_eq!(browser.get(&elsewhere).await.status, StatusCode::NOT_FOUND);
    let gone = browser.post(&format!("{path}/delete"), &[]).await;
    assert_eq!(gone.location(), format!("{CLIENTS}?done=client-deleted"));
    assert!(browser.get(CLIENTS).await.text.contains("No client yet"));
}
