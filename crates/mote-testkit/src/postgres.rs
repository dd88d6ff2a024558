//! The machine's own PostgreSQL, in a temporary folder: one server per test process, a fresh database per test.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};

/// Stops the server and removes its folder when the test process ends, however it ends: its end of the pipe closes then.
const WATCH: &str = r#"cat >/dev/null; kill -INT "$(head -n1 "$1/data/postmaster.pid")"; while [ -e "$1/data/postmaster.pid" ]; do sleep 0.05; done; rm -rf "$1""#;

static SERVER: OnceLock<PathBuf> = OnceLock::new();
static NEXT: AtomicU32 = AtomicU32::new(0);

/// An empty database.
#[derive(Debug)]
pub struct Database {
    name: String,
}

impl Database {
    /// Makes one.
    ///
    /// # Panics
    /// Where PostgreSQL is not installed or does not start: tests fail then, they are not skipped.
    #[must_use]
    pub fn new() -> Self {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("test_{}_{number}", std::process::id());
        execute(&format!("CREATE DATABASE {name}"));
        Self { name }
    }

    /// Its `postgres://` URL.
    #[must_use]
    pub fn url(&self) -> String {
        url(&self.name)
    }
}

impl Default for Database {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        execute(&format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
    }
}

fn execute(sql: &str) {
    let mut db = PgConnection::establish(&url("postgres")).expect("the test's PostgreSQL answers");
    db.batch_execute(sql).expect("the test's PostgreSQL does as it is told");
}

fn url(database: &str) -> String {
    let folder =
        SERVER.get_or_init(start).to_str().expect("a temporary folder's name is UTF-8").replace('/', "%2F");
    format!("postgres://postgres@{folder}/{database}")
}

/// The folder of PostgreSQL's programs, the newest.
fn programs() -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<_> =
        versions.map(|entry| entry.path().join("bin")).filter(|bin| bin.join("initdb").exists()).collect();
    found.sort();
    found
        .pop()
        .expect("PostgreSQL is needed for the tests: run `cargo xtask test`, or `apt-get install postgresql`")
}

/// A command that runs as the user `postgres` where the tests run as root, whom PostgreSQL refuses.
fn as_postgres(program: &Path) -> Command {
    let is_root = fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
    if is_root {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=postgres", "--regid=postgres", "--init-groups"]).arg(program);
        command
    } else {
        Command::new(program)
    }
}

fn start() -> PathBuf {
    let bin = programs();
    let folder = tempfile::Builder::new().prefix("mote-pg-").tempdir().expect("a temporary folder").keep();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o777)).expect("the folder is ours");
    let data = folder.join("data");
    let made = as_postgres(&bin.join("initdb"))
        .args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "-D"])
        .arg(&data)
        .current_dir(&folder)
        .output()
        .expect("initdb runs");
    assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
    // A socket in the folder and no port: nobody else can meet it.
    let options = format!(
        "-c listen_addresses= -c unix_socket_directories={} -c fsync=off -c max_connections=400",
        folder.display()
    );
    let started = as_postgres(&bin.join("pg_ctl"))
        .args(["start", "-w", "-s", "-D"])
        .arg(&data)
        .arg("-l")
        .arg(folder.join("log"))
        .args(["-o", &options])
        .current_dir(&folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .expect("pg_ctl runs");
    assert!(started.success(), "PostgreSQL did not start; see {}", folder.join("log").display());
    let watcher = Command::new("sh")
        .args(["-c", WATCH, "watch"])
        .arg(&folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("sh runs");
    // Held open until the process ends.
    std::mem::forget(watcher);
    folder
}
