//! The machine's own PostgreSQL, in a temporary folder: one server per test process, a fresh database per test.

mod cluster;
mod over_tls;
mod own;

pub use over_tls::OverTls;
pub use own::Own;

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};

use cluster::Cluster;

static SERVER: OnceLock<Cluster> = OnceLock::new();
static NEXT: AtomicU32 = AtomicU32::new(0);

/// An empty database.
#[derive(Debug)]
pub struct Database {
    name: String,
}

impl Database {
    /// Makes one.
    ///
    /// # Panics
    /// Where PostgreSQL is not installed or does not start: tests fail then, they are not skipped.
    #[must_use]
    pub fn new() -> Self {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("test_{}_{number}", std::process::id());
        execute(&format!("CREATE DATABASE {name}"));
        Self { name }
    }

    /// Its `postgres://` URL.
    #[must_use]
    pub fn url(&self) -> String {
        url(&self.name)
    }
}

impl Default for Database {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        execute(&format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
    }
}

fn execute(sql: &str) {
    let mut db = PgConnection::establish(&url("postgres")).expect("the test's PostgreSQL answers");
    db.batch_execute(sql).expect("the test's PostgreSQL does as it is told");
}

fn url(database: &str) -> String {
    // A socket in its folder and no port: nobody else can meet it.
    let server = SERVER.get_or_init(|| cluster::start("-c listen_addresses=", |_| ()));
    let folder = server.folder.to_str().expect("a temporary folder's name is UTF-8").replace('/', "%2F");
    format!("postgres://postgres@{folder}/{database}")
}
