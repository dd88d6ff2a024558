//! A connection that is kept alive, without the costs of a client library.

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use crate::Fault;

pub(crate) struct Connection {
    stream: BufReader<TcpStream>,
    host: String,
    line: String,
    body: Vec<u8>,
}

impl Connection {
    /// Connects to `http://HOST:PORT`.
    pub(crate) async fn open(url: &str) -> Result<Self, Fault> {
        let host = url.strip_prefix("http://").ok_or("the address begins with http://")?.to_owned();
        let stream = TcpStream::connect(&host).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream: BufReader::new(stream), host, line: String::new(), body: Vec::new() })
    }

    /// Sends JSON and takes the answer, which must be a 200.
    pub(crate) async fn post(&mut self, path: &str, token: &str, json: &str) -> Result<(), Fault> {
        let (host, length) = (&self.host, json.len());
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{json}"
        );
        self.stream.write_all(request.as_bytes()).await?;
        let length = self.head().await?.ok_or("an answer has no Content-Length")?;
        self.body.resize(length, 0);
        self.stream.read_exact(&mut self.body).await?;
        Ok(())
    }

    /// Opens a stream of events: what comes after its head is read by [`Connection::line`].
    pub(crate) async fn subscribe(&mut self, path: &str, token: &str) -> Result<(), Fault> {
        let host = &self.host;
        let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\r\n");
        self.stream.write_all(request.as_bytes()).await?;
        self.head().await?;
        while !self.line().await?.starts_with(":ok") {}
        Ok(())
    }

    /// The next line. What HTTP puts between chunks comes as lines too.
    pub(crate) async fn line(&mut self) -> Result<&str, Fault> {
        self.line.clear();
        if self.stream.read_line(&mut self.line).await? == 0 {
            return Err("the server has closed a connection".into());
        }
        Ok(self.line.trim_end())
    }

    /// Reads the head of an answer that must be a 200: its `Content-Length`.
    async fn head(&mut self) -> Result<Option<usize>, Fault> {
        let status = self.line().await?;
        if !status.starts_with("HTTP/1.1 200 ") {
            return Err(format!("the server answered {status}").into());
        }
        let mut length = None;
        loop {
            let line = self.line().await?;
            if line.is_empty() {
                return Ok(length);
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = Some(value.trim().parse()?);
            }
        }
    }
}
