//! The other end of SMTP (RFC 5321), for links that are sent by mail.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

/// A mail server that keeps what it is sent.
#[derive(Debug)]
pub struct Mails {
    /// Its address, for `--smtp-url`.
    pub url: String,
    taken: Mutex<Receiver<String>>,
}

impl Mails {
    /// Starts one, on a port of its own.
    ///
    /// # Panics
    /// Where no port can be had.
    #[must_use]
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("smtp://{}", listener.local_addr().expect("its address"));
        let (tell, taken) = channel();
        std::thread::spawn(move || {
            for socket in listener.incoming().map_while(Result::ok) {
                let tell = tell.clone();
                std::thread::spawn(move || take(socket, &tell));
            }
        });
        Self { url, taken: Mutex::new(taken) }
    }

    /// The line of the next mail that has this in it. Waits for the mail.
    ///
    /// # Panics
    /// Where none comes within a minute, or it has no such line.
    #[must_use]
    pub fn link(&self, part: &str) -> String {
        let taken = self.taken.lock().expect("nobody panicked with it");
        let mail = taken.recv_timeout(Duration::from_mins(1)).expect("a mail comes");
        // Long lines come in pieces (RFC 2045 section 6.7).
        let text = mail.replace("=\n", "").replace("=3D", "=");
        text.lines().find(|line| line.contains(part)).expect("a link").trim().to_owned()
    }
}

fn take(socket: TcpStream, tell: &Sender<String>) {
    let mut write = socket.try_clone().unwrap();
    let mut say = |line: &str| write!(write, "{line}\r\n").is_ok();
    let mut lines = BufReader::new(socket).lines().map_while(Result::ok);
    say("220 here");
    while let Some(line) = lines.next() {
        match line.split(' ').next().unwrap_or_default() {
            "DATA" => {
                say("354 go on");
                let text: Vec<String> = lines.by_ref().take_while(|line| line != ".").collect();
                say("250 taken");
                let _ = tell.send(text.join("\n"));
            }
            "QUIT" => {
                say("221 bye");
                return;
            }
            _ => {
                say("250 fine");
            }
        }
    }
}
