//! A process that may open no more files.

use std::io::Write;
use std::net::TcpStream;

use mote_testkit::Server;

use crate::desk::{Desk, binary, until};

#[test]
fn where_files_run_out_all_goes_on_once_there_are_some() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    // Fewer than the connections alone may take (64 at least), whatever the server asks for.
    let mut server = Server::start_under(&["prlimit", "--nofile=60:60"], binary(), &data, &[]);
    let desk = Desk::open(&server);
    let address = server.url.trim_start_matches("http://").to_owned();
    let tokens: Vec<_> = (0..3)
        .map(|round| {
            // Running requests that nobody can send away: each of them waits for the rest of its body.
            let open = || {
                let mut stream = TcpStream::connect(&address).unwrap();
                let head = "POST /v1/products HTTP/1.1\r\nHost: mote\r\nContent-Length: 9\r\n\r\n";
                let _ = stream.write_all(head.as_bytes());
                stream
            };
            let mut crowd: Vec<_> = (0..100).map(|_| open()).collect();
            // Whoever asks for something finds a place all the same, and is told of it where a file is missing.
            let mut answered = 0;
            until("somebody is answered", || {
                let answer = desk.mint();
                if let Some(answer) = &answer {
                    assert!(matches!(answer.status, 200 | 503), "{answer:?}");
                    answered += 1;
                }
                answered >= 5
            });
            let uploaded = desk.upload(100 + round, 100_000);
            assert!(matches!(uploaded, Some(201 | 503) | None), "{uploaded:?}");
            crowd.clear();
            until("writes go on", || desk.mint().is_some_and(|answer| answer.status == 200));
            assert_eq!(desk.upload(1 + round, 100_000), Some(201));
            crate::desk::text(&desk.mint().unwrap(), "/access_token")
        })
        .collect();
    server.kill_and_restart();
    let desk = desk.at(&server);
    desk.all_open(&tokens);
    assert!((1..=3).all(|version| desk.downloads(version, 100_000)));
}
