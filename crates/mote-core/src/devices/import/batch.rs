//! A batch of devices that come into a product, with few statements: to a database elsewhere each is a way there and back.

use std::collections::HashMap;

use mote_store::devices as rows;
use mote_store::devices::DeviceRow;
use mote_store::{Db, plan_anew, products};

use crate::audit::{Action, Recorder};
use crate::devices::device::new_row;
use crate::names::DeviceId;
use crate::teams::is_on_team;
use crate::{Error, Moment, OwnerId, ProductId, sims};

/// Longest identifier: anything longer is none.
const LONGEST: usize = 64;

/// What became of an identifier.
#[derive(Clone, Copy)]
pub(super) enum Outcome {
    /// Came; and became somebody's, where it was nobody's and was claimed for him.
    Updated {
        claimed: bool,
    },
    /// Was let out of quarantine; the same.
    Approved {
        claimed: bool,
    },
    /// Was there; the same.
    Existing {
        claimed: bool,
    },
    Nonmember,
    Invalid,
}

/// Where devices go, and whose they become.
pub(super) struct Into {
    pub(super) product: ProductId,
    pub(super) platform: i32,
    pub(super) owner: Option<OwnerId>,
    /// Whether their SIM cards come along.
    pub(super) brings_sims: bool,
    pub(super) now: Moment,
}

/// Whether a device of this owner may come into the product: nobody's may, and a team member's.
pub(crate) fn may_bring(db: &mut Db, product: ProductId, owner: Option<i64>) -> Result<bool, Error> {
    Ok(match owner.map(OwnerId::from_key) {
        Some(OwnerId::Account(owner)) => is_on_team(db, product, owner)?,
        // A customer belongs to his product, and is on no team.
        Some(OwnerId::Customer(_)) => false,
        None => true,
    })
}

/// Whether a text that is no device ID may be another identifier.
fn is_identifier(text: &str) -> bool {
    !text.trim().is_empty() && text.len() <= LONGEST
}

/// What a batch has come to so far.
#[derive(Default)]
struct Batch {
    /// Devices that were known or are new, by ID, as they are to be.
    devices: HashMap<String, DeviceRow>,
    /// Their IDs, by other identifiers.
    identified: HashMap<String, String>,
    /// Those that were not known.
    new: Vec<String>,
    came: Vec<String>,
    approved: Vec<String>,
    claimed: Vec<String>,
    /// Whether what is of this owner may come.
    owners: HashMap<i64, bool>,
}

impl Into {
    /// What becomes of each, with entries of it.
    pub(super) fn import(
        &self,
        db: &mut Db,
        texts: &[String],
        recorder: &Recorder,
    ) -> Result<Vec<(String, Outcome)>, Error> {
        if texts.is_empty() {
            return Ok(Vec::new());
        }
        plan_anew(db)?;
        let ids: Vec<_> = texts.iter().map(|text| DeviceId::parse(text)).collect();
        let named: Vec<_> = ids.iter().flatten().map(ToString::to_string).collect();
        let others = texts.iter().zip(&ids).filter(|(text, id)| id.is_none() && is_identifier(text));
        let others: Vec<_> = others.map(|(text, _)| text.trim().to_owned()).collect();
        let mut batch = Batch::default();
        for row in rows::get_all(db, &named)? {
            batch.devices.insert(row.id.clone(), row);
        }
        let found = rows::by_identifiers(db, &others)?;
        let kinds: [fn(&DeviceRow) -> &Option<String>; 3] =
            [|row| &row.serial_number, |row| &row.imei, |row| &row.iccid];
        for (row, text) in kinds.iter().flat_map(|kind| found.iter().map(move |row| (row, kind(row)))) {
            if let Some(text) = text {
                batch.identified.entry(text.clone()).or_insert_with(|| row.id.clone());
            }
        }
        for row in found {
            batch.devices.entry(row.id.clone()).or_insert(row);
        }
        let mut outcomes = Vec::with_capacity(texts.len());
        for (text, id) in texts.iter().zip(ids) {
            outcomes.push((text.clone(), self.one(db, &mut batch, text, id)?));
        }
        self.write(db, &batch)?;
        let added = batch.new.len() + batch.came.len();
        if added > 0 {
            products::devices_changed(db, self.product.0, i64::try_from(added).unwrap_or(0))?;
        }
        self.record(db, recorder, &outcomes)?;
        if self.brings_sims {
            self.bring_sims(db, &batch, recorder)?;
        }
        Ok(outcomes)
    }

    fn one(
        &self,
        db: &mut Db,
        batch: &mut Batch,
        text: &str,
        id: Option<DeviceId>,
    ) -> Result<Outcome, Error> {
        let id = match id {
            Some(id) if !batch.devices.contains_key(id.as_str()) => {
                let mut row = new_row(&id, self.platform, self.now);
                row.product_id = Some(self.product.0);
                let claimed = self.claim(&mut row);
                batch.new.push(row.id.clone());
                batch.devices.insert(row.id.clone(), row);
                return Ok(Outcome::Updated { claimed });
            }
            Some(id) => id.to_string(),
            None => batch.identified.get(text.trim()).cloned().unwrap_or_default(),
        };
        let Some(row) = batch.devices.get_mut(&id) else { return Ok(Outcome::Invalid) };
        let mut claim = |row: &mut DeviceRow| {
            let claimed = self.claim(row);
            if claimed {
                batch.claimed.push(row.id.clone());
            }
            claimed
        };
        if row.product_id == Some(self.product.0) {
            if !row.quarantined {
                return Ok(Outcome::Existing { claimed: claim(row) });
            }
            (row.quarantined, row.denied) = (false, false);
            batch.approved.push(id);
            return Ok(Outcome::Approved { claimed: claim(row) });
        }
        let may_come = match row.owner_id.and_then(|owner| batch.owners.get(&owner)) {
            Some(may) => *may,
            None => may_bring(db, self.product, row.owner_id)?,
        };
        if let Some(owner) = row.owner_id {
            batch.owners.insert(owner, may_come);
        }
        if row.product_id.is_some() || !may_come {
            return Ok(Outcome::Nonmember);
        }
        // A device that has not told its platform takes the product's.
        if row.platform_id != self.platform && row.platform_id != 0 {
            return Ok(Outcome::Invalid);
        }
        row.product_id = Some(self.product.0);
        batch.came.push(id);
        Ok(Outcome::Updated { claimed: claim(row) })
    }

    /// Makes a device that is nobody's the one's whom it is claimed for. A team member's stays his: to bring it in takes
    /// nothing from him, and nobody claims what is another's.
    fn claim(&self, row: &mut DeviceRow) -> bool {
        let claimed = row.owner_id.is_none() && self.owner.is_some();
        if claimed {
            row.owner_id = self.owner.map(OwnerId::key);
        }
        claimed
    }

    fn write(&self, db: &mut Db, batch: &Batch) -> Result<(), Error> {
        let new: Vec<_> = batch.new.iter().filter_map(|id| batch.devices.get(id)).collect();
        rows::insert_all(db, &new)?;
        rows::bring_in(db, &batch.came, self.product.0, self.platform, self.now.0)?;
        rows::approve(db, &batch.approved, self.now.0)?;
        if let Some(owner) = self.owner {
            rows::claim(db, &batch.claimed, owner.key(), self.now.0)?;
        }
        Ok(())
    }

    /// Entries of what was done: of the product, and of whom devices were claimed for.
    fn record(&self, db: &mut Db, recorder: &Recorder, outcomes: &[(String, Outcome)]) -> Result<(), Error> {
        let came = |is_it: fn(Outcome) -> bool| {
            let which = outcomes.iter().filter(move |(_, outcome)| is_it(*outcome));
            which.map(|(id, _)| id.trim())
        };
        let imported = came(|o| matches!(o, Outcome::Updated { .. }));
        recorder.record_batch(db, Action::DevicesImported, self.product, imported)?;
        let approved = came(|o| matches!(o, Outcome::Approved { .. }));
        recorder.record_batch(db, Action::DevicesApproved, self.product, approved)?;
        let Some(OwnerId::Account(account)) = self.owner else { return Ok(()) };
        let is_claimed = |o: Outcome| matches!(o, Outcome::Updated { claimed } | Outcome::Approved { claimed } | Outcome::Existing { claimed } if claimed);
        recorder.record_batch(db, Action::DeviceClaimed, account, came(is_claimed))
    }

    /// The cards of the devices that came.
    fn bring_sims(&self, db: &mut Db, batch: &Batch, recorder: &Recorder) -> Result<(), Error> {
        let came = batch.came.iter().chain(&batch.approved).filter_map(|id| batch.devices.get(id));
        let cards: Vec<_> = came.filter_map(|row| row.iccid.clone()).collect();
        sims::bring_cards(db, self.product, &cards, self.now, recorder)
    }
}

/// Brings devices into a product along with something else of them, where they could be imported by themselves.
pub(crate) fn bring_along(
    db: &mut Db,
    product: ProductId,
    platform: i32,
    ids: &[String],
    now: Moment,
    recorder: &Recorder,
) -> Result<(), Error> {
    let into = Into { product, platform, owner: None, brings_sims: false, now };
    into.import(db, ids, recorder).map(drop)
}
