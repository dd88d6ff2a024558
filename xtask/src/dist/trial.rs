//! The package, tried as whoever installs it does: on a fresh Debian, which is made in a folder for it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::make;
use crate::bench::order;
use crate::packages;
use crate::tools::{output, run, target};

/// The Debian that it is tried on: the oldest whose C library the program takes.
const DEBIAN: &str = "bookworm";
const UNIT: &str = "usr/lib/systemd/system/mote.service";
/// As `systemd-analyze security` counts, of 100: what is more exposed is not hardened.
const MOST_EXPOSED: &str = "20";

/// Makes the package, installs it, starts it as its unit does, asks it whether it is well, and purges it.
pub(crate) fn try_package() -> Result<(), String> {
    packages::install(&packages::missing(&[
        ("mmdebstrap", "mmdebstrap"),
        ("systemd-analyze", "systemd"),
        ("setpriv", "util-linux"),
    ]))?;
    let made = make()?;
    order::check(&target().join("release/mote"))?;
    let root = Root::debootstrap()?;
    root.install(&made.package)?;
    let unit = std::fs::read_to_string(root.0.join(UNIT)).map_err(|e| format!("{UNIT}: {e}"))?;
    root.judge()?;
    root.serve(&unit)?;
    root.purge()
}

/// A Debian in a folder, which goes away.
struct Root(PathBuf);

impl Drop for Root {
    fn drop(&mut self) {
        // Left behind, it is removed before the next is made.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl Root {
    fn debootstrap() -> Result<Self, String> {
        let folder = std::path::absolute(target().join("dist/root")).map_err(|e| e.to_string())?;
        if folder.exists() {
            std::fs::remove_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
        }
        println!("== mmdebstrap {DEBIAN}");
        let mut debian = Command::new("mmdebstrap");
        debian.args(["--quiet", "--variant=essential", "--include=adduser,man-db", DEBIAN]).arg(&folder);
        run(&mut debian)?;
        Ok(Self(folder))
    }

    fn chroot(&self, command: &[&str]) -> Command {
        let mut chroot = Command::new("chroot");
        chroot.arg(&self.0).args(command).env("LC_ALL", "C.UTF-8");
        chroot.env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").env("DEBIAN_FRONTEND", "noninteractive");
        chroot
    }

    fn install(&self, package: &Path) -> Result<(), String> {
        std::fs::copy(package, self.0.join("tmp/mote.deb"))
            .map_err(|e| format!("{}: {e}", package.display()))?;
        // Without network: all that it depends on is there.
        output(&mut self.chroot(&["dpkg", "--install", "/tmp/mote.deb"]))?;
        let manual = output(&mut self.chroot(&["man", "mote-serve"]))?;
        let completions =
            output(&mut self.chroot(&["bash", "-n", "/usr/share/bash-completion/completions/mote"]));
        completions?;
        if String::from_utf8_lossy(&manual).contains("--listen") {
            Ok(())
        } else {
            Err("the manual does not tell of --listen".into())
        }
    }

    /// What systemd says of the unit.
    fn judge(&self) -> Result<(), String> {
        let unit = self.0.join(UNIT);
        let mut security = Command::new("systemd-analyze");
        security.args(["security", "--offline=true", &format!("--threshold={MOST_EXPOSED}")]).arg(&unit);
        output(&mut security).map(|_| ())
    }

    /// Starts the server as its unit does, on a free port, and ends it.
    fn serve(&self, unit: &str) -> Result<(), String> {
        let line = unit.lines().find_map(|line| line.strip_prefix("ExecStart="));
        let command: Vec<_> = line.ok_or("the unit starts nothing")?.split_ascii_whitespace().collect();
        let mut serve = self.chroot(&[]);
        serve.args(["setpriv", "--reuid=mote", "--regid=mote", "--clear-groups", "--pdeathsig=KILL", "--"]);
        serve.args(command).env("MOTE_LISTEN", "127.0.0.1:0").stdout(Stdio::piped());
        let mut server = Server(serve.spawn().map_err(|e| format!("{serve:?}: {e}"))?);
        let url = server.url()?;
        let answer = ask(&url, "/readyz")?;
        if !answer.starts_with("HTTP/1.1 200") {
            return Err(format!("/readyz of the installed server: {answer}"));
        }
        server.stop()?;
        let owner =
            output(&mut self.chroot(&["stat", "--format=%U %a", "/var/lib/mote", "/var/lib/mote/mote.db"]))?;
        match String::from_utf8_lossy(&owner).lines().collect::<Vec<_>>().as_slice() {
            ["mote 700", database] if database.starts_with("mote ") => Ok(()),
            other => Err(format!("the data belongs to {other:?}")),
        }
    }

    fn purge(&self) -> Result<(), String> {
        output(&mut self.chroot(&["dpkg", "--purge", "mote"]))?;
        for gone in ["usr/bin/mote", "etc/mote/mote.toml", UNIT] {
            if self.0.join(gone).exists() {
                return Err(format!("a purge leaves /{gone}"));
            }
        }
        if self.0.join("var/lib/mote/mote.db").exists() {
            Ok(())
        } else {
            Err("a purge takes the data".into())
        }
    }
}

struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Server {
    /// Where it listens, as it says.
    fn url(&mut self) -> Result<String, String> {
        let out = self.0.stdout.take().ok_or("its output is not read")?;
        let mut lines = BufReader::new(out).lines();
        let first = lines.next().ok_or("the server ended at once")?.map_err(|e| e.to_string())?;
        // It goes on saying things; somebody has to listen.
        std::thread::spawn(move || lines.for_each(drop));
        let url = first.split_once("http://").map(|(_, address)| address.to_owned());
        url.ok_or_else(|| format!("the server said: {first}"))
    }

    fn stop(&mut self) -> Result<(), String> {
        run(Command::new("kill").args(["-TERM", &self.0.id().to_string()]))?;
        let ended = self.0.wait().map_err(|e| e.to_string())?;
        if ended.success() { Ok(()) } else { Err(format!("after SIGTERM: {ended}")) }
    }
}

fn ask(address: &str, path: &str) -> Result<String, String> {
    let asked = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: mote\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    asked().map_err(|e| format!("{address}{path}: {e}"))
}
