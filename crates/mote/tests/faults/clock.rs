//! A clock that steps back, and forth again.

use std::path::{Path, PathBuf};

use mote_testkit::Server;

use crate::desk::{Desk, audit_holds, binary, text};

/// Debian's libfaketime.
fn library() -> PathBuf {
    let folders = std::fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    let found =
        folders.map(|folder| folder.path().join("faketime/libfaketime.so.1")).find(|path| path.exists());
    found.expect("libfaketime is needed: run `cargo xtask test`, or `apt-get install faketime`")
}

/// Sets the server's clock so much off; libfaketime reads the file at every call.
fn set(file: &Path, offset: &str) {
    // Put in its place at once: half a line would be no time.
    let next = file.with_extension("next");
    std::fs::write(&next, offset).unwrap();
    std::fs::rename(&next, file).unwrap();
}

#[test]
fn a_clock_that_steps_back_revives_nothing_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (file, data) = (folder.path().join("offset"), folder.path().join("data"));
    set(&file, "+0");
    let variables = [
        format!("LD_PRELOAD={}", library().display()),
        format!("FAKETIME_TIMESTAMP_FILE={}", file.display()),
        "FAKETIME_NO_CACHE=1".into(),
        // Timers run on another clock, which never steps.
        "FAKETIME_DONT_FAKE_MONOTONIC=1".into(),
        "DONT_FAKE_MONOTONIC=1".into(),
    ];
    let under: Vec<&str> = std::iter::once("env").chain(variables.iter().map(String::as_str)).collect();
    let mut server = Server::start_under(&under, binary(), &data, &[]);
    let mut desk = Desk::open(&server);
    let life = |answer: &mote_testkit::Answer| answer.body["expires_in"].as_i64();
    let mut tokens = Vec::new();
    let revoked = text(&desk.mint().unwrap(), "/access_token");
    assert_eq!(desk.status("DELETE", "/v1/access_tokens/current", &revoked), Some(200));
    for (version, offset) in [(1, "+0"), (2, "-1d"), (3, "-400d"), (4, "+0"), (5, "-1h")] {
        set(&file, offset);
        for _ in 0..10 {
            let minted = desk.mint().unwrap();
            assert_eq!((minted.status, life(&minted)), (200, Some(7_776_000)), "at {offset}");
            tokens.push(text(&minted, "/access_token"));
        }
        assert_eq!(desk.upload(version, 10_000), Some(201), "at {offset}");
        // What was made later than now is good already, and what has ended stays so.
        desk.all_open(&tokens);
        assert_eq!(desk.opens(&revoked), Some(401), "at {offset}");
        server.kill_and_restart();
        desk.url.clone_from(&server.url);
        desk.all_open(&tokens);
        assert_eq!(desk.opens(&revoked), Some(401), "at {offset}");
        assert!((1..=version).all(|version| desk.downloads(version, 10_000)), "at {offset}");
        audit_holds(&["--data", data.to_str().unwrap()]);
        if offset == "-400d" {
            // By a clock that is right they have ended long ago.
            tokens.truncate(20);
        }
    }
}
