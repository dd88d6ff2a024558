//! All rows of all tables, whatever they are: for taking a store from one engine to the other.
//!
//! Nothing here knows a table by its name, but those that are each database's own. What there is to take along is asked of
//! the database itself ([`tables()`]), so no table and no column of a later migration is forgotten.

mod cells;
mod tables;

pub use cells::Cell;
pub use tables::{Column, Kind, Table, schema, tables};

use cells::{Cells, execute, load};

use crate::{Db, StoreError};

/// Values that one statement carries at most: both engines take 32,766.
const MOST_VALUES: usize = 30_000;
/// Rows that one statement carries at most.
const MOST_ROWS: usize = 250;

/// Rows of a table in the order of its key, behind the row with the key `after`, the first `limit`. The order is that of the
/// bytes of texts, on both engines.
pub fn page(
    db: &mut Db,
    table: &Table,
    after: Option<&[Cell]>,
    limit: usize,
) -> Result<Vec<Vec<Cell>>, StoreError> {
    let names = |columns: &mut dyn Iterator<Item = &Column>| {
        columns.map(|column| quoted(&column.name)).collect::<Vec<_>>().join(", ")
    };
    // Only in a query to the one engine that would else compare as people do.
    let by_bytes = |column: &Column| match (&*db, column.kind) {
        (Db::Postgres(_), Kind::Text) => format!("{} COLLATE \"C\"", quoted(&column.name)),
        _ => quoted(&column.name),
    };
    let key = table.key().map(by_bytes).collect::<Vec<_>>().join(", ");
    let mut binds = Vec::new();
    let mut sql = format!("SELECT {} FROM {}", names(&mut table.columns.iter()), quoted(&table.name));
    if let Some(after) = after {
        binds.extend(table.key().zip(after).map(|(column, cell)| (column.kind, cell)));
        sql = format!("{sql} WHERE ({key}) > ({})", places(db, 0, binds.len()));
    }
    let rows = load(db, &format!("{sql} ORDER BY {key} LIMIT {limit}"), &binds)?;
    rows.into_iter().map(|Cells(cells)| typed(table, cells)).collect()
}

/// Adds rows to a table.
pub fn insert(db: &mut Db, table: &Table, rows: &[Vec<Cell>]) -> Result<(), StoreError> {
    let width = table.columns.len();
    let names = table.columns.iter().map(|column| quoted(&column.name)).collect::<Vec<_>>().join(", ");
    for some in rows.chunks(MOST_ROWS.min(MOST_VALUES / width.max(1)).max(1)) {
        let values: Vec<_> =
            (0..some.len()).map(|row| format!("({})", places(db, row * width, width))).collect();
        let sql = format!("INSERT INTO {} ({names}) VALUES {}", quoted(&table.name), values.join(", "));
        let kinds = || table.columns.iter().map(|column| column.kind);
        let binds: Vec<_> = some.iter().flat_map(|row| kinds().zip(row)).collect();
        execute(db, &sql, &binds)?;
    }
    Ok(())
}

/// What stands for `count` values behind the first `before`.
fn places(db: &Db, before: usize, count: usize) -> String {
    let place = |number: usize| match db {
        Db::Sqlite(_) => "?".to_owned(),
        Db::Postgres(_) => format!("${}", before + number),
    };
    (1..=count).map(place).collect::<Vec<_>>().join(", ")
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The cells of a row as what their columns are: SQLite has numbers for booleans.
fn typed(table: &Table, cells: Vec<Cell>) -> Result<Vec<Cell>, StoreError> {
    let cell = |(column, cell): (&Column, Cell)| match (column.kind, cell) {
        (Kind::Boolean, Cell::Integer(number)) => Ok(Cell::Boolean(number != 0)),
        (_, Cell::Null) => Ok(Cell::Null),
        (kind, cell) if cell.is(kind) => Ok(cell),
        _ => Err(StoreError::Unreadable(format!("{}.{} holds something else", table.name, column.name))),
    };
    table.columns.iter().zip(cells).map(cell).collect()
}
