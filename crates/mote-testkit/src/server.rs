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
    /// What runs it, the binary last.
    binary: Vec<PathBuf>,
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
        Self::start_under(&[], binary, data, more)
    }

    /// The same under a command that does something to its own process and then becomes the server, as `prlimit` does.
    ///
    /// # Panics
    /// Where it does not come up.
    #[must_use]
    pub fn start_under(under: &[&str], binary: &Path, data: &Path, more: &[&str]) -> Self {
        let binary: Vec<_> = under.iter().map(PathBuf::from).chain([binary.into()]).collect();
        let more: Vec<String> = more.iter().map(ToString::to_string).collect();
        let (child, url) = spawn(&binary, data, &with_admin(&more));
        Self { child, binary, data: data.into(), more, url }
    }

    /// Its process.
    #[must_use]
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// Starts `mote serve` without any account, as on the first day; also the link that it prints.
    ///
    /// # Panics
    /// Where it does not come up.
    #[must_use]
    pub fn start_without_account(binary: &Path, data: &Path) -> (Self, String) {
        let binary = vec![binary.into()];
        let (child, mut lines) = spawn_and_listen(&binary, data, &[]);
        let url = first_line(&mut lines);
        let link = lines.by_ref().filter_map(Result::ok).find(|line| line.contains("/set-up?token="));
        let link = link.expect("mote serve prints the link").trim().to_owned();
        std::thread::spawn(move || lines.for_each(drop));
        (Self { child, binary, data: data.into(), more: Vec::new(), url }, link)
    }

    /// Kills it as a power cut would, and starts it again on the same data.
    pub fn kill_and_restart(&mut self) {
        self.kill();
        (self.child, self.url) = spawn(&self.binary, &self.data, &with_admin(&self.more));
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

fn with_admin(more: &[String]) -> Vec<String> {
    let admin = ["--admin-email", ADMIN, "--admin-password", PASSWORD].map(str::to_owned);
    admin.into_iter().chain(more.iter().cloned()).collect()
}

type Lines = std::io::Lines<BufReader<std::process::ChildStdout>>;

fn spawn(binary: &[PathBuf], data: &Path, more: &[String]) -> (Child, String) {
    let (child, mut lines) = spawn_and_listen(binary, data, more);
    let url = first_line(&mut lines);
    std::thread::spawn(move || lines.for_each(drop));
    (child, url)
}

fn spawn_and_listen(binary: &[PathBuf], data: &Path, more: &[String]) -> (Child, Lines) {
    let mut child = Command::new(&binary[0])
        .args(&binary[1..])
        .args(["serve", "--listen", "127.0.0.1:0"])
        .args(if more.iter().any(|one| one == "--log") { &[][..] } else { &["--log", "warn"] })
        .arg("--data")
        .arg(data)
        .args(more)
        .current_dir(data.parent().expect("the data folder is in another"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("mote runs");
    let lines = BufReader::new(child.stdout.take().expect("its output is ours")).lines();
    (child, lines)
}

fn first_line(lines: &mut Lines) -> String {
    let first = lines.next().and_then(Result::ok).expect("mote serve says where it listens");
    first.strip_prefix("Mote is listening on ").expect("mote serve says where it listens").to_owned()
}
