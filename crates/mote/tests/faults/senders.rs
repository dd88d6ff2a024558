//! Callers who send slowly, without end, or far too much.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use mote_testkit::Server;

use crate::desk::{Desk, Over, binary, until};

fn connect(server: &Server) -> TcpStream {
    let stream = TcpStream::connect(server.url.trim_start_matches("http://")).unwrap();
    stream.set_read_timeout(Some(crate::desk::PATIENCE)).unwrap();
    stream
}

/// What comes back, until the other end closes.
fn answer(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The most memory that the server has had, in KiB.
fn peak(server: &Server) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.process())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// Others mint while `work` goes on, and wait for nothing long.
fn others_are_not_hurt(desk: &Desk, work: impl FnOnce()) {
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let other = scope.spawn(|| {
            let mut slowest = Duration::ZERO;
            while !over.load(Ordering::Relaxed) {
                let began = Instant::now();
                assert_eq!(desk.mint().unwrap().status, 200);
                slowest = slowest.max(began.elapsed());
            }
            slowest
        });
        // Also where the work fails, so that the test does.
        let done = Over(&over);
        work();
        drop(done);
        let slowest = other.join().unwrap();
        assert!(slowest < Duration::from_secs(5), "somebody else waited for {slowest:?}");
    });
}

#[test]
fn a_million_headers_are_refused_early() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(binary(), &folder.path().join("data"), &[]);
    let desk = Desk::open(&server);
    let before = peak(&server);
    others_are_not_hurt(&desk, || {
        for _ in 0..4 {
            let mut stream = connect(&server);
            stream.write_all(b"GET / HTTP/1.1\r\nHost: mote\r\n").unwrap();
            let lines = "x-another: 1\r\n".repeat(1000);
            // It is cut off long before all are sent.
            let sent = (0..1000).take_while(|_| stream.write_all(lines.as_bytes()).is_ok()).count();
            assert!(sent < 1000, "a million headers were taken");
            let answer = answer(&mut stream);
            assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431"), "{answer}");
        }
    });
    assert!(peak(&server) < before + 32 * 1024, "{} KiB more", peak(&server) - before);
}

#[test]
fn a_body_without_end_is_cut_where_it_is_too_large() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(binary(), &folder.path().join("data"), &[]);
    let desk = Desk::open(&server);
    let before = peak(&server);
    let (product, token) = (desk.product, &desk.token);
    let firmware = format!("/v1/products/{product}/firmware");
    let part = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n";
    let cases = [
        ("/oauth/token", "application/x-www-form-urlencoded", "a=", "413"),
        (&firmware, "multipart/form-data; boundary=x", part, "413"),
        ("/v1/nothing", "application/octet-stream", "", "404"),
    ];
    others_are_not_hurt(&desk, || {
        for (path, media_type, begin, status) in cases {
            let mut stream = connect(&server);
            let head = format!(
                "POST {path} HTTP/1.1\r\nHost: mote\r\nAuthorization: Bearer {token}\r\nContent-Type: {media_type}\r\n\
                 Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{begin}\r\n",
                begin.len().max(1)
            );
            let head = if begin.is_empty() { head.replace("1\r\n\r\n", "1\r\nx\r\n") } else { head };
            stream.write_all(head.as_bytes()).unwrap();
            let piece = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
            let sent = (0..16_000).take_while(|_| stream.write_all(piece.as_bytes()).is_ok()).count();
            assert!(sent < 16_000, "{path} took a gigabyte");
            let answer = answer(&mut stream);
            assert!(
                answer.is_empty() || answer.starts_with(&format!("HTTP/1.1 {status}")),
                "{path}: {answer}"
            );
        }
    });
    assert!(peak(&server) < before + 64 * 1024, "{} KiB more", peak(&server) - before);
}

#[test]
fn whoever_sends_a_byte_a_minute_is_given_up() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(binary(), &folder.path().join("data"), &[]);
    let desk = Desk::open(&server);
    let form =
        "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\ngrant_type=client";
    let mut heads: Vec<_> = (0..50).map(|_| connect(&server)).collect();
    let mut bodies: Vec<_> = (0..50).map(|_| connect(&server)).collect();
    others_are_not_hurt(&desk, || {
        for stream in &mut heads {
            stream.write_all(b"GET / HTTP/1.1\r\nHost: m").unwrap();
        }
        for stream in &mut bodies {
            stream
                .write_all(format!("POST /oauth/token HTTP/1.1\r\nHost: mote\r\n{form}").as_bytes())
                .unwrap();
        }
        for stream in &mut heads {
            assert_eq!(answer(stream), "");
        }
        for stream in &mut bodies {
            let answer = answer(stream);
            assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("too slowly"), "{answer}");
        }
    });
}

#[test]
fn slow_uploads_leave_turns_to_others() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(binary(), &folder.path().join("data"), &["--trusted-proxies", "127.0.0.0/8"]);
    let desk = Desk::open(&server);
    // More than there are turns, of one address, as of a proxy's caller.
    let mut slow: Vec<_> = (0..20)
        .map(|_| {
            let mut stream = connect(&server);
            let head = format!(
                "POST /v1/products/{}/firmware HTTP/1.1\r\nHost: mote\r\nX-Forwarded-For: 203.0.113.7\r\n\
                 Authorization: Bearer {}\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 100000\r\n\r\n--x\r\n",
                desk.product, desk.token
            );
            stream.write_all(head.as_bytes()).unwrap();
            stream
        })
        .collect();
    let mut version = 0;
    let began = Instant::now();
    until("ten uploads of another", || {
        version += 1;
        assert_eq!(desk.upload(version, 100_000), Some(201));
        version == 10
    });
    assert!(began.elapsed() < Duration::from_secs(10), "others waited for {:?}", began.elapsed());
    // Those who had a turn are told, and have given it up; the others have waited in vain for one.
    let told: Vec<_> = slow.iter_mut().map(answer).collect();
    assert!(told.iter().filter(|told| told.starts_with("HTTP/1.1 408")).count() >= 2, "{told:?}");
    assert!(
        told.iter().all(|told| told.starts_with("HTTP/1.1 408") || told.starts_with("HTTP/1.1 503")),
        "{told:?}"
    );
}
