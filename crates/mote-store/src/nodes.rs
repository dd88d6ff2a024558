//! The servers that are at work on one PostgreSQL: each holds a lock that ends with its connection, however it ends.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Bool, Integer, Text};

use crate::{Db, StoreError};

/// The kind of lock by which a node says that it lives; its number is the second half.
const LIVES: i32 = 0x6d6f_7465;
/// The kind by which it says that it hears of events through NATS.
const ON_NATS: i32 = 0x6d6f_7466;
/// The lock of the one node that does what one is enough for.
const LEADS: i64 = 0x6d6f_7465_0001;
/// The channel of PostgreSQL by which events reach the other nodes.
pub const EVENTS: &str = "mote_events";
/// Bytes that a message on a channel of PostgreSQL has at most.
pub const LARGEST_MESSAGE: usize = 7999;

#[derive(QueryableByName)]
struct Took {
    #[diesel(sql_type = Bool)]
    took: bool,
}

#[derive(QueryableByName)]
struct Held {
    #[diesel(sql_type = BigInt)]
    kind: i64,
    #[diesel(sql_type = BigInt)]
    number: i64,
}

/// A node that lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node {
    /// What it is known by.
    pub number: i32,
    /// Whether it hears of events through NATS.
    pub on_nats: bool,
}

/// Says that the node of this number lives, for as long as this connection does. Whether it could: not while another
/// connection says the same.
pub fn join(db: &mut Db, node: i32) -> Result<bool, StoreError> {
    took(db, "SELECT pg_try_advisory_lock($1, $2) AS took", LIVES, node)
}

/// Says likewise that it hears of events through NATS. Whether it could.
pub fn join_nats(db: &mut Db, node: i32) -> Result<bool, StoreError> {
    took(db, "SELECT pg_try_advisory_lock($1, $2) AS took", ON_NATS, node)
}

/// Takes that back.
pub fn leave_nats(db: &mut Db, node: i32) -> Result<(), StoreError> {
    took(db, "SELECT pg_advisory_unlock($1, $2) AS took", ON_NATS, node).map(drop)
}

fn took(db: &mut Db, lock: &str, kind: i32, node: i32) -> Result<bool, StoreError> {
    Ok(sql_query(lock).bind::<Integer, _>(kind).bind::<Integer, _>(node).get_result::<Took>(db)?.took)
}

/// Whether this connection's node does from now on what one node is enough for; one that does must not ask again.
pub fn lead(db: &mut Db) -> Result<bool, StoreError> {
    let query = sql_query("SELECT pg_try_advisory_lock($1) AS took");
    Ok(query.bind::<BigInt, _>(LEADS).get_result::<Took>(db)?.took)
}

/// The nodes that live.
pub fn living(db: &mut Db) -> Result<Vec<Node>, StoreError> {
    let query = sql_query(
        "SELECT classid::bigint AS kind, objid::bigint AS number FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 2 \
         AND classid::bigint IN ($1, $2) AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
    );
    let query = query.bind::<BigInt, _>(i64::from(LIVES)).bind::<BigInt, _>(i64::from(ON_NATS));
    let held: Vec<Held> = query.load(db)?;
    let of = |kind: i32| held.iter().filter(move |one| one.kind == i64::from(kind)).map(|one| one.number);
    let node = |number: i64| {
        let on_nats = of(ON_NATS).any(|other| other == number);
        Some(Node { number: i32::try_from(number).ok()?, on_nats })
    };
    Ok(of(LIVES).filter_map(node).collect())
}

/// Sends messages on [`EVENTS`], all or none, each of [`LARGEST_MESSAGE`] bytes at most. Two that are the same come as one.
pub fn send(db: &mut Db, messages: &[String]) -> Result<(), StoreError> {
    let Db::Postgres(db) = db else { return Err(StoreError::Closed) };
    sql_query("SELECT pg_notify($1, message) FROM unnest($2) WITH ORDINALITY AS all_of (message, place) ORDER BY place")
        .bind::<Text, _>(EVENTS)
        .bind::<Array<Text>, _>(messages)
        .execute(db)?;
    Ok(())
}

/// Lets this connection's commits be answered before they are on disk: for messages, which no crash survives anyway.
pub fn in_haste(db: &mut Db) -> Result<(), StoreError> {
    sql_query("SET synchronous_commit = off").execute(db)?;
    Ok(())
}
