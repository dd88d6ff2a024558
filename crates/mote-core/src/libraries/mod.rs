//! Libraries: code that makers share, contributed version by version as archives with a `library.properties`.
//!
//! A name belongs to the account that contributed it first. A version is private, and may be contributed again, until it is
//! published; from then on it stays as it is, for others build with it. Only the operator takes a public one back.

mod archive;
mod change;
mod contribute;
mod download;
mod library;
mod list;
mod operator;
mod properties;
mod query;

#[cfg(feature = "fuzzing")]
pub use {archive::fuzz as fuzz_archive, properties::fuzz as fuzz_properties};

pub use library::{Download, Library};
pub use list::LibraryPage;
pub use operator::LibraryMarks;
pub use properties::Properties;
pub use query::LibraryQuery;

pub(crate) use change::leave;
