//! Where webhooks are sent to.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// Counts what comes, by its body.
#[derive(Clone)]
pub(crate) struct Receiver {
    pub(crate) url: String,
    came: Arc<Mutex<HashMap<String, usize>>>,
}

impl Receiver {
    pub(crate) fn start() -> Self {
        let socket = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", socket.local_addr().unwrap());
        let receiver = Self { url, came: Arc::default() };
        let kept = receiver.clone();
        std::thread::spawn(move || {
            for stream in socket.incoming().map_while(Result::ok) {
                let kept = kept.clone();
                // A server that is killed leaves its connections as they are.
                std::thread::spawn(move || while kept.answer(&stream).is_some() {});
            }
        });
        receiver
    }

    pub(crate) fn came(&self) -> HashMap<String, usize> {
        self.came.lock().unwrap().clone()
    }

    fn answer(&self, mut stream: &TcpStream) -> Option<()> {
        let (mut reader, mut length) = (BufReader::new(stream), 0);
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).ok()? == 0 {
                return None;
            }
            if line.trim().is_empty() {
                break;
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().ok()?;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        *self.came.lock().unwrap().entry(String::from_utf8(body).ok()?).or_default() += 1;
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").ok()
    }
}
