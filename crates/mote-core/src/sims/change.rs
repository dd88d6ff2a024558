//! Taking SIM cards, switching them, limiting them, and letting them go.

use mote_store::sims as rows;
use mote_store::sims::{Owner, SimRow};

use super::listing::MOST_OF_ACCOUNT;
use super::sim::{find, owner_of, status};
use super::{ActivatedVia, LastAction, SimStatus};
use crate::audit::{Action, Entry};
use crate::authorization::table::{SimsCheck, SimsRemove, SimsUpdate};
use crate::authorization::{AccountAccess, SpaceAccess};
use crate::names::Iccid;
use crate::spaces::still_there;
use crate::{Error, Moment, Mote};

/// MB a month that a limit can be at most.
const MOST_MB: i64 = 1_000_000;

/// What is to be done to a card.
#[derive(Clone, Copy, Debug, Default)]
pub struct SimChange {
    /// Another state.
    pub action: Option<SimAction>,
    /// MB that it may use a month from now on; 0 for no limit.
    pub mb_limit: Option<i64>,
}

/// A change of a card's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SimAction {
    /// Take it, and let it connect for the first time.
    Activate,
    /// Let it connect no more.
    Deactivate,
    /// Let it connect again.
    Reactivate,
}

impl SimAction {
    /// Its word in the API.
    const fn word(self) -> &'static str {
        match self {
            Self::Activate => "activate",
            Self::Deactivate => "deactivate",
            Self::Reactivate => "reactivate",
        }
    }
}

impl Mote {
    /// Changes a card of the account or product. Activating a card that is nobody's makes it the account's.
    pub async fn update_sim(
        &self,
        access: &SpaceAccess<SimsUpdate>,
        iccid: &str,
        change: SimChange,
    ) -> Result<(), Error> {
        let (owner, now) = (owner_of(access.space())?, self.now());
        let limit = change.mb_limit.map(checked_limit).transpose()?;
        let action = match (change.action, owner) {
            (None, _) if limit.is_none() => {
                let text = "is activate, deactivate or reactivate; or send mb_limit";
                return Err(Error::invalid("action", text));
            }
            (Some(SimAction::Activate), Owner::Product(_)) => {
                let text =
                    "is deactivate or reactivate: cards of a product are activated as they are imported";
                return Err(Error::invalid("action", text));
            }
            (action, _) => action,
        };
        let (iccid, space, recorder) =
            (iccid.to_owned(), access.space().key(), self.recorder(access.caller()));
        self.store()
            .write(move |db| -> Result<(), Error> {
                still_there(db, space)?;
                let mut row = match (action, owner) {
                    (Some(SimAction::Activate), Owner::Account(account)) => take(db, account, &iccid, now)?,
                    _ => find(db, owner, &iccid)?,
                };
                row.mb_limit = limit.unwrap_or(row.mb_limit);
                match action {
                    Some(SimAction::Activate) if !row.active => {
                        let text = "This SIM card has been activated before; use the action reactivate";
                        return Err(Error::Conflict(text.into()));
                    }
                    Some(SimAction::Deactivate) if row.active => {
                        row.active = false;
                        row.deactivations += 1;
                        row.last_action = LastAction::Deactivate.number();
                    }
                    Some(SimAction::Reactivate) => reactivate(&mut row, now)?,
                    _ => {}
                }
                row.updated_at = now.0;
                let entry = Entry::new(Action::SimUpdated, &row.iccid, "").of(space);
                let entry = entry.with("action", action.map(SimAction::word)).with("mb_limit", limit);
                recorder.record(db, entry)?;
                Ok(rows::update(db, &row)?)
            })
            .await
    }

    /// Lets a card of the account or product go; anybody may take it then, and finds nothing of what was known of it.
    pub async fn release_sim(&self, access: &SpaceAccess<SimsRemove>, iccid: &str) -> Result<(), Error> {
        let (owner, iccid) = (owner_of(access.space())?, iccid.to_owned());
        let (space, recorder) = (access.space().key(), self.recorder(access.caller()));
        self.store()
            .write(move |db| -> Result<(), Error> {
                let row = find(db, owner, &iccid)?;
                recorder.record(db, Entry::new(Action::SimReleased, &row.iccid, "").of(space))?;
                Ok(rows::delete(db, &row.iccid)?)
            })
            .await
    }

    /// Whether the account could take this card, or has it.
    pub async fn check_sim(&self, access: &AccountAccess<SimsCheck>, iccid: &str) -> Result<(), Error> {
        let (account, iccid) = (access.account(), parsed(iccid)?);
        let row = self.store().read(move |db| rows::get(db, iccid.as_str())).await?;
        match row {
            Some(row) if row.account_id != Some(account.0) => Err(taken()),
            _ => Ok(()),
        }
    }
}

/// The account's card of this number, which is taken and activated now if it is nobody's.
fn take(db: &mut mote_store::Db, account: i64, iccid: &str, now: Moment) -> Result<SimRow, Error> {
    let iccid = parsed(iccid)?;
    match rows::get(db, iccid.as_str())? {
        Some(row) if row.account_id == Some(account) => Ok(row),
        Some(_) => Err(taken()),
        None if rows::count(db, Owner::Account(account))? >= MOST_OF_ACCOUNT => {
            let text = format!("An account has {MOST_OF_ACCOUNT} SIM cards at most; use a product for more");
            Err(Error::Conflict(text))
        }
        None => {
            let row = new_row(&iccid, Owner::Account(account), ActivatedVia::UserSetup, now);
            rows::insert(db, &row)?;
            Ok(row)
        }
    }
}

/// The row of a card that is activated for the first time by its holder.
pub(super) fn new_row(iccid: &Iccid, owner: Owner, via: ActivatedVia, now: Moment) -> SimRow {
    let (account_id, product_id) = match owner {
        Owner::Account(id) => (Some(id), None),
        Owner::Product(id) => (None, Some(id)),
    };
    SimRow {
        iccid: iccid.as_str().to_owned(),
        account_id,
        product_id,
        active: true,
        activations: 1,
        deactivations: 0,
        first_activated_at: now.0,
        last_activated_at: now.0,
        last_activated_via: via.number(),
        last_action: LastAction::Activate.number(),
        mb_limit: None,
        period: 0,
        period_bytes: 0,
        status_task: None,
        status_asked_at: None,
        created_at: now.0,
        updated_at: now.0,
    }
}

/// Lets the card of a row connect again, if it did not.
pub(super) fn reactivate(row: &mut SimRow, now: Moment) -> Result<(), Error> {
    if !row.active {
        row.active = true;
        row.activations += 1;
        row.last_activated_at = now.0;
        row.last_activated_via = ActivatedVia::Reactivation.number();
        row.last_action = LastAction::Reactivate.number();
    }
    if status(row, now) == SimStatus::Paused {
        let text = "This SIM card has used up its data limit of this month; send a higher mb_limit along";
        return Err(Error::Conflict(text.into()));
    }
    Ok(())
}

fn checked_limit(limit: i64) -> Result<Option<i32>, Error> {
    match i32::try_from(limit) {
        Ok(0) => Ok(None),
        Ok(limit) if (1..=MOST_MB).contains(&i64::from(limit)) => Ok(Some(limit)),
        _ => Err(Error::invalid(
            "mb_limit",
            format!("is whole megabytes from 1 to {MOST_MB}, or 0 for no limit"),
        )),
    }
}

fn parsed(iccid: &str) -> Result<Iccid, Error> {
    Iccid::parse(iccid).ok_or_else(|| {
        Error::NotFound("No SIM card has this number: an ICCID has 19 or 20 digits and begins with 89".into())
    })
}

fn taken() -> Error {
    Error::Forbidden("That belongs to someone else: the SIM card must be released first".into())
}
