//! More connections than there are places for.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use mote_testkit::Server;

use crate::desk::{Desk, binary, text};

/// Lets this process open so many files.
fn allow_files(count: u64) {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = Some(limit.maximum.map_or(count, |most| most.min(count)));
    setrlimit(Resource::Nofile, limit).unwrap();
}

/// Far less than an idle connection may stay (75 s), or a head may take (10 s).
const SOON: Duration = Duration::from_secs(5);

#[test]
fn ten_thousand_who_say_nothing_keep_nobody_out() {
    allow_files(20_000);
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(binary(), &folder.path().join("data"), &[]);
    let desk = Desk::open(&server);
    let address = server.url.trim_start_matches("http://").to_owned();
    // A stream stays: it is at work.
    let mut stream = TcpStream::connect(&address).unwrap();
    let head = format!(
        "GET /v1/products/{}/events HTTP/1.1\r\nHost: mote\r\nAuthorization: Bearer {}\r\n\r\n",
        desk.product, desk.token
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut status = [0; 12];
    stream.read_exact(&mut status).unwrap();
    assert_eq!(&status, b"HTTP/1.1 200");
    // As many as there are places, and more: some say nothing, some ask once and stay, some begin to ask, some to send.
    let says: [&[u8]; 4] = [
        b"",
        b"GET /healthz HTTP/1.1\r\nHost: mote\r\n\r\n",
        b"GET /heal",
        b"POST /oauth/token HTTP/1.1\r\nHost: mote\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 50\r\n\r\ngrant",
    ];
    let (mut slowest, mut tokens) = (Duration::ZERO, Vec::new());
    let mut crowd = Vec::new();
    for number in 0..10_500 {
        let mut one = TcpStream::connect(&address).unwrap();
        let _ = one.write_all(says[number % says.len()]);
        crowd.push(one);
        if number % 500 == 499 {
            let began = Instant::now();
            tokens.push(text(&desk.mint().unwrap(), "/access_token"));
            slowest = slowest.max(began.elapsed());
        }
    }
    assert!(slowest < SOON, "somebody had to wait for {slowest:?}");
    desk.all_open(&tokens);
    // The stream was at work all the time, and still hears.
    stream.set_nonblocking(true).unwrap();
    let mut rest = Vec::new();
    let ended = stream.read_to_end(&mut rest);
    assert!(ended.is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock), "the stream was cut");
}
