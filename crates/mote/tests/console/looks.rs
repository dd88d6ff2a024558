//! Every page, looked over: by axe-core in light and dark, and on a phone's width. And the pictures of `cargo xtask
//! screenshots`.

use std::path::{Path, PathBuf};

use mote_testkit::{Browser, Look, Server};

use crate::fleet::Fleet;
use crate::sign_in;

/// Pages for whoever is not signed in.
const OUTSIDE: [&str; 6] = [
    "/sign-in",
    "/sign-up",
    "/forgotten-password",
    "/reset-password?token=0",
    "/reset-password?token=RESET",
    "/set-up?token=0",
];

/// Pages of somebody who is.
const INSIDE: [&str; 63] = [
    "/oauth/authorize?WEB",
    "/oauth/authorize?APP",
    "/oauth/authorize?client_id=nobody",
    "/",
    "/devices",
    "/account",
    "/account/tokens",
    "/account/clients",
    "/account/clients/new",
    "/account/clients/OWN",
    "/account/sessions",
    "/account/audit",
    "/organizations",
    "/organizations/acme-inc",
    "/organizations/spare",
    "/organizations/acme-inc/team",
    "/organizations/acme-inc/team/api-users/new",
    "/organizations/acme-inc/audit",
    "/organizations/acme-inc/settings",
    "/join?token=0",
    "/join?token=JOIN",
    "/change-address?token=0",
    "/change-address?token=ADDRESS",
    "/products/new",
    "/nothing",
    "/products/tempmon-v100",
    "/products/tempmon-v100/authentication",
    "/products/tempmon-v100/authentication/new",
    "/products/tempmon-v100/authentication/CLIENT",
    "/products/tempmon-v100/devices",
    "/products/tempmon-v100/devices?name=nothing-like-this",
    "/products/tempmon-v100/devices/import",
    "/products/tempmon-v100/devices/e00fce68d1f3a0b2c4e5f601",
    "/products/greenhouse-valve/devices",
    "/products/tempmon-v100/groups",
    "/products/greenhouse-valve/groups",
    "/products/tempmon-v100/groups/in-store",
    "/products/tempmon-v100/firmware",
    "/products/greenhouse-valve/firmware",
    "/products/tempmon-v100/customers",
    "/products/greenhouse-valve/customers",
    "/products/tempmon-v100/events",
    "/products/tempmon-v100/integrations",
    "/products/greenhouse-valve/integrations",
    "/products/tempmon-v100/integrations/new",
    "/products/tempmon-v100/integrations/INTEGRATION",
    "/products/tempmon-v100/integrations/INTEGRATION/edit",
    "/products/tempmon-v100/configuration",
    "/products/tempmon-v100/devices/e00fce68d1f3a0b2c4e5f601/configuration",
    "/products/tempmon-v100/ledgers",
    "/products/greenhouse-valve/ledgers",
    "/products/tempmon-v100/ledgers/device-settings",
    "/products/tempmon-v100/ledgers/totals",
    "/products/tempmon-v100/ledgers/device-settings/instance?of=e00fce68d1f3a0b2c4e5f601",
    "/products/tempmon-v100/sims",
    "/products/greenhouse-valve/sims",
    "/products/tempmon-v100/sims/8934076500002589174",
    "/products/tempmon-v100/team",
    "/products/tempmon-v100/team/api-users/new",
    "/products/tempmon-v100/audit",
    "/products/tempmon-v100/audit?actor=nobody@example.com&since=2026-01-31",
    "/products/tempmon-v100/settings",
    "/products/greenhouse-valve/authentication",
];

impl Fleet {
    /// Visits every page.
    fn tour(&self, browser: &Browser, mut look: impl FnMut(&str)) {
        let known = |path: String, (word, id): &(&str, String)| path.replace(word, id);
        let known = |path: &str| self.place.url(&self.known.iter().fold(path.to_owned(), known));
        for path in OUTSIDE {
            browser.go(&known(path));
            look(path);
        }
        browser.go(&self.place.url("/sign-in"));
        browser.type_in("#username", "nobody@example.com");
        browser.type_in("#password", "not that one");
        browser.click_text("Sign in");
        browser.wait_for("[role=alert]");
        look("a refused sign-in");
        sign_in(browser, &self.place, Server::ADMIN, Server::PASSWORD);
        self.upload_firmware(browser);
        for path in INSIDE {
            browser.go(&known(path));
            look(path);
        }
        browser.go(&self.place.url("/products/tempmon-v100/authentication"));
        browser.click_text("New Client");
        browser.wait_for("dialog[open] #client-name");
        look("the dialog");
        browser.go(&self.place.url("/products/tempmon-v100/customers"));
        browser.click("td summary");
        look("the form of a password");
        browser.go(&self.place.url("/products/tempmon-v100/team"));
        for question in ["tbody .confirm summary", "[aria-label='API users'] .confirm summary"] {
            browser.click(question);
        }
        look("the questions before an end");
        browser.go(&self.place.url("/account/tokens"));
        browser.type_in("#password", Server::PASSWORD);
        browser.click_text("Make token");
        browser.wait_for("#secret");
        look("a new token");
        browser.go(&self.place.url("/products/tempmon-v100/integrations/new"));
        browser.type_in("#event", "temp");
        browser.type_in("#url", "https://sink.example.com/");
        browser.type_in("#payload", "{\"degrees\": \"{{{t}}}\"}");
        browser.type_in("#sample", "{\"t\": 21.5}");
        browser.wait_for("#preview pre");
        let _ = browser.script("scrollTo(0, 0)");
        look("the preview");
    }
}

fn axe() -> String {
    let file =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/console/node_modules/axe-core/axe.min.js");
    std::fs::read_to_string(file)
        .expect("axe-core is installed: run cargo xtask test, or npm ci in tests/console")
}

/// Lets axe-core look over the page that is open.
pub(crate) fn nothing_for_axe(browser: &Browser, what: &str) {
    let axe = axe();
    let script = format!(
        "{axe}; const done = arguments[arguments.length - 1]; \
         axe.run().then((found) => done({{ passes: found.passes.length, violations: found.violations.map((one) => \
         [one.id, one.nodes.map((node) => node.html + ' ' + node.failureSummary)]) }}), (error) => done(String(error)));"
    );
    let found = browser.script_later(&script);
    assert!(found["passes"].as_u64().unwrap_or(0) > 5, "{what}: {found}");
    assert_eq!(found["violations"], serde_json::json!([]), "{what}");
}

fn axe_finds_nothing(dark: bool) {
    let fleet = Fleet::new();
    let browser = Browser::start(Look { dark, ..Look::default() });
    fleet.tour(&browser, |path| {
        let dark_now = browser.script("return matchMedia('(prefers-color-scheme: dark)').matches");
        assert_eq!(dark_now, dark, "{path}");
        nothing_is_out_of_place(&browser, path);
        nothing_for_axe(&browser, path);
    });
}

#[test]
fn axe_finds_nothing_in_the_light() {
    axe_finds_nothing(false);
}

#[test]
fn axe_finds_nothing_in_the_dark() {
    axe_finds_nothing(true);
}

/// That the page that is open keeps to the console's own rules.
fn nothing_is_out_of_place(browser: &Browser, what: &str) {
    let found = browser.script(include_str!("out_of_place.js"));
    assert_eq!(found, serde_json::json!([]), "{what}");
}

/// That nothing on the page that is open was laid out anew while it was loaded (the Layout Instability API).
fn nothing_has_moved(browser: &Browser, what: &str) {
    let script = "const done = arguments[arguments.length - 1]; const moved = []; \
         new PerformanceObserver((list) => { for (const shift of list.getEntries()) if (!shift.hadRecentInput) \
         for (const { node, previousRect, currentRect } of shift.sources) \
         moved.push([node?.outerHTML ?? String(node), previousRect, currentRect]); \
         }).observe({ type: 'layout-shift', buffered: true }); \
         requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done(moved))));";
    assert_eq!(browser.script_later(script), serde_json::json!([]), "{what}");
}

#[test]
fn every_page_fits_a_phone() {
    let fleet = Fleet::new();
    let browser = Browser::start(Look { width: 360, ..Look::default() });
    fleet.tour(&browser, |path| {
        let width = browser.script("return [innerWidth, document.documentElement.scrollWidth]");
        assert_eq!(width, serde_json::json!([360, 360]), "{path}");
        // What is typed for a preview makes room for it, however long that takes to come.
        if path != "the preview" {
            nothing_has_moved(&browser, path);
        }
        nothing_is_out_of_place(&browser, path);
        let heading = browser.script("return document.querySelector('main h1')?.getBoundingClientRect().top");
        assert!(heading.as_f64().is_none_or(|top| top < 400.0), "{path}: its heading begins at {heading}");
    });
}

/// What the documents show: the page, the picture's name, and how it is looked at.
const PICTURES: [(&str, &str, Look); 8] = [
    ("/sign-in", "sign-in", LIGHT),
    ("/", "home", DARK),
    ("the dialog", "new-client", LIGHT),
    ("/products/tempmon-v100/devices", "devices", LIGHT),
    ("/products/tempmon-v100/team", "team", DARK),
    ("/products/tempmon-v100", "overview", DARK),
    ("the preview", "webhook", LIGHT),
    ("/products/tempmon-v100/devices", "devices-phone", PHONE),
];
const LIGHT: Look = Look { width: 1280, dark: false, scripts: true };
const DARK: Look = Look { dark: true, ..LIGHT };
const PHONE: Look = Look { width: 360, ..LIGHT };

#[test]
#[ignore = "makes the pictures of cargo xtask screenshots; of every page where MOTE_SCREENSHOTS_ALL is set"]
fn screenshots() {
    let folder =
        PathBuf::from(std::env::var_os("MOTE_SCREENSHOTS").expect("MOTE_SCREENSHOTS names a folder"));
    let (all, fleet) = (std::env::var_os("MOTE_SCREENSHOTS_ALL").is_some(), Fleet::new());
    for (look, of) in [(LIGHT, "light"), (DARK, "dark"), (PHONE, "phone")] {
        let browser = Browser::start(look);
        fleet.tour(&browser, |page| {
            for (_, name, _) in PICTURES.iter().filter(|(wanted, _, at)| *wanted == page && *at == look) {
                std::fs::write(folder.join(format!("{name}.png")), browser.picture()).unwrap();
            }
            if all {
                let name: String =
                    page.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
                std::fs::write(folder.join(format!("{of}{name}.png")), browser.picture()).unwrap();
            }
        });
    }
}
