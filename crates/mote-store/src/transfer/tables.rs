//! What tables there are, as the database itself says.

use std::collections::BTreeMap;

use super::cells::{Cell, Cells, load};
use crate::{Db, StoreError};

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Whole numbers, of whatever width.
    Integer,
    /// Yes or no.
    Boolean,
    /// Text.
    Text,
    /// Bytes.
    Bytes,
    /// Numbers with a fraction, of 64 bits.
    Real,
}

impl Kind {
    /// Every one.
    const ALL: [Self; 5] = [Self::Integer, Self::Boolean, Self::Text, Self::Bytes, Self::Real];

    /// Its word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Integer => "integer",
            Self::Boolean => "boolean",
            Self::Text => "text",
            Self::Bytes => "bytes",
            Self::Real => "real",
        }
    }

    /// The kind of this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// Of a type as the migrations of either engine name it.
    fn of_type(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "bigint" | "integer" | "smallint" => Self::Integer,
            "boolean" => Self::Boolean,
            "text" => Self::Text,
            "blob" | "bytea" => Self::Bytes,
            "double precision" => Self::Real,
            _ => return None,
        })
    }
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Name.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
    /// Whether a row may have nothing there.
    pub nullable: bool,
}

/// A table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Name.
    pub name: String,
    /// Columns in the order of their names, which is the same on both engines.
    pub columns: Vec<Column>,
    /// The columns of the primary key, as places in `columns`, in the key's order.
    pub key: Vec<usize>,
}

impl Table {
    /// The columns of the primary key.
    pub fn key(&self) -> impl Iterator<Item = &Column> {
        self.key.iter().map(|place| &self.columns[*place])
    }

    /// The key of a row.
    #[must_use]
    pub fn key_of(&self, row: &[Cell]) -> Vec<Cell> {
        self.key.iter().map(|place| row[*place].clone()).collect()
    }
}

/// The book that the migrations are kept in, which every database has of its own.
const MIGRATIONS: &str = "__diesel_schema_migrations";
/// What the servers on a database tell each other, which is nothing to those on another.
const NOTICES: &str = "notices";

const OF_SQLITE: &str = "SELECT t.name, c.name, c.type, c.\"notnull\", c.pk FROM sqlite_master t \
     JOIN pragma_table_info(t.name) c WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";

const OF_POSTGRES: &str = "SELECT t.relname::text, c.attname::text, format_type(c.atttypid, NULL), \
     c.attnotnull::int, coalesce(array_position(i.indkey::smallint[], c.attnum) + 1, 0) \
     FROM pg_class t JOIN pg_attribute c ON c.attrelid = t.oid \
     LEFT JOIN pg_index i ON i.indrelid = t.oid AND i.indisprimary \
     WHERE t.relnamespace = current_schema()::regnamespace AND t.relkind = 'r' AND c.attnum > 0 AND NOT c.attisdropped";

/// Every table, by name, but the book of the migrations and the notices.
pub fn tables(db: &mut Db) -> Result<Vec<Table>, StoreError> {
    let sql = match db {
        Db::Sqlite(_) => OF_SQLITE,
        Db::Postgres(_) => OF_POSTGRES,
    };
    let mut tables: BTreeMap<String, Vec<(Column, i64)>> = BTreeMap::new();
    for Cells(cells) in load(db, sql, &[])? {
        let [
            Cell::Text(table),
            Cell::Text(name),
            Cell::Text(of),
            Cell::Integer(required),
            Cell::Integer(place),
        ] = &cells[..]
        else {
            return Err(StoreError::Unreadable("the database does not say what tables it has".into()));
        };
        if table == MIGRATIONS || table == NOTICES {
            continue;
        }
        let kind = Kind::of_type(of)
            .ok_or_else(|| StoreError::Unreadable(format!("{table}.{name} is of the unknown type {of}")))?;
        let column = Column { name: name.clone(), kind, nullable: *required == 0 };
        tables.entry(table.clone()).or_default().push((column, *place));
    }
    tables.into_iter().map(|(name, columns)| table(name, columns)).collect()
}

fn table(name: String, mut columns: Vec<(Column, i64)>) -> Result<Table, StoreError> {
    columns.sort_by(|(one, _), (other, _)| one.name.cmp(&other.name));
    let mut key: Vec<_> = columns
        .iter()
        .enumerate()
        .filter(|(_, (_, at))| *at > 0)
        .map(|(place, (_, at))| (*at, place))
        .collect();
    key.sort_unstable();
    if key.is_empty() {
        return Err(StoreError::Unreadable(format!("{name} has no primary key")));
    }
    let key = key.into_iter().map(|(_, place)| place).collect();
    Ok(Table { name, columns: columns.into_iter().map(|(column, _)| column).collect(), key })
}

/// The migrations that made the schema, in their order.
pub fn schema(db: &mut Db) -> Result<Vec<String>, StoreError> {
    let sql = format!("SELECT CAST(version AS TEXT) FROM {MIGRATIONS} ORDER BY version");
    let version = |Cells(cells): Cells| match cells.into_iter().next() {
        Some(Cell::Text(version)) => Ok(version),
        _ => Err(StoreError::Unreadable("the book of the migrations is unreadable".into())),
    };
    load(db, &sql, &[])?.into_iter().map(version).collect()
}
