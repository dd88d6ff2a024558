//! A whole store as a file, and a file as a store: from one engine to the other and back.
//!
//! The file is gzip (RFC 1952) of lines of JSON:
//!
//! 1. a head, `{"mote_export": 1, "schema": ["…", …], "tables": [{"name": "…", "columns": [{"name": "…", "type": "…"}, …],
//!    "key": ["…", …]}, …]}`: the migrations that made the schema, and all tables by name;
//! 2. of each table, in that order: its rows, an array each of what its columns hold, in the order of the key; then
//!    `{"table": "…", "rows": N, "digest": "…"}`, where the digest is BLAKE3 of the lines of its rows, as 64 hex digits;
//! 3. `{"rows": N, "digest": "…"}`: of all lines before.
//!
//! What a column holds is by its type: `integer` a number, `boolean` true or false, `text` a string, `bytes` a string of
//! Base64, `real` a string of 16 hex digits, the bits of an IEEE 754 number; or null. Secrets are sealed and digested as in
//! the store: the server key is not in the file. Binaries are not, either.

mod export;
mod file;
#[cfg(feature = "fuzzing")]
mod fuzz;
mod import;
mod line;
#[cfg(test)]
mod tests;

pub use export::{Exported, export};
pub use file::BadFile;
#[cfg(feature = "fuzzing")]
pub use fuzz::fuzz_import;
pub use import::Import;
pub(crate) use import::is_unfinished;

/// The version of the format.
const VERSION: u32 = 1;
/// Rows that are in memory at a time.
const ROWS: usize = 1000;
