//! TLS at the door.

use std::io;
use std::path::Path;
use std::sync::Arc;

use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::server::TlsStream;

use crate::Failure;

/// A certificate and its key, ready for handshakes.
#[derive(Clone)]
pub(crate) struct Tls(TlsAcceptor);

impl Tls {
    /// Reads the certificate chain and its private key, both in PEM.
    pub(crate) fn load(cert: &Path, key: &Path) -> Result<Self, Failure> {
        let bad = |path: &Path, e: &dyn std::fmt::Display| {
            Failure::usage(format!("cannot use {}: {e}", path.display()))
        };
        let chain: Result<Vec<_>, _> =
            CertificateDer::pem_file_iter(cert).map_err(|e| bad(cert, &e))?.collect();
        let chain = chain.map_err(|e| bad(cert, &e))?;
        let private = PrivateKeyDer::from_pem_file(key).map_err(|e| bad(key, &e))?;
        let mut config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(chain, private)
            .map_err(|e| bad(cert, &e))?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self(TlsAcceptor::from(Arc::new(config))))
    }

    /// Shakes hands.
    pub(crate) async fn accept(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        self.0.accept(stream).await
    }
}
