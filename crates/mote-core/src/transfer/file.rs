//! Reading a file that was exported.

use std::io::{self, BufRead, BufReader, Read};

use blake3::Hasher;
use flate2::read::GzDecoder;
use mote_store::transfer::{Cell, Table};

use super::VERSION;
use super::line::{Head, Total, to_row};

/// Bytes of a line at most: far more than any row has.
const LONGEST: u64 = 256 * 1024 * 1024;

/// What is wrong with a file.
#[derive(Debug, thiserror::Error)]
pub enum BadFile {
    /// It is no export, or of a version that this program does not know.
    #[error("the file is no export of Mote that this version reads")]
    Foreign,
    /// It was made with another schema.
    #[error(
        "the file is of another schema ({found}; this is {known}): import it with the version of Mote that made it, and \
         start the newer one on that"
    )]
    Schema {
        /// The last migration of the file.
        found: String,
        /// The last migration of the store.
        known: String,
    },
    /// It ends before its end.
    #[error("the file is cut off")]
    CutOff,
    /// Something in it is not what was written.
    #[error("the file is damaged: {0}")]
    Damaged(String),
    /// The system refused.
    #[error("the file cannot be read: {0}")]
    Io(io::Error),
}

impl From<io::Error> for BadFile {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::CutOff,
            io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => Self::Damaged(error.to_string()),
            _ => Self::Io(error),
        }
    }
}

/// What comes next in a file.
pub(super) enum Item {
    /// A row of the table in this place.
    Row(usize, Vec<Cell>),
    /// The end of a table.
    TableEnd(Total),
    /// The end of all.
    End(Total),
}

/// A file that is read from its start to its end.
pub(super) struct Source<R: Read> {
    lines: BufReader<GzDecoder<R>>,
    tables: Vec<Table>,
    /// The table that is read, its digest so far and its rows.
    table: usize,
    digest: Hasher,
    rows: u64,
    all: Hasher,
    all_rows: u64,
}

impl<R: Read> Source<R> {
    /// Reads the head: it must be of a store with this schema.
    pub(super) fn open(file: R, schema: &[String], tables: Vec<Table>) -> Result<Self, BadFile> {
        let mut source = Self {
            lines: BufReader::with_capacity(1 << 16, GzDecoder::new(file)),
            tables,
            table: 0,
            digest: Hasher::new(),
            rows: 0,
            all: Hasher::new(),
            all_rows: 0,
        };
        let line = source.line().map_err(|error| match error {
            BadFile::Damaged(_) => BadFile::Foreign,
            other => other,
        })?;
        let version = serde_json::from_slice::<serde_json::Value>(&line).ok();
        if version.is_none_or(|head| head["mote_export"] != VERSION) {
            return Err(BadFile::Foreign);
        }
        let head: Head = serde_json::from_slice(&line).map_err(|_| BadFile::Foreign)?;
        let known = Head::new(schema.to_vec(), &source.tables);
        if head != known {
            let last = |head: &Head| head.schema.last().cloned().unwrap_or_default();
            return Err(BadFile::Schema { found: last(&head), known: last(&known) });
        }
        source.all.update(&line);
        Ok(source)
    }

    /// The tables, as the file has them.
    pub(super) fn tables(&self) -> &[Table] {
        &self.tables
    }

    /// What comes next; behind the end of all, nothing may.
    pub(super) fn next(&mut self) -> Result<Item, BadFile> {
        let line = self.line()?;
        let known = self.tables.get(self.table);
        if line.first() == Some(&b'[') {
            let row = known.and_then(|table| to_row(&line, table));
            let row = row.ok_or_else(|| self.damaged("a row is none"))?;
            self.digest.update(&line);
            self.all.update(&line);
            self.rows += 1;
            self.all_rows += 1;
            return Ok(Item::Row(self.table, row));
        }
        let total: Total = serde_json::from_slice(&line).map_err(|_| self.damaged("a line is none"))?;
        let expected = match known {
            Some(table) => Total {
                table: Some(table.name.clone()),
                rows: self.rows,
                digest: std::mem::take(&mut self.digest).finalize().to_hex().to_string(),
            },
            None => {
                Total { table: None, rows: self.all_rows, digest: self.all.finalize().to_hex().to_string() }
            }
        };
        if total != expected {
            return Err(self.damaged("rows are not what was written"));
        }
        if known.is_some() {
            self.all.update(&line);
            self.table += 1;
            self.rows = 0;
            return Ok(Item::TableEnd(total));
        }
        let mut rest = [0];
        if self.lines.read(&mut rest)? > 0 {
            return Err(self.damaged("something stands behind its end"));
        }
        Ok(Item::End(total))
    }

    fn line(&mut self) -> Result<Vec<u8>, BadFile> {
        let mut line = Vec::new();
        (&mut self.lines).take(LONGEST).read_until(b'\n', &mut line)?;
        if line.is_empty() {
            return Err(BadFile::CutOff);
        }
        if line.last() != Some(&b'\n') {
            let too_long = line.len() as u64 == LONGEST;
            return Err(if too_long { self.damaged("a line has no end") } else { BadFile::CutOff });
        }
        Ok(line)
    }

    fn damaged(&self, what: &str) -> BadFile {
        let place = self.tables.get(self.table).map_or("its end", |table| table.name.as_str());
        BadFile::Damaged(format!("{what} ({place}, after {} rows)", self.rows))
    }
}
