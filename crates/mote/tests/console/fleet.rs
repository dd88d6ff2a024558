//! A small fleet, so that there is something on every page.

use mote_store::locations::{LastLocationRow, LocationRow};
use mote_store::vitals::VitalsRow;
use mote_store::{Db, Location, Store, devices, fleet_metrics, locations, vitals};
use mote_testkit::{Browser, Image, Mails, Request, Server, call};
use serde_json::{Value, json};

use crate::Place;

/// A server with something on every page.
pub(crate) struct Fleet {
    pub(crate) place: Place,
    /// What stands in paths for what is only known once it is made.
    pub(crate) known: Vec<(&'static str, String)>,
}

impl Fleet {
    pub(crate) fn new() -> Self {
        let mails = Mails::start();
        let place = Place::with_mails(&mails.url);
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
        let invitation = mails.link("/join?token=");
        let (_, token) = invitation.split_once("token=").unwrap();
        fleet.known.push(("JOIN", token.to_owned()));
        let sent = [("username", Server::ADMIN)];
        fleet.send("POST", "/v1/user/password-reset", "", &sent);
        let reset = mails.link("/reset-password?token=");
        fleet.known.push(("RESET", reset.split_once("token=").unwrap().1.to_owned()));
        let asked = [("username", "ada@example.org"), ("current_password", Server::PASSWORD)];
        fleet.send("PUT", "/v1/user", &user, &asked);
        let change = mails.link("/change-address?token=");
        fleet.known.push(("ADDRESS", change.split_once("token=").unwrap().1.to_owned()));
        fleet.let_a_device_tell();
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
        for (known, path) in [("WEB", "/v1/clients"), ("APP", path)] {
            let fields = [("name", known), ("type", "web"), ("redirect_uri", "https://app.example.com/cb")];
            let made = fleet.send("POST", path, &user, &fields);
            let client = made["client"]["id"].as_str().unwrap();
            // The challenge is the digest of nothing.
            let challenge = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU";
            let query = format!(
                "response_type=code&client_id={client}&state=1&code_challenge={challenge}&code_challenge_method=S256"
            );
            fleet.known.push((known, query));
        }
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
        self.send("POST", "/v1/devices", user, &[("id", "e00fce68d1f3a0b2c4e5f602")]);
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
    pub(crate) fn upload_firmware(&self, browser: &Browser) {
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

    /// What a device would have told, had it been connected: there is no door for devices yet, so it is written into the
    /// server's store beside it.
    fn let_a_device_tell(&self) {
        let place = Location::Sqlite(self.place.data().join("mote.db"));
        let store = mote_core::Mote::open_store(place);
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let store: Store = store.await.unwrap();
            store.write(|db| tell(db, mote_core::Clock::System.now().0)).await.unwrap();
        });
    }
}

fn tell(db: &mut Db, now: i64) -> Result<(), mote_store::StoreError> {
    let id = "e00fce68d1f3a0b2c4e5f601";
    let mut row = devices::get(db, id)?.unwrap();
    row.functions = json!(["calibrate", "defrost"]).to_string();
    row.variables = json!({"temperature": "double", "door": "string"}).to_string();
    devices::update(db, &row)?;
    for (step, (lat, lon)) in
        [(52.50, 13.40), (52.53, 13.47), (52.57, 13.45), (52.56, 13.52)].into_iter().enumerate()
    {
        let at = now - 3_600_000 * (4 - i64::try_from(step).unwrap());
        let point = LocationRow {
            product_id: 1001,
            device_id: id.into(),
            at,
            lat,
            lon,
            gps_lock: true,
            properties: "{}".into(),
        };
        locations::put(db, &point)?;
        locations::put_last(db, &LastLocationRow::from(point))?;
    }
    let payload = json!({"device": {
        "network": {"signal": {"strength": 62.4, "quality": 48.1}, "cellular": {"operator": "Telefonica"}},
        "power": {"battery": {"charge": 81.5}, "source": "battery"},
        "system": {"uptime": 86_412, "memory": {"used": 89_008, "total": 162_972}},
    }});
    let told = VitalsRow {
        id: 7,
        device_id: id.into(),
        at: now,
        product_id: Some(1001),
        owner_id: None,
        payload: payload.to_string(),
    };
    vitals::insert(db, &told)?;
    let traits = fleet_metrics::TraitsRow {
        id: 7,
        product_id: 1001,
        product_fw: -1,
        device_os: String::new(),
        groups: "[]".into(),
        used_at: now,
    };
    fleet_metrics::insert_traits(db, &traits)?;
    // The quarters of an hour that are over.
    for quarter in 1..96 {
        let bucket = (now / 1000 - quarter * 900) / 900 * 900;
        // What the numbers stand for is in `mote_core::fleet_metrics`: events, failed requests, samples of devices online.
        for (what, count) in
            [(1, 10 + quarter * 7 % 23), (9, quarter % 31 / 30), (11, 15 * (4 + quarter % 37 / 30))]
        {
            let place = fleet_metrics::Place { product_id: 1001, what, width: 900, bucket, traits_id: 7 };
            fleet_metrics::add(db, place, count)?;
        }
    }
    Ok(())
}
