//! What the drills have in common: a product with a client whose tokens are minted, and revoked, and looked for again.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use mote_testkit::{Answer, Image, Request, Server, call, exchange};

pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_mote");

/// How long anything may take that is waited for.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// Who works with a server, and what he works on.
#[derive(Clone, Debug)]
pub(crate) struct Desk {
    pub(crate) url: String,
    pub(crate) product: u16,
    client: String,
    user: String,
    pub(crate) token: String,
}

pub(crate) fn binary() -> &'static Path {
    Path::new(BINARY)
}

fn basic(user: &str, password: &str) -> String {
    use base64::Engine;
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}")))
}

/// Says that it is over once it is dropped.
pub(crate) struct Over<'a>(pub(crate) &'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Desk {
    /// Signs in, and makes a product and a client of it.
    pub(crate) fn open(server: &Server) -> Self {
        let mut desk = Self {
            url: server.url.clone(),
            product: 0,
            client: basic("particle", "particle"),
            user: String::new(),
            token: String::new(),
        };
        let grant = [("grant_type", "password"), ("username", Server::ADMIN), ("password", Server::PASSWORD)];
        let signed_in = desk.send("POST", "/oauth/token", Some(&desk.client), &grant);
        let user = format!("Bearer {}", text(&signed_in, "/access_token"));
        desk.user.clone_from(&user);
        let made =
            desk.send("POST", "/v1/products", Some(&user), &[("name", "Drill"), ("platform_id", "13")]);
        desk.product = u16::try_from(made.body["product"]["id"].as_i64().unwrap()).unwrap();
        let clients = format!("/v1/products/{}/clients", desk.product);
        let made = desk.send("POST", &clients, Some(&user), &[("name", "drill"), ("type", "installed")]);
        desk.client = basic(&text(&made, "/client/id"), &text(&made, "/client/secret"));
        desk.token = text(&desk.mint().unwrap(), "/access_token");
        desk
    }

    fn send(
        &self,
        method: &str,
        path: &str,
        authorization: Option<&String>,
        form: &[(&str, &str)],
    ) -> Answer {
        let url = format!("{}{path}", self.url);
        let answer = call(&Request { method, url, authorization: authorization.cloned(), form }).unwrap();
        assert!(answer.status < 300, "{method} {path}: {answer:?}");
        answer
    }

    /// The same at a server that has come up again, or elsewhere.
    pub(crate) fn at(self, server: &Server) -> Self {
        Self { url: server.url.clone(), ..self }
    }

    /// Asks for a token; none where the connection fails.
    pub(crate) fn mint(&self) -> Option<Answer> {
        let (url, form) = (format!("{}/oauth/token", self.url), [("grant_type", "client_credentials")]);
        call(&Request { method: "POST", url, authorization: Some(self.client.clone()), form: &form }).ok()
    }

    /// The status of a request with a token; none where the connection fails.
    pub(crate) fn status(&self, method: &str, path: &str, token: &str) -> Option<u16> {
        let url = format!("{}{path}", self.url);
        let authorization = Some(format!("Bearer {token}"));
        call(&Request { method, url, authorization, form: &[] }).ok().map(|answer| answer.status)
    }

    /// Asks the product for something, as its owner; none where the connection fails.
    pub(crate) fn ask(&self, method: &str, path: &str, form: &[(&str, &str)]) -> Option<Answer> {
        let url = format!("{}/v1/products/{}/{path}", self.url, self.product);
        let authorization = Some(self.user.clone());
        call(&Request { method, url, authorization, form }).ok()
    }

    /// Imports a device.
    pub(crate) fn import(&self, id: &str) -> Option<Answer> {
        let url = format!("{}/v1/products/{}/devices", self.url, self.product);
        let authorization = Some(format!("Bearer {}", self.token));
        call(&Request { method: "POST", url, authorization, form: &[("id", id)] }).ok()
    }

    /// Whether a token opens the product.
    pub(crate) fn opens(&self, token: &str) -> Option<u16> {
        self.status("GET", &format!("/v1/products/{}", self.product), token)
    }

    /// Uploads firmware of this version, with this many bytes of code: its status.
    pub(crate) fn upload(&self, version: u16, bytes: usize) -> Option<u16> {
        let image = Image { code: vec![7; bytes], ..Image::new(self.product, version) }.build();
        let mut body = format!(
            "--x\r\nContent-Disposition: form-data; name=\"version\"\r\n\r\n{version}\r\n\
             --x\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nVersion {version}\r\n\
             --x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.bin\"\r\n\r\n"
        )
        .into_bytes();
        body.extend(image);
        body.extend(b"\r\n--x--\r\n");
        let url = format!("{}/v1/products/{}/firmware", self.url, self.product);
        let body = Some(("multipart/form-data; boundary=x", &body[..]));
        exchange("POST", &url, Some(&format!("Bearer {}", self.token)), body).ok().map(|(status, _)| status)
    }

    /// Whether a binary is whole.
    pub(crate) fn downloads(&self, version: u16, bytes: usize) -> bool {
        let url = format!("{}/v1/products/{}/firmware/{version}/binary", self.url, self.product);
        let image = Image { code: vec![7; bytes], ..Image::new(self.product, version) }.build();
        let got = exchange("GET", &url, Some(&format!("Bearer {}", self.token)), None);
        got.is_ok_and(|(status, bytes)| status == 200 && bytes == image)
    }

    /// Does `work` while tokens are minted from several sides: every one that was given out, and every other status.
    pub(crate) fn while_minting(&self, work: impl FnOnce()) -> (Vec<String>, Vec<u16>) {
        let over = AtomicBool::new(false);
        let minter = || {
            let (mut tokens, mut refusals) = (Vec::new(), Vec::new());
            while !over.load(Ordering::Relaxed) {
                match self.mint() {
                    Some(answer) if answer.status == 200 => tokens.push(text(&answer, "/access_token")),
                    Some(answer) => {
                        assert!(answer.body["error_description"].is_string(), "{answer:?}");
                        refusals.push(answer.status);
                    }
                    None => {}
                }
            }
            (tokens, refusals)
        };
        std::thread::scope(|scope| {
            let minters: Vec<_> = (0..3).map(|_| scope.spawn(minter)).collect();
            // Also where the work fails, so that the test does.
            let done = Over(&over);
            work();
            drop(done);
            let all = minters.into_iter().map(|minter| minter.join().unwrap());
            all.fold((Vec::new(), Vec::new()), |mut sum, (tokens, refusals)| {
                sum.0.extend(tokens);
                sum.1.extend(refusals);
                sum
            })
        })
    }

    /// Sees that every one of these tokens opens the product.
    pub(crate) fn all_open(&self, tokens: &[String]) {
        for token in tokens {
            assert_eq!(self.opens(token), Some(200), "an acknowledged token is lost");
        }
    }
}

pub(crate) fn text(answer: &Answer, at: &str) -> String {
    let found = answer.body.pointer(at).and_then(serde_json::Value::as_str);
    found.unwrap_or_else(|| panic!("{at}: {answer:?}")).to_owned()
}

/// Asks again and again until it is so.
pub(crate) fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < PATIENCE, "{what}: not within {PATIENCE:?}");
        std::thread::yield_now();
    }
}

/// Checks the audit trail with the operator's command.
pub(crate) fn audit_holds(arguments: &[&str]) {
    let output =
        std::process::Command::new(BINARY).args(["audit", "verify"]).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
