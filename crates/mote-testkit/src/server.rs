//! The real server, as a process of its own.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// The address of the account that [`Server::start`] makes.
const ADMIN: &str = "admin@example.com";
/// Its password.
const PASSWORD: &str = "a long pass phrase of tests 7";

/// A running `mote serve`; killed when it is dropped.
#[derive(Debug)]
pub struct Server {
    child: Child,
    binary: PathBuf,
    data: PathBuf,
    more: Vec<String>,
    /// `http://127.0.0.1:PORT`.
    pub url: String,
}

impl Server {
    /// The address of the first account.
    pub const ADMIN: &'static str = ADMIN;
    /// Its password.
    pub const PASSWORD: &'static str = PASSWORD;

    /// Starts `mote serve` on a free port, with its data in `data` and further arguments.
    ///
    /// # Panics
    /// Where it does not come up.
    #[must_use]
    pub fn start(binary: &Path, data: &Path, more: &[&str]) -> Self {
        let more: Vec<String> = more.iter().map(ToString::to_string).collect();
        let (child, url) = spawn(binary, data, &more);
        Self { child, binary: binary.into(), data: data.into(), more, url }
    }

    /// Kills it as a power cut would, and starts it again on the same data.
    pub fn kill_and_restart(&mut self) {
        self.kill();
        (self.child, self.url) = spawn(&self.binary, &self.data, &self.more);
    }

    /// Kills it (SIGKILL) and waits for its end.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Asks it to stop (SIGTERM) and waits for its end: whether it ended well.
    #[must_use]
    pub fn stop(&mut self) -> bool {
        let asked = Command::new("kill").arg(self.child.id().to_string()).status();
        asked.is_ok_and(|asked| asked.success()) && self.child.wait().is_ok_and(|ended| ended.success())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

fn spawn(binary: &Path, data: &Path, more: &[String]) -> (Child, String) {
    let mut child = Command::new(binary)
        .args([
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--log",
            "warn",
            "--admin-email",
            ADMIN,
            "--admin-password",
            PASSWORD,
        ])
        .arg("--data")
        .arg(data)
        .args(more)
        .current_dir(data.parent().expect("the data folder is in another"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("mote runs");
    let mut lines = BufReader::new(child.stdout.take().expect("its output is ours")).lines();
    let first = lines.next().and_then(Result::ok).expect("mote serve says where it listens");
    let url =
        first.strip_prefix("Mote is listening on ").expect("mote serve says where it listens").to_owned();
    std::thread::spawn(move || lines.for_each(drop));
    (child, url)
}
