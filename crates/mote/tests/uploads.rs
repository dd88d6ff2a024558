//! Uploads of firmware while the server is killed: what was acknowledged is there, byte by byte, and what is listed is whole.

use std::path::Path;
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::mpsc;

use mote_testkit::{Image, Request, Server, call, exchange};
use serde_json::Value;

/// Who uploads, and to what.
struct Uploader {
    product: u16,
    authorization: String,
}

impl Uploader {
    fn new(server: &Server) -> Self {
        let send = |path: &str, authorization: String, form: &[(&str, &str)]| {
            let url = format!("{}{path}", server.url);
            let request = Request { method: "POST", url, authorization: Some(authorization), form };
            let answer = call(&request).unwrap();
            assert!(answer.status < 300, "{answer:?}");
            answer.body
        };
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let grant = [("grant_type", "password"), ("username", Server::ADMIN), ("password", Server::PASSWORD)];
        let user = send("/oauth/token", basic("particle", "particle"), &grant);
        let user = format!("Bearer {}", text(&user["access_token"]));
        let made = send("/v1/products", user.clone(), &[("name", "Kill"), ("platform_id", "13")]);
        let product = u16::try_from(made["product"]["id"].as_i64().unwrap()).unwrap();
        let path = format!("/v1/products/{product}/clients");
        let client = send(&path, user, &[("name", "k"), ("type", "installed")]);
        let client = basic(&text(&client["client"]["id"]), &text(&client["client"]["secret"]));
        let token = send("/oauth/token", client, &[("grant_type", "client_credentials")]);
        Self { product, authorization: format!("Bearer {}", text(&token["access_token"])) }
    }

    /// The binary of a version: large enough to be on its way when the server is killed.
    fn image(&self, version: u16) -> Vec<u8> {
        let code =
            (0..300_000_u32).map(|n| n.wrapping_mul(u32::from(version) + 7).to_le_bytes()[1]).collect();
        Image { code, ..Image::new(self.product, version) }.build()
    }

    /// Uploads a version: whether it was acknowledged; none where the server is gone.
    fn upload(&self, url: &str, version: u16) -> Option<bool> {
        let mut body = Vec::new();
        for (name, value) in [("version", version.to_string()), ("title", format!("Version {version}"))] {
            let part = format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend(part.into_bytes());
        }
        let head = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"app.bin\"\r\n\r\n";
        body.extend(head.as_bytes());
        body.extend(self.image(version));
        body.extend(b"\r\n--x--\r\n");
        let url = format!("{url}/v1/products/{}/firmware", self.product);
        let body = Some(("multipart/form-data; boundary=x", &body[..]));
        let (status, _) = exchange("POST", &url, Some(&self.authorization), body).ok()?;
        Some(status == 201)
    }

    fn get(&self, server: &Server, path: &str) -> (u16, Vec<u8>) {
        let url = format!("{}/v1/products/{}/firmware{path}", server.url, self.product);
        exchange("GET", &url, Some(&self.authorization), None).unwrap()
    }

    /// Uploads from several sides until some were acknowledged, kills the server, and gives all that were.
    fn upload_until_killed(&self, server: &mut Server, next: &AtomicU16, enough: usize) -> Vec<u16> {
        let (sender, acknowledged) = mpsc::channel();
        std::thread::scope(|scope| {
            for _ in 0..3 {
                let (sender, url) = (sender.clone(), server.url.clone());
                scope.spawn(move || {
                    loop {
                        let version = next.fetch_add(1, Ordering::Relaxed);
                        match self.upload(&url, version) {
                            Some(true) if sender.send(version).is_ok() => {}
                            Some(acknowledged) => assert!(acknowledged, "version {version} was refused"),
                            None => break,
                        }
                    }
                });
            }
            drop(sender);
            let mut read: Vec<u16> = acknowledged.iter().take(enough).collect();
            server.kill();
            read.extend(acknowledged);
            read
        })
    }
}

fn basic(user: &str, password: &str) -> String {
    use base64::Engine;
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}")))
}

#[test]
fn uploads_survive_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let binary = Path::new(env!("CARGO_BIN_EXE_mote"));
    let mut server = Server::start(binary, &folder.path().join("data"), &[]);
    let uploader = Uploader::new(&server);
    let next = AtomicU16::new(1);
    for round in 0..12 {
        let acknowledged = uploader.upload_until_killed(&mut server, &next, 1 + round % 4);
        assert!(!acknowledged.is_empty());
        server.kill_and_restart();
        let (status, listed) = uploader.get(&server, "");
        assert_eq!(status, 200);
        let listed: Vec<Value> = serde_json::from_slice(&listed).unwrap();
        let listed: Vec<u16> =
            listed.iter().map(|one| one["version"].as_u64().unwrap().try_into().unwrap()).collect();
        for version in acknowledged {
            assert!(listed.contains(&version), "version {version} was acknowledged, and is lost");
        }
        for version in listed {
            let (status, bytes) = uploader.get(&server, &format!("/{version}/binary"));
            assert_eq!(status, 200, "version {version} is listed, and its binary is not there");
            assert!(bytes == uploader.image(version), "the binary of version {version} is not what was sent");
        }
        // What was cut off can be sent again.
        let again = next.fetch_add(1, Ordering::Relaxed);
        assert_eq!(uploader.upload(&server.url, again), Some(true));
    }
}
