//! From one engine to the other and back, with every table filled.

use std::path::{Path, PathBuf};

use mote_store::transfer::{Cell, Column, Kind, Table, insert, page, schema, tables};
use mote_store::{Location, Store, StoreError};
use mote_testkit::postgres::Database;

use super::*;
use crate::keys::{ServerKey, ServerKeys};
use crate::{Error, Moment, Mote};

/// Rows that each table is filled with: of some more than one step takes.
const FILLED: i64 = 1300;

struct Desk {
    folder: tempfile::TempDir,
    databases: Vec<Database>,
}

impl Desk {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), databases: Vec::new() }
    }

    async fn sqlite(&self, name: &str) -> Store {
        Mote::open_store(Location::Sqlite(self.folder.path().join(name))).await.unwrap()
    }

    async fn postgresql(&mut self) -> Store {
        let database = tokio::task::spawn_blocking(Database::new).await.unwrap();
        let store = Mote::open_store(Location::Postgres(database.url())).await.unwrap();
        self.databases.push(database);
        store
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }
}

/// A value of each kind, another in each row; every third row has nothing where that may be.
fn cell(column: &Column, key: bool, number: i64) -> Cell {
    let nth = usize::try_from(number).unwrap();
    if column.nullable && number % 3 == 0 {
        return Cell::Null;
    }
    match column.kind {
        // The least and the greatest, where no narrower column is.
        Kind::Integer if column.name.ends_with("_at") => {
            Cell::Integer(if number % 2 == 0 { i64::MIN + number } else { i64::MAX - number })
        }
        Kind::Integer => Cell::Integer(number - FILLED / 2),
        Kind::Boolean => Cell::Boolean(number % 2 == 0),
        Kind::Text if key => Cell::Text(format!("{}{number}", ["é", "Z", "a", "_", ""][nth % 5])),
        Kind::Text => Cell::Text(format!("\"\\\n\t{{}} \u{1F600} 'ß'; {number}")),
        Kind::Bytes => Cell::Bytes(number.to_be_bytes()[nth % 7..].to_vec()),
        Kind::Real => Cell::Real([-0.0, f64::MIN_POSITIVE / 3.0, 0.1 + 0.2, 1e300][nth % 4]),
    }
}

async fn fill(store: &Store, count: i64) {
    store
        .write(move |db| -> Result<(), StoreError> {
            for table in tables(db)? {
                let places: Vec<usize> = table.key.clone();
                let row = |number| {
                    let columns = table.columns.iter().enumerate();
                    columns.map(|(place, column)| cell(column, places.contains(&place), number)).collect()
                };
                let rows: Vec<Vec<Cell>> = (1..=count).map(row).collect();
                insert(db, &table, &rows)?;
            }
            Ok(())
        })
        .await
        .unwrap();
}

async fn exported(store: &Store) -> Vec<u8> {
    export(store, Vec::new(), |_, _| ()).await.unwrap().1
}

async fn imported(store: &Store, path: &Path) {
    let mut import = Import::begin(store.clone(), path).await.unwrap();
    while import.step().await.unwrap() {}
    import.finish().await.unwrap();
}

/// What keeps a later migration from being forgotten: both engines say that they have the same.
#[tokio::test(flavor = "multi_thread")]
async fn both_engines_have_the_same_tables() {
    let mut desk = Desk::new();
    let of = async |store: &Store| {
        store.read(|db| -> Result<_, StoreError> { Ok((schema(db)?, tables(db)?)) }).await.unwrap()
    };
    let (one, other) = (of(&desk.sqlite("mote.db").await).await, of(&desk.postgresql().await).await);
    assert_eq!(one.0, other.0);
    for (one, other) in one.1.iter().zip(&other.1) {
        assert_eq!(one, other);
    }
    assert_eq!(one.1.len(), other.1.len());
    let names: Vec<_> = one.1.iter().map(|table: &Table| table.name.as_str()).collect();
    assert!(names.contains(&"tokens") && names.contains(&"meta") && names.len() > 40, "{names:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_goes_there_and_back() {
    let mut desk = Desk::new();
    let first = desk.sqlite("first.db").await;
    fill(&first, FILLED).await;
    let file = exported(&first).await;
    let path = desk.file("first.export", &file);
    // It is cut off after each of some steps, and goes on.
    let second = desk.postgresql().await;
    let mut done = 0;
    loop {
        let mut import = Import::begin(second.clone(), &path).await.unwrap();
        assert_eq!(import.done(), done);
        let more = import.step().await.unwrap();
        done = import.done();
        if done > 7000 {
            break;
        }
        assert!(more);
    }
    let key = ServerKeys::from(&ServerKey::generate());
    assert!(matches!(crate::keys::open(&second, &key, Moment(0)).await, Err(Error::Forbidden(_))));
    assert!(matches!(export(&second, Vec::new(), |_, _| ()).await, Err(Error::Conflict(_))));
    imported(&second, &path).await;
    assert!(exported(&second).await == file, "the same file comes of it, byte by byte");
    let third = desk.sqlite("third.db").await;
    imported(&third, &desk.file("second.export", &exported(&second).await)).await;
    assert!(exported(&third).await == file);
    // What is full takes nothing.
    assert!(
        matches!(Import::begin(third, &path).await, Err(Error::Conflict(text)) if text.contains("not empty"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_whole_changes_nothing() {
    let desk = Desk::new();
    let first = desk.sqlite("first.db").await;
    fill(&first, 3).await;
    let file = exported(&first).await;
    let empty = desk.sqlite("empty.db").await;
    let nothing = exported(&empty).await;
    let refused = async |bytes: &[u8]| match Import::begin(empty.clone(), &desk.file("bad", bytes)).await {
        Err(Error::Invalid { why, .. }) => why,
        other => panic!("{other:?}"),
    };
    for length in [0, 1, 10, file.len() / 3, file.len() / 2, file.len() - 9, file.len() - 1] {
        let why = refused(&file[..length]).await;
        assert!(why.contains("cut off") || why.contains("no export"), "{length}: {why}");
    }
    for place in (20..file.len()).step_by(file.len() / 50) {
        let mut changed = file.clone();
        changed[place] ^= 0x10;
        refused(&changed).await;
    }
    // Lines that are changed by somebody who can compress.
    let text = unpacked(&file);
    for (old, new, expected) in [
        ("\"mote_export\":1", "\"mote_export\":2", "no export"),
        ("00000000000001\"", "00000000000000\"", "another schema"),
        ("\"name\":\"tokens\"", "\"name\":\"tokenz\"", "another schema"),
        ("\"table\":\"devices\",\"rows\":3", "\"table\":\"devices\",\"rows\":2", "damaged"),
        ("\\n\\t{}", "\\n{}", "damaged"),
        ("true", "false", "damaged"),
    ] {
        assert!(text.contains(old), "{old}");
        let why = refused(&packed(&text.replacen(old, new, 1))).await;
        assert!(why.contains(expected), "{old}: {why}");
    }
    let line = text.lines().find(|line| line.starts_with('[')).unwrap();
    for lines in [text.replacen(&format!("{line}\n"), "", 1), text.clone() + line, text.clone() + "\n"] {
        refused(&packed(&lines)).await;
    }
    let lines: Vec<&str> = text.lines().collect();
    let why = refused(&packed(&(lines[..lines.len() - 1].join("\n") + "\n"))).await;
    assert!(why.contains("cut off"), "{why}");
    assert!(exported(&empty).await == nothing);
    // An import that was not finished goes on with its own file alone.
    let mut import = Import::begin(empty.clone(), &desk.file("first.export", &file)).await.unwrap();
    import.step().await.unwrap();
    drop(import);
    let other = Import::begin(empty.clone(), &desk.file("other.export", &nothing)).await;
    assert!(matches!(other, Err(Error::Conflict(text)) if text.contains("another file")));
    imported(&empty, &desk.file("first.export", &file)).await;
    assert!(exported(&empty).await == file);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_changed_behind_an_import_is_found() {
    let desk = Desk::new();
    let (first, second) = (desk.sqlite("first.db").await, desk.sqlite("second.db").await);
    fill(&first, 3).await;
    let path = desk.file("first.export", &exported(&first).await);
    let mut import = Import::begin(second.clone(), &path).await.unwrap();
    while import.step().await.unwrap() {}
    let tampered = second.write(|db| -> Result<(), StoreError> {
        let table = tables(db)?.into_iter().find(|table| table.name == "products").unwrap();
        let mut row = page(db, &table, None, 1)?.remove(0);
        for (column, cell) in table.columns.iter().zip(&mut row) {
            match column.name.as_str() {
                "id" => *cell = Cell::Integer(7),
                "slug" => *cell = Cell::Text("another".into()),
                _ => {}
            }
        }
        insert(db, &table, &[row])
    });
    tampered.await.unwrap();
    let error = import.finish().await.unwrap_err().to_string();
    assert!(error.contains("products") && error.contains("4 rows of 3"), "{error}");
}

fn unpacked(file: &[u8]) -> String {
    let mut text = String::new();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(file), &mut text).unwrap();
    text
}

fn packed(text: &str) -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut gzip, text.as_bytes()).unwrap();
    gzip.finish().unwrap()
}
