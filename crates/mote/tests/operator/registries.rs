//! What the operator keeps for all: releases of Device OS, libraries.

use std::path::Path;

use mote_testkit::{Image, Request, Server, call, exchange, library_archive};
use serde_json::json;

use crate::{BINARY, Desk, PASSWORD, message};

/// A desk with a store on it, and a token of an account there.
fn with_account() -> (Desk, String) {
    let desk = Desk::new();
    desk.works(&["user", "create", "--email", "me@example.com"], &[], PASSWORD);
    let token = desk.works(&["token", "create", "--email", "me@example.com"], &[], "");
    (desk, format!("Bearer {}", token.trim()))
}

/// A part of Device OS for a platform.
fn system(platform: u16, module_version: u16) -> Vec<u8> {
    let image = Image::new(0xffff, 0xffff);
    Image { vectors: 0x200, start: 0x3_0000, platform, function: 4, module_version, ..image }.build()
}

#[test]
fn an_operator_registers_releases_of_device_os() {
    let nowhere = Desk::new().mote(&["device-os", "list"], &[], "");
    assert!(!nowhere.status.success() && message(&nowhere).contains("there is no database"));
    let (desk, authorization) = with_account();
    assert_eq!(desk.works(&["device-os", "list"], &[], ""), "");
    let boron = system(13, 5800);
    std::fs::write(desk.path("boron-system-part1@5.8.0.bin"), &boron).unwrap();
    std::fs::write(desk.path("argon-system-part1@5.8.0.bin"), system(12, 5800)).unwrap();
    desk.write("notes.bin", "no binary");
    let add =
        |arguments: &[&str]| desk.mote(&[&["device-os", "add", "--version"], arguments].concat(), &[], "");
    for (arguments, named) in [
        (&["5.8.0"][..], "<FILE>"),
        (&["5.8", "boron-system-part1@5.8.0.bin"], "semantic version"),
        (&["5.8.0", "--state", "soon", "boron-system-part1@5.8.0.bin"], "--state: is ga or preview"),
        (&["5.8.0", "nowhere.bin"], "nowhere.bin"),
        (&["5.8.0", "boron-system-part1@5.8.0.bin", "notes.bin"], "notes.bin: it is no Device OS binary"),
    ] {
        let refused = add(arguments);
        assert_eq!(refused.status.code(), Some(2), "{arguments:?}: {}", message(&refused));
        assert!(message(&refused).contains(named), "{arguments:?}: {}", message(&refused));
    }
    assert_eq!(desk.works(&["device-os", "list"], &[], ""), "");
    let added = add(&["5.8.0", "--state", "preview", "./boron-system-part1@5.8.0.bin"]);
    assert!(added.status.success(), "{}", message(&added));

    // Also while the server runs, whose clients see it at once.
    let server = Server::start(Path::new(BINARY), &desk.path("mote-data"), &[]);
    let seen = |path: &str| {
        let url = format!("{}/v1/device-os/versions{path}", server.url);
        call(&Request { method: "GET", url, authorization: Some(authorization.clone()), form: &[] }).unwrap()
    };
    assert_eq!(seen("/latest?platform_id=12").status, 404);
    let added = add(&["5.8.0", "argon-system-part1@5.8.0.bin"]);
    assert!(added.status.success(), "{}", message(&added));
    assert_eq!(desk.works(&["device-os", "list"], &[], ""), "5.8.0 5800 ga 12,13\n");
    assert_eq!(seen("/latest?platform_id=12").body["version"], "5.8.0");
    let of_boron = seen("/5800?platform_id=13").body;
    assert_eq!(of_boron["base_url"], format!("{}/v1/firmware/device-os/v5.8.0", server.url));
    let url = format!("{}/boron-system-part1@5.8.0.bin", of_boron["base_url"].as_str().unwrap());
    assert_eq!(exchange("GET", &url, None, None).unwrap(), (200, boron));
    desk.works(&["device-os", "remove", "--version", "5.8.0"], &[], "");
    assert_eq!(seen("").body["versions"], json!([]));
    let again = desk.mote(&["device-os", "remove", "--version", "5.8.0"], &[], "");
    assert!(again.status.code() == Some(2) && message(&again).contains("not found"));
}

#[test]
fn an_operator_marks_libraries_and_takes_them_back() {
    let (desk, authorization) = with_account();
    assert_eq!(desk.works(&["library", "list"], &[], ""), "");
    let server = Server::start(Path::new(BINARY), &desk.path("mote-data"), &[]);
    let url = format!("{}/v1/libraries", server.url);
    let mut body =
        b"--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.tar.gz\"\r\n\r\n".to_vec();
    let properties = "name=Blink\nversion=1.0.0\nauthor=Jane\nsentence=Blinks.";
    body.extend(library_archive(properties));
    body.extend(b"\r\n--x--\r\n");
    let body = Some(("multipart/form-data; boundary=x", &body[..]));
    let (status, made) = exchange("POST", &url, Some(&authorization), body).unwrap();
    assert_eq!(status, 201, "{}", String::from_utf8_lossy(&made));
    assert_eq!(desk.works(&["library", "list"], &[], ""), "blink\n");
    desk.works(&["library", "mark", "Blink", "--official", "--verified"], &[], "");
    assert_eq!(desk.works(&["library", "list"], &[], ""), "blink official verified\n");
    desk.works(&["library", "mark", "blink", "--featured"], &[], "");
    assert_eq!(desk.works(&["library", "list"], &[], ""), "blink featured\n");
    let none = desk.mote(&["library", "remove", "blink", "--version", "2.0.0"], &[], "");
    assert!(none.status.code() == Some(2) && message(&none).contains("not found"));
    desk.works(&["library", "remove", "blink"], &[], "");
    assert_eq!(desk.works(&["library", "list"], &[], ""), "");
    let gone = desk.mote(&["library", "mark", "blink"], &[], "");
    assert_eq!(gone.status.code(), Some(2));
}

#[test]
fn devices_can_be_told_the_key_of_the_server() {
    let (desk, _) = with_account();
    let key = desk.works(&["device-server-key"], &[], "");
    assert!(
        key.starts_with("-----BEGIN PUBLIC KEY-----\n") && key.ends_with("-----END PUBLIC KEY-----\n"),
        "{key}"
    );
    assert_eq!(desk.works(&["device-server-key"], &[], ""), key);
    let (other, _) = with_account();
    assert_ne!(other.works(&["device-server-key"], &[], ""), key);
}
