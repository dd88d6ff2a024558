//! Connections that go to the outside only.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::ServerName;

use crate::{Failure, Guard};

/// The time that one of several addresses of a host has to take the connection.
const PER_ADDRESS: Duration = Duration::from_secs(5);
/// Addresses of a host that are tried at most.
const MOST_ADDRESSES: usize = 4;

/// Resolves, checks, connects, and speaks TLS where the address says so.
#[derive(Clone)]
pub(crate) struct Connector {
    pub(crate) guard: Guard,
    pub(crate) tls: TlsConnector,
}

impl Connector {
    async fn connect(self, to: Uri) -> Result<TokioIo<Stream>, Failure> {
        let host = to.host().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let secure = to.scheme() == Some(&http::uri::Scheme::HTTPS);
        let port = to.port_u16().unwrap_or(if secure { 443 } else { 80 });
        let tcp = self.reach(&host, port).await?;
        if !secure {
            return Ok(TokioIo::new(Stream::Plain(tcp)));
        }
        let failed = |cause: String| Failure::Tls { host: host.clone(), cause };
        let name = ServerName::try_from(host.clone()).map_err(|error| failed(error.to_string()))?;
        let tls = self.tls.connect(name, tcp).await.map_err(|error| failed(error.to_string()))?;
        Ok(TokioIo::new(Stream::Tls(Box::new(tls))))
    }

    /// A connection to one of the host's addresses that the guard admits. What is connected to is the very address that was
    /// checked: a name that resolves otherwise a moment later changes nothing.
    async fn reach(&self, host: &str, port: u16) -> Result<TcpStream, Failure> {
        let no_address = || Failure::NoAddress { host: host.to_owned() };
        let found = tokio::net::lookup_host((host, port)).await.map_err(|_| no_address())?;
        let found: Vec<SocketAddr> = found.collect();
        if found.is_empty() {
            return Err(no_address());
        }
        let admitted: Vec<SocketAddr> = found
            .into_iter()
            .filter(|address| self.guard.admits(address.ip()))
            .take(MOST_ADDRESSES)
            .collect();
        let mut failure = Failure::OwnNetwork { host: host.to_owned() };
        for address in admitted {
            let connecting = tokio::time::timeout(PER_ADDRESS, TcpStream::connect(address));
            let cause = match connecting.await {
                Ok(Ok(stream)) => {
                    // A webhook is one small request: what waits for more only waits.
                    let _ = stream.set_nodelay(true);
                    return Ok(stream);
                }
                Ok(Err(error)) => error.kind().to_string(),
                Err(_) => format!("no answer within {} seconds", PER_ADDRESS.as_secs()),
            };
            failure = Failure::Connect { host: host.to_owned(), cause };
        }
        Err(failure)
    }
}

impl tower_service::Service<Uri> for Connector {
    type Response = TokioIo<Stream>;
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Failure>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        Box::pin(self.clone().connect(to))
    }
}

/// A connection, with TLS or without.
pub(crate) enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Connection for Stream {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(context, buffer),
            Self::Tls(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
            Self::Tls(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(context),
            Self::Tls(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}
