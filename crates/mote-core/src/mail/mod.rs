//! Mail: by SMTP where it is configured, and otherwise into the log.

use std::error::Error as _;
use std::fmt;
use std::io;

use lettre::message::{Mailbox, SinglePart};
use lettre::transport::smtp::Error as SmtpError;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

use crate::Error;
use crate::names::Username;

/// A mail to a person.
pub struct Mail {
    /// To whom.
    pub to: Username,
    /// Subject.
    pub subject: String,
    /// Plain text; may hold a link that is a secret.
    pub text: String,
}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mail({} to {})", self.subject, self.to)
    }
}

/// How mails leave.
#[derive(Clone)]
pub enum Mailer {
    /// By SMTP.
    Smtp {
        /// The server.
        transport: Box<AsyncSmtpTransport<Tokio1Executor>>,
        /// The sender.
        from: Box<Mailbox>,
    },
    /// Into the log, link and all: the one place where a secret is logged, on purpose, so that a server without mail can
    /// be used. Whoever reads the log of such a server can take over its accounts.
    Log,
}

impl fmt::Debug for Mailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Smtp { .. } => "Mailer::Smtp(…)",
            Self::Log => "Mailer::Log",
        })
    }
}

impl Mailer {
    /// By the SMTP server of a URL: `smtps://user:password@host` for TLS from the start, `smtp://host?tls=required` for
    /// STARTTLS. The error never repeats the URL.
    pub fn smtp(url: &str, from: &str) -> Result<Self, Error> {
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
            .map_err(|_| {
                Error::invalid("smtp-url", "is an address such as smtps://user:password@mail.example.com")
            })?
            .timeout(Some(std::time::Duration::from_secs(20)))
            .build();
        let from = from
            .parse()
            .map_err(|_| Error::invalid("mail-from", "is an e-mail address, such as mote@example.com"))?;
        Ok(Self::Smtp { transport: Box::new(transport), from: Box::new(from) })
    }

    /// Whether mails go to people, and not into the log.
    #[must_use]
    pub fn reaches_people(&self) -> bool {
        matches!(self, Self::Smtp { .. })
    }

    /// Sends a mail beside whatever else is done: the caller's answer neither waits for it nor tells how it went. Where it
    /// cannot be sent, the log says so.
    pub fn send_later(&self, mail: Mail) {
        let mailer = self.clone();
        tokio::spawn(async move {
            if let Err(error) = mailer.send(mail).await {
                tracing::error!(%error, "a mail was not sent");
            }
        });
    }

    /// Sends a mail. Fails where the mail server does; what it said is for the log.
    pub async fn send(&self, mail: Mail) -> Result<(), Unsent> {
        let Self::Smtp { transport, from } = self else {
            tracing::warn!(to = %mail.to, subject = %mail.subject, text = %mail.text, "no mail server is configured (--smtp-url); this is the mail");
            return Ok(());
        };
        let failed = |e: &dyn fmt::Display| Unsent { cause: e.to_string(), surely: true };
        let to = mail.to.as_str().parse().map_err(|e| failed(&e))?;
        let message = Message::builder()
            .from(Mailbox::clone(from))
            .to(to)
            .subject(mail.subject)
            // Mail that has no ID is taken for spam, and what says no version of MIME is shown as it is encoded.
            .message_id(None)
            .singlepart(SinglePart::plain(mail.text))
            .map_err(|e| failed(&e))?;
        let unsent = |e: SmtpError| Unsent { cause: e.to_string(), surely: surely_not_sent(&e) };
        transport.send(message).await.map(drop).map_err(unsent)
    }
}

/// Whether a mail server refused a mail, or was not reached. Where it said nothing more, as after a time-out, it may have taken
/// the mail all the same.
fn surely_not_sent(error: &SmtpError) -> bool {
    use io::ErrorKind::{ConnectionRefused, HostUnreachable, NetworkUnreachable, NotFound};
    let io = error.source().and_then(|source| source.downcast_ref::<io::Error>()).map(io::Error::kind);
    error.status().is_some()
        || error.is_client()
        || error.is_tls()
        || matches!(io, Some(ConnectionRefused | HostUnreachable | NetworkUnreachable | NotFound))
}

/// A mail that was not sent, as far as is known.
#[derive(Debug, thiserror::Error)]
#[error("cannot send a mail: {cause}")]
pub struct Unsent {
    cause: String,
    surely: bool,
}

impl Unsent {
    /// Whether it surely reached nobody.
    pub(crate) fn is_sure(&self) -> bool {
        self.surely
    }
}

impl From<Unsent> for Error {
    fn from(unsent: Unsent) -> Self {
        Self::Internal(unsent.to_string())
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};

    use super::*;

    /// The other end of an SMTP conversation (RFC 5321): takes one mail and returns its lines.
    async fn take_one_mail(listener: tokio::net::TcpListener) -> String {
        let (mut socket, _) = listener.accept().await.unwrap();
        let (read, mut write) = socket.split();
        let mut lines = BufReader::new(read).lines();
        write.write_all(b"220 test\r\n").await.unwrap();
        let (mut mail, mut data) = (String::new(), false);
        while let Some(line) = lines.next_line().await.unwrap() {
            let answer: &[u8] = match line.as_str() {
                "." => {
                    data = false;
                    b"250 taken\r\n"
                }
                _ if data => {
                    mail += &line;
                    mail.push('\n');
                    continue;
                }
                "DATA" => {
                    data = true;
                    b"354 go on\r\n"
                }
                "QUIT" => break,
                _ => b"250 ok\r\n",
            };
            write.write_all(answer).await.unwrap();
            if answer == b"250 taken\r\n" {
                break;
            }
        }
        mail
    }

    #[tokio::test]
    async fn a_mail_goes_out_by_smtp() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let mailer = Mailer::smtp(&url, "Mote <mote@example.com>").unwrap();
        let mail = Mail {
            to: Username::parse("me@example.com").unwrap(),
            subject: "Hello".into(),
            text: "a link".into(),
        };
        let (taken, sent) = tokio::join!(take_one_mail(listener), mailer.send(mail));
        sent.unwrap();
        for part in ["Subject: Hello", "a link", "To: me@example.com", "MIME-Version: 1.0", "Message-ID: <"] {
            assert!(taken.contains(part), "{part} in {taken}");
        }
    }

    #[test]
    fn a_wrong_address_is_refused_without_repeating_it() {
        let error = Mailer::smtp("nonsense://user:hunter2@host", "mote@example.com").unwrap_err().to_string();
        assert!(!error.contains("hunter2"));
        assert!(Mailer::smtp("smtp://127.0.0.1", "nobody").is_err());
    }
}
