//! A PostgreSQL that is reached over TLS alone.

use std::fs;
use std::net::TcpListener;
use std::path::Path;

use super::cluster::{self, Cluster, as_postgres};

/// A server on loopback with a certificate of its own, which refuses whatever is not encrypted.
#[derive(Debug)]
pub struct OverTls {
    cluster: Cluster,
    port: u16,
}

impl OverTls {
    /// Starts one on a free port.
    ///
    /// # Panics
    /// Where PostgreSQL is not installed or does not start.
    #[must_use]
    pub fn start() -> Self {
        let free = TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr());
        let port = free.expect("there is a free port").port();
        let options = format!(
            "-c listen_addresses=localhost -c port={port} -c ssl=on -c ssl_cert_file=server.crt -c ssl_key_file=server.key"
        );
        Self { cluster: cluster::start(&options, prepare), port }
    }

    /// Its URL, with its certificate as the root to verify by.
    #[must_use]
    pub fn url(&self, sslmode: &str) -> String {
        self.url_with_root(sslmode, "server.crt")
    }

    /// Its URL, with a certificate as the root that it was not made with.
    #[must_use]
    pub fn url_with_another_root(&self, sslmode: &str) -> String {
        self.url_with_root(sslmode, "another.crt")
    }

    fn url_with_root(&self, sslmode: &str, root: &str) -> String {
        let root = self.cluster.folder.join(root).display().to_string();
        format!(
            "postgres://postgres@localhost:{}/postgres?sslmode={sslmode}&sslrootcert={}",
            self.port,
            root.replace('/', "%2F")
        )
    }
}

fn prepare(folder: &Path) {
    let write = |name: &str, text: &str| fs::write(folder.join(name), text).expect("the folder is ours");
    let certificate = || rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let own = certificate();
    write("server.crt", &own.cert.pem());
    write("server.key", &own.signing_key.serialize_pem());
    write("another.crt", &certificate().cert.pem());
    write("pg_hba.conf", "hostssl all all all trust\n");
    for name in ["server.crt", "server.key", "pg_hba.conf"] {
        let copied = as_postgres(Path::new("install"))
            .args(["-m", "600", name, &format!("data/{name}")])
            .current_dir(folder)
            .status();
        assert!(copied.is_ok_and(|status| status.success()), "{name} is put into the server's folder");
    }
}
