//! All that is sealed under the server key, wherever it stands: for sealing it anew.

use diesel::prelude::*;

use crate::schema::accounts::accounts;
use crate::schema::integrations::integrations;
use crate::schema::meta::meta;
use crate::schema::secrets::secrets;
use crate::schema::tokens::tokens;
use crate::{Db, SpaceKey, StoreError};

/// The tables that have sealed values. (A second factor that is about to be switched on is sealed in `challenges` too, for an
/// hour at most, and sealed anew where it is taken over.)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// `tokens.sealed`.
    Tokens,
    /// `accounts.totp_secret`.
    Accounts,
    /// `secrets.sealed`.
    Secrets,
    /// `integrations.sealed`.
    Integrations,
    /// The facts of `meta` that are sealed.
    Facts,
}

impl Room {
    /// Every one.
    pub const ALL: [Self; 5] = [Self::Tokens, Self::Accounts, Self::Secrets, Self::Integrations, Self::Facts];
}

/// The facts that are sealed as values of others are. (The ring of keys itself is sealed otherwise.)
const SEALED_FACTS: [&str; 1] = ["device-server-key"];

/// Where in its table a sealed value stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The row of this key.
    Key(i64),
    /// The secret of this name.
    Secret(SpaceKey, String),
    /// The fact of this name.
    Fact(String),
}

/// A sealed value.
#[derive(Clone, Debug)]
pub struct SealedRow {
    /// The table.
    pub room: Room,
    /// Where in it.
    pub place: Place,
    /// The value.
    pub sealed: Vec<u8>,
}

/// Values less than `bound`, behind `after` in the order of their places, the first `limit`.
pub fn older(
    db: &mut Db,
    room: Room,
    after: Option<Place>,
    bound: &[u8],
    limit: i64,
) -> Result<Vec<SealedRow>, StoreError> {
    let key = match after {
        Some(Place::Key(key)) => key,
        _ => i64::MIN,
    };
    macro_rules! keyed {
        ($table:ident, $column:ident) => {
            $table::table
                .filter($table::id.gt(key).and($table::$column.lt(bound)))
                .order($table::id)
                .limit(limit)
                .select(($table::id, $table::$column.assume_not_null()))
                .load::<(i64, Vec<u8>)>(db)?
                .into_iter()
                .map(|(id, sealed)| SealedRow { room, place: Place::Key(id), sealed })
                .collect()
        };
    }
    Ok(match room {
        Room::Tokens => keyed!(tokens, sealed),
        Room::Accounts => keyed!(accounts, totp_secret),
        Room::Integrations => integrations::table
            .filter(integrations::id.gt(key).and(integrations::sealed.lt(bound)))
            .order(integrations::id)
            .limit(limit)
            .select((integrations::id, integrations::sealed))
            .load::<(i64, Vec<u8>)>(db)?
            .into_iter()
            .map(|(id, sealed)| SealedRow { room, place: Place::Key(id), sealed })
            .collect(),
        Room::Secrets => older_secrets(db, after, bound, limit)?,
        Room::Facts => match after {
            Some(_) => Vec::new(),
            None => meta::table
                .filter(meta::name.eq_any(SEALED_FACTS).and(meta::value.lt(bound)))
                .select((meta::name, meta::value))
                .load::<(String, Vec<u8>)>(db)?
                .into_iter()
                .map(|(name, sealed)| SealedRow { room, place: Place::Fact(name), sealed })
                .collect(),
        },
    })
}

fn older_secrets(
    db: &mut Db,
    after: Option<Place>,
    bound: &[u8],
    limit: i64,
) -> Result<Vec<SealedRow>, StoreError> {
    let (kind, id, name) = match after {
        Some(Place::Secret(space, name)) => (space.kind(), space.id(), name),
        _ => (0, i64::MIN, String::new()),
    };
    let same_space = secrets::space_id.gt(id).or(secrets::space_id.eq(id).and(secrets::name.gt(name)));
    let behind = secrets::space_kind.gt(kind).or(secrets::space_kind.eq(kind).and(same_space));
    let found: Vec<(i16, i64, String, Vec<u8>)> = secrets::table
        .filter(behind.and(secrets::sealed.lt(bound)))
        .order((secrets::space_kind, secrets::space_id, secrets::name))
        .limit(limit)
        .select((secrets::space_kind, secrets::space_id, secrets::name, secrets::sealed))
        .load(db)?;
    let row = |(kind, id, name, sealed)| {
        let space = SpaceKey::from_parts(kind, id)?;
        Some(SealedRow { room: Room::Secrets, place: Place::Secret(space, name), sealed })
    };
    Ok(found.into_iter().filter_map(row).collect())
}

/// How many values are less than `bound`.
pub fn count_older(db: &mut Db, room: Room, bound: &[u8]) -> Result<i64, StoreError> {
    Ok(match room {
        Room::Tokens => tokens::table.filter(tokens::sealed.lt(bound)).count().get_result(db)?,
        Room::Accounts => accounts::table.filter(accounts::totp_secret.lt(bound)).count().get_result(db)?,
        Room::Secrets => secrets::table.filter(secrets::sealed.lt(bound)).count().get_result(db)?,
        Room::Integrations => {
            integrations::table.filter(integrations::sealed.lt(bound)).count().get_result(db)?
        }
        Room::Facts => meta::table
            .filter(meta::name.eq_any(SEALED_FACTS).and(meta::value.lt(bound)))
            .count()
            .get_result(db)?,
    })
}

/// Puts another value in the place of this one, if it is still there; whether it was.
pub fn replace(db: &mut Db, row: &SealedRow, sealed: &[u8]) -> Result<bool, StoreError> {
    macro_rules! keyed {
        ($table:ident, $column:ident, $id:expr) => {
            diesel::update($table::table.find($id).filter($table::$column.eq(&row.sealed)))
                .set($table::$column.eq(sealed))
                .execute(db)?
        };
    }
    let changed = match (&row.place, row.room) {
        (Place::Key(id), Room::Accounts) => keyed!(accounts, totp_secret, *id),
        (Place::Key(id), Room::Integrations) => keyed!(integrations, sealed, *id),
        (Place::Key(id), _) => keyed!(tokens, sealed, *id),
        (Place::Secret(space, name), _) => keyed!(secrets, sealed, (space.kind(), space.id(), name)),
        (Place::Fact(name), _) => keyed!(meta, value, name),
    };
    Ok(changed > 0)
}
