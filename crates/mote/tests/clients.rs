//! Real clients, unmodified, against the real binary. Their stories are told in their own language: `tests/clients/stories`.

use std::path::{Path, PathBuf};
use std::process::Command;

use mote_testkit::Server;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/clients")
}

/// Tells a file of stories to a server of its own.
fn tell(stories: &str, variables: &[(&str, &str)]) {
    let place = tempfile::tempdir().unwrap();
    let server = Server::start(Path::new(env!("CARGO_BIN_EXE_mote")), &place.path().join("data"), &[]);
    for project in ["cli-3.43", "cli-3.51", "oauth"] {
        let installed = folder().join(project).join("node_modules/.package-lock.json").exists();
        assert!(
            installed,
            "tests/clients/{project} is not installed: run cargo xtask test, or npm ci --ignore-scripts there"
        );
    }
    let told = Command::new("node")
        .args(["--test", "--test-reporter=spec", "--test-timeout=600000"])
        .arg(format!("stories/{stories}.test.mjs"))
        .env("MOTE_URL", &server.url)
        .env("MOTE_BINARY", env!("CARGO_BIN_EXE_mote"))
        .env("MOTE_STORE", place.path().join("data"))
        .envs(variables.iter().copied())
        .current_dir(folder())
        .output()
        .expect("node runs");
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stdout));
}

#[test]
fn the_particle_cli_for_node_20() {
    tell("cli", &[("MOTE_CLI", "cli-3.43")]);
}

#[test]
fn the_newest_particle_cli() {
    tell("cli", &[("MOTE_CLI", "cli-3.51")]);
}

#[test]
fn what_the_particle_cli_for_node_20_sets_up() {
    tell("settings", &[("MOTE_CLI", "cli-3.43")]);
}

#[test]
fn what_the_newest_particle_cli_sets_up() {
    tell("settings", &[("MOTE_CLI", "cli-3.51")]);
}

#[test]
fn what_the_particle_cli_for_node_20_shares() {
    tell("libraries", &[("MOTE_CLI", "cli-3.43")]);
}

#[test]
fn what_the_newest_particle_cli_shares() {
    tell("libraries", &[("MOTE_CLI", "cli-3.51")]);
}

#[test]
fn event_streams_of_particle_api_js_11() {
    tell("events", &[("MOTE_CLI", "cli-3.43")]);
}

#[test]
fn event_streams_of_particle_api_js_12() {
    tell("events", &[("MOTE_CLI", "cli-3.51")]);
}

#[test]
fn every_method_of_particle_api_js() {
    tell("methods", &[]);
}

#[test]
fn what_particle_api_js_shares() {
    tell("shared", &[]);
}

#[test]
fn binaries_that_come_with_the_particle_cli() {
    tell("binaries", &[]);
}

#[test]
fn particle_api_js() {
    tell("api", &[]);
}

#[test]
fn strict_oauth_clients() {
    tell("oauth", &[]);
}
