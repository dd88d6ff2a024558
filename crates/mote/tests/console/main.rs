//! The web console in a real Chromium, against the real binary.

mod fleet;
mod looks;
mod walk;
mod work;

use std::path::{Path, PathBuf};

use mote_testkit::{Browser, Server};

const BINARY: &str = env!("CARGO_BIN_EXE_mote");
const PASSWORD: &str = "nine blue kettles sing";

/// A server with a first account, and the folder of its data.
pub(crate) struct Place {
    pub(crate) server: Server,
    folder: tempfile::TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let server = Server::start(Path::new(BINARY), &folder.path().join("data"), &[]);
        Self { server, folder }
    }

    /// One that sends its mails to this address.
    pub(crate) fn with_mails(smtp: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let more = ["--smtp-url", smtp, "--mail-from", "mote@example.com"];
        let server = Server::start(Path::new(BINARY), &folder.path().join("data"), &more);
        Self { server, folder }
    }

    /// One without an account, and the link that makes the first.
    pub(crate) fn empty() -> (Self, String) {
        let folder = tempfile::tempdir().unwrap();
        let (server, link) = Server::start_without_account(Path::new(BINARY), &folder.path().join("data"));
        (Self { server, folder }, link)
    }

    /// The folder of the server's data.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.server.url)
    }
}

pub(crate) fn sign_in(browser: &Browser, place: &Place, username: &str, password: &str) {
    browser.go(&place.url("/sign-in"));
    browser.type_in("#username", username);
    browser.type_in("#password", password);
    browser.click_text("Sign in");
    browser.wait_for_text("Sign out");
}
