//! Every page, looked over: by axe-core in light and dark, and on a phone's width. And the pictures of `cargo xtask
//! screenshots`.

use std::path::{Path, PathBuf};

use mote_testkit::{Browser, Image, Look, Request, Server, call};
use serde_json::Value;

use crate::{Place, sign_in};

/// Pages for whoever is not signed in.
const OUTSIDE: [&str; 5] =
    ["/sign-in", "/sign-up", "/forgotten-password", "/reset-password?token=0", "/set-up?token=0"];

/// Pages of somebody who is.
const INSIDE: [&str; 52] = [
    "/",
    "/devices",
    "/account",
    "/account/tokens",
    "/account/clients",
    "/account/clients/new",
    "/account/clients/OWN",
    "/account/sessions",
    "/organizations",
    "/organizations/acme-inc",
    "/organizations/spare",
    "/organizations/acme-inc/team",
    "/organizations/acme-inc/team/api-users/new",
    "/organizations/acme-inc/settings",
    "/join?token=0",
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
    "/products/tempmon-v100/settings",
    "/products/greenhouse-valve/authentication",
];

/// A server with something on every page.
struct Fleet {
    place: Place,
    /// What stands in paths for what is only known once it is made.
    known: Vec<(&'static str, String)>,
}

impl Fleet {
    fn new() -> Self {
        let place = Place::new();
        let mut fleet = Self { place, known: Vec::new() };
        let minted = fleet.send(
            "POST",
            "/oauth/token",
            "Basic cGFydGljbGU6cGFydGljbGU=",
            &[("grant_type", "password"), ("username", Server::ADMIN), ("password", Server::PASSWORD)],
        );
        let user = format!("Bearer {}", minted["access_token"].as_str().unwrap());
        for (name, platform, about) in [
            ("TempMon V100", "13", "Cold-chain loggers, over LTE"),
            ("Greenhouse Valve", "32", "Irrigation, over Wi-Fi"),
        ] {
            let fields = [("name", name), ("platform_id", platform), ("description", about)];
            fleet.send("POST", "/v1/products", &user, &fields);
        }
        let path = "/v1/products/tempmon-v100/clients";
        for (name, scope) in [("tempmon06", "none"), ("tempmon-app", "create_customer")] {
            let fields = [("name", name), ("type", "installed"), ("scope", scope)];
            let made = fleet.send("POST", path, &user, &fields);
            fleet.known.push(("CLIENT", made["client"]["id"].as_str().unwrap().to_owned()));
        }
        fleet.add_devices(&user);
        for (name, product) in [("Acme Inc", "Dock"), ("Spare", "")] {
            let made = fleet.send("POST", "/v1/orgs", &user, &[("name", name)]);
            let slug = made["organization"]["slug"].as_str().or(made["slug"].as_str()).unwrap();
            if !product.is_empty() {
                let fields = [("name", product), ("platform_id", "13")];
                fleet.send("POST", &format!("/v1/orgs/{slug}/products"), &user, &fields);
            }
        }
        let made = fleet.send("POST", "/v1/clients", &user, &[("name", "mine"), ("type", "installed")]);
        fleet.known.push(("OWN", made["client"]["id"].as_str().unwrap().to_owned()));
        fleet
    }

    /// Devices as a small fleet has them, and those who look after it.
    fn add_devices(&mut self, user: &str) {
        let product = "/v1/products/tempmon-v100";
        let client = self.send(
            "POST",
            &format!("{product}/clients"),
            user,
            &[("name", "fleet"), ("type", "installed")],
        );
        let (id, secret) =
            (client["client"]["id"].as_str().unwrap(), client["client"]["secret"].as_str().unwrap());
        let form = [("grant_type", "client_credentials"), ("client_id", id), ("client_secret", secret)];
        let minted = self.send("POST", "/oauth/token", "", &form);
        let token = format!("Bearer {}", minted["access_token"].as_str().unwrap());
        let names = ["cold-store-1", "cold-store-2", "van-7", "van-9", "lab-freezer", "spare"];
        for (number, name) in names.into_iter().enumerate() {
            let id = format!("e00fce68d1f3a0b2c4e5f60{number}");
            self.send("POST", &format!("{product}/devices"), &token, &[("id", &id)]);
            let group = if name.starts_with("van") { "on-the-road" } else { "in-store" };
            let fields = [("name", name), ("groups[]", group), ("notes", "Calibrated in spring.")];
            self.send("PUT", &format!("{product}/devices/{id}"), &token, &fields);
        }
        self.add_integrations(&token);
        self.add_settings(&token);
        let fields = [
            ("email", "ann@example.com"),
            ("no_password", "true"),
            ("client_id", id),
            ("client_secret", secret),
        ];
        self.send("POST", &format!("{product}/customers"), "", &fields);
        self.send(
            "POST",
            &format!("{product}/team"),
            user,
            &[("username", "ada@example.com"), ("role", "Developer")],
        );
        let fields =
            [("friendly_name", "Nightly report"), ("scopes[]", "devices:list"), ("scopes[]", "events:get")];
        self.send("POST", &format!("{product}/team"), user, &fields);
    }

    /// A configuration, ledgers and SIM cards.
    fn add_settings(&self, token: &str) {
        let product = "/v1/products/tempmon-v100";
        for (name, scope, direction) in
            [("device-settings", "Device", "Downstream"), ("totals", "Product", "None")]
        {
            let fields = [("name", name), ("scope", scope), ("direction", direction)];
            self.send("POST", &format!("{product}/ledgers"), token, &fields);
        }
        for degrees in ["4", "5"] {
            let path = format!("{product}/ledgers/device-settings/instances/e00fce68d1f3a0b2c4e5f601");
            self.send("PUT", &path, token, &[("data[degrees]", degrees)]);
        }
        self.send("PUT", &format!("{product}/config"), token, &[("interval", "900")]);
        let fields = [("sims[]", "8934076500002589174"), ("sims[]", "8934076500002589182")];
        self.send("POST", &format!("{product}/sims"), token, &fields);
    }

    /// Webhooks, of which one is off.
    fn add_integrations(&mut self, token: &str) {
        let path = "/v1/products/tempmon-v100/integrations";
        for (event, url, off) in [
            ("temp/reading", "https://sink.example.com/v2/readings/{{{PARTICLE_DEVICE_ID}}}", "false"),
            ("alarm", "https://pager.example.com/alarms", "true"),
        ] {
            let fields = [
                ("integration_type", "Webhook"),
                ("event", event),
                ("url", url),
                ("json", "{\"degrees\": \"{{{t}}}\"}"),
                ("disabled", off),
            ];
            let made = self.send("POST", path, token, &fields);
            self.known.push(("INTEGRATION", made["id"].as_str().unwrap().to_owned()));
        }
    }

    /// A version of firmware, once.
    fn upload_firmware(&self, browser: &Browser) {
        let file = tempfile::NamedTempFile::with_suffix(".bin").unwrap();
        std::fs::write(file.path(), Image::new(1001, 1).build()).unwrap();
        browser.go(&self.place.url("/products/tempmon-v100/firmware"));
        browser.type_in("#file", file.path().to_str().unwrap());
        browser.type_in("#version", "1");
        browser.type_in("#title", "First light");
        browser.click("form[data-once] button");
        // Whoever comes later finds it there already.
        browser.wait_for("#version-1");
    }

    fn send(&self, method: &str, path: &str, authorization: &str, form: &[(&str, &str)]) -> Value {
        let url = self.place.url(path);
        let answer = call(&Request {
            method,
            url,
            authorization: Some(authorization.to_owned()).filter(|text| !text.is_empty()),
            form,
        })
        .unwrap();
        assert!(answer.status < 300, "{path}: {answer:?}");
        answer.body
    }

    /// Visits every page.
    fn tour(&self, browser: &Browser, mut look: impl FnMut(&str)) {
        for path in OUTSIDE {
            browser.go(&self.place.url(path));
            look(path);
        }
        sign_in(browser, &self.place, Server::ADMIN, Server::PASSWORD);
        self.upload_firmware(browser);
        for path in INSIDE {
            let known = |path: String, (word, id): &(&str, String)| path.replace(word, id);
            browser.go(&self.place.url(&self.known.iter().fold(path.to_owned(), known)));
            look(path);
        }
        browser.go(&self.place.url("/products/tempmon-v100/authentication"));
        browser.click_text("New Client");
        browser.wait_for("dialog[open] #client-name");
        look("the dialog");
        browser.go(&self.place.url("/products/tempmon-v100/integrations/new"));
        browser.type_in("#event", "temp");
        browser.type_in("#url", "https://sink.example.com/");
        browser.type_in("#payload", "{\"degrees\": \"{{{t}}}\"}");
        browser.type_in("#sample", "{\"t\": 21.5}");
        browser.wait_for("#preview pre");
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

#[test]
fn every_page_fits_a_phone() {
    let fleet = Fleet::new();
    let browser = Browser::start(Look { width: 360, ..Look::default() });
    fleet.tour(&browser, |path| {
        let width = browser.script("return [innerWidth, document.documentElement.scrollWidth]");
        assert_eq!(width, serde_json::json!([360, 360]), "{path}");
    });
}

/// What the documents show: the page, the picture's name, and how it is looked at.
const PICTURES: [(&str, &str, Look); 6] = [
    ("/sign-in", "sign-in", LIGHT),
    ("/", "home", DARK),
    ("the dialog", "new-client", LIGHT),
    ("/products/tempmon-v100/devices", "devices", LIGHT),
    ("/products/tempmon-v100/team", "team", DARK),
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
