//! Writing a file into an empty store, in steps that may be cut off.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use mote_store::transfer::{self, Cell, Table};
use mote_store::{Db, Store, meta};
use serde::{Deserialize, Serialize};

use super::ROWS;
use super::export::total;
use super::file::{BadFile, Item, Source};
use super::line::Total;
use crate::Error;

/// Name of the fact that an import is not finished: a store that has it is not opened.
const NOTE: &str = "import";

/// How far an import has come; written with each step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Note {
    /// The digest of the whole file.
    digest: String,
    /// Rows that are in the store.
    done: u64,
}

impl Note {
    fn read(db: &mut Db) -> Result<Option<Self>, Error> {
        let unreadable = |_| Error::Internal("how far the import has come cannot be read".into());
        meta::get(db, NOTE)?.map(|note| serde_json::from_slice(&note).map_err(unreadable)).transpose()
    }

    fn write(&self, db: &mut Db) -> Result<(), Error> {
        Ok(meta::set(db, NOTE, &serde_json::to_vec(self).expect("numbers and text become JSON"))?)
    }
}

/// Whether an import into this store is not finished.
pub(crate) fn is_unfinished(db: &mut Db) -> Result<bool, Error> {
    Ok(meta::get(db, NOTE)?.is_some())
}

/// Whether a row is the note of an import itself, and nothing of what is imported.
pub(super) fn is_own_note(table: &Table, row: &[Cell]) -> bool {
    table.name == "meta" && table.key_of(row) == [Cell::Text(NOTE.into())]
}

/// An import, step by step. It may be dropped, or the process killed, after any: [`Self::begin`] with the same file goes on
/// where it was.
pub struct Import {
    store: Store,
    source: Option<Box<Source<File>>>,
    tables: Vec<Arc<Table>>,
    /// What each table is to come to.
    totals: Vec<Total>,
    rows: u64,
    note: Note,
}

impl std::fmt::Debug for Import {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Import").field("note", &self.note).finish_non_exhaustive()
    }
}

/// The file, read once from its start to its end, and what it says it has.
struct Checked {
    totals: Vec<Total>,
    whole: Total,
}

fn check(mut source: Source<File>) -> Result<Checked, BadFile> {
    let mut totals = Vec::new();
    loop {
        match source.next()? {
            Item::Row(..) => {}
            Item::TableEnd(total) => totals.push(total),
            Item::End(whole) => return Ok(Checked { totals, whole }),
        }
    }
}

impl Import {
    /// Reads all of the file once, and changes nothing where it is not whole ([`Error::Invalid`]). The store must have the
    /// same schema and be empty, or have what an earlier import of the same file has brought: [`Error::Conflict`].
    pub async fn begin(store: Store, path: &Path) -> Result<Self, Error> {
        let (schema, tables) = store
            .read(|db| -> Result<_, Error> { Ok((transfer::schema(db)?, transfer::tables(db)?)) })
            .await?;
        let path = path.to_owned();
        let (source, checked) = blocking(move || {
            let open = |path: &PathBuf| Source::open(File::open(path)?, &schema, tables.clone());
            let checked = check(open(&path)?)?;
            Ok((open(&path)?, checked))
        })
        .await?;
        let tables: Vec<Arc<Table>> = source.tables().iter().cloned().map(Arc::new).collect();
        let (digest, known) = (checked.whole.digest, tables.clone());
        let note = store.write(move |db| begin(db, &digest, &known)).await?;
        let mut import = Self {
            store,
            source: Some(Box::new(source)),
            tables,
            totals: checked.totals,
            rows: checked.whole.rows,
            note,
        };
        import.skip().await?;
        Ok(import)
    }

    /// Rows that are in the store.
    #[must_use]
    pub fn done(&self) -> u64 {
        self.note.done
    }

    /// Rows that there are to be.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Takes the next thousand rows, in one write; false where there were no more.
    pub async fn step(&mut self) -> Result<bool, Error> {
        let Some(mut source) = self.source.take() else { return Ok(false) };
        let (source, batches) = blocking(move || {
            let batches = batches(&mut source)?;
            Ok((source, batches))
        })
        .await?;
        let taken: usize = batches.iter().map(|(_, rows)| rows.len()).sum();
        // The end of the file: there is nothing to read behind it.
        let source = (taken == ROWS).then_some(source);
        if taken == 0 {
            return Ok(false);
        }
        let note = Note { done: self.note.done + taken as u64, ..self.note.clone() };
        let (written, tables) = (note.clone(), self.tables.clone());
        self.store
            .write(move |db| -> Result<(), Error> {
                for (table, rows) in &batches {
                    transfer::insert(db, &tables[*table], rows)?;
                }
                written.write(db)
            })
            .await?;
        (self.note, self.source) = (note, source);
        Ok(true)
    }

    /// Reads all of the store and compares it with the file; from then on it can be opened.
    pub async fn finish(self) -> Result<(), Error> {
        for (table, expected) in self.tables.iter().zip(&self.totals) {
            let of = Arc::clone(table);
            let found = self.store.read(move |db| total(db, &of)).await?;
            if found != *expected {
                return Err(Error::Internal(format!(
                    "the table {} is not what the file has: {} rows of {}. Empty the database and import again",
                    table.name, found.rows, expected.rows
                )));
            }
        }
        self.store.write(|db| meta::remove(db, NOTE)).await?;
        Ok(())
    }

    /// Goes by what an earlier import has brought.
    async fn skip(&mut self) -> Result<(), Error> {
        let (Some(mut source), done) = (self.source.take(), self.note.done) else { return Ok(()) };
        let source = blocking(move || {
            let mut seen = 0;
            while seen < done {
                match source.next()? {
                    Item::Row(..) => seen += 1,
                    Item::TableEnd(_) => {}
                    Item::End(_) => return Err(BadFile::CutOff),
                }
            }
            Ok(source)
        })
        .await?;
        self.source = Some(source);
        Ok(())
    }
}

fn begin(db: &mut Db, digest: &str, tables: &[Arc<Table>]) -> Result<Note, Error> {
    if let Some(note) = Note::read(db)? {
        let other = "an import of another file into this database was not finished: finish that, or empty the database";
        return if note.digest == digest { Ok(note) } else { Err(Error::Conflict(other.into())) };
    }
    for table in tables {
        if !transfer::page(db, table, None, 1)?.is_empty() {
            return Err(Error::Conflict(format!(
                "this database is not empty ({} has rows): name one that is (nothing was changed)",
                table.name
            )));
        }
    }
    let note = Note { digest: digest.to_owned(), done: 0 };
    note.write(db)?;
    Ok(note)
}

/// The next rows, with the place of their table.
type Batches = Vec<(usize, Vec<Vec<Cell>>)>;

fn batches(source: &mut Source<File>) -> Result<Batches, BadFile> {
    let mut batches: Batches = Vec::new();
    for _ in 0..ROWS {
        let (table, row) = loop {
            match source.next()? {
                Item::Row(table, row) => break (table, row),
                Item::TableEnd(_) => {}
                Item::End(_) => return Ok(batches),
            }
        };
        match batches.last_mut() {
            Some((same, rows)) if *same == table => rows.push(row),
            _ => batches.push((table, vec![row])),
        }
    }
    Ok(batches)
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, BadFile> + Send + 'static,
) -> Result<T, Error> {
    let done = tokio::task::spawn_blocking(work).await.map_err(|e| Error::Internal(e.to_string()))?;
    done.map_err(|error| Error::invalid("file", error.to_string()))
}
