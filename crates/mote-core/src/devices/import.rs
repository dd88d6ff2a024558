//! Adding devices to a product.

use std::collections::HashSet;

use mote_store::devices as rows;
use mote_store::devices::DeviceRow;
use mote_store::{Db, accounts, products};

use super::device::new_row;
use crate::audit::{Action, Recorder};
use crate::authorization::ProductAccess;
use crate::authorization::table::DevicesImport;
use crate::names::{DeviceId, Username};
use crate::products::Product;
use crate::spaces::still_there;
use crate::teams::is_on_team;
use crate::{AccountId, Error, Moment, Mote, OwnerId, ProductId};

/// Devices in one request at most.
pub const MOST_IMPORTED: usize = 100_000;
/// Devices in one write: about twenty milliseconds of the writer.
const BATCH: usize = 500;
/// Longest identifier: anything longer is none.
const LONGEST: usize = 64;

/// What is to be imported.
#[derive(Debug)]
pub struct Import {
    /// Identifiers as the request has them: device IDs, or serial numbers, IMEIs or ICCIDs of known devices.
    pub ids: Vec<String>,
    /// Address of a team member who shall own the devices.
    pub claim_user: Option<String>,
}

/// What became of each identifier, as the request has it (contract: Devices-importDevicesIntoProduct).
#[derive(Debug, Default)]
pub struct Imported {
    /// Now in the product, or released from its quarantine.
    pub updated: Vec<String>,
    /// Were in it before.
    pub existing: Vec<String>,
    /// Refused: in another product, or somebody's who is not on the team.
    pub nonmember: Vec<String>,
    /// Refused: no identifier of a device, or of another platform.
    pub invalid: Vec<String>,
}

#[derive(Clone, Copy)]
enum Outcome {
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

impl Mote {
    /// Adds devices to the product, in batches: what one batch refuses does not undo the others.
    pub async fn import_devices(
        &self,
        access: &ProductAccess<DevicesImport>,
        import: Import,
    ) -> Result<Imported, Error> {
        if import.ids.is_empty() {
            return Err(Error::invalid(
                "ids",
                "are needed: the device IDs to add, in JSON, or one a line in a file",
            ));
        }
        if import.ids.len() > MOST_IMPORTED {
            return Err(Error::invalid(
                "ids",
                format!("are {MOST_IMPORTED} at most; send the rest in another request"),
            ));
        }
        let product = access.product();
        let owner = match import.claim_user {
            Some(address) => Some(self.member(product, &address).await?.into()),
            None => None,
        };
        let mut seen = HashSet::new();
        let ids: Vec<String> =
            import.ids.into_iter().filter(|id| seen.insert(id.trim().to_ascii_lowercase())).collect();
        let mut imported = Imported::default();
        for batch in ids.chunks(BATCH) {
            let recorder = self.recorder(access.caller());
            let (batch, id, platform, now) = (batch.to_vec(), product.id.0, product.platform_id, self.now());
            let outcomes = self
                .store()
                .write(move |db| -> Result<Vec<(String, Outcome)>, Error> {
                    still_there(db, ProductId(id).into())?;
                    let into = Into { product: id, platform, owner, now };
                    let outcomes: Vec<_> = batch
                        .iter()
                        .map(|id| Ok((id.clone(), into.import(db, id)?)))
                        .collect::<Result<_, Error>>()?;
                    let added = outcomes
                        .iter()
                        .filter(|(_, outcome)| matches!(outcome, Outcome::Updated { .. }))
                        .count();
                    if added > 0 {
                        products::devices_changed(db, id, i64::try_from(added).unwrap_or(0))?;
                    }
                    record(db, &recorder, &into, &outcomes)?;
                    Ok(outcomes)
                })
                .await?;
            for (id, outcome) in outcomes {
                match outcome {
                    Outcome::Updated { .. } | Outcome::Approved { .. } => imported.updated.push(id),
                    Outcome::Existing { .. } => imported.existing.push(id),
                    Outcome::Nonmember => imported.nonmember.push(id),
                    Outcome::Invalid => imported.invalid.push(id),
                }
            }
        }
        Ok(imported)
    }

    async fn member(&self, product: &Product, address: &str) -> Result<AccountId, Error> {
        let refused = || Error::invalid("claim_user", "is the address of somebody on the product's team");
        let username = Username::parse(address).map_err(|_| refused())?;
        let id = product.id;
        let member = self
            .store()
            .read(move |db| -> Result<Option<i64>, Error> {
                let Some(account) = accounts::by_username(db, username.as_str())? else { return Ok(None) };
                Ok(is_on_team(db, id, AccountId(account.id))?.then_some(account.id))
            })
            .await?;
        member.map(AccountId).ok_or_else(refused)
    }
}

/// Where devices go, and whose they become.
struct Into {
    product: i64,
    platform: i32,
    owner: Option<OwnerId>,
    now: Moment,
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

impl Into {
    fn import(&self, db: &mut Db, text: &str) -> Result<Outcome, Error> {
        let id = DeviceId::parse(text);
        let known = match &id {
            Some(id) => rows::get(db, id.as_str())?,
            None if text.trim().is_empty() || text.len() > LONGEST => None,
            None => rows::by_identifier(db, text.trim())?,
        };
        let mut row = match (known, id) {
            (Some(row), _) => row,
            (None, Some(id)) => {
                let mut row = new_row(&id, self.platform, self.now);
                row.product_id = Some(self.product);
                let claimed = self.claim(&mut row);
                rows::insert(db, &row)?;
                return Ok(Outcome::Updated { claimed });
            }
            (None, None) => return Ok(Outcome::Invalid),
        };
        if row.product_id == Some(self.product) {
            if !row.quarantined {
                let claimed = self.claim(&mut row);
                if claimed {
                    row.updated_at = self.now.0;
                    rows::update(db, &row)?;
                }
                return Ok(Outcome::Existing { claimed });
            }
            (row.quarantined, row.denied) = (false, false);
            let claimed = self.claim(&mut row);
            row.updated_at = self.now.0;
            rows::update(db, &row)?;
            return Ok(Outcome::Approved { claimed });
        }
        if row.product_id.is_some() || !may_bring(db, ProductId(self.product), row.owner_id)? {
            return Ok(Outcome::Nonmember);
        }
        // A device that has not told its platform takes the product's.
        if row.platform_id != self.platform && row.platform_id != 0 {
            return Ok(Outcome::Invalid);
        }
        row.platform_id = self.platform;
        row.product_id = Some(self.product);
        let claimed = self.claim(&mut row);
        row.updated_at = self.now.0;
        rows::update(db, &row)?;
        Ok(Outcome::Updated { claimed })
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
}

/// Entries of what was done: of the product, and of whom devices were claimed for.
fn record(
    db: &mut Db,
    recorder: &Recorder,
    into: &Into,
    outcomes: &[(String, Outcome)],
) -> Result<(), Error> {
    let came = |is_it: fn(Outcome) -> bool| {
        let which = outcomes.iter().filter(move |(_, outcome)| is_it(*outcome));
        which.map(|(id, _)| id.trim())
    };
    let product = ProductId(into.product);
    let imported = came(|o| matches!(o, Outcome::Updated { .. }));
    recorder.record_batch(db, Action::DevicesImported, product, imported)?;
    let approved = came(|o| matches!(o, Outcome::Approved { .. }));
    recorder.record_batch(db, Action::DevicesApproved, product, approved)?;
    let Some(OwnerId::Account(account)) = into.owner else { return Ok(()) };
    let is_claimed = |o: Outcome| matches!(o, Outcome::Updated { claimed } | Outcome::Approved { claimed } | Outcome::Existing { claimed } if claimed);
    recorder.record_batch(db, Action::DeviceClaimed, account, came(is_claimed))
}

/// Brings a device into a product along with something else of it, where it could be imported by itself.
pub(crate) fn bring_along(
    db: &mut Db,
    product: ProductId,
    platform: i32,
    id: &str,
    now: Moment,
    recorder: &Recorder,
) -> Result<(), Error> {
    let into = Into { product: product.0, platform, owner: None, now };
    let outcome = into.import(db, id)?;
    if matches!(outcome, Outcome::Updated { .. }) {
        products::devices_changed(db, product.0, 1)?;
    }
    record(db, recorder, &into, &[(id.to_owned(), outcome)])
}
