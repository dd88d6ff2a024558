//! `mote serve` as a process: what it says, what it keeps for itself, and how it ends.

use std::io::{BufRead, BufReader, Lines, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};

use mote_testkit::{Request, Server, call};
use serde_json::Value;

use crate::{BINARY, Desk, PASSWORD, message};

/// A server whose words are read; killed when it is dropped.
struct Serving {
    child: Child,
    said: Lines<BufReader<ChildStdout>>,
    log: Lines<BufReader<ChildStderr>>,
}

impl Serving {
    fn start(desk: &Desk, listen: &str, arguments: &[&str]) -> Self {
        let mut child = Command::new(BINARY)
            .args(["serve", "--listen", listen])
            .args(arguments)
            .current_dir(desk.0.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let said = BufReader::new(child.stdout.take().unwrap()).lines();
        let log = BufReader::new(child.stderr.take().unwrap()).lines();
        Self { child, said, log }
    }

    /// What stands behind this in the next line that has it.
    fn says(&mut self, words: &str) -> String {
        behind(&mut self.said, words)
    }

    fn logs(&mut self, words: &str) -> String {
        behind(&mut self.log, words)
    }

    fn asked_to_stop(&self) {
        assert!(Command::new("kill").arg(self.child.id().to_string()).status().unwrap().success());
    }
}

fn behind(lines: &mut impl Iterator<Item = std::io::Result<String>>, words: &str) -> String {
    let found = lines.map(Result::unwrap).find_map(|line| Some(line.split_once(words)?.1.to_owned()));
    found.unwrap_or_else(|| panic!("nothing was said of {words}"))
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn one_server_alone_runs_on_a_sqlite_database() {
    let desk = Desk::new();
    let mut server = Server::start(Path::new(BINARY), &desk.path("mote-data"), &[]);
    std::os::unix::fs::symlink("mote-data/mote.db", desk.path("link.db")).unwrap();
    desk.works(&["backup", "kept"], &[], "");
    desk.works(&["export", "all.export"], &[], "");
    let refused = |arguments: &[&str]| {
        let output = desk.mote(arguments, &[], "");
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {}", message(&output));
        assert!(message(&output).contains("another server runs on the database"), "{}", message(&output));
    };
    for arguments in [&[][..], &["--database", "link.db"]] {
        let mut second = Serving::start(&desk, "127.0.0.1:0", arguments);
        assert!(second.said.next().is_none(), "a second server runs");
        second.logs("another server runs on the database");
        assert_eq!(second.child.wait().unwrap().code(), Some(1));
    }
    refused(&["import", "all.export"]);
    // What works beside a server goes on.
    desk.works(&["check"], &[], "");
    desk.works(&["token", "create", "--email", Server::ADMIN], &[], "");
    desk.works(&["user", "create", "--email", "me@example.com"], &[], PASSWORD);
    // Also where the database was taken away under the server.
    std::fs::rename(desk.path("mote-data/mote.db"), desk.path("away.db")).unwrap();
    refused(&["restore", "kept"]);
    assert!(!desk.path("mote-data/mote.db").exists());
    std::fs::rename(desk.path("away.db"), desk.path("mote-data/mote.db")).unwrap();
    server.kill_and_restart();
}

#[test]
fn the_first_account_can_be_made_as_the_server_says() {
    let desk = Desk::new();
    let mut server = Serving::start(&desk, "127.0.0.1:0", &["--data", "it's here"]);
    let hint = server.says("or: ");
    let programs =
        format!("{}:{}", Path::new(BINARY).parent().unwrap().display(), std::env::var("PATH").unwrap());
    let mut shell = Command::new("sh");
    let made = shell.args(["-c", &hint]).env("PATH", programs).current_dir(desk.0.path()).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&made.stdout), "The account is made.\n", "{hint}: {}", message(&made));
    assert!(!desk.path("mote-data").exists());
}

#[test]
fn a_first_account_that_cannot_be_made_leaves_nothing_behind() {
    let desk = Desk::new();
    let refused = |email: &str, password: &str, why: &str| {
        let first = ["--admin-email", email, "--admin-password", password];
        let output = desk.mote(&[&["serve", "--listen", "127.0.0.1:0"][..], &first].concat(), &[], "");
        assert!(output.status.code() == Some(2) && message(&output).contains(why), "{}", message(&output));
    };
    refused("nobody", PASSWORD, "--admin-email is an e-mail address");
    refused("me@example.com", "short", "--admin-password is too short");
    assert!(!desk.path("mote-data").exists());
    // Nor is it asked for where there is a database that may have accounts.
    desk.works(&["user", "create", "--email", "me@example.com"], &[], PASSWORD);
    let unused = ["--admin-email", "me@example.com", "--admin-password", "short"];
    Serving::start(&desk, "127.0.0.1:0", &unused).says("Mote is listening");
}

#[test]
fn a_server_on_all_addresses_links_to_one() {
    let desk = Desk::new();
    let mut server = Serving::start(&desk, "0.0.0.0:0", &["--data", "one"]);
    let port = server.says("Mote is listening on http://0.0.0.0:");
    let link = server.says("  http://");
    assert!(link.starts_with(&format!("127.0.0.1:{port}/set-up?token=")), "{link}");
    server.says("set --public-url to the address");
    let told = ["--public-url", "https://mote.example.com/"];
    let mut server = Serving::start(&desk, "0.0.0.0:0", &told);
    server.says("  https://mote.example.com/set-up?token=");
    server.asked_to_stop();
    assert!(!server.said.any(|line| line.unwrap().contains("--public-url")));
}

#[test]
fn whoever_asks_twice_for_the_end_waits_for_no_request() {
    let desk = Desk::new();
    let mut server = Serving::start(&desk, "127.0.0.1:0", &[]);
    let mut caller = TcpStream::connect(server.says("Mote is listening on http://")).unwrap();
    let begun = b"POST /oauth/token HTTP/1.1\r\nhost: mote\r\nexpect: 100-continue\r\ncontent-length: 9\r\n\
        content-type: application/x-www-form-urlencoded\r\n\r\n";
    caller.write_all(begun).unwrap();
    // The rest of it is waited for.
    caller.read_exact(&mut [0; 25]).unwrap();
    server.asked_to_stop();
    server.logs("running requests are finished first");
    // What comes within a second of it says the same; so it is told until it hears.
    let code = loop {
        if let Some(ended) = server.child.try_wait().unwrap() {
            break ended.code();
        }
        let _ = Command::new("kill").arg(server.child.id().to_string()).stderr(Stdio::null()).status();
    };
    assert_eq!(code, Some(1));
    assert!(server.logs("told to stop once more").ends_with("(connections: 1)"));
}

#[test]
fn the_log_of_requests_has_the_address_of_the_caller() {
    let desk = Desk::new();
    let log = ["--log", "mote::http=debug", "--log-format", "json"];
    let mut server = Serving::start(&desk, "127.0.0.1:0", &log);
    let url = format!("{}/healthz", server.says("Mote is listening on "));
    call(&Request { method: "GET", url, authorization: None, form: &[] }).unwrap();
    let line: Value = serde_json::from_str(&server.logs("")).unwrap();
    assert_eq!(line["fields"]["client"], "127.0.0.1", "{line}");
}
