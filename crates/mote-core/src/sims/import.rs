//! Importing SIM cards into a product.

use std::collections::HashSet;

use mote_store::Db;
use mote_store::sims as rows;
use mote_store::sims::Owner;

use super::ActivatedVia;
use super::change::{new_row, reactivate};
use crate::audit::{Action, Recorder};
use crate::authorization::ProductAccess;
use crate::authorization::table::SimsImport;
use crate::devices::{MOST_IMPORTED, bring_along};
use crate::names::Iccid;
use crate::spaces::still_there;
use crate::teams::is_on_team;
use crate::{AccountId, Error, Moment, Mote, ProductId};

/// Cards in one write: about ten milliseconds of the writer.
const BATCH: usize = 500;
/// Devices that come along with a card at most: those that tell of having it.
const MOST_DEVICES: i64 = 10;

/// What became of each number, as the request has it.
#[derive(Debug, Default)]
pub struct ImportedSims {
    /// Now the product's, and active.
    pub imported: Vec<String>,
    /// Were so before.
    pub existing: Vec<String>,
    /// Refused: another product's, or somebody's who is not on the team.
    pub nonmember: Vec<String>,
    /// Refused: no number of a SIM card.
    pub invalid: Vec<String>,
}

#[derive(Clone, Copy)]
enum Outcome {
    Imported,
    Existing,
    Nonmember,
    Invalid,
}

impl Mote {
    /// Brings cards into the product and activates them, in batches: what one batch refuses does not undo the others. The
    /// device that has a card comes along, where it could be imported by itself.
    pub async fn import_sims(
        &self,
        access: &ProductAccess<SimsImport>,
        iccids: Vec<String>,
    ) -> Result<ImportedSims, Error> {
        if iccids.is_empty() {
            let text = "are needed: ICCIDs in JSON or a form, or one a line in a file";
            return Err(Error::invalid("sims", text));
        }
        if iccids.len() > MOST_IMPORTED {
            let text = format!("are {MOST_IMPORTED} at most; send the rest in another request");
            return Err(Error::invalid("sims", text));
        }
        let product = access.product();
        let mut seen = HashSet::new();
        let iccids: Vec<String> =
            iccids.into_iter().filter(|iccid| seen.insert(iccid.trim().to_owned())).collect();
        let mut result = ImportedSims::default();
        for batch in iccids.chunks(BATCH) {
            let (now, recorder) = (self.now(), self.recorder(access.caller()));
            let into = Into { product: product.id, platform: product.platform_id, now };
            let batch = batch.to_vec();
            let outcomes = self
                .store()
                .write(move |db| -> Result<Vec<(String, Outcome)>, Error> {
                    still_there(db, into.product.into())?;
                    let each = |iccid: &String| Ok((iccid.clone(), into.import(db, iccid, &recorder)?));
                    let outcomes: Vec<_> = batch.iter().map(each).collect::<Result<_, Error>>()?;
                    let came = outcomes.iter().filter(|(_, outcome)| matches!(outcome, Outcome::Imported));
                    let came = came.map(|(iccid, _)| iccid.trim());
                    recorder.record_batch(db, Action::SimsImported, into.product, came)?;
                    Ok(outcomes)
                })
                .await?;
            for (iccid, outcome) in outcomes {
                match outcome {
                    Outcome::Imported => result.imported.push(iccid),
                    Outcome::Existing => result.existing.push(iccid),
                    Outcome::Nonmember => result.nonmember.push(iccid),
                    Outcome::Invalid => result.invalid.push(iccid),
                }
            }
        }
        Ok(result)
    }
}

/// Where cards go.
struct Into {
    product: ProductId,
    platform: i32,
    now: Moment,
}

impl Into {
    fn import(&self, db: &mut Db, text: &str, recorder: &Recorder) -> Result<Outcome, Error> {
        let Some(iccid) = Iccid::parse(text) else { return Ok(Outcome::Invalid) };
        let outcome = import_alone(db, self.product, &iccid, self.now)?;
        for device in rows::device_ids(db, iccid.as_str(), MOST_DEVICES)? {
            bring_along(db, self.product, self.platform, &device, self.now, recorder)?;
        }
        Ok(outcome)
    }
}

/// Brings a card in, and no device.
fn import_alone(db: &mut Db, product: ProductId, iccid: &Iccid, now: Moment) -> Result<Outcome, Error> {
    Ok(match rows::get(db, iccid.as_str())? {
        None => {
            let via = ActivatedVia::ProductImport;
            rows::insert(db, &new_row(iccid, Owner::Product(product.0), via, now))?;
            Outcome::Imported
        }
        Some(row) if row.product_id == Some(product.0) => Outcome::Existing,
        Some(mut row) => {
            let of_team = match row.account_id {
                Some(account) => is_on_team(db, product, AccountId(account))?,
                None => false,
            };
            if !of_team {
                return Ok(Outcome::Nonmember);
            }
            (row.account_id, row.product_id) = (None, Some(product.0));
            // A limit of its former holder's does not go on to count.
            row.mb_limit = None;
            reactivate(&mut row, now)?;
            row.updated_at = now.0;
            rows::update(db, &row)?;
            Outcome::Imported
        }
    })
}

/// Brings cards into a product along with the devices that have them, where they could be imported by themselves.
pub(crate) fn bring_cards(
    db: &mut Db,
    product: ProductId,
    iccids: &[String],
    now: Moment,
    recorder: &Recorder,
) -> Result<(), Error> {
    let mut came = Vec::new();
    for iccid in iccids.iter().filter_map(|text| Iccid::parse(text)) {
        if matches!(import_alone(db, product, &iccid, now)?, Outcome::Imported) {
            came.push(iccid);
        }
    }
    recorder.record_batch(db, Action::SimsImported, product, came.iter().map(Iccid::as_str))
}
