//! Programs that are started, and end with the chore whatever becomes of it.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A child that is killed when it is dropped.
pub(super) struct Killed(pub(super) Child);

impl Drop for Killed {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A command that the system kills when the chore is gone, even killed itself.
pub(super) fn kept_alive_by_us(program: &OsStr) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL", "--"]).arg(program);
    command
}

/// A running server.
pub(super) struct Server {
    child: Killed,
    /// `http://127.0.0.1:PORT`.
    pub(super) url: String,
}

impl Server {
    /// Starts a program that says where it listens in its first line. Its log goes into a file in `folder`.
    pub(super) fn start(mut command: Command, folder: &Path) -> Result<Self, String> {
        let log = std::fs::File::options().create(true).append(true).open(folder.join("servers.log"));
        let log = log.map_err(|e| format!("{}: {e}", folder.display()))?;
        command.current_dir(folder).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log);
        let mut child = Killed(command.spawn().map_err(|e| format!("{command:?}: {e}"))?);
        let output = child.0.stdout.take().ok_or("a server's output is not ours")?;
        let mut lines = BufReader::new(output).lines();
        let first = lines.next().and_then(Result::ok).unwrap_or_default();
        let url = first.split_once(" on ").map(|(_, url)| url.to_owned());
        std::thread::spawn(move || lines.for_each(drop));
        let log = folder.join("servers.log");
        let said = || std::fs::read_to_string(log).unwrap_or_default();
        Ok(Self { child, url: url.ok_or_else(|| format!("{command:?} did not start: {first} {}", said()))? })
    }

    /// The body of the answer to a `GET`, which must be 200.
    pub(super) fn get(&self, path: &str, token: Option<&str>) -> Result<String, String> {
        let address = self.url.trim_start_matches("http://");
        let wrong = |e: std::io::Error| format!("GET {path}: {e}");
        let mut stream = TcpStream::connect(address).map_err(wrong)?;
        let credential = token.map_or_else(String::new, |token| format!("Authorization: Bearer {token}\r\n"));
        let head = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n{credential}Connection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).map_err(wrong)?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).map_err(wrong)?;
        match answer.split_once("\r\n\r\n") {
            Some((head, body)) if head.starts_with("HTTP/1.1 200 ") => Ok(body.to_owned()),
            _ => Err(format!("GET {path}: {answer}")),
        }
    }

    /// Memory that it occupies, in MiB.
    pub(super) fn memory(&self) -> Result<f64, String> {
        let path = format!("/proc/{}/status", self.child.0.id());
        let status = std::fs::read_to_string(&path).map_err(|e| format!("{path}: {e}"))?;
        resident_mebibytes(&status).ok_or_else(|| format!("{path} has no VmRSS"))
    }

    /// Asks it to stop (SIGTERM) and waits for its end: what it holds of its files is then in them.
    pub(super) fn stop(mut self) -> Result<(), String> {
        let asked = Command::new("kill").arg(self.child.0.id().to_string()).status();
        let ended = asked.and_then(|_| self.child.0.wait()).map_err(|e| e.to_string())?;
        if ended.success() { Ok(()) } else { Err(format!("{} did not stop well", self.url)) }
    }
}

fn resident_mebibytes(status: &str) -> Option<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes / 1024.0)
}

/// Runs a program to its end and reads the `name value` lines that it prints.
pub(super) fn values_of(mut command: Command) -> Result<HashMap<String, String>, String> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let output = command.output().map_err(|e| format!("{command:?}: {e}"))?;
    if !output.status.success() {
        return Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr)));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(text
        .lines()
        .filter_map(|line| line.split_once(' '))
        .map(|(n, v)| (n.to_owned(), v.to_owned()))
        .collect())
}

/// Milliseconds from the start of a server to its first answer.
pub(super) fn milliseconds_to_answer(command: Command, folder: &Path) -> Result<f64, String> {
    let began = Instant::now();
    let server = Server::start(command, folder)?;
    server.get("/healthz", None)?;
    let took = began.elapsed();
    server.stop()?;
    Ok(in_milliseconds(took))
}

fn in_milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_what_is_resident() {
        let status = "Name:\tmote\nVmHWM:\t  999999 kB\nVmRSS:\t   20480 kB\nRssAnon:\t    1 kB\n";
        assert_eq!(resident_mebibytes(status).map(f64::to_bits), Some(20.0_f64.to_bits()));
        assert_eq!(resident_mebibytes("Name:\tmote\n"), None);
    }
}
