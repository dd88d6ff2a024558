//! Writing a store into a file.

use std::io::{self, Write};

use blake3::Hasher;
use flate2::Compression;
use flate2::write::GzEncoder;
use mote_store::transfer::{self, Cell, Table};
use mote_store::{Db, Store};

use super::line::{Head, Total, of_row, written};
use super::{ROWS, is_unfinished};
use crate::Error;

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// Rows of each table, by its name.
    pub tables: Vec<(String, u64)>,
    /// Rows of all.
    pub rows: u64,
}

/// Writes all of a store as it is at one moment: others go on reading and writing meanwhile. `tell` hears the table and how
/// many rows of it are written, every thousand. The server key is not asked for, nor written.
pub async fn export<W>(
    store: &Store,
    out: W,
    mut tell: impl FnMut(&str, u64) + Send + 'static,
) -> Result<(Exported, W), Error>
where
    W: Write + Send + 'static,
{
    store
        .read(move |db| {
            if is_unfinished(db)? {
                return Err(Error::Conflict(
                    "an import into this database was not finished: it has not all".into(),
                ));
            }
            let mut out = Out { gzip: GzEncoder::new(out, Compression::fast()), all: Hasher::new() };
            let exported = write_all(db, &mut out, &mut tell)?;
            Ok((exported, out.gzip.finish().map_err(cannot_write)?))
        })
        .await
}

/// What is written, and the digest of it.
struct Out<W: Write> {
    gzip: GzEncoder<W>,
    all: Hasher,
}

impl<W: Write> Out<W> {
    fn write(&mut self, line: &[u8]) -> Result<(), Error> {
        self.all.update(line);
        self.gzip.write_all(line).map_err(cannot_write)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "reads well in map_err")]
fn cannot_write(error: io::Error) -> Error {
    Error::Internal(format!("the file cannot be written: {error}"))
}

fn write_all<W: Write>(
    db: &mut Db,
    out: &mut Out<W>,
    tell: &mut impl FnMut(&str, u64),
) -> Result<Exported, Error> {
    let tables = transfer::tables(db)?;
    out.write(&written(&Head::new(transfer::schema(db)?, &tables)))?;
    let mut exported = Exported { tables: Vec::new(), rows: 0 };
    for table in &tables {
        let mut digest = Hasher::new();
        let rows = walk(db, table, |line, rows| {
            digest.update(line);
            if rows.is_multiple_of(ROWS as u64) {
                tell(&table.name, rows);
            }
            out.write(line)
        })?;
        let digest = digest.finalize().to_hex().to_string();
        out.write(&written(&Total { table: Some(table.name.clone()), rows, digest }))?;
        exported.tables.push((table.name.clone(), rows));
        exported.rows += rows;
    }
    let digest = out.all.finalize().to_hex().to_string();
    out.write(&written(&Total { table: None, rows: exported.rows, digest }))?;
    Ok(exported)
}

/// Every row of a table as the line that it is in a file, with its number from 1; how many there are.
fn walk(
    db: &mut Db,
    table: &Table,
    mut row: impl FnMut(&[u8], u64) -> Result<(), Error>,
) -> Result<u64, Error> {
    let (mut after, mut rows): (Option<Vec<Cell>>, _) = (None, 0);
    loop {
        let page = transfer::page(db, table, after.as_deref(), ROWS)?;
        for cells in page.iter().filter(|cells| !super::import::is_own_note(table, cells)) {
            rows += 1;
            row(&of_row(cells), rows)?;
        }
        match page.last() {
            Some(last) if page.len() == ROWS => after = Some(table.key_of(last)),
            _ => return Ok(rows),
        }
    }
}

/// How many rows a table has, and the digest that stands behind them in a file.
pub(super) fn total(db: &mut Db, table: &Table) -> Result<Total, Error> {
    let mut digest = Hasher::new();
    let rows = walk(db, table, |line, _| {
        digest.update(line);
        Ok(())
    })?;
    Ok(Total { table: Some(table.name.clone()), rows, digest: digest.finalize().to_hex().to_string() })
}
