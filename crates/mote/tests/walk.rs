//! The mission's walk, against the real binary: an account and its user token, a product's OAuth client, the product's
//! bearer token, and product API calls with it.

use std::path::Path;
use std::process::Command;

use mote_testkit::{Answer, Request, Server, call, postgres::Database};
use serde_json::{Value, json};

struct Walker {
    server: Server,
    folder: tempfile::TempDir,
}

fn is_token(value: &Value) -> bool {
    value
        .as_str()
        .is_some_and(|text| text.len() == 40 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')))
}

fn basic(user: &str, password: &str) -> String {
    use base64::Engine;
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}")))
}

impl Walker {
    fn start(more: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let server = Server::start(Path::new(env!("CARGO_BIN_EXE_mote")), &folder.path().join("data"), more);
        Self { server, folder }
    }

    fn send(&self, method: &str, path: &str, authorization: Option<String>, form: &[(&str, &str)]) -> Answer {
        let url = format!("{}{path}", self.server.url);
        call(&Request { method, url, authorization, form }).unwrap()
    }

    fn bearer(&self, method: &str, path: &str, token: &str, form: &[(&str, &str)]) -> Answer {
        self.send(method, path, Some(format!("Bearer {token}")), form)
    }

    fn user_token(&self) -> String {
        let form = [("grant_type", "password"), ("username", Server::ADMIN), ("password", Server::PASSWORD)];
        let answer = self.send("POST", "/oauth/token", Some(basic("particle", "particle")), &form);
        assert_eq!(answer.status, 200, "{answer:?}");
        assert!(is_token(&answer.body["access_token"]) && answer.body["expires_in"] == 7_776_000);
        answer.body["access_token"].as_str().unwrap().to_owned()
    }
}

fn the_walk(walker: &Walker) {
    let user = walker.user_token();
    let listed = walker.send("GET", &format!("/v1/devices?access_token={user}"), None, &[]);
    assert_eq!((listed.status, listed.body), (200, json!([])));

    let product =
        walker.bearer("POST", "/v1/products", &user, &[("name", "TempMon V100"), ("platform_id", "13")]);
    assert_eq!(product.body["product"]["slug"], "tempmon-v100", "{product:?}");
    let id = product.body["product"]["id"].as_i64().unwrap();
    assert!(id > 1000);
    let refused = walker.bearer("GET", &format!("/v1/products/{id}"), &user, &[]);
    let unknown = walker.bearer("GET", "/v1/products/999999", &user, &[]);
    assert_eq!((refused.status, &refused.body["error"]), (403, &json!("Permission denied")));
    assert_eq!((refused.status, &refused.body), (unknown.status, &unknown.body), "existence is given away");
    assert!(!refused.body["error_description"].as_str().unwrap().to_lowercase().contains("access token"));

    let form = [("name", "tempmon06"), ("type", "installed")];
    let made = walker.bearer("POST", &format!("/v1/products/{id}/clients"), &user, &form);
    let (client, secret) =
        (made.body["client"]["id"].as_str().unwrap(), made.body["client"]["secret"].as_str().unwrap());
    assert!(
        client.starts_with("tempmon06-") && client.len() == 14 && is_token(&made.body["client"]["secret"])
    );
    let clients = walker.bearer("GET", "/v1/products/tempmon-v100/clients", &user, &[]);
    assert!(clients.body.to_string().contains(client) && !clients.body.to_string().contains(secret));

    let grant = [("grant_type", "client_credentials")];
    let minted = walker.send("POST", "/oauth/token", Some(basic(client, secret)), &grant);
    assert_eq!((minted.status, &minted.body["token_type"]), (200, &json!("bearer")));
    let bearer = minted.body["access_token"].as_str().unwrap();
    let wrong = walker.send("POST", "/oauth/token", Some(basic(client, &"0".repeat(40))), &grant);
    assert_eq!((wrong.status, &wrong.body["error"]), (401, &json!("invalid_client")));

    for named in [id.to_string(), "tempmon-v100".to_owned()] {
        let seen = walker.bearer("GET", &format!("/v1/products/{named}"), bearer, &[]);
        assert_eq!((seen.status, seen.body["product"]["id"].as_i64()), (200, Some(id)));
    }
    let device = "e00fce680123456789abcdef";
    let ids = [("ids[]", device), ("ids[]", "not an id")];
    let imported = walker.bearer("POST", &format!("/v1/products/{id}/devices"), bearer, &ids);
    assert_eq!(imported.body["updatedDeviceIds"], json!([device]));
    assert_eq!(imported.body["invalidDeviceIds"], json!(["not an id"]));
    let page = walker.bearer("GET", "/v1/products/tempmon-v100/devices", bearer, &[]);
    assert_eq!(
        (&page.body["devices"][0]["id"], &page.body["meta"]["total_pages"]),
        (&json!(device), &json!(1))
    );
    assert_eq!(walker.bearer("GET", "/v1/devices", bearer, &[]).status, 403);

    let refresh =
        [("grant_type", "refresh_token"), ("refresh_token", minted.body["refresh_token"].as_str().unwrap())];
    let renewed = walker.send("POST", "/oauth/token", Some(basic(client, secret)), &refresh);
    assert!(renewed.status == 200 && renewed.body["access_token"] != minted.body["access_token"]);
    assert_eq!(walker.bearer("DELETE", "/v1/access_tokens/current", bearer, &[]).status, 200);
    assert_eq!(walker.bearer("GET", &format!("/v1/products/{id}"), bearer, &[]).status, 401);

    assert_eq!(
        walker.bearer("DELETE", &format!("/v1/products/{id}/clients/{client}"), &user, &[]).status,
        204
    );
    let renewed = renewed.body["access_token"].as_str().unwrap();
    assert_eq!(walker.bearer("GET", &format!("/v1/products/{id}"), renewed, &[]).status, 401);
    assert_eq!(walker.send("POST", "/oauth/token", Some(basic(client, secret)), &grant).status, 401);
}

#[test]
fn the_walk_holds_on_sqlite_and_the_server_stops_when_asked() {
    let mut walker = Walker::start(&[]);
    the_walk(&walker);
    assert!(walker.server.stop());
}

/// The README's section, as it can be pasted into a shell.
#[test]
fn the_readme_walks_the_same_way() {
    let walker = Walker::start(&[]);
    let readme = include_str!("../../../README.md");
    let (_, section) = readme.split_once("\n## The walk\n").unwrap();
    let section = section.split("\n## ").next().unwrap();
    let blocks = section.split("```sh\n").skip(1).map(|block| block.split("```").next().unwrap());
    let lines = blocks.collect::<String>().replace("http://127.0.0.1:8080", &walker.server.url);
    assert!(lines.contains(&walker.server.url) && lines.matches("curl").count() > 6, "{lines}");
    let shell = Command::new("sh")
        .args(["-e", "-c", &lines.replace("curl ", "curl --silent --show-error --fail ")])
        .current_dir(walker.folder.path())
        .output()
        .unwrap();
    let (said, failed) = (String::from_utf8_lossy(&shell.stdout), String::from_utf8_lossy(&shell.stderr));
    assert!(shell.status.success(), "{said}{failed}");
    for seen in ["\"ok\":true", "[]", "\"slug\":\"tempmon-v100\"", "\"devices\":[]"] {
        assert!(said.contains(seen), "{seen}: {said}");
    }
    // The user's token and the secret are kept in variables, and not on the screen.
    assert!(!said.contains("access_token") && !said.contains("secret"), "{said}");
}

#[test]
fn the_walk_holds_on_postgresql() {
    let database = Database::new();
    let walker = Walker::start(&["--database", &database.url()]);
    the_walk(&walker);
    drop(walker);
}

#[test]
fn what_was_acknowledged_survives_a_kill() {
    let mut walker = Walker::start(&[]);
    let user = walker.user_token();
    let product = walker.bearer("POST", "/v1/products", &user, &[("name", "Kill"), ("platform_id", "13")]);
    let path = format!("/v1/products/{}", product.body["product"]["id"]);
    let made =
        walker.bearer("POST", &format!("{path}/clients"), &user, &[("name", "k"), ("type", "installed")]);
    let client =
        basic(made.body["client"]["id"].as_str().unwrap(), made.body["client"]["secret"].as_str().unwrap());
    for _ in 0..100 {
        let read = mint_until_killed(&mut walker.server, &client);
        assert!(!read.is_empty());
        walker.server.kill_and_restart();
        for token in read {
            assert_eq!(walker.bearer("GET", &path, &token, &[]).status, 200, "an acknowledged token is lost");
        }
    }
}

/// Mints from four threads, kills the server once some answers were read, and returns every token that was.
fn mint_until_killed(server: &mut Server, client: &str) -> Vec<String> {
    let (sender, tokens) = std::sync::mpsc::channel();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            let (sender, url) = (sender.clone(), format!("{}/oauth/token", server.url));
            scope.spawn(move || {
                let form = [("grant_type", "client_credentials")];
                let mint = || {
                    call(&Request {
                        method: "POST",
                        url: url.clone(),
                        authorization: Some(client.into()),
                        form: &form,
                    })
                };
                while let Ok(answer) = mint() {
                    let token = answer.body["access_token"].as_str().unwrap().to_owned();
                    if sender.send(token).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        let mut read: Vec<String> = tokens.iter().take(8).collect();
        server.kill();
        read.extend(tokens);
        read
    })
}

#[test]
fn a_database_without_its_key_opens_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let binary = Path::new(env!("CARGO_BIN_EXE_mote"));
    let walker = Walker { server: Server::start(binary, &data, &[]), folder };
    let user = walker.user_token();
    let product = walker.bearer("POST", "/v1/products", &user, &[("name", "Stolen"), ("platform_id", "13")]);
    let path = format!("/v1/products/{}/clients", product.body["product"]["id"]);
    let made = walker.bearer("POST", &path, &user, &[("name", "s"), ("type", "installed")]);
    let (id, secret) =
        (made.body["client"]["id"].as_str().unwrap(), made.body["client"]["secret"].as_str().unwrap());
    let minted =
        walker.send("POST", "/oauth/token", Some(basic(id, secret)), &[("grant_type", "client_credentials")]);
    let secrets = [
        user.as_str(),
        secret,
        minted.body["access_token"].as_str().unwrap(),
        minted.body["refresh_token"].as_str().unwrap(),
    ];

    let stolen = walker.folder.path().join("stolen");
    std::fs::create_dir(&stolen).unwrap();
    let mut bytes = Vec::new();
    for name in ["mote.db", "mote.db-wal"] {
        bytes.extend(std::fs::read(data.join(name)).unwrap());
        std::fs::copy(data.join(name), stolen.join(name)).unwrap();
    }
    let holds = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
    assert!(holds(Server::ADMIN.as_bytes()), "the search finds what is there");
    for secret in secrets {
        let raw: Vec<u8> =
            (0..20).map(|i| u8::from_str_radix(&secret[2 * i..2 * i + 2], 16).unwrap()).collect();
        assert!(
            !holds(secret.as_bytes()) && !holds(&raw) && !holds(&raw[..10]),
            "a secret is in the database"
        );
    }
    assert!(!holds(Server::PASSWORD.as_bytes()));

    let check =
        || std::process::Command::new(binary).args(["check", "--data"]).arg(&stolen).output().unwrap();
    let without = check();
    assert!(
        !without.status.success()
            && String::from_utf8_lossy(&without.stderr).contains("server key is missing")
    );
    assert!(!stolen.join("server.key").exists());
    let other = stolen.join("server.key");
    std::fs::write(&other, "11".repeat(32)).unwrap();
    std::fs::set_permissions(&other, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let wrong = check();
    assert!(!wrong.status.success() && String::from_utf8_lossy(&wrong.stderr).contains("another server key"));
}
