//! A database that goes away and comes back.

use mote_testkit::{Server, postgres::Own};

use crate::desk::{Desk, audit_holds, binary, text, until};

#[test]
fn a_database_that_comes_back_is_used_again() {
    let folder = tempfile::tempdir().unwrap();
    let postgres = Own::start();
    let url = postgres.url("postgres");
    let mut server = Server::start_under(&[], binary(), &folder.path().join("data"), &["--database", &url]);
    let desk = Desk::open(&server);
    let revoked = text(&desk.mint().unwrap(), "/access_token");
    assert_eq!(desk.status("DELETE", "/v1/access_tokens/current", &revoked), Some(200));
    let (tokens, refusals) = desk.while_minting(|| {
        for _ in 0..3 {
            postgres.stop();
            until("a write is refused", || desk.mint().is_some_and(|answer| answer.status == 503));
            // Nothing but what needs the database is refused.
            assert_eq!(desk.status("GET", "/healthz", &desk.token), Some(200));
            assert_eq!(desk.status("GET", "/readyz", &desk.token), Some(503));
            postgres.come_back();
            until("writes go on", || desk.mint().is_some_and(|answer| answer.status == 200));
            until("it is ready", || desk.status("GET", "/readyz", &desk.token) == Some(200));
        }
    });
    assert!(!refusals.is_empty() && refusals.iter().all(|status| *status == 503), "{refusals:?}");
    // Connections that a pause has ended are replaced without anybody's noticing.
    postgres.stop();
    postgres.come_back();
    for _ in 0..20 {
        assert_eq!(desk.mint().unwrap().status, 200);
    }
    server.kill_and_restart();
    let desk = desk.at(&server);
    desk.all_open(&tokens);
    assert_eq!(desk.opens(&revoked), Some(401));
    let key = folder.path().join("data/server.key");
    audit_holds(&["--database", &url, "--server-key-file", key.to_str().unwrap()]);
}
