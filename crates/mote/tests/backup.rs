//! A backup that is made while the server is at work, put back elsewhere, and compared.

use std::path::Path;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicBool, Ordering};

use mote_testkit::{Image, Request, Server, call, exchange};
use serde_json::Value;

const BINARY: &str = env!("CARGO_BIN_EXE_mote");

fn mote(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(BINARY).args(arguments).current_dir(folder).output().unwrap()
}

/// What it printed, of a command that works.
fn works(folder: &Path, arguments: &[&str]) -> String {
    let output = mote(folder, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn send(server: &Server, method: &str, path: &str, token: &str, form: &[(&str, &str)]) -> Value {
    let authorization = Some(format!("Bearer {token}"));
    let url = format!("{}{path}", server.url);
    let answer = call(&Request { method, url, authorization, form }).unwrap();
    assert!(answer.status < 300, "{method} {path}: {answer:?}");
    answer.body
}

fn mint(server: &Server, form: &[(&str, &str)]) -> Option<String> {
    let url = format!("{}/oauth/token", server.url);
    let answer = call(&Request { method: "POST", url, authorization: None, form }).ok()?;
    answer.body["access_token"].as_str().map(str::to_owned)
}

/// Signs in, and makes a product with devices, firmware, a webhook, a ledger and a client: the user's token, the product's
/// path, and the client's form.
fn furnish(server: &Server) -> (String, String, [(&'static str, String); 3]) {
    let particle = [("client_id", "particle"), ("client_secret", "particle"), ("grant_type", "password")];
    let form: Vec<_> =
        particle.into_iter().chain([("username", Server::ADMIN), ("password", Server::PASSWORD)]).collect();
    let user = mint(server, &form).unwrap();
    let made = send(server, "POST", "/v1/products", &user, &[("name", "Kept"), ("platform_id", "13")]);
    let product = u16::try_from(made["product"]["id"].as_i64().unwrap()).unwrap();
    let path = format!("/v1/products/{product}");
    let made =
        send(server, "POST", &format!("{path}/clients"), &user, &[("name", "k"), ("type", "installed")]);
    let text = |at: &str| made.pointer(at).unwrap().as_str().unwrap().to_owned();
    let client = [
        ("grant_type", "client_credentials".into()),
        ("client_id", text("/client/id")),
        ("client_secret", text("/client/secret")),
    ];
    let token = mint(server, &client.each_ref().map(|(name, value)| (*name, value.as_str()))).unwrap();
    for number in 0..50 {
        send(server, "POST", &format!("{path}/devices"), &token, &[("id", &format!("{number:024x}"))]);
    }
    let hook = [
        ("integration_type", "Webhook"),
        ("event", "e"),
        ("url", "https://example.com/"),
        ("requestType", "POST"),
    ];
    send(server, "POST", &format!("{path}/integrations"), &token, &hook);
    for version in 1..=3 {
        upload(server, &path, &token, product, version);
    }
    (user, path, client)
}

fn upload(server: &Server, path: &str, token: &str, product: u16, version: u16) {
    let mut body = Vec::new();
    for (name, value) in [("version", version.to_string()), ("title", format!("Version {version}"))] {
        body.extend(
            format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").into_bytes(),
        );
    }
    body.extend(b"--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"app.bin\"\r\n\r\n");
    body.extend(Image { code: vec![7; 50_000], ..Image::new(product, version) }.build());
    body.extend(b"\r\n--x--\r\n");
    let url = format!("{}{path}/firmware", server.url);
    let body = Some(("multipart/form-data; boundary=x", &body[..]));
    let (status, _) = exchange("POST", &url, Some(&format!("Bearer {token}")), body).unwrap();
    assert_eq!(status, 201);
}

/// All that the server tells of the product, and the bytes of a binary.
fn seen(server: &Server, path: &str, token: &str) -> (Vec<Value>, Vec<u8>) {
    let rooms = ["", "/devices?perPage=100", "/clients", "/integrations", "/firmware", "/team", "/groups"];
    let rooms = rooms.map(|room| send(server, "GET", &format!("{path}{room}"), token, &[]));
    let url = format!("{}{path}/firmware/2/binary", server.url);
    let (status, binary) = exchange("GET", &url, Some(&format!("Bearer {token}")), None).unwrap();
    assert_eq!(status, 200);
    (rooms.into(), binary)
}

/// Digests, addresses and the key are read by nobody else.
fn is_for_its_owner(folder: &Path) {
    use std::os::unix::fs::PermissionsExt;
    for name in ["mote.db", "server.key"] {
        let mode = std::fs::metadata(folder.join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name} in {}", folder.display());
    }
}

fn open_to_others(folder: &Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(folder.join("mote.db"), std::fs::Permissions::from_mode(0o644)).unwrap();
    std::fs::set_permissions(folder.join("server.key"), std::fs::Permissions::from_mode(0o644)).unwrap();
}

#[test]
fn what_was_backed_up_at_work_comes_back_whole() {
    let desk = tempfile::tempdir().unwrap();
    let server = Server::start(Path::new(BINARY), &desk.path().join("data"), &[]);
    let (user, path, client) = furnish(&server);
    let client = client.each_ref().map(|(name, value)| (*name, value.as_str()));
    let before: Vec<_> = (0..20).map(|_| mint(&server, &client).unwrap()).collect();
    let expected = seen(&server, &path, &before[0]);
    let done = AtomicBool::new(false);
    let said = std::thread::scope(|scope| {
        // Others are at work all the while.
        for _ in 0..4 {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    mint(&server, &client).unwrap();
                }
            });
        }
        let said = works(desk.path(), &["backup", "kept", "--with-key", "--data", "data"]);
        done.store(true, Ordering::Relaxed);
        said
    });
    assert!(said.contains("devices: 50\n") && said.contains("Copied and checked 3 binaries"), "{said}");
    let again = mote(desk.path(), &["backup", "kept", "--data", "data"]);
    assert!(again.status.code() == Some(2) && String::from_utf8_lossy(&again.stderr).contains("already"));
    drop(server);
    is_for_its_owner(&desk.path().join("kept"));
    // On its way, others may have been let in.
    open_to_others(&desk.path().join("kept"));

    works(desk.path(), &["restore", "kept", "--data", "elsewhere"]);
    is_for_its_owner(&desk.path().join("elsewhere"));
    let over = mote(desk.path(), &["restore", "kept", "--data", "elsewhere"]);
    assert!(
        over.status.code() == Some(2)
            && String::from_utf8_lossy(&over.stderr).contains("nothing was changed")
    );
    let server = Server::start(Path::new(BINARY), &desk.path().join("elsewhere"), &[]);
    for token in &before {
        assert_eq!(seen(&server, &path, token), expected);
    }
    assert_eq!(send(&server, "GET", "/v1/user", &user, &[])["username"], Server::ADMIN);
    assert!(mint(&server, &client).is_some(), "the secret is good there too");
}

#[test]
fn a_backup_that_is_not_whole_is_not_put_back() {
    let desk = tempfile::tempdir().unwrap();
    let server = Server::start(Path::new(BINARY), &desk.path().join("data"), &[]);
    furnish(&server);
    works(desk.path(), &["backup", "kept", "--data", "data"]);
    assert!(!desk.path().join("kept/server.key").exists(), "the key is not in it unasked");
    let keyless = mote(desk.path(), &["restore", "kept", "--data", "keyless"]);
    assert_eq!(keyless.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&keyless.stderr).contains("server key is not in this backup"));
    assert!(!desk.path().join("keyless").exists(), "nothing was changed");
    let key = desk.path().join("data/server.key");
    let restore = |to: &str| {
        mote(desk.path(), &["restore", "kept", "--data", to, "--server-key-file", key.to_str().unwrap()])
    };
    let binary = std::fs::read_dir(desk.path().join("kept/blobs")).unwrap().next().unwrap().unwrap().path();
    let bytes = std::fs::read(&binary).unwrap();
    std::fs::write(&binary, &bytes[1..]).unwrap();
    assert!(!restore("one").status.success());
    for left in ["mote.db", "mote.arriving"] {
        assert!(!desk.path().join("one").join(left).exists(), "{left}");
    }
    std::fs::remove_file(&binary).unwrap();
    assert!(!restore("two").status.success());
    std::fs::write(&binary, &bytes).unwrap();
    // After a failure it may be tried again in the same place.
    assert!(restore("one").status.success());
    let database = desk.path().join("kept/mote.db");
    let mut bytes = std::fs::read(&database).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 4096].fill(0x55);
    std::fs::write(&database, &bytes).unwrap();
    assert!(!restore("three").status.success());
    let nothing = mote(desk.path(), &["restore", "data/blobs", "--data", "four"]);
    assert_eq!(nothing.status.code(), Some(2));
    let elsewhere = mote(desk.path(), &["backup", "pg", "--database", "postgres://localhost/none"]);
    assert!(
        elsewhere.status.code() == Some(2) && String::from_utf8_lossy(&elsewhere.stderr).contains("pg_dump")
    );
}
