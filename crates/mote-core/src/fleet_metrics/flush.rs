//! Writing what was counted to the store, and removing what is old.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use mote_store::fleet_metrics as rows;
use mote_store::fleet_metrics::{Place, TraitsRow};
use mote_store::{Db, StoreError};

use super::counts::{Key, Traits, start_of};
use super::{NARROW, NARROW_KEPT, WIDE, WIDE_KEPT};
use crate::{Error, Moment, Mote, ProductId};

/// Counts that one write brings in at most: about ten milliseconds of the writer.
const AT_ONCE: usize = 200;
/// Different traits of one product's devices at most; devices with others are counted, but not told apart.
pub(super) const MOST_TRAITS: i64 = 1000;
/// Traits whose keys are kept in memory at most.
const MOST_KNOWN: usize = 100_000;
/// Seconds after which it is written down again that traits are in use.
const USE_NOTED_EVERY: i64 = 86_400;
/// The key that stands for no traits, and for those beyond [`MOST_TRAITS`].
const NO_TRAITS: i64 = 0;

/// The keys of traits in use.
#[derive(Debug, Default)]
pub struct KnownTraits(Mutex<HashMap<(ProductId, Traits), Known>>);

#[derive(Clone, Copy, Debug)]
struct Known {
    id: i64,
    noted: Moment,
}

impl KnownTraits {
    fn get(&self, of: &(ProductId, Traits), now: Moment) -> Option<i64> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = |known: &&Known| now < known.noted.plus_seconds(USE_NOTED_EVERY);
        known.get(of).filter(fresh).map(|known| known.id)
    }

    fn keep(&self, found: Vec<((ProductId, Traits), i64)>, now: Moment) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() + found.len() > MOST_KNOWN {
            known.clear();
        }
        known.extend(found.into_iter().map(|(of, id)| (of, Known { id, noted: now })));
    }
}

impl Mote {
    /// Writes what was counted since the last time. What cannot be written is kept for the next.
    pub async fn flush_fleet_counts(&self) -> Result<(), Error> {
        let mut counts = self.fleet_counts().take();
        while !counts.is_empty() {
            let rest = counts.split_off(counts.len().min(AT_ONCE));
            let batch = Arc::new(counts);
            if let Err(error) = self.flush_some(&batch).await {
                let lost = batch.iter().cloned().chain(rest);
                lost.for_each(|(key, count)| self.fleet_counts().add(key, count));
                return Err(error);
            }
            counts = rest;
        }
        Ok(())
    }

    async fn flush_some(&self, batch: &Arc<Vec<(Key, i64)>>) -> Result<(), Error> {
        let now = self.now();
        let mut ids = HashMap::new();
        let mut unknown = Vec::new();
        for (key, _) in batch.iter() {
            let of = (key.product, key.traits.clone());
            if ids.contains_key(&of) || unknown.iter().any(|(seen, _)| *seen == of) {
                continue;
            }
            if of.1 == Traits::default() {
                ids.insert(of, NO_TRAITS);
            } else if let Some(id) = self.known_traits().get(&of, now) {
                ids.insert(of, id);
            } else {
                unknown.push((of, self.new_key(now)));
            }
        }
        let batch = Arc::clone(batch);
        let write = move |db: &mut Db| -> Result<_, Error> {
            let mut found = Vec::with_capacity(unknown.len());
            for ((product, traits), new_id) in &unknown {
                let id = find_or_insert(db, *product, traits, *new_id, now)?;
                found.push(((*product, traits.clone()), id));
            }
            let mut ids = ids.clone();
            ids.extend(found.iter().cloned());
            for (key, count) in batch.iter() {
                let traits_id = ids.get(&(key.product, key.traits.clone())).copied().unwrap_or(NO_TRAITS);
                for width in [NARROW, WIDE] {
                    rows::add(db, place(key, width, traits_id), *count)?;
                }
            }
            Ok(found)
        };
        let found = self.store().write(write).await?;
        self.known_traits().keep(found, now);
        Ok(())
    }
}

#[expect(clippy::cast_possible_truncation, reason = "widths are small constants")]
fn place(key: &Key, width: i64, traits_id: i64) -> Place {
    let bucket = start_of(key.bucket, width);
    Place { product_id: key.product.0, what: key.what, width: width as i32, bucket, traits_id }
}

fn find_or_insert(
    db: &mut Db,
    product: ProductId,
    traits: &Traits,
    new_id: i64,
    now: Moment,
) -> Result<i64, Error> {
    let new = row_of(new_id, product, traits, now)?;
    let present = rows::traits_of(db, product.0, MOST_TRAITS)?;
    let same = present.iter().find(|row| {
        (row.product_fw, &row.device_os, &row.groups) == (new.product_fw, &new.device_os, &new.groups)
    });
    if let Some(row) = same {
        rows::use_traits(db, row.id, now.0)?;
        return Ok(row.id);
    }
    if i64::try_from(present.len()).unwrap_or(i64::MAX) >= MOST_TRAITS {
        return Ok(NO_TRAITS);
    }
    rows::insert_traits(db, &new)?;
    Ok(new_id)
}

fn row_of(id: i64, product: ProductId, traits: &Traits, now: Moment) -> Result<TraitsRow, Error> {
    let groups: BTreeSet<_> = traits.groups.iter().collect();
    Ok(TraitsRow {
        id,
        product_id: product.0,
        product_fw: traits.product_fw.unwrap_or(-1),
        device_os: traits.device_os.as_deref().unwrap_or_default().to_owned(),
        groups: serde_json::to_string(&groups)
            .map_err(|e| Error::Internal(format!("groups are no JSON: {e}")))?,
        used_at: now.0,
    })
}

/// Removes at most a batch of each kind of what is older than it is kept: how many.
#[expect(clippy::cast_possible_truncation, reason = "widths are small constants")]
pub(crate) fn sweep(db: &mut Db, now: Moment, batch: i64) -> Result<usize, StoreError> {
    let second = now.unix_seconds();
    let narrow = rows::sweep_counts(db, NARROW as i32, second - NARROW_KEPT, batch)?;
    let wide = rows::sweep_counts(db, WIDE as i32, second - WIDE_KEPT, batch)?;
    let unused = now.plus_seconds(-WIDE_KEPT - 2 * USE_NOTED_EVERY).0;
    Ok(narrow + wide + rows::sweep_traits(db, unused, batch)?)
}
