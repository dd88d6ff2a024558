//! The binary as its operator uses it: options, variables and `mote.toml`, the commands beside `serve`, and the key.

mod audit;
mod options;
mod registries;
mod serving;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use mote_testkit::{Request, Server, call, postgres};

const BINARY: &str = env!("CARGO_BIN_EXE_mote");
const PASSWORD: &str = "nine blue kettles sing";

/// An empty folder to work in.
struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    /// Runs `mote` to its end, with this on its standard input.
    fn mote(&self, arguments: &[&str], variables: &[(&str, &str)], input: &str) -> Output {
        let mut child = Command::new(BINARY)
            .args(arguments)
            .envs(variables.iter().copied())
            .current_dir(self.0.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A command that refuses its arguments reads nothing.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        child.wait_with_output().unwrap()
    }

    /// The same for a command that works; what it printed.
    fn works(&self, arguments: &[&str], variables: &[(&str, &str)], input: &str) -> String {
        let output = self.mote(arguments, variables, input);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }
}

fn message(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn an_operator_makes_accounts_and_tokens_straight_on_the_store() {
    let desk = Desk::new();
    let short = desk.mote(&["user", "create", "--email", "me@example.com"], &[], "short");
    assert!(short.status.code() == Some(2) && message(&short).contains("the password is too short"));
    let nameless = desk.mote(&["user", "create", "--email", "me"], &[], PASSWORD);
    assert!(nameless.status.code() == Some(2) && message(&nameless).contains("--email is an e-mail address"));
    assert!(!desk.path("mote-data").exists(), "what is refused makes nothing");
    let made = ["user", "create", "--email", "me@example.com"];
    let made = desk.works(&made, &[], &format!("{PASSWORD}\n"));
    assert!(made.contains("a new one is made at mote-data/mote.db"), "{made}");
    let second = desk.works(&["user", "create", "--email", "you@example.com"], &[], PASSWORD);
    assert_eq!(second, "The account is made.\n");
    let twice = desk.mote(&["user", "create", "--email", "Me@example.com"], &[], PASSWORD);
    assert!(twice.status.code() == Some(2) && message(&twice).contains("already"));
    let nobody = desk.mote(&["token", "create", "--email", "no@example.com"], &[], "");
    assert_eq!(nobody.status.code(), Some(2));
    let token = desk.works(&["token", "create", "--email", "me@example.com", "--expires-in", "60"], &[], "");
    let checked = desk.works(&["check"], &[], "");
    assert!(checked.contains("accounts: 2\n") && checked.contains("tokens: 1"), "{checked}");

    let seen = |server: &Server| {
        let authorization = Some(format!("Bearer {}", token.trim()));
        let url = format!("{}/v1/user", server.url);
        call(&Request { method: "GET", url, authorization, form: &[] }).unwrap()
    };
    let server = Server::start(Path::new(BINARY), &desk.path("mote-data"), &[]);
    assert_eq!(seen(&server).body["username"], "me@example.com");
    desk.works(&["user", "reset-password", "--email", "me@example.com"], &[], "seven red lanterns hum");
    // The server runs on, and has heard of it within a second or two.
    soon(|| seen(&server).status == 401);
    let change =
        |to: &'static str| ["user", "change-address", "--email", "me@example.com", "--new-email", to];
    let theirs = desk.mote(&change("you@example.com"), &[], "");
    assert!(theirs.status.code() == Some(2) && message(&theirs).contains("already"), "{}", message(&theirs));
    desk.works(&change("they@example.com"), &[], "");
    let none = desk.mote(&change("we@example.com"), &[], "");
    assert!(none.status.code() == Some(2) && message(&none).contains("no account with this address"));
    let none = desk.mote(&["user", "disable-mfa", "--email", "they@example.com"], &[], "");
    assert!(none.status.code() == Some(2) && message(&none).contains("has no second factor"));
}

/// Asks until it is so, for ten seconds at most.
fn soon(is_so: impl Fn() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < Duration::from_secs(10), "it has not come to be");
        std::thread::yield_now();
    }
}

#[test]
fn an_operator_unlocks_who_guessed_too_often() {
    let desk = Desk::new();
    let limits =
        ["--unlimited-networks", "none", "--max-guesses", "3", "--max-credential-requests", "1000000"];
    let server = Server::start(Path::new(BINARY), &desk.path("mote-data"), &limits);
    let sign_in = |password: &str| {
        let form = [("grant_type", "password"), ("username", Server::ADMIN), ("password", password)];
        let url = format!("{}/oauth/token", server.url);
        // particle:particle
        let authorization = Some("Basic cGFydGljbGU6cGFydGljbGU=".into());
        call(&Request { method: "POST", url, authorization, form: &form }).unwrap().status
    };
    assert_eq!(sign_in(Server::PASSWORD), 200);
    for expected in [400, 400, 400, 429] {
        assert_eq!(sign_in("not that one"), expected);
    }
    assert_eq!(sign_in(Server::PASSWORD), 429);
    let nobody = desk.mote(&["unlock", "somebody"], &[], "");
    assert!(nobody.status.code() == Some(2) && message(&nobody).contains("network address"));
    let said = desk.works(&["unlock", "127.0.0.1"], &[], "");
    assert!(said.starts_with("Unlocked"), "{said}");
    soon(|| sign_in(Server::PASSWORD) == 200);
}

#[test]
fn an_operator_makes_and_lists_organizations() {
    let desk = Desk::new();
    let create =
        |name: &str, owner: &str| desk.mote(&["org", "create", "--name", name, "--owner", owner], &[], "");
    let nowhere = create("Makers", "me@example.com");
    assert!(!nowhere.status.success() && message(&nowhere).contains("there is no database"));
    desk.works(&["user", "create", "--email", "me@example.com"], &[], PASSWORD);
    assert_eq!(desk.works(&["org", "list"], &[], ""), "");
    let nobody = create("Makers", "no@example.com");
    assert!(nobody.status.code() == Some(2) && message(&nobody).contains("no account"));
    assert_eq!(create(" ", "me@example.com").status.code(), Some(2));
    let made = create("Makers & Co", "me@example.com");
    assert!(made.status.success(), "{}", message(&made));
    let token = desk.works(&["token", "create", "--email", "me@example.com"], &[], "");
    let listed = desk.works(&["org", "list"], &[], "");
    let id = listed.split(' ').next().unwrap();
    assert_eq!(listed, format!("{id} makers-co Makers & Co\n"));
    assert!(String::from_utf8_lossy(&made.stdout).contains(&format!("{id} makers-co")));

    let server = Server::start(Path::new(BINARY), &desk.path("mote-data"), &[]);
    let (authorization, url) = (Some(format!("Bearer {}", token.trim())), format!("{}/v1/orgs", server.url));
    let seen = call(&Request { method: "GET", url, authorization, form: &[] }).unwrap();
    assert_eq!(seen.body["organizations"][0]["id"], id);
}

#[test]
fn a_key_may_come_by_variable_and_a_lost_one_is_named() {
    let desk = Desk::new();
    let (key, other) = ("5a".repeat(32), "a5".repeat(32));
    let create = ["user", "create", "--email", "me@example.com"];
    desk.works(&create, &[("MOTE_SERVER_KEY", &key)], PASSWORD);
    assert!(!desk.path("mote-data/server.key").exists());
    desk.works(&["check"], &[("MOTE_SERVER_KEY", &key)], "");
    let wrong = desk.mote(&["check"], &[("MOTE_SERVER_KEY", &other)], "");
    assert!(!wrong.status.success() && message(&wrong).contains("another server key"));
    let malformed = desk.mote(&["check"], &[("MOTE_SERVER_KEY", "5a")], "");
    assert_eq!(malformed.status.code(), Some(2));
    assert!(!message(&malformed).contains("5a5a"));
    let lost = desk.mote(&["serve", "--listen", "127.0.0.1:0"], &[], "");
    assert!(!lost.status.success() && message(&lost).contains("the server key is missing"));
    assert!(!desk.path("mote-data/server.key").exists(), "nothing is overwritten");
}

#[test]
fn postgresql_is_reached_over_tls() {
    let (desk, database) = (Desk::new(), postgres::OverTls::start());
    let create = |url: &str| {
        let arguments = ["user", "create", "--email", "me@example.com", "--database", url];
        desk.mote(&arguments, &[], PASSWORD)
    };
    let made = create(&database.url("verify-full"));
    assert!(made.status.success(), "{}", message(&made));
    let stranger = create(&database.url_with_another_root("verify-full"));
    assert!(
        !stranger.status.success() && message(&stranger).contains("certificate"),
        "{}",
        message(&stranger)
    );
    let plain = create(&database.url("disable"));
    assert!(!plain.status.success(), "the server takes encrypted connections only");
}
