//! The real commands: from SQLite to PostgreSQL and back, with kills on the way.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use mote_testkit::postgres::Database;
use mote_testkit::{Request, Server, call};
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

fn get(server: &Server, path: &str, token: &str) -> Value {
    let url = format!("{}{path}", server.url);
    let request = Request { method: "GET", url, authorization: Some(format!("Bearer {token}")), form: &[] };
    let answer = call(&request).unwrap();
    assert_eq!(answer.status, 200, "{path}: {answer:?}");
    answer.body
}

fn post(server: &Server, path: &str, token: Option<&str>, form: &[(&str, &str)]) -> Value {
    let authorization = token.map(|token| format!("Bearer {token}"));
    let url = format!("{}{path}", server.url);
    let answer = call(&Request { method: "POST", url, authorization, form }).unwrap();
    assert!(answer.status < 300, "{path}: {answer:?}");
    answer.body
}

#[test]
fn a_server_goes_to_the_other_engine_and_back() {
    let folder = tempfile::tempdir().unwrap();
    let desk = folder.path();
    let server = Server::start(Path::new(BINARY), &desk.join("data"), &[]);
    let form = [
        ("client_id", "particle"),
        ("client_secret", "particle"),
        ("grant_type", "password"),
        ("username", Server::ADMIN),
        ("password", Server::PASSWORD),
    ];
    let token = post(&server, "/oauth/token", None, &form)["access_token"].as_str().unwrap().to_owned();
    post(&server, "/v1/products", Some(&token), &[("name", "Moved"), ("platform_id", "13")]);
    post(&server, "/v1/clients", Some(&token), &[("name", "moved"), ("type", "installed")]);
    let paths = ["/v1/products", "/v1/clients", "/v1/user", "/v1/access_tokens"];
    let seen = |server: &Server| paths.map(|path| get(server, path, &token));
    let expected = seen(&server);
    // Also while it runs; but what moves for good is exported when it stands still.
    works(desk, &["export", "running.export", "--data", "data"]);
    drop(server);
    let said = works(desk, &["export", "first.export", "--data", "data"]);
    assert!(said.contains("server key is not in it") && said.contains("products: 1\n"), "{said}");
    let again = mote(desk, &["export", "first.export", "--data", "data"]);
    assert_eq!(again.status.code(), Some(2));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let permissions = std::fs::metadata(desk.join("first.export")).unwrap().permissions();
        assert_eq!(permissions.mode() & 0o777, 0o600);
    }

    let database = Database::new();
    let url = database.url();
    let import = ["import", "first.export", "--data", "data", "--database", &url];
    if !is_done_before_it_is_killed(desk, &import) {
        let said = mote(desk, &import);
        let is_whole = String::from_utf8_lossy(&said.stdout).contains("The import is whole");
        assert!(is_whole || said.status.code() == Some(2), "{said:?}");
    }
    let full = mote(desk, &["import", "first.export", "--data", "data", "--database", &url]);
    assert!(full.status.code() == Some(2) && String::from_utf8_lossy(&full.stderr).contains("not empty"));
    let server = Server::start(Path::new(BINARY), &desk.join("data"), &["--database", &url]);
    assert_eq!(seen(&server), expected);
    drop(server);

    works(desk, &["export", "second.export", "--data", "data", "--database", &url]);
    works(desk, &["import", "second.export", "--data", "back"]);
    let keyless = mote(desk, &["check", "--data", "back"]);
    assert!(!keyless.status.success() && String::from_utf8_lossy(&keyless.stderr).contains("server key"));
    std::fs::copy(desk.join("data/server.key"), desk.join("back/server.key")).unwrap();
    let server = Server::start(Path::new(BINARY), &desk.join("back"), &[]);
    assert_eq!(seen(&server), expected);
    assert!(works(desk, &["audit", "verify", "--data", "back"]).contains("The audit trail is whole"));
}

/// Kills the command at ever later moments; whether it came to its end before one.
fn is_done_before_it_is_killed(desk: &Path, arguments: &[&str]) -> bool {
    (1..=10).any(|step| {
        let mut command = Command::new(BINARY);
        let mut child = command.args(arguments).current_dir(desk).stdout(Stdio::null()).spawn().unwrap();
        let until = Instant::now() + Duration::from_millis(40 * step);
        while Instant::now() < until {
            if let Some(ended) = child.try_wait().unwrap() {
                // Where a kill came between its last commit and its end, it is whole: the next finds the database full.
                assert!(ended.success() || step > 1 && ended.code() == Some(2));
                return true;
            }
            std::thread::yield_now();
        }
        let _ = child.kill();
        child.wait().unwrap().success()
    })
}
