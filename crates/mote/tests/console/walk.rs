//! The mission's walk by clicks, with scripts and without: from the link of the first start to a product token that lists
//! devices, with the secret as the console shows it.

use mote_testkit::{Browser, Look, Request, call};
use serde_json::json;

use crate::{PASSWORD, Place};

fn basic(user: &str, password: &str) -> String {
    use base64::Engine;
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}")))
}

fn the_walk(look: Look) {
    let (place, link) = Place::empty();
    let browser = Browser::start(look);
    browser.go(&link);
    browser.type_in("#username", "me@example.com");
    browser.type_in("#password", PASSWORD);
    browser.click_text("Make account");
    browser.wait_for_text("The first account is made");
    browser.type_in("#username", "me@example.com");
    browser.type_in("#password", PASSWORD);
    browser.click_text("Sign in");

    browser.wait_for_text("Make your first product");
    browser.click_text("New product");
    browser.type_in("#name", "TempMon V100");
    browser.click("#platform option[value='13']");
    browser.click_text("Make product");
    browser.wait_for_text("tempmon-v100");
    assert_eq!(browser.text(".ids dd code"), "1001");

    browser.click_text("Authentication");
    browser.wait_for_text("No client yet");
    browser.click_text("New Client");
    browser.type_in("[data-dialog-content] #client-name", "tempmon06");
    browser.click("[data-dialog-content] label[for='purpose-server']");
    assert_eq!(browser.html().contains("<dialog"), look.scripts, "a dialog where there are scripts");
    browser.click_text("Create client");
    let secret = browser.text("[data-dialog-content] #secret code");
    let client = browser.text("[data-dialog-content] .secret dd code");
    let curl = browser.text("[data-dialog-content] #curl");
    assert!(client.starts_with("tempmon06-") && secret.len() == 40, "{client}");
    let url = &place.server.url;
    let expected =
        format!("curl {url}/oauth/token -u \"{client}:{secret}\" -d grant_type=client_credentials");
    assert_eq!(curl, expected);
    // Escape does not lose what is shown once; asked twice, browsers close a dialog that only prevents it.
    if look.scripts {
        let count =
            "closings = 0; document.querySelector('dialog').addEventListener('close', () => closings++)";
        let _ = browser.script(count);
    }
    for _ in 0..3 {
        browser.type_in("[data-dialog-content] a.main", "\u{e00c}");
        assert_eq!(browser.text("[data-dialog-content] #secret code"), secret);
    }
    if look.scripts {
        assert_eq!(browser.script("return closings"), json!(0), "it did not close for a moment, either");
    }
    browser.click_text("I have copied it");

    // From here on the secret is nowhere.
    browser.wait_for(&format!("tbody a[href='/products/tempmon-v100/authentication/{client}']"));
    let nowhere = |what: &str| {
        assert!(!browser.html().contains(&secret), "the secret is still there: {what}");
        assert!(!browser.url().contains(&secret), "the secret is in the address: {what}");
    };
    nowhere("in the list");
    for _ in 0..4 {
        browser.back();
        nowhere("behind the back button");
    }
    for path in ["/", "/products/tempmon-v100", "/products/tempmon-v100/authentication"] {
        browser.go(&place.url(path));
        nowhere(path);
    }
    browser.click(&format!("tbody a[href='/products/tempmon-v100/authentication/{client}']"));
    browser.wait_for_text("It has no living tokens.");
    nowhere("on the client's page");

    let form = [("grant_type", "client_credentials")];
    let minted = call(&Request {
        method: "POST",
        url: format!("{url}/oauth/token"),
        authorization: Some(basic(&client, &secret)),
        form: &form,
    });
    let minted = minted.unwrap();
    assert_eq!(minted.status, 200, "{minted:?}");
    let token = minted.body["access_token"].as_str().unwrap();
    let list = || {
        let url = format!("{url}/v1/products/tempmon-v100/devices");
        let authorization = Some(format!("Bearer {token}"));
        call(&Request { method: "GET", url, authorization, form: &[] }).unwrap()
    };
    let listed = list();
    assert_eq!((listed.status, &listed.body["devices"]), (200, &json!([])));

    browser.go(&place.url(&format!("/products/tempmon-v100/authentication/{client}")));
    browser.wait_for_text("1 living token ends with it.");
    browser.click_text("Delete client");
    browser.wait_for_text("gone then, with its secrets, keys and tokens");
    assert_eq!(list().status, 200, "it asks once more");
    browser.click_text("Yes, delete client");
    browser.wait_for_text("The client and its tokens are gone.");
    assert_eq!(list().status, 401);

    browser.click_text("Sign out");
    browser.wait_for_text("You are signed out.");
    browser.go(&place.url("/products/tempmon-v100"));
    browser.wait_for("#password");
    browser.go(&link);
    browser.wait_for_text("This link is over");
}

#[test]
fn from_the_first_start_to_a_product_token() {
    the_walk(Look::default());
}

#[test]
fn the_same_without_scripts() {
    the_walk(Look { scripts: false, ..Look::default() });
}
