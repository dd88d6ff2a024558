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

    /// Whether the write that failed so was surely undone. Where the connection or the place was lost, its commit may have
    /// reached the database all the same.
    #[must_use]
    pub fn is_undone(&self) -> bool {
        matches!(self, Self::Query(_)) && self.trouble().is_none()
    }

    /// What is wrong with the place that the database is in, where that is the fault.
    #[must_use]
    pub fn trouble(&self) -> Option<Trouble> {
        match self {
            Self::Query(DieselError::DatabaseError(kind, info)) => match Trouble::told_by(info.message()) {
                None if matches!(kind, DatabaseErrorKind::ReadOnlyTransaction) => Some(Trouble::Away),
                None if self.is_lost_connection() => Some(Trouble::Away),
                told => told,
            },
            Self::Commit(cause) => Trouble::told_by(cause),
            Self::Open { .. } | Self::Closed => Some(Trouble::Away),
            _ if self.is_lost_connection() => Some(Trouble::Away),
            _ => None,
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
                // libpq has no code for what it finds itself, only words.
                const LOST: [&str; 5] = [
                    "connection to server",
                    "terminating connection",
                    "server closed the connection",
                    "could not receive data from server",
                    "could not send data to server",
                ];
                matches!(kind, DatabaseErrorKind::ClosedConnection)
                    || LOST.iter().any(|words| info.message().contains(words))
            }
            Self::Query(
                DieselError::BrokenTransactionManager | DieselError::RollbackErrorOnCommit { .. },
            ) => true,
            _ => false,
        }
    }
}

/// What can be wrong with a place that data is in. It is the operator's to mend, and then all goes on by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// It is full.
    Full,
    /// It cannot be reached, read or written.
    Away,
}

impl Trouble {
    /// By the words of the engines, which give diesel no code for it.
    fn told_by(message: &str) -> Option<Self> {
        const FULL: [&str; 3] =
            ["database or disk is full", "No space left on device", "Disk quota exceeded"];
        const AWAY: [&str; 9] = [
            "disk I/O error",
            "unable to open database file",
            "attempt to write a readonly database",
            "database is locked",
            "Read-only file system",
            "Input/output error",
            "the database system is",
            "too many clients",
            "connection slots",
        ];
        let says = |words: &[&str]| words.iter().any(|words| message.contains(words));
        if says(&FULL) {
            Some(Self::Full)
        } else if says(&AWAY) {
            Some(Self::Away)
        } else {
            None
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trouble_is_told_from_faults() {
        let said = |text: &str| {
            let info = Box::new(text.to_owned());
            StoreError::Query(DieselError::DatabaseError(DatabaseErrorKind::Unknown, info)).trouble()
        };
        assert_eq!(said("database or disk is full"), Some(Trouble::Full));
        assert_eq!(said("could not extend file \"base/5/1\": No space left on device"), Some(Trouble::Full));
        assert_eq!(said("attempt to write a readonly database"), Some(Trouble::Away));
        assert_eq!(said("server closed the connection unexpectedly"), Some(Trouble::Away));
        assert_eq!(said("terminating connection due to administrator command"), Some(Trouble::Away));
        assert_eq!(said("the database system is shutting down"), Some(Trouble::Away));
        assert_eq!(said("no such table: tokens"), None);
        assert_eq!(StoreError::Commit("disk I/O error".into()).trouble(), Some(Trouble::Away));
        assert_eq!(StoreError::Panicked.trouble(), None);
    }

    #[test]
    fn only_a_refused_statement_is_surely_undone() {
        let said = |kind, text: &str| {
            StoreError::Query(DieselError::DatabaseError(kind, Box::new(text.to_owned()))).is_undone()
        };
        assert!(said(DatabaseErrorKind::Unknown, "invalid byte sequence for encoding \"UTF8\": 0x00"));
        assert!(said(DatabaseErrorKind::UniqueViolation, "duplicate key value"));
        assert!(!said(DatabaseErrorKind::ClosedConnection, "gone"));
        assert!(!said(DatabaseErrorKind::Unknown, "server closed the connection unexpectedly"));
        assert!(!said(DatabaseErrorKind::Unknown, "disk I/O error"));
        assert!(!StoreError::Commit("disk I/O error".into()).is_undone() && !StoreError::Closed.is_undone());
    }
}
