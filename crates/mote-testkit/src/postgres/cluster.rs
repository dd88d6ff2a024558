//! Starting and stopping a PostgreSQL server.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Stops the server and removes its folder when its end of the pipe closes: when the cluster is dropped, or the test process
/// ends, however it ends.
const WATCH: &str = r#"cat >/dev/null; kill -INT "$(head -n1 "$1/data/postmaster.pid")"; while [ -e "$1/data/postmaster.pid" ]; do sleep 0.05; done; rm -rf "$1""#;

/// A running server.
#[derive(Debug)]
pub(super) struct Cluster {
    /// Its folder, with its socket in it.
    pub(super) folder: PathBuf,
    /// Of its command line.
    pub(super) options: String,
    _watcher: Child,
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
pub(super) fn as_postgres(program: &Path) -> Command {
    let is_root = fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
    if is_root {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=postgres", "--regid=postgres", "--init-groups"]).arg(program);
        command
    } else {
        Command::new(program)
    }
}

impl Cluster {
    /// Has `pg_ctl` do something to the server.
    pub(super) fn control(&self, arguments: &[&str]) {
        control(&self.folder, arguments);
    }
}

/// Has `pg_ctl` do something to the server in this folder, however busy the machine is.
fn control(folder: &Path, arguments: &[&str]) {
    let log = folder.join("log");
    let done = as_postgres(&programs().join("pg_ctl"))
        .args(arguments)
        .args(["-w", "-t", "300", "-s", "-D"])
        .arg(folder.join("data"))
        .arg("-l")
        .arg(&log)
        .current_dir(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    let said = || fs::read_to_string(&log).unwrap_or_default();
    assert!(
        done.is_ok_and(|status| status.success()),
        "pg_ctl {arguments:?} works; the server said: {}",
        said()
    );
}

/// Starts a server with further `options` of its command line, once `prepare` has done its part in the folder.
pub(super) fn start(options: &str, prepare: impl FnOnce(&Path)) -> Cluster {
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
    prepare(&folder);
    // The machine itself does not fail in these tests: what the server has written is there, on the disk or on its way to it.
    let options = format!(
        "-c unix_socket_directories={} -c max_connections=400 -c fsync=off {options}",
        folder.display()
    );
    control(&folder, &["start", "-o", &options]);
    let watcher = Command::new("sh")
        .args(["-c", WATCH, "watch"])
        .arg(&folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("sh runs");
    Cluster { folder, options, _watcher: watcher }
}
