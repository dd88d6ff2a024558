//! A PostgreSQL server that a test may restart, and whose users it may keep out.

use diesel::connection::SimpleConnection;
use diesel::sql_types::Text;
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, sql_query};

use super::cluster::{self, Cluster};

/// A server of one test alone.
#[derive(Debug)]
pub struct Own {
    cluster: Cluster,
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

impl Own {
    /// Starts one. What it has committed survives [`Self::restart`].
    ///
    /// # Panics
    /// Where PostgreSQL is not installed or does not start.
    #[must_use]
    pub fn start() -> Self {
        Self { cluster: cluster::start("-c listen_addresses=", |_| ()) }
    }

    /// The URL of its database for a user, who needs no password.
    ///
    /// # Panics
    /// Where the machine's folder for temporary files has a name that is no UTF-8.
    #[must_use]
    pub fn url(&self, user: &str) -> String {
        let folder = self.cluster.folder.to_str().expect("a temporary folder's name is UTF-8");
        format!("postgres://{user}@{}/postgres", folder.replace('/', "%2F"))
    }

    /// Stops it as a crash would, and starts it again.
    ///
    /// # Panics
    /// Where it does not come back.
    pub fn restart(&self) {
        self.cluster.control(&["restart", "-m", "immediate"]);
    }

    /// Stops it as a crash would.
    ///
    /// # Panics
    /// Where it does not stop.
    pub fn stop(&self) {
        self.cluster.control(&["stop", "-m", "immediate"]);
    }

    /// Starts it again once it was stopped.
    ///
    /// # Panics
    /// Where it does not come back.
    pub fn come_back(&self) {
        self.cluster.control(&["start", "-o", &self.cluster.options]);
    }

    /// Runs statements as its superuser.
    ///
    /// # Panics
    /// Where they fail.
    pub fn execute(&self, sql: &str) {
        self.connect().batch_execute(sql).expect("the test's PostgreSQL does as it is told");
    }

    /// The lines that a query gives whose only column is a text `line`.
    ///
    /// # Panics
    /// Where it fails.
    #[must_use]
    pub fn lines(&self, query: &str) -> Vec<String> {
        let found: Vec<Line> =
            sql_query(query).load(&mut self.connect()).expect("the test's PostgreSQL answers");
        found.into_iter().map(|line| line.line).collect()
    }

    fn connect(&self) -> PgConnection {
        PgConnection::establish(&self.url("postgres")).expect("the test's PostgreSQL answers")
    }
}
