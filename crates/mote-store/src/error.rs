//! What can go wrong in the store itself.

use diesel::result::{DatabaseErrorKind, Error as DieselError};

/// A fault of the store. None of these is the caller's doing; rules of the domain fail with the domain's own errors.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A query failed.
    #[error("the database refused a statement: {0}")]
    Query(DieselError),
    /// The database could not be opened.
    #[error("cannot open the database {location}: {cause}")]
    Open {
        /// The path, or the address without its password.
        location: String,
        /// What the engine said.
        cause: String,
    },
    /// A migration failed; nothing of it was kept.
    #[error("cannot bring the database's schema up to date: {0}")]
    Migrate(String),
    /// The database was written by a newer version of Mote.
    #[error("the database has schema version {found}, newer than this program knows: use a newer mote")]
    NewerSchema {
        /// The newest version found.
        found: String,
    },
    /// The database has something that this program does not know.
    #[error("{0}")]
    Unreadable(String),
    /// The engine is shutting down, or its thread is gone.
    #[error("the store is closed")]
    Closed,
    /// A closure given to the store panicked; what it wrote was undone.
    #[error("a database operation panicked")]
    Panicked,
    /// The group of writes that this one was part of could not be made durable; nothing of it was kept.
    #[error("a commit failed: {0}")]
    Commit(String),
}

impl StoreError {
    /// Whether the same write may simply be tried again (PostgreSQL: serialization failure or deadlock).
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        match self {
            Self::Query(DieselError::DatabaseError(DatabaseErrorKind::SerializationFailure, _)) => true,
            Self::Query(DieselError::DatabaseError(_, info)) => info.message().contains("deadlock detected"),
            _ => false,
        }
    }

    /// Whether a row with the same unique key stands there already.
    #[must_use]
    pub fn is_duplicate(&self) -> bool {
        matches!(self, Self::Query(DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _)))
    }

    /// Whether the connection that said so is of no more use.
    #[must_use]
    pub fn is_lost_connection(&self) -> bool {
        match self {
            Self::Query(DieselError::DatabaseError(kind, info)) => {
                matches!(kind, DatabaseErrorKind::ClosedConnection)
                    || info.message().contains("connection to server")
                    || info.message().contains("terminating connection")
            }
            Self::Query(
                DieselError::BrokenTransactionManager | DieselError::RollbackErrorOnCommit { .. },
            ) => true,
            _ => false,
        }
    }
}

impl From<DieselError> for StoreError {
    fn from(error: DieselError) -> Self {
        Self::Query(error)
    }
}

/// An error that a closure given to [`Store::write`](crate::Store::write) may end with: the domain's, or the store's.
pub trait Failure: From<StoreError> + Send + 'static {
    /// The fault of the store in it, if it is one; decides whether a write is tried again.
    fn store_error(&self) -> Option<&StoreError>;
}

impl Failure for StoreError {
    fn store_error(&self) -> Option<&StoreError> {
        Some(self)
    }
}
