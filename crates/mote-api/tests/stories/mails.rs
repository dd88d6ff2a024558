//! The other end of SMTP (RFC 5321): takes the mails of a Mote, for a story to read.

use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Mutex;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// A domain that it takes no mail for.
pub(crate) const REFUSING: &str = "refused.example.com";

/// A mail: to whom, and its text.
type Mail = (String, String);

pub(crate) struct Mails {
    url: String,
    taken: Mutex<UnboundedReceiver<Mail>>,
}

impl Mails {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let (tell, taken) = unbounded_channel();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(take(socket, tell.clone()));
            }
        });
        Self { url, taken: Mutex::new(taken) }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The next mail, which must be to this address.
    pub(crate) async fn next_to(&self, address: &str) -> String {
        let mut taken = self.taken.lock().await;
        let mail = tokio::time::timeout(Duration::from_mins(1), taken.recv()).await;
        let (to, mail) = mail.expect("a mail comes").unwrap();
        assert_eq!(to, address);
        let (head, text) = mail.split_once("\n\n").unwrap();
        if head.contains("quoted-printable") { unquoted(text) } else { text.to_owned() }
    }
}

/// Reads quoted-printable (RFC 2045 section 6.7), as long lines are sent.
fn unquoted(text: &str) -> String {
    let joined = text.replace("=\n", "");
    let mut parts = joined.split('=');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        let (digits, rest) = part.split_at(2);
        text + &char::from(u8::from_str_radix(digits, 16).unwrap()).to_string() + rest
    })
}

async fn take(mut socket: TcpStream, tell: UnboundedSender<Mail>) {
    let (read, mut write) = socket.split();
    let mut lines = BufReader::new(read).lines();
    let (mut to, mut text, mut data) = (String::new(), String::new(), false);
    let mut answer: &[u8] = b"220 test\r\n";
    loop {
        if write.write_all(answer).await.is_err() {
            return;
        }
        let Ok(Some(line)) = lines.next_line().await else { return };
        answer = match line.as_str() {
            "." if data => {
                data = false;
                let _ = tell.send((std::mem::take(&mut to), std::mem::take(&mut text)));
                b"250 taken\r\n"
            }
            line if data => {
                text.push_str(line);
                text.push('\n');
                b""
            }
            "DATA" => {
                data = true;
                b"354 go on\r\n"
            }
            "QUIT" => return,
            line => match line.strip_prefix("RCPT TO:<") {
                Some(rest) => {
                    rest.split('>').next().unwrap_or_default().clone_into(&mut to);
                    if to.ends_with(REFUSING) { b"550 no such mailbox\r\n" } else { b"250 ok\r\n" }
                }
                None => b"250 ok\r\n",
            },
        };
    }
}
