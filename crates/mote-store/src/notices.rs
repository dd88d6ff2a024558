//! Rows of `notices`: what one process has done that others on this store must hear of.

use diesel::dsl::max;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Integer, Nullable, Text};

use crate::schema::notices::notices;
use crate::{Db, StoreError};

/// The channel of PostgreSQL on which those who wait are told that there are new ones.
pub const CHANNEL: &str = "mote_notices";

/// A notice.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct NoticeRow {
    /// Key.
    pub id: i64,
    /// The process that wrote it.
    pub node: i32,
    /// What was done, in the domain's words.
    pub body: String,
}

/// What there was to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    /// The notices, oldest first. On PostgreSQL some of them may have been among those of the time before.
    pub rows: Vec<NoticeRow>,
    /// From where to read the next time.
    pub next: i64,
}

/// A row of the one statement that reads on PostgreSQL; without a notice where there is none.
#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = BigInt)]
    horizon: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    id: Option<i64>,
    #[diesel(sql_type = Nullable<Integer>)]
    node: Option<i32>,
    #[diesel(sql_type = Nullable<Text>)]
    body: Option<String>,
}

/// From where somebody reads who has read nothing yet, and is to hear of whatever is written from now on.
pub fn start(db: &mut Db) -> Result<i64, StoreError> {
    match db {
        Db::Sqlite(db) => Ok(notices::table.select(max(notices::id)).first::<Option<i64>>(db)?.unwrap_or(0)),
        Db::Postgres(_) => Ok(since(db, i64::MAX, 1)?.next),
    }
}

/// All that came to light since; the first `limit`, of which whoever gets as many has missed some.
///
/// On PostgreSQL a transaction with a lower number may commit after one with a higher one. So what is read next begins with
/// the oldest transaction that was under way (`pg_snapshot_xmin`): below it all was to be seen. One statement has one
/// snapshot, so that the rows and the horizon are of the same moment.
pub fn since(db: &mut Db, from: i64, limit: i64) -> Result<News, StoreError> {
    match db {
        Db::Sqlite(db) => {
            let query = notices::table.filter(notices::id.gt(from)).order(notices::id).limit(limit);
            let rows: Vec<NoticeRow> = query.select((notices::id, notices::node, notices::body)).load(db)?;
            let next = rows.last().map_or(from, |row| row.id);
            Ok(News { rows, next })
        }
        Db::Postgres(db) => {
            let lines: Vec<Line> = sql_query(
                "SELECT now.horizon, found.id, found.node, found.body \
                 FROM (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS horizon) now \
                 LEFT JOIN LATERAL (SELECT id, node, body FROM notices WHERE turn >= $1 ORDER BY id LIMIT $2) found \
                 ON true",
            )
            .bind::<BigInt, _>(from)
            .bind::<BigInt, _>(limit)
            .load(db)?;
            let next = lines.first().map_or(from, |line| line.horizon);
            let row = |line: Line| Some(NoticeRow { id: line.id?, node: line.node?, body: line.body? });
            Ok(News { rows: lines.into_iter().filter_map(row).collect(), next })
        }
    }
}

/// Adds some.
pub fn insert(db: &mut Db, node: i32, bodies: &[String]) -> Result<(), StoreError> {
    for body in bodies {
        let row = (notices::node.eq(node), notices::body.eq(body));
        diesel::insert_into(notices::table).values(row).execute(db)?;
    }
    Ok(())
}

/// Tells whoever listens on [`CHANNEL`] that there are new ones, on PostgreSQL.
///
/// Not within the transactions that add them: PostgreSQL lets those that send a message commit one at a time.
pub fn ring(db: &mut Db) -> Result<(), StoreError> {
    let Db::Postgres(db) = db else { return Ok(()) };
    sql_query("SELECT pg_notify($1, '')").bind::<Text, _>(CHANNEL).execute(db)?;
    Ok(())
}

/// Removes at most `limit` of those that are older than this many milliseconds by the database's clock; how many.
pub fn sweep(db: &mut Db, age: i64, limit: i64) -> Result<usize, StoreError> {
    let removed = match db {
        Db::Sqlite(db) => sql_query(
            "DELETE FROM notices WHERE id IN (SELECT id FROM notices \
             WHERE created_at < CAST(unixepoch('subsec') * 1000 AS INTEGER) - ? LIMIT ?)",
        )
        .bind::<BigInt, _>(age)
        .bind::<BigInt, _>(limit)
        .execute(db)?,
        Db::Postgres(db) => sql_query(
            "DELETE FROM notices WHERE id IN (SELECT id FROM notices \
             WHERE created_at < (extract(epoch FROM clock_timestamp()) * 1000)::bigint - $1 LIMIT $2)",
        )
        .bind::<BigInt, _>(age)
        .bind::<BigInt, _>(limit)
        .execute(db)?,
    };
    Ok(removed)
}
