//! The server key is replaced while requests run, with kills in the middle.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use mote_testkit::{Request, Server, call};

const BINARY: &str = env!("CARGO_BIN_EXE_mote");
/// How long anything may take.
const PATIENCE: Duration = Duration::from_mins(1);

struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(BINARY);
        command.args(arguments).args(["--data", "data"]).current_dir(self.folder.path());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// What it printed, of a command that works.
    fn works(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// What `mote check` says, once it says this.
    fn wait_for(&self, expected: &str) {
        let began = Instant::now();
        loop {
            let said = self.works(&["check"]);
            if said.contains(expected) {
                return;
            }
            assert!(began.elapsed() < PATIENCE, "{said}");
        }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn keys(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.data().join("server.key")).unwrap();
        text.lines().map(str::to_owned).collect()
    }
}

fn mint(url: &str, form: &[(&str, &str)]) -> Option<String> {
    let url = format!("{url}/oauth/token");
    let answer = call(&Request { method: "POST", url, authorization: None, form }).ok()?;
    answer.body["access_token"].as_str().map(str::to_owned)
}

fn get(url: &str, path: &str, token: &str) -> Option<u16> {
    let authorization = Some(format!("Bearer {token}"));
    let request = Request { method: "GET", url: format!("{url}{path}"), authorization, form: &[] };
    call(&request).ok().map(|answer| answer.status)
}

const SIGN_IN: [(&str, &str); 5] = [
    ("client_id", "particle"),
    ("client_secret", "particle"),
    ("grant_type", "password"),
    ("username", Server::ADMIN),
    ("password", Server::PASSWORD),
];

#[test]
fn the_key_is_replaced_at_work_and_through_kills() {
    let desk = Desk { folder: tempfile::tempdir().unwrap() };
    let mut server = Server::start(Path::new(BINARY), &desk.data(), &[]);
    let user = mint(&server.url, &SIGN_IN).unwrap();
    assert!(desk.works(&["check"]).contains("never replaced"));
    // Tokens that are sealed, for there to be something to do.
    let many: Vec<String> = (0..40).map(|_| mint(&server.url, &SIGN_IN).unwrap()).collect();
    let first = desk.keys();
    let (done, answered) = (AtomicBool::new(false), AtomicUsize::new(0));
    let url = server.url.clone();
    std::thread::scope(|scope| {
        // Whoever works goes on all the while: with what he had, and with what he is given.
        for old in &many[..4] {
            let (url, user, done, answered) = (&url, &user, &done, &answered);
            scope.spawn(move || {
                while !done.load(Ordering::Relaxed) {
                    let fresh = mint(url, &SIGN_IN).expect("signing in goes on");
                    for token in [user, old, &fresh] {
                        assert_eq!(get(url, "/v1/user", token), Some(200));
                        answered.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
        let rotated = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            cut_off_again_and_again(&desk);
            let said = desk.works(&["key", "rotate"]);
            assert!(said.contains("Keep a copy of the new one"), "{said}");
            desk.wait_for("nothing is sealed with an older one");
            let before = answered.load(Ordering::Relaxed);
            let began = Instant::now();
            while answered.load(Ordering::Relaxed) < before + 20 {
                assert!(began.elapsed() < PATIENCE);
                std::thread::yield_now();
            }
        }));
        done.store(true, Ordering::Relaxed);
        rotated.unwrap();
    });
    assert!(desk.keys().len() == 1 && desk.keys() != first);
    // A power cut right after another replacement, before anything was sealed anew.
    let after = mint(&server.url, &SIGN_IN).unwrap();
    desk.works(&["key", "rotate"]);
    server.kill_and_restart();
    desk.wait_for("nothing is sealed with an older one");
    let last = mint(&server.url, &SIGN_IN).unwrap();
    for token in [&user, &many[0], &after, &last] {
        assert_eq!(get(&server.url, "/v1/user", token), Some(200));
    }
    let said = desk.works(&["audit", "verify"]);
    assert!(said.contains("The audit trail is whole"), "{said}");
    // The first key opens nothing any more, and says why.
    std::fs::write(desk.data().join("server.key"), first[0].as_bytes()).unwrap();
    let refused = desk.run(&["check"]);
    assert!(!refused.status.success());
    assert!(String::from_utf8_lossy(&refused.stderr).contains("mote key rotate"), "{refused:?}");
}

/// Kills the command at ever later moments; the store opens after each.
fn cut_off_again_and_again(desk: &Desk) {
    let began = Instant::now();
    desk.works(&["check"]);
    let usual = began.elapsed();
    for step in 1..=12_u32 {
        let mut child = desk.command(&["key", "rotate"]).stdout(Stdio::null()).spawn().unwrap();
        let until = Instant::now() + usual * step / 8;
        while Instant::now() < until && child.try_wait().unwrap().is_none() {
            std::thread::yield_now();
        }
        let _ = child.kill();
        child.wait().unwrap();
        assert!((1..=2).contains(&desk.keys().len()), "the file is whole, whatever was cut off");
        desk.works(&["check"]);
    }
}

#[test]
fn a_key_in_a_variable_is_replaced_with_both_in_it() {
    let desk = Desk { folder: tempfile::tempdir().unwrap() };
    let key = || {
        let output = Command::new(BINARY).args(["key", "new"]).output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    let (old, next) = (key(), key());
    let with = |variable: &str, arguments: &[&str]| {
        desk.command(arguments).env("MOTE_SERVER_KEY", variable).stdin(Stdio::null()).output().unwrap()
    };
    let both = format!("{old},{next}");
    let mut make = desk.command(&["user", "create", "--email", "me@example.com"]);
    let mut child = make.env("MOTE_SERVER_KEY", &old).stdin(Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), b"a long pass phrase of tests 7\n").unwrap();
    assert!(child.wait().unwrap().success());
    let alone = with(&old, &["key", "rotate"]);
    assert!(alone.status.code() == Some(2), "{alone:?}");
    assert!(String::from_utf8_lossy(&alone.stderr).contains("comma"), "{alone:?}");
    for _ in 0..2 {
        let rotated = with(&both, &["key", "rotate"]);
        assert!(rotated.status.success(), "{rotated:?}");
        assert!(String::from_utf8_lossy(&rotated.stdout).contains("restart"), "{rotated:?}");
    }
    assert!(with(&next, &["check"]).status.success());
    assert!(!with(&old, &["check"]).status.success());
    assert!(!desk.data().join("server.key").exists(), "no key is written where it comes by variable");
}

#[test]
fn a_key_that_is_prepared_is_used_by_the_next_rotation() {
    let desk = Desk { folder: tempfile::tempdir().unwrap() };
    let server = Server::start(Path::new(BINARY), &desk.data(), &[]);
    let first = desk.keys();
    for _ in 0..2 {
        let said = desk.works(&["key", "rotate", "--prepare"]);
        assert!(said.contains("Copy the file to every server"), "{said}");
    }
    let both = desk.keys();
    assert!(both.len() == 2 && both[0] == first[0]);
    assert!(desk.works(&["check"]).contains("never replaced"));
    // A backup has both, and opens with either.
    desk.works(&["backup", "kept", "--with-key"]);
    desk.works(&["key", "rotate"]);
    assert_eq!(desk.keys(), both[1..]);
    drop(server);
    let restored = Command::new(BINARY)
        .args(["restore", "kept", "--data", "elsewhere"])
        .current_dir(desk.folder.path())
        .output()
        .unwrap();
    assert!(restored.status.success(), "{restored:?}");
}
