//! The Authentication tab.

use http::StatusCode;
use mote_core::authorization::Role;

use crate::cloud::{Cloud, Page};
use crate::on_both_engines;

on_both_engines!(
    a_client_is_made_and_its_secret_shown_once,
    a_secret_is_replaced,
    a_public_key_takes_the_place_of_a_secret,
    each_purpose_makes_its_client,
    a_refused_field_has_the_focus,
    an_end_is_asked_for_once_more,
    roles_decide_at_clients
);

const TAB: &str = "/products/tempmon-v100/authentication";

async fn a_client_is_made_and_its_secret_shown_once(cloud: Cloud) {
    let mut browser = cloud.person("me@example.com").await;
    assert_eq!(browser.product("TempMon V100").await, "/products/tempmon-v100");
    let list = browser.get(TAB).await;
    assert!(list.text.contains("No client yet") && list.text.contains("New Client"));
    let form = browser.get(&format!("{TAB}/new")).await;
    for purpose in ["Two-legged Auth (Server)", "Simple Auth (Mobile App)", "Simple Auth (Web App)", "Custom"]
    {
        assert!(form.text.contains(purpose), "{purpose}");
    }
    let nameless = browser.post(TAB, &[("name", ""), ("purpose", "server")]).await;
    assert!(nameless.text.contains("role=\"alert\"") && !nameless.text.contains("id=\"secret\""));
    let made = browser.post(TAB, &[("name", "<b>tempmon06</b>"), ("purpose", "server")]).await;
    assert_eq!((made.status, made.header("cache-control")), (StatusCode::OK, "no-store"));
    assert!(!made.text.contains("<b>"), "names are text");
    let secret = made.between("id=\"secret\"><span class=\"copied\"><code>", "</code>").to_owned();
    let client = made.between("<dt>Client ID</dt><dd><span class=\"copied\"><code>", "</code>").to_owned();
    assert_eq!(secret.len(), 40);
    let page = format!("{TAB}/{client}");
    for path in [TAB, page.as_str(), "/", "/products/tempmon-v100"] {
        let page = browser.get(path).await;
        assert!(page.status == StatusCode::OK && !page.text.contains(&secret), "{path}");
    }
    cloud.mote.authenticate_client(&client, &secret).await.unwrap();

    browser.get(&page).await;
    let changed = browser.post(&page, &[("name", "other"), ("scope", "create_customer")]).await;
    assert_eq!(changed.location(), format!("{TAB}?done=client-changed"));
    let seen = browser.get(TAB).await;
    assert!(seen.text.contains(">other</a>") && seen.text.contains("create_customer"));
    let ended = browser.post(&format!("{page}/delete"), &[]).await;
    assert_eq!(ended.location(), format!("{TAB}?done=client-deleted"));
    assert!(cloud.mote.authenticate_client(&client, &secret).await.is_err());
    assert_eq!(browser.get(&page).await.status, StatusCode::NOT_FOUND);
}

async fn a_secret_is_replaced(cloud: Cloud) {
    let mut browser = cloud.person("me@example.com").await;
    browser.product("TempMon V100").await;
    browser.get(&format!("{TAB}/new")).await;
    let made = browser.post(TAB, &[("name", "tempmon06"), ("purpose", "server")]).await;
    let secret_of = |page: &crate::cloud::Page| {
        page.between("id=\"secret\"><span class=\"copied\"><code>", "</code>").to_owned()
    };
    let first = secret_of(&made);
    let client = made.between("<dt>Client ID</dt><dd><span class=\"copied\"><code>", "</code>").to_owned();
    let path = format!("{TAB}/{client}");
    let page = browser.get(&path).await;
    assert!(
        page.text.contains(">first</th>") && page.text.contains("disabled>End</button>"),
        "the only one stays"
    );
    let another = browser.post(&format!("{path}/secrets"), &[("name", "autumn"), ("days", "90")]).await;
    assert!(another.text.contains("Your secret is ready"));
    let second = secret_of(&another);
    for secret in [&first, &second] {
        cloud.mote.authenticate_client(&client, secret).await.unwrap();
    }
    let page = browser.get(&path).await;
    assert!(page.text.contains(">autumn</th>") && !page.text.contains(&second));
    let id = page.between("/secrets/", "/end").to_owned();
    let ended = browser.post(&format!("{path}/secrets/{id}/end"), &[]).await;
    assert_eq!(ended.location(), format!("{path}?done=secret-ended"));
    assert!(cloud.mote.authenticate_client(&client, &first).await.is_err());
    cloud.mote.authenticate_client(&client, &second).await.unwrap();
    cloud.mote.flush_uses().await.unwrap();
    assert!(!browser.get(TAB).await.text.contains(">never</td>"), "its last use is told");
    let nonsense = browser.post(&format!("{path}/secrets"), &[("name", "x"), ("days", "soon")]).await;
    assert_eq!(nonsense.status, StatusCode::BAD_REQUEST);
}

async fn a_public_key_takes_the_place_of_a_secret(cloud: Cloud) {
    let mut browser = cloud.person("me@example.com").await;
    browser.product("TempMon V100").await;
    browser.get(&format!("{TAB}/new")).await;
    let made = browser.post(TAB, &[("name", "tempmon06"), ("purpose", "server")]).await;
    let client = made.between("<dt>Client ID</dt><dd><span class=\"copied\"><code>", "</code>").to_owned();
    let path = format!("{TAB}/{client}");
    let page = browser.get(&path).await;
    assert!(page.text.contains("Public keys") && !page.text.contains(">EdDSA</td>"));
    // The example of RFC 8037.
    let jwk =
        r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","kid":"<own>"}"#;
    let fields = [("name", "build server"), ("public_key", jwk), ("days", "365")];
    let added = browser.post(&format!("{path}/keys"), &fields).await;
    assert_eq!(added.location(), format!("{path}?done=key-added"));
    let page = browser.get(&format!("{path}?done=key-added")).await;
    assert!(page.text.contains(">build server</th>") && page.text.contains(">EdDSA</td>"));
    assert!(page.text.contains("The public key is known") && !page.text.contains("<own>"));
    for (name, key, days) in [("x", "hello", "never"), ("", jwk, "never"), ("x", jwk, "soon")] {
        let fields = [("name", name), ("public_key", key), ("days", days)];
        let refused = browser.post(&format!("{path}/keys"), &fields).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{name} {key} {days}");
    }
    // The secret may go now, and then the key is all there is.
    let page = browser.get(&path).await;
    let secret = page.between("/secrets/", "/end").to_owned();
    let key = page.between("/keys/", "/end").to_owned();
    let ended = browser.post(&format!("{path}/secrets/{secret}/end"), &[]).await;
    assert_eq!(ended.location(), format!("{path}?done=secret-ended"));
    assert!(browser.get(&path).await.text.contains("disabled>End</button>"));
    let last = browser.post(&format!("{path}/keys/{key}/end"), &[]).await;
    assert_eq!(last.status, StatusCode::BAD_REQUEST);
    browser.post(&format!("{path}/secrets"), &[("name", "again"), ("days", "never")]).await;
    let ended = browser.post(&format!("{path}/keys/{key}/end"), &[]).await;
    assert_eq!(ended.location(), format!("{path}?done=key-ended"));
    let again = browser.post(&format!("{path}/keys/{key}/end"), &[]).await;
    assert_eq!(again.status, StatusCode::NOT_FOUND);
}

async fn each_purpose_makes_its_client(cloud: Cloud) {
    let mut browser = cloud.person("me@example.com").await;
    browser.product("TempMon V100").await;
    browser.get(&format!("{TAB}/new")).await;
    let uri = ("redirect_uri", "https://app.example.com/cb");
    for (fields, kind, scope, redirects) in [
        (vec![("purpose", "server"), uri], "installed", "all of the product", false),
        (vec![("purpose", "mobile"), uri], "installed", "create_customer", false),
        (vec![("purpose", "web"), uri], "web", "create_customer", true),
        (
            vec![("purpose", "custom"), ("kind", "web"), ("scope", "none"), uri],
            "web",
            "all of the product",
            true,
        ),
        (
            vec![("purpose", "custom"), ("kind", "installed"), ("scope", "create_customer")],
            "installed",
            "create_customer",
            false,
        ),
    ] {
        let fields: Vec<_> = fields.into_iter().chain([("name", "one")]).collect();
        let made = browser.post(TAB, &fields).await;
        let client =
            made.between("<dt>Client ID</dt><dd><span class=\"copied\"><code>", "</code>").to_owned();
        let list = browser.get(TAB).await;
        let row = list.between(&format!("authentication/{client}\""), "</tr>");
        assert!(row.contains(&format!(">{kind}</td>")) && row.contains(scope), "{fields:?}: {row}");
        let seen = browser.get(&format!("{TAB}/{client}")).await;
        assert_eq!(seen.text.contains("https://app.example.com/cb"), redirects, "{fields:?}");
    }
    for fields in [
        vec![("purpose", "web")],
        vec![("purpose", "web"), ("redirect_uri", "javascript:alert(1)")],
        vec![("purpose", "custom"), ("kind", "installed"), ("scope", "none"), uri],
        vec![("purpose", "custom"), ("kind", "other"), ("scope", "none")],
    ] {
        let fields: Vec<_> = fields.into_iter().chain([("name", "one")]).collect();
        let refused = browser.post(TAB, &fields).await;
        assert!(
            refused.text.contains("role=\"alert\"") && !refused.text.contains("id=\"secret\""),
            "{fields:?}"
        );
    }
}

async fn roles_decide_at_clients(cloud: Cloud) {
    let mut owner = cloud.person("me@example.com").await;
    owner.product("TempMon V100").await;
    owner.get(&format!("{TAB}/new")).await;
    let made = owner.post(TAB, &[("name", "one"), ("purpose", "server")]).await;
    let client = made.between("<dt>Client ID</dt><dd><span class=\"copied\"><code>", "</code>").to_owned();
    for (name, role, sees, makes) in [
        ("view@example.com", Role::ViewOnly, false, false),
        ("support@example.com", Role::Support, false, false),
        ("dev@example.com", Role::Developer, true, false),
        ("admin@example.com", Role::Administrator, true, true),
    ] {
        let mut person = cloud.person(name).await;
        assert_eq!(person.get("/products/tempmon-v100").await.status, StatusCode::FORBIDDEN);
        cloud.join(1001, name, role).await;
        let overview = person.get("/products/1001").await;
        assert_eq!(overview.status, StatusCode::OK);
        assert_eq!(
            overview.text.contains(&format!("href=\"{TAB}\" "))
                || overview.text.contains(&format!("class=\"tab\" href=\"{TAB}\"")),
            sees,
            "{role:?}"
        );
        let list = person.get(TAB).await;
        assert_eq!(list.status == StatusCode::OK, sees, "{role:?}");
        if sees {
            assert_eq!(
                list.text.contains("this takes Administrator")
                    || list.text.contains("it takes Administrator"),
                !makes
            );
        } else {
            assert!(list.text.contains("it takes Developer"), "{}", list.text);
        }
        assert_eq!(person.get(&format!("{TAB}/new")).await.status == StatusCode::OK, makes);
        // Whatever the page shows, the server decides.
        person.get("/").await;
        let tried = person.post(TAB, &[("name", "two"), ("purpose", "server")]).await;
        assert_eq!(tried.status == StatusCode::OK, makes, "{role:?}");
        if !makes {
            let tried = person.post(&format!("{TAB}/{client}/delete"), &[]).await;
            assert_eq!(tried.status, StatusCode::FORBIDDEN, "{role:?}");
        }
    }
    let mut stranger = cloud.person("stranger@example.com").await;
    for path in ["/products/tempmon-v100", "/products/nothing", TAB] {
        let page = stranger.get(path).await;
        assert!(page.status == StatusCode::FORBIDDEN && page.text.contains("not on the team"), "{path}");
    }
}

async fn a_refused_field_has_the_focus(cloud: Cloud) {
    let mut browser = cloud.person("me@example.com").await;
    browser.product("TempMon V100").await;
    let form = browser.get(&format!("{TAB}/new")).await;
    let focus = |page: &Page| page.between("<input id=\"client-name\"", ">").contains("autofocus");
    assert!(focus(&form));
    let fields = [("name", "app"), ("purpose", "web"), ("redirect_uri", "no address")];
    let refused = browser.post(TAB, &fields).await;
    assert!(refused.text.contains("role=\"alert\">Redirect URI "), "{}", refused.text);
    assert!(!focus(&refused));
    assert!(refused.between("<input id=\"redirect-uri\"", ">").contains("autofocus aria-invalid=\"true\""));
}

async fn an_end_is_asked_for_once_more(cloud: Cloud) {
    let mut browser = cloud.person("me@example.com").await;
    browser.product("TempMon V100").await;
    browser.get(&format!("{TAB}/new")).await;
    let made = browser.post(TAB, &[("name", "tempmon06"), ("purpose", "server")]).await;
    let client = made.between("<dt>Client ID</dt><dd><span class=\"copied\"><code>", "</code>").to_owned();
    let path = format!("{TAB}/{client}");
    browser.post(&format!("{path}/secrets"), &[("name", "autumn"), ("days", "90")]).await;
    let team = "/products/tempmon-v100/team";
    browser.post(&format!("{team}/api-users"), &[("name", "Report"), ("scopes[]", "devices:list")]).await;
    let device = "e00fce680000000000000001";
    crate::devices::add(&cloud, &mut browser, device).await;
    let of_device = format!("/products/tempmon-v100/devices/{device}");
    browser.get("/devices").await;
    assert_eq!(browser.post("/devices", &[("id", device)]).await.location(), "/devices?done=claimed");
    for (page, questions, words) in [
        (path.as_str(), 3, "its secrets, keys and tokens"),
        (team, 2, "Its present token ends at once"),
        (of_device.as_str(), 2, "its configuration and variables in this product are gone"),
        ("/devices", 1, "It is yours no more then"),
    ] {
        let seen = browser.get(page).await;
        assert_eq!(seen.text.matches("<details class=\"confirm\">").count(), questions, "{page}");
        assert!(seen.text.contains(words), "{page}: {}", seen.text);
        // No button that ends something is in sight but for those that ask.
        for (before, _) in seen.text.match_indices("<button class=\"danger\">") {
            let opened = seen.text[..before].rfind("<details class=\"confirm\">");
            let closed = seen.text[..before].rfind("</details>");
            assert!(opened > closed, "{page}: {}", &seen.text[before..before + 80]);
        }
    }
}
