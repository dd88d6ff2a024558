//! The machine's own NATS.

use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A running `nats-server` on loopback; killed when it is dropped.
#[derive(Debug)]
pub struct Nats {
    child: Child,
    port: u16,
}

impl Nats {
    /// Starts one on a free port.
    ///
    /// # Panics
    /// Where it is not installed or does not start: tests fail then, they are not skipped.
    #[must_use]
    pub fn start() -> Self {
        let free = TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr());
        let port = free.expect("there is a free port").port();
        Self { child: spawn(port), port }
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// Stops all that it does, with its connections left open: it is there, and says nothing.
    pub fn fall_silent(&self) {
        self.signal("-STOP");
    }

    /// Ends that.
    pub fn speak_again(&self) {
        self.signal("-CONT");
    }

    /// Kills it, and starts another one in its place.
    pub fn restart(&mut self) {
        self.kill();
        self.child = spawn(self.port);
    }

    /// Kills it.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    fn signal(&self, name: &str) {
        let sent = Command::new("kill").arg(name).arg(self.child.id().to_string()).status();
        assert!(sent.is_ok_and(|status| status.success()), "nats-server gets {name}");
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        self.kill();
    }
}

fn spawn(port: u16) -> Child {
    // Where Debian puts it, and where not every user's path leads.
    let usual = Path::new("/usr/sbin/nats-server");
    let program = if usual.exists() { usual } else { Path::new("nats-server") };
    let child = Command::new(program)
        .args(["--addr", "127.0.0.1", "--port", &port.to_string()])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("NATS is needed for the tests: run `cargo xtask test`, or `apt-get install nats-server`");
    let until = Instant::now() + Duration::from_secs(20);
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(Instant::now() < until, "nats-server does not answer");
        std::thread::sleep(Duration::from_millis(10));
    }
    child
}
