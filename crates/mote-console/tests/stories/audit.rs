//! The audit trails of a product, an organization and an account.

use axum::body::Body;
use http::StatusCode;
use mote_api::frame::Peer;
use mote_core::authorization::Role;
use serde_json::Value;

use crate::cloud::{Browser, Cloud, Page};
use crate::on_both_engines;

on_both_engines!(
    a_products_trail_says_who_what_and_from_where,
    a_trail_is_for_administrators,
    a_trail_is_paged_filtered_and_taken_away,
    an_organization_and_an_account_have_theirs,
);

const AUDIT: &str = "/products/tempmon-v100/audit";

/// A form that comes over the network.
async fn post_from(
    cloud: &Cloud,
    browser: &Browser<'_>,
    address: &str,
    path: &str,
    fields: &[(&str, &str)],
) -> Page {
    let token = browser.form_token();
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(fields.iter().copied().chain([("form_token", token.as_str())]));
    let request = browser.request("POST", path).header("sec-fetch-site", "same-origin");
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let request = request.extension(Peer(format!("{address}:5000").parse().unwrap()));
    cloud.send(request.body(Body::from(form.finish())).unwrap()).await
}

/// The rows of the table.
fn rows(page: &Page) -> Vec<&str> {
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    page.between("<tbody>", "</tbody>").split("<tr>").skip(1).collect()
}

async fn a_products_trail_says_who_what_and_from_where(cloud: Cloud) {
    let mut owner = cloud.person("me@example.com").await;
    owner.product("TempMon V100").await;
    let team = "/products/tempmon-v100/team";
    owner.get(team).await;
    let fields = [("username", "ada@example.com"), ("role", "Developer")];
    let invited = post_from(&cloud, &owner, "192.0.2.7", team, &fields).await;
    assert_eq!(invited.location(), format!("{team}?done=invited"), "{}", invited.text);
    let fields = [("name", "<script>alert(1)</script>"), ("scopes[]", "devices:list")];
    let made = owner.post(&format!("{team}/api-users"), &fields).await;
    let token = made.between("id=\"secret\"><span class=\"copied\"><code>", "</code>").to_owned();

    let seen = owner.get(AUDIT).await;
    let rows = rows(&seen);
    assert_eq!(rows.len(), 3);
    let holds = |row: &str, texts: &[&str]| {
        for text in texts {
            assert!(row.contains(text), "{text} in {row}");
        }
    };
    let session = mote_core::keys::TokenSecret::parse(&owner.cookies["__Host-mote"]).unwrap();
    let session = cloud.mote.authenticate_console(&session).await.unwrap().id().to_string();
    let by = ["me@example.com", "console session", &session];
    holds(rows[2], &["A product was made.", "product.created", "tempmon-v100"]);
    holds(rows[1], &["Somebody was invited to a team.", "team.member_invited", "role: Developer"]);
    holds(rows[1], &["ada@example.com", "<code>192.0.2.7</code>", &cloud.now().to_iso()]);
    holds(rows[0], &["An API user was made, with its token.", "scopes: devices:list"]);
    for row in rows.iter().copied() {
        holds(row, &by);
    }
    // What somebody chose for a name is text, and no secret is anywhere.
    assert!(rows[0].contains("script") && !seen.text.contains("<script>alert"));
    assert!(!seen.text.contains(&token) && !seen.text.contains(&owner.cookies["__Host-mote"]));
    // The API user itself is told by its name and its token's ID.
    let grant = cloud.mote.authenticate(&token).await.unwrap().id();
    assert!(!seen.text.contains(&grant.to_string()));
}

async fn a_trail_is_for_administrators(cloud: Cloud) {
    let mut owner = cloud.person("me@example.com").await;
    owner.product("TempMon V100").await;
    owner.get("/organizations").await;
    owner.post("/organizations", &[("name", "Acme Inc")]).await;
    let trails = [AUDIT, "/organizations/acme-inc/audit"];
    let mut other = cloud.person("other@example.com").await;
    let seen = async |browser: &mut Browser<'_>, status: StatusCode| {
        for trail in trails {
            for path in [trail.to_owned(), format!("{trail}.ndjson")] {
                let page = browser.get(&path).await;
                assert_eq!(page.status, status, "{path}");
                let told =
                    page.text.contains("product.created") || page.text.contains("organization.created");
                assert_eq!(told, status == StatusCode::OK, "{path}");
            }
        }
    };
    let mut nobody = Browser::new(&cloud);
    for trail in trails.into_iter().chain(["/account/audit"]) {
        assert!(nobody.get(trail).await.location().starts_with("/sign-in"));
        assert!(nobody.get(&format!("{trail}.ndjson")).await.location().starts_with("/sign-in"));
    }
    seen(&mut owner, StatusCode::OK).await;
    seen(&mut other, StatusCode::FORBIDDEN).await;
    cloud.join(1001, "other@example.com", Role::Developer).await;
    cloud.join_organization("acme-inc", "other@example.com", Role::Developer).await;
    seen(&mut other, StatusCode::FORBIDDEN).await;
    for page in ["/products/tempmon-v100", "/organizations/acme-inc"] {
        let tabs = other.get(page).await;
        assert!(tabs.text.contains(">Audit trail</span>"), "{}", tabs.text);
        assert!(
            tabs.text.contains("it takes Administrator") && !tabs.text.contains(&format!("{page}/audit"))
        );
    }
    let mut admin = cloud.person("admin@example.com").await;
    cloud.join(1001, "admin@example.com", Role::Administrator).await;
    cloud.join_organization("acme-inc", "admin@example.com", Role::Administrator).await;
    seen(&mut admin, StatusCode::OK).await;
}

async fn a_trail_is_paged_filtered_and_taken_away(cloud: Cloud) {
    let mut owner = cloud.person("me@example.com").await;
    owner.product("TempMon V100").await;
    let settings = "/products/tempmon-v100/settings";
    owner.get(settings).await;
    for number in 1..=51 {
        cloud.pass(3600);
        let fields = [("name", &format!("the {number}th")[..])];
        assert_eq!(owner.post(settings, &fields).await.status, StatusCode::SEE_OTHER);
    }
    let newest = owner.get(&format!("{AUDIT}?action=product.updated")).await;
    assert_eq!(rows(&newest).len(), 50);
    assert!(newest.text.contains("<option value=\"product.updated\" selected>"));
    let older = newest.between("rel=\"next\" href=\"", "\"").replace("&amp;", "&").replace("&#38;", "&");
    let older = owner.get(&older).await;
    assert_eq!(rows(&older).len(), 1);
    assert!(!older.text.contains("rel=\"next\"") && older.text.contains(">Newest</a>"));
    assert!(older.text.contains("the 1th") && !newest.text.contains("the 1th"));

    let (start, day) = (cloud.now().plus_seconds(-51 * 3600).to_iso(), cloud.now().to_iso());
    let count = async |owner: &mut Browser<'_>, query: &str| {
        let page = owner.get(&format!("{AUDIT}?{query}")).await;
        assert_eq!(page.status, StatusCode::OK, "{query}");
        if page.text.contains("<tbody>") { rows(&page).len() } else { 0 }
    };
    assert_eq!(count(&mut owner, "action=product.created&actor=&target=&since=&until=&before=").await, 1);
    assert_eq!(count(&mut owner, "action=team").await, 0);
    assert_eq!(count(&mut owner, "actor=me%40example.com&action=product.created").await, 1);
    assert_eq!(count(&mut owner, "actor=other%40example.com").await, 0);
    assert_eq!(count(&mut owner, &format!("until={}&action=product.created", &start[..10])).await, 0);
    let of_the_day = cloud.now().unix_seconds() % 86_400 / 3600 + 1;
    let last = count(&mut owner, &format!("since={}&action=product.updated", &day[..10])).await;
    assert_eq!(i64::try_from(last), Ok(of_the_day));
    let nothing = owner.get(&format!("{AUDIT}?actor=nobody")).await;
    assert!(nothing.text.contains("Nothing found") && nothing.text.contains("value=\"nobody\""));
    for bad in ["action=produc", "since=yesterday", "before=x", "before=1&before=2", "target=%00"] {
        assert_eq!(owner.get(&format!("{AUDIT}?{bad}")).await.status, StatusCode::BAD_REQUEST, "{bad}");
        assert_eq!(owner.get(&format!("{AUDIT}.ndjson?{bad}")).await.status, StatusCode::BAD_REQUEST);
    }

    let link = newest.between("class=\"button\" href=\"", "\"");
    assert_eq!(link, format!("{AUDIT}.ndjson?action=product.updated"));
    let file = owner.get(link).await;
    assert_eq!(file.header("content-type"), "application/x-ndjson");
    assert_eq!(file.header("content-disposition"), "attachment; filename=\"tempmon-v100-audit.ndjson\"");
    assert_eq!(file.header("cache-control"), "no-store");
    let lines: Vec<Value> = file.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 51, "all of them, not a page");
    assert_eq!(lines[0]["details"]["name"], "the 1th");
    assert!(lines.iter().all(|line| line["action"] == "product.updated"));
}

async fn an_organization_and_an_account_have_theirs(cloud: Cloud) {
    let mut founder = cloud.person("me@example.com").await;
    founder.get("/organizations").await;
    founder.post("/organizations", &[("name", "Acme Inc")]).await;
    let fields = [("name", "Valve"), ("platform", "32"), ("organization", "acme-inc")];
    founder.get("/products/new").await;
    assert_eq!(founder.post("/products/new", &fields).await.location(), "/products/valve");
    let words = |page: &Page| -> Vec<String> {
        let word =
            |row: &str| row.split_once("<br><code>").unwrap().1.split_once("</code>").unwrap().0.to_owned();
        let whats = rows(page).into_iter().map(|row| row.split_once("<th scope=\"row\"").unwrap().1);
        whats.map(word).collect()
    };
    founder.get("/products/valve/settings").await;
    founder.post("/products/valve/settings", &[("name", "Valve 2")]).await;
    let seen = founder.get("/organizations/acme-inc/audit").await;
    assert_eq!(words(&seen), ["product.created", "organization.created"]);
    let products = words(&founder.get("/products/valve/audit").await);
    assert_eq!(products.last().map(String::as_str), Some("product.created"));
    assert!(products.iter().any(|word| word == "product.updated"));
    let organization =
        cloud.mote.list_organizations_for_operator(mote_core::OrganizationId(0)).await.unwrap();
    let by_id = format!("/organizations/{}/audit.ndjson", organization[0].id.to_hex());
    let file = founder.get(&by_id).await;
    assert_eq!(file.header("content-disposition"), "attachment; filename=\"acme-inc-audit.ndjson\"");
    assert_eq!(file.text.lines().count(), 2);

    let own = founder.get("/account/audit").await;
    assert_eq!(words(&own), ["console_session.signed_in", "account.created"]);
    assert!(rows(&own)[1].contains("operator of the server"));
    let file = founder.get("/account/audit.ndjson?action=console_session").await;
    assert_eq!(file.header("content-disposition"), "attachment; filename=\"account-audit.ndjson\"");
    assert_eq!(file.text.lines().count(), 1);
    let mut other = cloud.person("other@example.com").await;
    assert!(!other.get("/account/audit").await.text.contains("me@example.com"), "each sees his own");
    let sessions = other.get("/account/sessions").await;
    assert!(sessions.text.contains("href=\"/account/audit\""));
}
