//! The audit trail, as whoever runs the server sees it.

use std::path::Path;

use diesel::RunQueryDsl;
use mote_store::{Db, Location, Store, StoreError};
use mote_testkit::{Request, Server, call};

use crate::{BINARY, Desk, PASSWORD, message, soon};

/// What somebody does who has the database, and not the key.
fn tamper(desk: &Desk, statement: &'static str) {
    let store = Store::open(&Location::Sqlite(desk.path("mote-data/mote.db"))).unwrap();
    let write = move |db: &mut Db| -> Result<(), StoreError> {
        diesel::sql_query(statement).execute(db)?;
        Ok(())
    };
    tokio::runtime::Runtime::new().unwrap().block_on(store.write(write)).unwrap();
}

#[test]
fn an_operator_checks_and_exports_the_audit_trail() {
    let desk = Desk::new();
    let verify = |arguments: &[&str]| desk.mote(&[&["audit", "verify"], arguments].concat(), &[], "");
    let nowhere = verify(&[]);
    assert!(!nowhere.status.success() && message(&nowhere).contains("there is no database"));
    desk.works(&["user", "create", "--email", "me@example.com"], &[], PASSWORD);
    let token = desk.works(&["token", "create", "--email", "me@example.com"], &[], "");
    let checked = || desk.works(&["audit", "verify"], &[], "");
    assert!(checked().contains("2 more wait"), "{}", checked());

    let server = Server::start(Path::new(BINARY), &desk.path("mote-data"), &[]);
    let authorization = format!("Bearer {}", token.trim());
    let form = [("name", "app"), ("type", "installed")];
    let url = format!("{}/v1/clients", server.url);
    let made = Request { method: "POST", url, authorization: Some(authorization), form: &form };
    assert_eq!(call(&made).unwrap().status, 200);
    soon(|| checked().starts_with("The audit trail is whole: 3 entries after number 0.\nIts last place"));
    let place = checked().lines().last().unwrap().rsplit(' ').next().unwrap().to_owned();
    assert!(place.starts_with("3:") && verify(&["--expect", &place]).status.success());
    for (place, code, named) in [
        ("3", 2, "is NUMBER:HASH"),
        (&format!("4:{}", "0".repeat(64)), 1, "does not have the place 4"),
        (&format!("3:{}", "0".repeat(64)), 1, "does not have the place 3"),
    ] {
        let refused = verify(&["--expect", place]);
        assert_eq!(refused.status.code(), Some(code), "{}", message(&refused));
        assert!(message(&refused).contains(named), "{}", message(&refused));
    }

    let lines = desk.works(&["audit", "export"], &[], "");
    let actions: Vec<String> = lines
        .lines()
        .map(|line| {
            serde_json::from_str::<serde_json::Value>(line).unwrap()["action"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(actions, ["account.created", "token.created", "oauth_client.created"]);
    assert!(lines.lines().last().unwrap().contains("\"address\":\"127.0.0.1\""));
    assert!(!lines.contains(token.trim()) && !lines.contains(PASSWORD));
    assert_eq!(desk.works(&["audit", "export", "--action", "token"], &[], "").lines().count(), 1);
    assert_eq!(desk.works(&["audit", "export", "--until", "2026-01-01"], &[], ""), "");
    let refused = desk.mote(&["audit", "export", "--action", "nothing"], &[], "");
    assert_eq!(refused.status.code(), Some(2), "{}", message(&refused));

    tamper(&desk, "UPDATE audit SET target_name = 'else' WHERE number = 3");
    let broken = verify(&[]);
    assert_eq!(broken.status.code(), Some(1));
    assert!(message(&broken).contains("the audit trail is broken: entry 3 (ID "), "{}", message(&broken));
    tamper(&desk, "DELETE FROM audit WHERE number < 3");
    assert!(message(&verify(&[])).contains("entries 1 to 2 were removed"));
}
