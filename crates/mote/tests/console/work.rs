//! Everyday work in the console: devices from a file, live events, and what a role may not do.

use std::io::Write;

use mote_testkit::{Browser, Look, Mails, Server};

use crate::{Place, sign_in};

/// A product, made by clicks, by somebody who stays signed in.
fn with_product(browser: &Browser, place: &Place) {
    sign_in(browser, place, Server::ADMIN, Server::PASSWORD);
    browser.go(&place.url("/products/new"));
    browser.type_in("#name", "TempMon V100");
    browser.click("#platform option[value='13']");
    browser.click_text("Make product");
    browser.wait_for_text("tempmon-v100");
}

fn devices_from_a_file(look: Look) {
    let place = Place::new();
    let browser = Browser::start(look);
    with_product(&browser, &place);
    let mut file = tempfile::NamedTempFile::with_suffix(".txt").unwrap();
    writeln!(file, "e00fce68d1f3a0b2c4e5f601\ne00fce68d1f3a0b2c4e5f602\nthis-is-none").unwrap();
    browser.click_text("Devices");
    browser.click_text("Add devices");
    browser.type_in("#file", file.path().to_str().unwrap());
    browser.type_in("#ids", "e00fce68d1f3a0b2c4e5f603");
    browser.click("form[data-once] button");
    browser.wait_for_text("3 added");
    browser.wait_for_text("1 refused: no device ID");
    assert!(browser.text("#result").contains("this-is-none"));
    browser.click_text("See the devices");
    browser.wait_for_text("3 devices");
    browser.type_in("#f-id", "f602");
    browser.click_text("Search");
    browser.wait_for_text("1 device");
    browser.click("tbody a");
    browser.type_in("#name", "cold-store");
    browser.click_text("Save");
    browser.wait_for_text("Saved.");
}

#[test]
fn devices_come_from_a_file() {
    devices_from_a_file(Look::default());
}

#[test]
fn and_without_scripts() {
    devices_from_a_file(Look { scripts: false, ..Look::default() });
}

#[test]
fn events_appear_as_they_come() {
    let place = Place::new();
    let browser = Browser::start(Look::default());
    with_product(&browser, &place);
    browser.click_text("Events");
    browser.wait_for_text("Listening.");
    browser.type_in("#event-name", "temp/<b>hot</b>");
    browser.type_in("#event-data", "57 degrees");
    browser.click_text("Publish");
    browser.wait_for_text("57 degrees");
    assert!(browser.text("#events").contains("temp/<b>hot</b>"), "names are text");
    browser.click_text("Pause");
    browser.type_in("#event-data", ", and more");
    browser.click("#publish button");
    browser.wait_for_text("Go on (1)");
    assert!(!browser.text("#events").contains("and more"));
    browser.click("#pause");
    browser.wait_for_text("57 degrees, and more");
}

fn a_webhook_is_previewed_and_made(look: Look) {
    let place = Place::new();
    let browser = Browser::start(look);
    with_product(&browser, &place);
    browser.click_text("Integrations");
    browser.wait_for_text("No integrations yet");
    browser.click_text("New webhook");
    browser.type_in("#event", "temp");
    browser.type_in("#url", "https://sink.example.com/readings");
    browser.type_in("#payload", "{\"degrees\": \"{{{t}}} Celsius\"}");
    browser.type_in("#sample", "{\"t\": 57}");
    if !look.scripts {
        browser.click("button[formaction]");
    }
    browser.wait_for_text("57 Celsius");
    browser.click_text("Make webhook");
    browser.wait_for_text("Saved.");
    browser.wait_for_text("temp for sink.example.com");
    browser.click_text("Switch off");
    browser.wait_for_text("Switch on");
}

#[test]
fn a_webhook_is_previewed_as_it_is_typed() {
    a_webhook_is_previewed_and_made(Look::default());
}

#[test]
fn and_by_a_button_without_scripts() {
    a_webhook_is_previewed_and_made(Look { scripts: false, ..Look::default() });
}

#[test]
fn menus_open_on_a_phone_without_scripts() {
    let place = Place::new();
    let browser = Browser::start(Look { width: 360, scripts: false, ..Look::default() });
    with_product(&browser, &place);
    assert_eq!((browser.text(".side ul"), browser.text(".top nav")), (String::new(), String::new()));
    browser.click_text("Section Overview");
    browser.click_text("Devices");
    browser.wait_for_text("No devices yet");
    browser.click_text("Menu");
    browser.click_text("Organizations");
    browser.wait_for_text("You are in no organization");
}

#[test]
fn a_role_sees_what_it_may_not_do_and_why() {
    let mails = Mails::start();
    let place = Place::with_mails(&mails.url);
    let owner = Browser::start(Look::default());
    with_product(&owner, &place);
    owner.click_text("Team");
    owner.type_in("#username", "ada@example.com");
    owner.click_text("Send invitation");
    owner.wait_for_text("The invitation is on its way.");
    let link = mails.link("/join?token=");

    let ada = Browser::start(Look::default());
    ada.go(&link);
    ada.click_text("Make an account");
    ada.type_in("#username", "ada@example.com");
    ada.type_in("#password", Server::PASSWORD);
    ada.click_text("Make account");
    ada.wait_for_text("sign in with it");
    ada.type_in("#username", "ada@example.com");
    ada.type_in("#password", Server::PASSWORD);
    ada.click_text("Sign in");
    ada.wait_for_text("as View-only");
    ada.click_text("Join");
    ada.wait_for_text("Welcome to the team.");
    ada.click_text("TempMon V100");
    ada.wait_for("span.tab.off");
    assert_eq!(ada.text("span.tab.off"), "Authentication");
    let why = ada.script("return document.querySelector('span.tab.off').title");
    assert!(why.as_str().unwrap().contains("it takes Developer"), "{why}");
    ada.click_text("Devices");
    ada.wait_for("button.main:disabled");
    assert!(ada.html().contains("it takes Developer"));
    ada.go(&place.url("/products/tempmon-v100/authentication"));
    ada.wait_for_text("Not allowed");
}

/// What an authenticator app makes of a key: its bytes (RFC 4648 section 6).
fn base32(text: &str) -> Vec<u8> {
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

fn signing_in_takes_the_code_of_the_app(look: Look) {
    let place = Place::new();
    let browser = Browser::start(look);
    sign_in(&browser, &place, Server::ADMIN, Server::PASSWORD);
    browser.click_text("Account");
    browser.type_in("#mfa-password", Server::PASSWORD);
    browser.click_text("Switch it on");
    browser.wait_for("svg.qr path");
    crate::looks::nothing_for_axe(&browser, "the key of a second factor");
    let key = base32(&browser.text("section code"));
    let code = |later: i64| {
        let now = mote_core::Clock::System.now().plus_seconds(later);
        mote_core::mfa::totp::code_at(&key, now).unwrap()
    };
    browser.type_in("#code", &code(0));
    browser.click_text("Switch it on");
    browser.wait_for("#codes li");
    crate::looks::nothing_for_axe(&browser, "the recovery codes");
    browser.click_text("I have kept them");
    browser.click_text("Sign out");
    browser.wait_for_text("You are signed out.");
    browser.type_in("#username", Server::ADMIN);
    browser.type_in("#password", Server::PASSWORD);
    browser.click_text("Sign in");
    browser.wait_for_text("One more step");
    crate::looks::nothing_for_axe(&browser, "the question for a code");
    // The code that switched it on is spent; that of the next half minute is taken already.
    browser.type_in("#code", &code(30));
    browser.click_text("Continue");
    browser.wait_for_text("Make your first product");
}

#[test]
fn signing_in_takes_the_code_of_the_app_in_the_light() {
    signing_in_takes_the_code_of_the_app(Look::default());
}

#[test]
fn and_in_the_dark() {
    signing_in_takes_the_code_of_the_app(Look { dark: true, ..Look::default() });
}
