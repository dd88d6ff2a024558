//! Importing SIM cards into a product.

use std::collections::{HashMap, HashSet};

use mote_store::sims as rows;
use mote_store::sims::{Owner, SimRow};
use mote_store::{Db, plan_anew};

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
/// Devices that come along with the cards of a write at most: those that tell of having one. A card is in one as a rule.
const MOST_DEVICES: i64 = 1000;

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
            let into = Into { product: product.id, now };
            let (batch, platform) = (batch.to_vec(), product.platform_id);
            let outcomes = self
                .store()
                .write(move |db| -> Result<Vec<(String, Outcome)>, Error> {
                    still_there(db, into.product.into())?;
                    plan_anew(db)?;
                    let outcomes = into.import(db, &batch, &recorder)?;
                    // Also of cards that were there before.
                    let came =
                        outcomes.iter().filter(|(_, o)| matches!(o, Outcome::Imported | Outcome::Existing));
                    let cards: Vec<_> = came
                        .filter_map(|(text, _)| Iccid::parse(text))
                        .map(|card| card.to_string())
                        .collect();
                    let devices = rows::device_ids(db, &cards, MOST_DEVICES)?;
                    bring_along(db, into.product, platform, &devices, now, &recorder)?;
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
    now: Moment,
}

impl Into {
    /// What becomes of each, with an entry of those that came.
    fn import(
        &self,
        db: &mut Db,
        texts: &[String],
        recorder: &Recorder,
    ) -> Result<Vec<(String, Outcome)>, Error> {
        let parsed: Vec<_> = texts.iter().map(|text| Iccid::parse(text)).collect();
        let numbers: Vec<_> = parsed.iter().flatten().map(ToString::to_string).collect();
        let known = rows::get_all(db, &numbers)?.into_iter().map(|row| (row.iccid.clone(), row));
        let mut known: HashMap<_, _> = known.collect();
        let (mut outcomes, mut new) = (Vec::with_capacity(texts.len()), Vec::new());
        // The same card may be written in several ways.
        let mut seen: HashMap<_, Outcome> = HashMap::new();
        for (text, iccid) in texts.iter().zip(&parsed) {
            let outcome = match iccid {
                None => Outcome::Invalid,
                Some(iccid) if seen.contains_key(iccid.as_str()) => match seen[iccid.as_str()] {
                    Outcome::Imported => Outcome::Existing,
                    other => other,
                },
                Some(iccid) => {
                    if let Some(row) = known.remove(iccid.as_str()) {
                        self.take_over(db, row)?
                    } else {
                        let (owner, via) = (Owner::Product(self.product.0), ActivatedVia::ProductImport);
                        new.push(new_row(iccid, owner, via, self.now));
                        Outcome::Imported
                    }
                }
            };
            if let Some(iccid) = iccid {
                seen.entry(iccid.as_str()).or_insert(outcome);
            }
            outcomes.push((text.clone(), outcome));
        }
        rows::insert_all(db, &new)?;
        let came = outcomes.iter().filter(|(_, outcome)| matches!(outcome, Outcome::Imported));
        let came = came.map(|(iccid, _)| iccid.trim());
        recorder.record_batch(db, Action::SimsImported, self.product, came)?;
        Ok(outcomes)
    }

    /// A card that is known: a team member's may come.
    fn take_over(&self, db: &mut Db, mut row: SimRow) -> Result<Outcome, Error> {
        if row.product_id == Some(self.product.0) {
            return Ok(Outcome::Existing);
        }
        let of_team = match row.account_id {
            Some(account) => is_on_team(db, self.product, AccountId(account))?,
            None => false,
        };
        if !of_team {
            return Ok(Outcome::Nonmember);
        }
        (row.account_id, row.product_id) = (None, Some(self.product.0));
        // A limit of its former holder's does not go on to count.
        row.mb_limit = None;
        reactivate(&mut row, self.now)?;
        row.updated_at = self.now.0;
        rows::update(db, &row)?;
        Ok(Outcome::Imported)
    }
}

/// Brings cards into a product along with the devices that have them, where they could be imported by themselves.
pub(crate) fn bring_cards(
    db: &mut Db,
    product: ProductId,
    iccids: &[String],
    now: Moment,
    recorder: &Recorder,
) -> Result<(), Error> {
    Into { product, now }.import(db, iccids, recorder).map(drop)
}
