//! Bringing a database to the schema that this program knows: forward only, under a lock, at start.

use diesel::connection::SimpleConnection;
use diesel::migration::{MigrationConnection, MigrationSource};
use diesel::{Connection, PgConnection, SqliteConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::StoreError;

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// The advisory lock that starting nodes take in turn.
const POSTGRES_LOCK: i64 = 0x6d6f_7465;

pub(crate) fn sqlite(db: &mut SqliteConnection) -> Result<(), StoreError> {
    // An exclusive transaction around all of it keeps a second process out; each migration is a savepoint within.
    db.exclusive_transaction(|db| Ok::<_, StoreError>(run(db, SQLITE)))?
}

pub(crate) fn postgres(db: &mut PgConnection) -> Result<(), StoreError> {
    db.batch_execute(&format!("SELECT pg_advisory_lock({POSTGRES_LOCK})"))?;
    let done = run(db, POSTGRES);
    db.batch_execute(&format!("SELECT pg_advisory_unlock({POSTGRES_LOCK})"))?;
    done
}

fn run<C>(db: &mut C, known: EmbeddedMigrations) -> Result<(), StoreError>
where
    C: MigrationHarness<C::Backend> + MigrationConnection + Connection + 'static,
    EmbeddedMigrations: MigrationSource<C::Backend>,
{
    let explain = |error: Box<dyn std::error::Error + Send + Sync>| StoreError::Migrate(error.to_string());
    let names: Vec<String> =
        known.migrations().map_err(explain)?.iter().map(|one| one.name().version().to_string()).collect();
    let applied = db.applied_migrations().map_err(explain)?;
    if let Some(newer) = applied.iter().map(ToString::to_string).find(|version| !names.contains(version)) {
        return Err(StoreError::NewerSchema { found: newer });
    }
    if applied.len() < names.len() {
        let done = db.run_pending_migrations(known).map_err(explain)?;
        tracing::info!(migrations = done.len(), "the database's schema is up to date");
    }
    Ok(())
}
