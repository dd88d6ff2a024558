//! Two servers on one PostgreSQL, and those who ask them.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use mote_testkit::{Answer, Caller, Request, Server, postgres::Own};
use serde_json::Value;

/// Within which what is done on one node is in force on all.
pub(crate) const A_SECOND: Duration = Duration::from_secs(1);

pub(crate) struct Cluster {
    pub(crate) nodes: [Server; 2],
    pub(crate) postgres: Own,
    _folder: tempfile::TempDir,
}

impl Cluster {
    /// Starts both with further arguments, the first one first.
    pub(crate) fn start(more: &[&str]) -> Self {
        let (folder, postgres) = (tempfile::tempdir().unwrap(), Own::start());
        postgres.execute("CREATE ROLE mote LOGIN; GRANT CREATE ON SCHEMA public TO mote");
        let key = folder.path().join("key");
        std::fs::write(&key, "5a".repeat(32)).unwrap();
        std::fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        let (url, blobs) = (postgres.url("mote"), folder.path().join("blobs"));
        let arguments = ["--database", &url, "--server-key-file", key.to_str().unwrap()];
        let arguments = [&arguments[..], &["--blobs", blobs.to_str().unwrap()], more].concat();
        let start = |name: &str| {
            Server::start(Path::new(env!("CARGO_BIN_EXE_mote")), &folder.path().join(name), &arguments)
        };
        let nodes = [start("one"), start("two")];
        Self { nodes, postgres, _folder: folder }
    }

    /// A caller of each.
    pub(crate) fn callers(&self) -> [Asks; 2] {
        self.nodes.each_ref().map(|node| Asks { caller: Caller::default(), url: node.url.clone() })
    }

    /// The processes of PostgreSQL by whose connections the nodes say that they live.
    pub(crate) fn ears(&self) -> Vec<String> {
        self.postgres.lines(
            "SELECT pid::text AS line FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2 ORDER BY pid",
        )
    }
}

/// One who asks a node.
#[derive(Clone)]
pub(crate) struct Asks {
    caller: Caller,
    pub(crate) url: String,
}

impl Asks {
    /// What comes of a request, if it comes back at all.
    pub(crate) fn try_send(
        &self,
        method: &str,
        path: &str,
        token: &str,
        form: &[(&str, &str)],
    ) -> Option<Answer> {
        let authorization = (!token.is_empty()).then(|| format!("Bearer {token}"));
        let url = format!("{}{path}", self.url);
        self.caller.call(&Request { method, url, authorization, form }).ok()
    }

    pub(crate) fn status(&self, path: &str, token: &str) -> Option<u16> {
        self.try_send("GET", path, token, &[]).map(|answer| answer.status)
    }

    /// What comes of one that is to succeed.
    pub(crate) fn send(&self, method: &str, path: &str, token: &str, form: &[(&str, &str)]) -> Value {
        let answer = self.try_send(method, path, token, form).expect("an answer");
        assert!(answer.status < 300, "{method} {path}: {answer:?}");
        answer.body
    }

    /// The value of one of the metrics.
    pub(crate) fn metric(&self, name: &str) -> Option<u64> {
        let url = format!("{}/metrics", self.url);
        let (_, text) = self.caller.exchange("GET", &url, None, None).ok()?;
        let text = String::from_utf8(text).ok()?;
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line?.parse().ok()
    }

    /// A token of the first account.
    pub(crate) fn sign_in(&self) -> String {
        let form = [
            ("grant_type", "password"),
            ("client_id", "particle"),
            ("client_secret", "particle"),
            ("username", Server::ADMIN),
            ("password", Server::PASSWORD),
        ];
        text(&self.send("POST", "/oauth/token", "", &form), "/access_token")
    }

    /// A product with a client: its path, and the form that makes a token of it.
    pub(crate) fn product(&self, user: &str) -> (String, Client) {
        let made = self.send("POST", "/v1/products", user, &[("name", "Shared"), ("platform_id", "13")]);
        let path = format!("/v1/products/{}", made["product"]["id"]);
        let form = [("name", "load"), ("type", "installed")];
        let made = self.send("POST", &format!("{path}/clients"), user, &form);
        (path, Client { id: text(&made, "/client/id"), secret: text(&made, "/client/secret") })
    }

    /// A new token of the product, if the node makes one.
    pub(crate) fn mint(&self, client: &Client) -> Option<String> {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", client.id.as_str()),
            ("client_secret", client.secret.as_str()),
        ];
        let made = self.try_send("POST", "/oauth/token", "", &form).filter(|made| made.status == 200)?;
        Some(text(&made.body, "/access_token"))
    }

    /// Whether the node takes an event.
    pub(crate) fn publish(&self, path: &str, token: &str, name: &str, data: &str) -> bool {
        let form = [("name", name), ("data", data)];
        let told = self.try_send("POST", &format!("{path}/events"), token, &form);
        told.is_some_and(|told| told.status == 200)
    }
}

#[derive(Clone)]
pub(crate) struct Client {
    id: String,
    secret: String,
}

pub(crate) fn text(value: &Value, pointer: &str) -> String {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found.unwrap_or_else(|| panic!("{pointer} in {value}")).to_owned()
}

pub(crate) fn until(what: &str, holds: impl Fn() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < Duration::from_mins(2), "it never came to that: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Asks a node until it refuses, as it does whoever asks a second after what has just been done elsewhere.
pub(crate) fn is_refused_soon(node: &Asks, path: &str, token: &str) {
    let done = Instant::now();
    loop {
        let late = done.elapsed() >= A_SECOND;
        if node.status(path, token) == Some(401) {
            return;
        }
        assert!(!late, "it is still let in");
    }
}

/// The data of the events that come from an open stream.
#[derive(Clone, Default)]
pub(crate) struct Heard(Arc<Mutex<Vec<String>>>);

impl Heard {
    /// Opens a stream, and reads it for as long as it is open.
    pub(crate) fn open(node: &Asks, path: &str, token: &str) -> Self {
        let mut stream = TcpStream::connect(node.url.trim_start_matches("http://")).unwrap();
        let request =
            format!("GET {path}/events HTTP/1.1\r\nHost: mote\r\nAuthorization: Bearer {token}\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
        assert!(lines.next().is_some_and(|line| line.contains(" 200 ")));
        assert!(lines.any(|line| line == ":ok"));
        let heard = Self::default();
        let kept = heard.clone();
        std::thread::spawn(move || {
            let events = lines.filter_map(|line| Some(line.strip_prefix("data: ")?.to_owned()));
            for event in events {
                let event: Value = serde_json::from_str(&event).unwrap();
                kept.0.lock().unwrap().push(text(&event, "/data"));
            }
        });
        heard
    }

    pub(crate) fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}
