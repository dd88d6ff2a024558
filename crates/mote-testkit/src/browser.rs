//! A headless Chromium, driven over `WebDriver` (W3C) by Debian's chromedriver.
//!
//! Nothing here waits by sleeping: the driver itself waits until an element is there.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use base64::Engine;
use serde_json::{Value, json};
use tempfile::TempDir;

/// How long the driver waits for an element, in milliseconds.
const PATIENCE: u64 = 15_000;
/// The key under which the protocol has an element's ID.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// How a browser looks at pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Pixels from left to right.
    pub width: u32,
    /// Whether the system's setting is dark.
    pub dark: bool,
    /// Whether scripts of pages run.
    pub scripts: bool,
}

impl Default for Look {
    fn default() -> Self {
        Self { width: 1280, dark: false, scripts: true }
    }
}

/// A browser with one window; gone when it is dropped.
#[derive(Debug)]
pub struct Browser {
    driver: Child,
    agent: ureq::Agent,
    session: String,
    /// Where both keep what is theirs, of which Chromium leaves some behind.
    _folder: TempDir,
}

impl Browser {
    /// Starts one.
    ///
    /// # Panics
    /// Where chromedriver or Chromium cannot be run; `cargo xtask test` installs them.
    #[must_use]
    pub fn start(look: Look) -> Self {
        let folder = tempfile::Builder::new().prefix("mote-browser-").tempdir().expect("a temporary folder");
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .env("TMPDIR", folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver runs: cargo xtask test installs it (Debian: chromium, chromium-driver)");
        let mut lines = BufReader::new(driver.stdout.take().expect("its output is ours")).lines();
        let started = |line: &String| line.contains("started successfully on port");
        let line = lines.by_ref().filter_map(Result::ok).find(started).expect("chromedriver says its port");
        let port: String = line.chars().filter(char::is_ascii_digit).collect();
        std::thread::spawn(move || lines.for_each(drop));
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let session = format!("http://127.0.0.1:{port}/session");
        let mut browser = Self { driver, agent, session, _folder: folder };
        let mut arguments = vec![
            "--headless=new".to_owned(),
            "--no-sandbox".to_owned(),
            "--disable-gpu".to_owned(),
            "--disable-dev-shm-usage".to_owned(),
            "--hide-scrollbars".to_owned(),
            "--force-color-profile=srgb".to_owned(),
            format!("--window-size={},900", look.width.max(500)),
        ];
        if look.dark {
            arguments.push("--blink-settings=preferredColorScheme=0".to_owned());
        }
        let mut options = json!({ "args": arguments });
        if !look.scripts {
            options["prefs"] = json!({ "profile.managed_default_content_settings.javascript": 2 });
        }
        let capabilities = json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome", "goog:chromeOptions": options, "timeouts": { "implicit": PATIENCE },
        } } });
        let made = browser.call("POST", "", &capabilities);
        let id = made["sessionId"].as_str().unwrap_or_else(|| panic!("no browser: {made}"));
        browser.session = format!("{}/{id}", browser.session);
        browser.set_width(look.width);
        browser
    }

    /// Makes pages so wide, as on a phone.
    pub fn set_width(&self, width: u32) {
        let metrics = json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
        let body = json!({ "cmd": "Emulation.setDeviceMetricsOverride", "params": metrics });
        self.call("POST", "/goog/cdp/execute", &body);
    }

    /// What the driver answers, or the error's code and message.
    fn try_call(&self, method: &str, path: &str, body: &Value) -> Result<Value, Value> {
        let url = format!("{}{path}", self.session);
        let builder = ureq::http::Request::builder().method(method).uri(url);
        let answered = if method == "GET" || method == "DELETE" {
            self.agent.run(builder.body(()).expect("a request"))
        } else {
            let builder = builder.header("content-type", "application/json");
            self.agent.run(builder.body(body.to_string()).expect("a request"))
        };
        let mut answer = answered.expect("chromedriver answers");
        let status = answer.status();
        let text =
            answer.body_mut().with_config().limit(64 * 1024 * 1024).read_to_string().expect("its answer");
        let mut value: Value = serde_json::from_str(&text).expect("its answer is JSON");
        let value = value["value"].take();
        if status.is_success() { Ok(value) } else { Err(value) }
    }

    fn call(&self, method: &str, path: &str, body: &Value) -> Value {
        let failed = |error: Value| panic!("{method} {path} {body}: {} {}", error["error"], error["message"]);
        self.try_call(method, path, body).unwrap_or_else(failed)
    }

    /// Waits for an element and does something to it; again with the one in its place, where the page was replaced between.
    fn on_element(&self, using: &str, value: &str, method: &str, what: &str, body: &Value) -> Value {
        for _ in 0..10 {
            let id = self.find(using, value);
            match self.try_call(method, &format!("/element/{id}/{what}"), body) {
                Ok(answer) => return answer,
                Err(error) if error["error"] == "stale element reference" => {}
                Err(error) => panic!("{method} {what} {value}: {} {}", error["error"], error["message"]),
            }
        }
        panic!("{value} is replaced again and again")
    }

    /// Opens an address.
    pub fn go(&self, url: &str) {
        self.call("POST", "/url", &json!({ "url": url }));
    }

    /// Goes back, as with the button.
    pub fn back(&self) {
        self.call("POST", "/back", &json!({}));
    }

    /// The address of the page.
    #[must_use]
    pub fn url(&self) -> String {
        self.call("GET", "/url", &Value::Null).as_str().unwrap_or_default().to_owned()
    }

    /// The page as it is now, as HTML.
    #[must_use]
    pub fn html(&self) -> String {
        self.call("GET", "/source", &Value::Null).as_str().unwrap_or_default().to_owned()
    }

    fn find(&self, using: &str, value: &str) -> String {
        let found = self.call("POST", "/element", &json!({ "using": using, "value": value }));
        found[ELEMENT].as_str().expect("an element").to_owned()
    }

    /// Waits for an element.
    pub fn wait_for(&self, css: &str) {
        self.find("css selector", css);
    }

    /// Waits until a text is somewhere on the page.
    pub fn wait_for_text(&self, text: &str) {
        self.find("xpath", &format!("//body//*[contains(normalize-space(.), \"{text}\")]"));
    }

    /// Clicks an element.
    pub fn click(&self, css: &str) {
        self.on_element("css selector", css, "POST", "click", &json!({}));
    }

    /// Clicks a link, a button, or what opens details, of this text.
    pub fn click_text(&self, text: &str) {
        let wanted = format!("normalize-space(.) = \"{text}\"");
        let path = format!("//a[{wanted}] | //button[{wanted}] | //summary[{wanted}]");
        self.on_element("xpath", &path, "POST", "click", &json!({}));
    }

    /// Types into a field.
    pub fn type_in(&self, css: &str, text: &str) {
        self.on_element("css selector", css, "POST", "value", &json!({ "text": text }));
    }

    /// The text of an element.
    #[must_use]
    pub fn text(&self, css: &str) -> String {
        let text = self.on_element("css selector", css, "GET", "text", &Value::Null);
        text.as_str().unwrap_or_default().to_owned()
    }

    /// What a script returns that is run on the page, whatever the page allows.
    #[must_use]
    pub fn script(&self, script: &str) -> Value {
        self.call("POST", "/execute/sync", &json!({ "script": script, "args": [] }))
    }

    /// The same of a script that calls its last argument with what it returns.
    #[must_use]
    pub fn script_later(&self, script: &str) -> Value {
        self.call("POST", "/execute/async", &json!({ "script": script, "args": [] }))
    }

    /// A picture of the whole page, as PNG.
    ///
    /// # Panics
    /// Where the driver has none to give.
    #[must_use]
    pub fn picture(&self) -> Vec<u8> {
        let size = self
            .script("return [document.documentElement.clientWidth, document.documentElement.scrollHeight]");
        let clip = json!({ "x": 0, "y": 0, "width": size[0], "height": size[1], "scale": 1 });
        let params = json!({ "format": "png", "captureBeyondViewport": true, "clip": clip });
        let body = json!({ "cmd": "Page.captureScreenshot", "params": params });
        let taken = self.call("POST", "/goog/cdp/execute", &body);
        let data = taken["data"].as_str().unwrap_or_default();
        base64::engine::general_purpose::STANDARD.decode(data).expect("a picture in base64")
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It ends Chromium, and then itself is ended.
        let builder = ureq::http::Request::builder().method("DELETE").uri(&self.session);
        if let Ok(request) = builder.body(()) {
            let _ = self.agent.run(request);
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
