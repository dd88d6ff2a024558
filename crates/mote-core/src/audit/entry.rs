//! Writing what was done, and what is read of it.

use std::fmt::Display;

use mote_store::Db;
use mote_store::audit as rows;
use mote_store::audit::AuditRow;
use serde_json::{Map, Value};

use super::action::kind_of;
use super::{Action, Actor, ChainHash};
use crate::tokens::Holder;
use crate::{AccountId, Error, Moment, Mote, OwnerId, SpaceKey};

/// Characters of an ID or name in an entry at most.
const LONGEST: usize = 255;

/// An entry that is to be written.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    action: Action,
    target_id: String,
    target_name: String,
    account: Option<i64>,
    product: Option<i64>,
    organization: Option<i64>,
    details: Map<String, Value>,
}

impl Entry {
    /// That this was done to what has this ID and name.
    pub(crate) fn new(action: Action, target_id: impl Display, target_name: &str) -> Self {
        Self {
            action,
            target_id: plain(&target_id.to_string()),
            target_name: plain(target_name),
            account: None,
            product: None,
            organization: None,
            details: Map::new(),
        }
    }

    /// That this was done to an account, which it also concerns.
    pub(crate) fn of_account(db: &mut Db, action: Action, account: AccountId) -> Result<Self, Error> {
        let row = mote_store::accounts::get(db, account.0)?;
        let username = row.map(|row| row.username).unwrap_or_default();
        Ok(Self::new(action, account, &username).of(account))
    }

    /// What it concerns; it may be an account beside a product.
    pub(crate) fn of(mut self, space: impl Into<SpaceKey>) -> Self {
        match space.into() {
            SpaceKey::Account(id) => self.account = Some(id),
            SpaceKey::Product(id) => self.product = Some(id),
            SpaceKey::Organization(id) => self.organization = Some(id),
        }
        self
    }

    /// That it concerns whoever holds a token.
    pub(crate) fn of_holder(self, holder: Holder) -> Self {
        match holder {
            Holder::User(account) | Holder::Console(account) => self.of(account),
            Holder::Product(product) | Holder::Customer(_, product) => self.of(product),
            Holder::ApiUser(_, team) => self.of(team),
        }
    }

    /// That it concerns the account that a device belongs to, if it is one's.
    pub(crate) fn of_owner(self, owner: Option<OwnerId>) -> Self {
        match owner {
            Some(OwnerId::Account(id)) => self.of(id),
            Some(OwnerId::Customer(_)) | None => self,
        }
    }

    /// Something more about it; never a secret.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.details.insert(name.to_owned(), value.into());
        self
    }
}

/// Text without what stores and terminals do not bear, of a bounded length.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(LONGEST).collect()
}

/// Writes entries of what one caller does.
#[derive(Clone)]
pub(crate) struct Recorder {
    mote: Mote,
    actor: Actor,
}

impl Mote {
    /// What writes entries of what this caller does.
    pub(crate) fn recorder(&self, actor: impl Into<Actor>) -> Recorder {
        Recorder { mote: self.clone(), actor: actor.into() }
    }
}

impl Recorder {
    /// Writes an entry, in the transaction of what it tells of; before it ends the actor himself, whose name is looked up.
    pub(crate) fn record(&self, db: &mut Db, entry: Entry) -> Result<(), Error> {
        let actor_name = self.actor.name(db)?;
        let now = self.mote.now();
        let mut row = AuditRow {
            id: self.mote.new_key(now),
            at: now.0,
            actor_kind: self.actor.kind().to_owned(),
            actor_id: self.actor.id(),
            actor_name: plain(&actor_name),
            token_id: self.actor.token(),
            address: self.actor.address(),
            action: entry.action.word().to_owned(),
            target_id: entry.target_id,
            target_name: entry.target_name,
            account_id: entry.account,
            product_id: entry.product,
            organization_id: entry.organization,
            details: Value::Object(entry.details).to_string(),
            mac: Vec::new(),
            number: None,
            previous_hash: None,
            hash: None,
        };
        row.mac = self.mote.keys().chain.writing().mac(&row).0.to_vec();
        Ok(rows::insert(db, &row)?)
    }
}

impl Recorder {
    /// Writes that this was done to each of these things: one entry for all of them, with their IDs; none where there are
    /// none. Whoever does so does it in batches.
    pub(crate) fn record_batch<'a>(
        &self,
        db: &mut Db,
        action: Action,
        of: impl Into<SpaceKey>,
        ids: impl Iterator<Item = &'a str>,
    ) -> Result<(), Error> {
        let ids: Vec<&str> = ids.collect();
        let Some(first) = ids.first() else { return Ok(()) };
        let entry = Entry::new(action, first, "").of(of);
        self.record(db, entry.with("count", ids.len()).with("ids", ids))
    }
}

/// An entry of the trail.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditEntry {
    /// Key; later ones are greater.
    pub id: i64,
    /// When.
    pub at: Moment,
    /// What kind of caller it was: `user`, `console`, `product`, `customer`, `api_user`, `operator`, or `bearer`, who had no
    /// more than the token or link that it is about.
    pub actor_kind: String,
    /// The caller's key.
    pub actor_id: Option<i64>,
    /// The caller's name at that time: a user's address, an API user's name, the client ID of a product's token.
    pub actor_name: String,
    /// Key of the token or session that he came with.
    pub token_id: Option<i64>,
    /// The network address that he came from.
    pub address: Option<String>,
    /// What was done; the word of an [`Action`], or of one that a later version knows.
    pub action: String,
    /// To what: its ID.
    pub target_id: String,
    /// Its name at that time.
    pub target_name: String,
    /// The account that it concerns.
    pub account: Option<i64>,
    /// The product that it concerns.
    pub product: Option<i64>,
    /// The organization that it concerns.
    pub organization: Option<i64>,
    /// More about it.
    pub details: Value,
    /// Its place in the chain; none for a moment after it was written.
    pub number: Option<i64>,
    /// The hash of the entry before.
    pub previous_hash: Option<ChainHash>,
    /// Its own.
    pub hash: Option<ChainHash>,
}

impl AuditEntry {
    /// What kind of thing it was done to.
    #[must_use]
    pub fn target_kind(&self) -> &str {
        kind_of(&self.action)
    }
}

impl From<AuditRow> for AuditEntry {
    fn from(row: AuditRow) -> Self {
        let hash = |bytes: Option<Vec<u8>>| bytes.as_deref().and_then(ChainHash::of_column);
        Self {
            id: row.id,
            at: Moment(row.at),
            actor_kind: row.actor_kind,
            actor_id: row.actor_id,
            actor_name: row.actor_name,
            token_id: row.token_id,
            address: row.address,
            action: row.action,
            target_id: row.target_id,
            target_name: row.target_name,
            account: row.account_id,
            product: row.product_id,
            organization: row.organization_id,
            // What was tampered with is shown as it is, and told by the check of the chain.
            details: serde_json::from_str(&row.details).unwrap_or(Value::String(row.details)),
            number: row.number,
            previous_hash: hash(row.previous_hash),
            hash: hash(row.hash),
        }
    }
}
