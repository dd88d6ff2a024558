//! Rows of `audit`: who did what. They are added, numbered once, and removed from the old end; nothing changes them.

mod chain;

pub use chain::{EndRow, Link, beyond, end, set_end, set_link, trim, unsealed};

use diesel::prelude::*;

use crate::schema::audit::audit;
use crate::{Db, StoreError};

/// An entry.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = audit)]
pub struct AuditRow {
    /// Key; later ones are greater.
    pub id: i64,
    /// When.
    pub at: i64,
    /// What kind of caller it was.
    pub actor_kind: String,
    /// The caller's key.
    pub actor_id: Option<i64>,
    /// The caller's name at that time.
    pub actor_name: String,
    /// Key of the token or session that he came with.
    pub token_id: Option<i64>,
    /// The network address that he came from.
    pub address: Option<String>,
    /// What was done.
    pub action: String,
    /// To what: its ID.
    pub target_id: String,
    /// Its name at that time.
    pub target_name: String,
    /// The account that it concerns.
    pub account_id: Option<i64>,
    /// The product that it concerns.
    pub product_id: Option<i64>,
    /// The organization that it concerns.
    pub organization_id: Option<i64>,
    /// JSON object.
    pub details: String,
    /// What shows that the server wrote all of the above.
    pub mac: Vec<u8>,
    /// Its place in the chain; none for a moment after it was written.
    pub number: Option<i64>,
    /// The hash of the entry before.
    pub previous_hash: Option<Vec<u8>>,
    /// Its own.
    pub hash: Option<Vec<u8>>,
}

/// Whose entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// Those that concern an account.
    Account(i64),
    /// Those that concern a product.
    Product(i64),
    /// Those that concern an organization.
    Organization(i64),
    /// All.
    All,
}

/// Which of them, from the oldest or from the newest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// What was done: the whole word, or what stands before its point; letters, `_` and `.` alone.
    pub action: Option<String>,
    /// The caller's name.
    pub actor: Option<String>,
    /// The target's ID.
    pub target: Option<String>,
    /// Not before this moment.
    pub since: Option<i64>,
    /// Before this moment.
    pub until: Option<i64>,
    /// Older than the entry of this key.
    pub before: Option<i64>,
    /// Newer than the entry of this key.
    pub after: Option<i64>,
}

/// Adds one.
pub fn insert(db: &mut Db, row: &AuditRow) -> Result<(), StoreError> {
    diesel::insert_into(audit::table).values(row).execute(db)?;
    Ok(())
}

/// The first `limit` that the filter lets through, newest or oldest first.
pub fn list(
    db: &mut Db,
    of: Of,
    filter: &Filter,
    newest_first: bool,
    limit: i64,
) -> Result<Vec<AuditRow>, StoreError> {
    let mut query = audit::table.select(AuditRow::as_select()).limit(limit).into_boxed();
    match of {
        Of::Account(id) => query = query.filter(audit::account_id.eq(id)),
        Of::Product(id) => query = query.filter(audit::product_id.eq(id)),
        Of::Organization(id) => query = query.filter(audit::organization_id.eq(id)),
        Of::All => {}
    }
    if let Some(action) = &filter.action {
        query = if action.contains('.') {
            query.filter(audit::action.eq(action.clone()))
        } else {
            query.filter(audit::action.like(format!("{action}.%")))
        };
    }
    if let Some(actor) = &filter.actor {
        query = query.filter(audit::actor_name.eq(actor.clone()));
    }
    if let Some(target) = &filter.target {
        query = query.filter(audit::target_id.eq(target.clone()));
    }
    if let Some(since) = filter.since {
        query = query.filter(audit::at.ge(since));
    }
    if let Some(until) = filter.until {
        query = query.filter(audit::at.lt(until));
    }
    if let Some(before) = filter.before {
        query = query.filter(audit::id.lt(before));
    }
    if let Some(after) = filter.after {
        query = query.filter(audit::id.gt(after));
    }
    query = if newest_first { query.order(audit::id.desc()) } else { query.order(audit::id) };
    Ok(query.load(db)?)
}
