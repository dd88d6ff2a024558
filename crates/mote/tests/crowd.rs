//! More listeners than the server has room for: those who ask for something are answered all the same.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::Path;

use mote_testkit::{Request, Server, call};

/// Asks for a stream of events: its connection, and the status of the answer.
fn listen(server: &Server, token: &str) -> (BufReader<TcpStream>, u16) {
    let address = server.url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).unwrap();
    let head =
        format!("GET /v1/devices/events HTTP/1.1\r\nHost: mote\r\nAuthorization: Bearer {token}\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    let (mut stream, mut line) = (BufReader::new(stream), String::new());
    stream.read_line(&mut line).unwrap();
    let status = line.split(' ').nth(1).and_then(|status| status.parse().ok());
    (stream, status.unwrap_or_else(|| panic!("{line}")))
}

fn is_up(server: &Server) -> bool {
    let url = format!("{}/healthz", server.url);
    call(&Request { method: "GET", url, authorization: None, form: &[] })
        .is_ok_and(|answer| answer.status == 200)
}

#[test]
fn streams_leave_room_for_requests() {
    let folder = tempfile::tempdir().unwrap();
    let binary = Path::new(env!("CARGO_BIN_EXE_mote"));
    let server = Server::start(binary, &folder.path().join("data"), &["--max-connections", "50"]);
    let form = [
        ("grant_type", "password"),
        ("client_id", "particle"),
        ("client_secret", "particle"),
        ("username", Server::ADMIN),
        ("password", Server::PASSWORD),
    ];
    let url = format!("{}/oauth/token", server.url);
    let answer = call(&Request { method: "POST", url, authorization: None, form: &form }).unwrap();
    let token = answer.body["access_token"].as_str().unwrap();
    let mut open: Vec<_> = (0..40).map(|_| listen(&server, token)).collect();
    assert!(open.iter().all(|(_, status)| *status == 200));
    for _ in 0..100 {
        assert_eq!(listen(&server, token).1, 503);
    }
    assert!(is_up(&server));
    // A place that is given back is free, as soon as the server has noticed.
    open.truncate(20);
    assert!((0..1000).any(|_| listen(&server, token).1 == 200));
}
