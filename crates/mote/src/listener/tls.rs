//! TLS at the door.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{self, ServerConfig};
use tokio_rustls::server::TlsStream;

/// Why a certificate and its key cannot be used. Never tells what is in the key's file.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TlsError {
    /// The file of `--tls-cert` or `--tls-key` cannot be read.
    #[error("--{option}: cannot read {}: {cause}", path.display())]
    Unreadable { option: &'static str, path: PathBuf, cause: io::Error },
    /// It is not PEM, or something else in PEM.
    #[error("--{option}: {} holds no {wanted} in PEM (\"-----BEGIN …\")", path.display())]
    NotPem { option: &'static str, path: PathBuf, wanted: &'static str },
    /// The certificate is broken, the key is of a kind that is not known, or they do not belong together.
    #[error("--tls-cert {} and --tls-key {} do not work together: {cause}", cert.display(), key.display())]
    Unusable { cert: PathBuf, key: PathBuf, cause: rustls::Error },
}

/// A certificate and its key, ready for handshakes. Clones share them.
#[derive(Clone)]
pub(crate) struct Tls(TlsAcceptor);

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tls(…)")
    }
}

impl Tls {
    /// Reads the certificate chain, the server's own first, and its private key (PKCS #8, PKCS #1 or SEC 1), both in PEM.
    pub(crate) fn load(cert: &Path, key: &Path) -> Result<Self, TlsError> {
        let bad_chain = |cause| explain("tls-cert", cert, "certificate", cause);
        let chain = CertificateDer::pem_file_iter(cert)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(bad_chain)?;
        if chain.is_empty() {
            return Err(bad_chain(pem::Error::NoItemsFound));
        }
        let private = PrivateKeyDer::from_pem_file(key)
            .map_err(|cause| explain("tls-key", key, "private key", cause))?;
        let unusable = |cause| TlsError::Unusable { cert: cert.into(), key: key.into(), cause };
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(unusable)?
            .with_no_client_auth()
            .with_single_cert(chain, private)
            .map_err(unusable)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self(TlsAcceptor::from(Arc::new(config))))
    }

    /// Shakes hands.
    pub(super) async fn accept(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        self.0.accept(stream).await
    }
}

fn explain(option: &'static str, path: &Path, wanted: &'static str, cause: pem::Error) -> TlsError {
    match cause {
        pem::Error::Io(cause) => TlsError::Unreadable { option, path: path.into(), cause },
        // What the others say of the file's content is left out: it may be a key.
        _ => TlsError::NotPem { option, path: path.into(), wanted },
    }
}
