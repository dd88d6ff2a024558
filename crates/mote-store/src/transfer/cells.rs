//! Values of any column, read and written without knowing it beforehand.

use diesel::deserialize::{self, FromSql, QueryableByName};
use diesel::pg::Pg;
use diesel::row::{Field, NamedRow};
use diesel::sql_types::{BigInt, Binary, Bool, Double, Integer, Nullable, SmallInt, Text};
use diesel::sqlite::{Sqlite, SqliteType};
use diesel::{RunQueryDsl, sql_query};

use super::Kind;
use crate::{Db, StoreError};

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// None.
    Null,
    /// A whole number.
    Integer(i64),
    /// Yes or no.
    Boolean(bool),
    /// A text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A number with a fraction.
    Real(f64),
}

impl Cell {
    /// Whether it is what a column of this kind holds; nothing is what any may hold.
    #[must_use]
    pub fn is(&self, kind: Kind) -> bool {
        match self {
            Self::Null => true,
            Self::Integer(_) => kind == Kind::Integer,
            Self::Boolean(_) => kind == Kind::Boolean,
            Self::Text(_) => kind == Kind::Text,
            Self::Bytes(_) => kind == Kind::Bytes,
            Self::Real(_) => kind == Kind::Real,
        }
    }
}

/// A row of whatever was asked for.
pub(super) struct Cells(pub(super) Vec<Cell>);

/// Numbers of PostgreSQL's types (`pg_type.dat`).
mod oid {
    pub(super) const BOOL: u32 = 16;
    pub(super) const BYTEA: u32 = 17;
    pub(super) const INT8: u32 = 20;
    pub(super) const INT2: u32 = 21;
    pub(super) const INT4: u32 = 23;
    pub(super) const TEXT: u32 = 25;
    pub(super) const FLOAT8: u32 = 701;
}

impl QueryableByName<Pg> for Cells {
    fn build<'a>(row: &impl NamedRow<'a, Pg>) -> deserialize::Result<Self> {
        let cell = |place| {
            let field = diesel::row::Row::get(row, place).ok_or("a row is shorter than it says")?;
            let Some(value) = field.value() else { return Ok(Cell::Null) };
            Ok(match value.get_oid().get() {
                oid::BOOL => Cell::Boolean(<bool as FromSql<Bool, Pg>>::from_sql(value)?),
                oid::BYTEA => Cell::Bytes(<Vec<u8> as FromSql<Binary, Pg>>::from_sql(value)?),
                oid::INT8 => Cell::Integer(<i64 as FromSql<BigInt, Pg>>::from_sql(value)?),
                oid::INT4 => Cell::Integer(<i32 as FromSql<Integer, Pg>>::from_sql(value)?.into()),
                oid::INT2 => Cell::Integer(<i16 as FromSql<SmallInt, Pg>>::from_sql(value)?.into()),
                oid::TEXT => Cell::Text(<String as FromSql<Text, Pg>>::from_sql(value)?),
                oid::FLOAT8 => Cell::Real(<f64 as FromSql<Double, Pg>>::from_sql(value)?),
                other => return Err(format!("a value is of the unknown type {other}").into()),
            })
        };
        (0..row.field_count()).map(cell).collect::<Result<_, _>>().map(Self)
    }
}

impl QueryableByName<Sqlite> for Cells {
    fn build<'a>(row: &impl NamedRow<'a, Sqlite>) -> deserialize::Result<Self> {
        let cell = |place| {
            let field = diesel::row::Row::get(row, place).ok_or("a row is shorter than it says")?;
            let Some(value) = field.value() else { return Ok(Cell::Null) };
            Ok(match value.value_type() {
                None => Cell::Null,
                Some(SqliteType::Binary) => {
                    Cell::Bytes(<Vec<u8> as FromSql<Binary, Sqlite>>::from_sql(value)?)
                }
                Some(SqliteType::Text) => Cell::Text(<String as FromSql<Text, Sqlite>>::from_sql(value)?),
                Some(SqliteType::Float | SqliteType::Double) => {
                    Cell::Real(<f64 as FromSql<Double, Sqlite>>::from_sql(value)?)
                }
                Some(SqliteType::SmallInt | SqliteType::Integer | SqliteType::Long) => {
                    Cell::Integer(<i64 as FromSql<BigInt, Sqlite>>::from_sql(value)?)
                }
            })
        };
        (0..row.field_count()).map(cell).collect::<Result<_, _>>().map(Self)
    }
}

/// The query with its values; each engine has its own type of it.
macro_rules! bound {
    ($sql:expr, $binds:expr, $engine:ty) => {{
        let mut query = sql_query($sql).into_boxed::<$engine>();
        for (kind, cell) in $binds {
            query = match (kind, cell) {
                (_, Cell::Integer(number)) => query.bind::<BigInt, _>(*number),
                (_, Cell::Boolean(value)) => query.bind::<Bool, _>(*value),
                (_, Cell::Text(text)) => query.bind::<Text, _>(text.as_str()),
                (_, Cell::Bytes(bytes)) => query.bind::<Binary, _>(bytes.as_slice()),
                (_, Cell::Real(number)) => query.bind::<Double, _>(*number),
                // Nothing has a type too.
                (Kind::Integer, Cell::Null) => query.bind::<Nullable<BigInt>, _>(None::<i64>),
                (Kind::Boolean, Cell::Null) => query.bind::<Nullable<Bool>, _>(None::<bool>),
                (Kind::Text, Cell::Null) => query.bind::<Nullable<Text>, _>(None::<&str>),
                (Kind::Bytes, Cell::Null) => query.bind::<Nullable<Binary>, _>(None::<&[u8]>),
                (Kind::Real, Cell::Null) => query.bind::<Nullable<Double>, _>(None::<f64>),
            };
        }
        query
    }};
}

/// Rows of a query.
pub(super) fn load(db: &mut Db, sql: &str, binds: &[(Kind, &Cell)]) -> Result<Vec<Cells>, StoreError> {
    Ok(match db {
        Db::Sqlite(db) => bound!(sql, binds, Sqlite).load(db)?,
        Db::Postgres(db) => bound!(sql, binds, Pg).load(db)?,
    })
}

/// A statement that gives no rows.
pub(super) fn execute(db: &mut Db, sql: &str, binds: &[(Kind, &Cell)]) -> Result<(), StoreError> {
    match db {
        Db::Sqlite(db) => bound!(sql, binds, Sqlite).execute(db)?,
        Db::Postgres(db) => bound!(sql, binds, Pg).execute(db)?,
    };
    Ok(())
}
