//! `mote serve` as a process: what it says, what it keeps for itself, and how it ends.

use std::path::Path;

use mote_testkit::Server;

use crate::{BINARY, Desk, PASSWORD, message};

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
    refused(&["serve", "--listen", "127.0.0.1:0"]);
    refused(&["serve", "--listen", "127.0.0.1:0", "--database", "link.db"]);
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
