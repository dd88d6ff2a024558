//! Making, listing, changing and archiving ledgers.

use mote_store::ledgers as rows;
use mote_store::ledgers::LedgerRow;

use super::ledger::checked_name;
use super::{Direction, Ledger, LedgerScope, unknown_ledger};
use crate::audit::{Action, Entry};
use crate::authorization::SpaceAccess;
use crate::authorization::table::{LedgersArchive, LedgersCreate, LedgersGet, LedgersList, LedgersUpdate};
use crate::paging::Paging;
use crate::products::checked_description;
use crate::spaces::still_there;
use crate::{Error, Mote, SpaceKey};

/// Ledgers that an account, a product or an organization may have.
const MOST_LEDGERS: i64 = 1000;
/// Ledgers on a page, unless asked otherwise (contract: Ledger-GetV1Ledgers).
const PER_PAGE: i64 = 100;

/// What a new ledger is to be.
#[derive(Debug)]
pub struct NewLedger {
    /// Name: lower-case letters, digits and hyphens.
    pub name: String,
    /// Description.
    pub description: Option<String>,
    /// `Device`, `Product` or `Owner`.
    pub scope: String,
    /// `Upstream`, `Downstream` or `None`, which is what it is unless said.
    pub direction: Option<String>,
}

/// What is to be changed of a ledger. Its name and scope stay.
#[derive(Debug, Default)]
pub struct LedgerChange {
    /// New description.
    pub description: Option<String>,
    /// New direction; only while it holds nothing.
    pub direction: Option<String>,
    /// The scope, which must be what it is: whole definitions come with it.
    pub scope: Option<String>,
}

/// Which ledgers, which page.
#[derive(Clone, Debug, Default)]
pub struct LedgerQuery {
    /// Only of this scope.
    pub scope: Option<String>,
    /// Archived ones, instead of those in use.
    pub archived: bool,
    /// Page, from 1.
    pub page: Option<i64>,
    /// Ledgers on a page.
    pub per_page: Option<i64>,
}

/// A page of ledgers.
#[derive(Debug)]
pub struct LedgerPage {
    /// The ledgers, by name.
    pub ledgers: Vec<Ledger>,
    /// Which page.
    pub page: i64,
    /// Ledgers on a full page.
    pub per_page: i64,
    /// Pages.
    pub total_pages: i64,
    /// Ledgers on all pages.
    pub total: i64,
}

impl Mote {
    /// A page of the ledgers of an account, product or organization.
    pub async fn list_ledgers(
        &self,
        access: &SpaceAccess<LedgersList>,
        query: LedgerQuery,
    ) -> Result<LedgerPage, Error> {
        let paging = Paging::asked(query.page, query.per_page, PER_PAGE)?;
        let scope = query.scope.as_deref().map(LedgerScope::parse).transpose()?;
        let filter = rows::Filter { scope: scope.map(|scope| scope as i16), archived: Some(query.archived) };
        let space = access.space().key();
        let (found, total) = self
            .store()
            .read(move |db| rows::page(db, space, filter, paging.offset(), paging.per_page))
            .await?;
        Ok(LedgerPage {
            ledgers: found.into_iter().map(Ledger::try_from).collect::<Result<_, _>>()?,
            page: paging.page,
            per_page: paging.per_page,
            total_pages: paging.pages(total),
            total,
        })
    }

    /// A ledger by its name.
    pub async fn get_ledger(&self, access: &SpaceAccess<LedgersGet>, name: &str) -> Result<Ledger, Error> {
        self.ledger(access.space().key(), name).await
    }

    pub(super) async fn ledger(&self, space: SpaceKey, name: &str) -> Result<Ledger, Error> {
        let name = name.to_owned();
        let row = self.store().read(move |db| rows::by_name(db, space, &name)).await?;
        row.ok_or_else(unknown_ledger)?.try_into()
    }

    /// Makes a ledger. Its instances come into being when they are first written.
    pub async fn create_ledger(
        &self,
        access: &SpaceAccess<LedgersCreate>,
        new: NewLedger,
    ) -> Result<Ledger, Error> {
        let name = checked_name(&new.name)?;
        let description = checked_description(new.description.unwrap_or_default())?;
        let scope = LedgerScope::parse(&new.scope)?;
        let direction = new.direction.as_deref().map_or(Ok(Direction::None), Direction::parse)?;
        let (space, now) = (access.space().key(), self.now());
        let row = LedgerRow {
            id: self.new_key(now),
            space_kind: space.kind(),
            space_id: space.id(),
            name,
            description,
            scope: scope as i16,
            direction: direction as i16,
            instance_count: 0,
            created_at: now.0,
            updated_at: now.0,
            archived_at: None,
        };
        let (made, recorder) = (row.clone(), self.recorder(access.caller()));
        self.store()
            .write(move |db| -> Result<(), Error> {
                still_there(db, space)?;
                if let Some(taken) = rows::by_name(db, space, &row.name)? {
                    let archived = if taken.archived_at.is_some() { ", archived" } else { "" };
                    let text = format!("There is a ledger of this name already{archived}; choose another");
                    return Err(Error::Conflict(text));
                }
                if rows::count(db, space)? >= MOST_LEDGERS {
                    let text = format!("There are {MOST_LEDGERS} ledgers already, which is the most");
                    return Err(Error::Conflict(text));
                }
                let entry = Entry::new(Action::LedgerCreated, &row.name, &row.name).of(space);
                recorder.record(db, entry.with("scope", scope.name()))?;
                Ok(rows::insert(db, &row)?)
            })
            .await?;
        made.try_into()
    }

    /// Changes a ledger that is in use.
    pub async fn update_ledger(
        &self,
        access: &SpaceAccess<LedgersUpdate>,
        name: &str,
        change: LedgerChange,
    ) -> Result<Ledger, Error> {
        let description = change.description.map(checked_description).transpose()?;
        let direction = change.direction.as_deref().map(Direction::parse).transpose()?;
        let scope = change.scope.as_deref().map(LedgerScope::parse).transpose()?;
        let (space, name, now) = (access.space().key(), name.to_owned(), self.now().0);
        let recorder = self.recorder(access.caller());
        self.store()
            .write(move |db| -> Result<Ledger, Error> {
                let mut row = rows::by_name(db, space, &name)?.ok_or_else(unknown_ledger)?;
                let ledger = Ledger::try_from(row.clone())?;
                ledger.in_use()?;
                if scope.is_some_and(|scope| scope != ledger.scope) {
                    return Err(Error::invalid("scope", "stays as it is; make another ledger"));
                }
                if direction.is_some_and(|direction| direction != ledger.direction) && ledger.instances > 0 {
                    return Err(Error::Conflict(
                        "The direction can be changed as long as the ledger holds nothing; delete its instances first"
                            .into(),
                    ));
                }
                row.direction = direction.unwrap_or(ledger.direction) as i16;
                row.description = description.clone().unwrap_or(row.description);
                row.updated_at = now;
                rows::update(db, &row)?;
                recorder.record(db, Entry::new(Action::LedgerUpdated, &row.name, &row.name).of(space))?;
                row.try_into()
            })
            .await
    }

    /// Archives a ledger: what it holds can be read from then on, and not be changed. Again changes nothing.
    pub async fn archive_ledger(
        &self,
        access: &SpaceAccess<LedgersArchive>,
        name: &str,
    ) -> Result<(), Error> {
        let (space, name, now) = (access.space().key(), name.to_owned(), self.now().0);
        let recorder = self.recorder(access.caller());
        self.store()
            .write(move |db| -> Result<(), Error> {
                let mut row = rows::by_name(db, space, &name)?.ok_or_else(unknown_ledger)?;
                if row.archived_at.is_none() {
                    row.archived_at = Some(now);
                    row.updated_at = now;
                    rows::update(db, &row)?;
                    let entry = Entry::new(Action::LedgerArchived, &row.name, &row.name).of(space);
                    recorder.record(db, entry)?;
                }
                Ok(())
            })
            .await
    }
}
