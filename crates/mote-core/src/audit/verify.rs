//! Whether the trail is as it was written.

use std::sync::Arc;

use mote_store::Db;
use mote_store::audit as rows;
use mote_store::audit::AuditRow;

use super::chain::{ChainPlace, LAST, START};
use super::{ChainKeys, is_full};
use crate::{Error, Mote};

/// Entries that are read at a time.
const BATCH: i64 = 1000;

/// What was found where nothing is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditVerified {
    /// Entries that were looked at.
    pub entries: i64,
    /// The place after which the chain begins: what was before is no longer kept.
    pub start: ChainPlace,
    /// Its last place. Kept elsewhere, it shows later that nothing was cut off.
    pub last: ChainPlace,
    /// Entries that wait for their places.
    pub waiting: usize,
}

/// The first thing that is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuditBreak {
    /// Where the chain begins or ends was not written by the server.
    #[error("the recorded {0} of the chain was tampered with")]
    End(
        /// Which.
        &'static str,
    ),
    /// Entries are gone.
    #[error("{}", gap(*from, *to))]
    Missing {
        /// The first.
        from: i64,
        /// The last.
        to: i64,
    },
    /// An entry has a number that was given to none, or to one that is no longer kept.
    #[error("an entry has the number {number}, which is none of the chain's: it was put there")]
    Foreign {
        /// Its number.
        number: i64,
    },
    /// A field of an entry is not what was written.
    #[error("entry {number} (ID {id}) was changed")]
    Changed {
        /// Its number; 0 for one that waits for its place.
        number: i64,
        /// Its key.
        id: i64,
    },
    /// The hashes of an entry do not follow from the entry before.
    #[error("entry {number} (ID {id}) does not follow from the entry before it")]
    Link {
        /// Its number.
        number: i64,
        /// Its key.
        id: i64,
    },
    /// The chain is not the one that the caller knows.
    #[error(
        "the chain does not have the place {number} with the hash that you expect: it was cut off or written anew"
    )]
    Unexpected {
        /// The number of the place.
        number: i64,
    },
}

fn gap(from: i64, to: i64) -> String {
    if from == to {
        format!("entry {from} was removed")
    } else {
        format!("entries {from} to {to} were removed")
    }
}

struct Page {
    rows: Vec<AuditRow>,
    start: Option<ChainPlace>,
    last: Option<ChainPlace>,
}

fn page(db: &mut Db, keys: &ChainKeys, after: i64) -> Result<Page, Error> {
    Ok(Page {
        rows: rows::beyond(db, after, BATCH)?,
        start: ChainPlace::of_end(rows::end(db, START)?.as_ref(), keys),
        last: ChainPlace::of_end(rows::end(db, LAST)?.as_ref(), keys),
    })
}

impl Mote {
    /// Looks at all of the trail, while servers may be at work on it; `expected` is a place that an earlier check gave.
    pub async fn verify_audit(
        &self,
        expected: Option<ChainPlace>,
    ) -> Result<Result<AuditVerified, AuditBreak>, Error> {
        let mut walk: Option<Walk> = None;
        loop {
            let (keys, after) = (self.keys(), walk.as_ref().map_or(i64::MIN, |walk| walk.at.number));
            let of_page = Arc::clone(&keys);
            let page = self.store().read(move |db| page(db, &of_page.chain, after)).await?;
            let (Some(start), Some(last)) = (page.start, page.last) else {
                // The server key may just have been replaced.
                if self.has_other_keys(&keys).await? {
                    continue;
                }
                return Ok(Err(AuditBreak::End(if page.start.is_none() { "start" } else { "end" })));
            };
            let walk = walk.get_or_insert(Walk { at: start, start, entries: 0, met: false, latest: 0 });
            // What was about to be looked at may just have been removed for its age.
            if start.number > walk.at.number {
                (walk.at, walk.start) = (start, start);
            }
            walk.meet(expected);
            for row in &page.rows {
                if let Err(wrong) = walk.step(row, &keys.chain) {
                    return Ok(Err(wrong));
                }
                walk.meet(expected);
            }
            if is_full(page.rows.len(), BATCH) {
                continue;
            }
            if let Err(wrong) = walk.ends_at(last, expected) {
                return Ok(Err(wrong));
            }
            let verified = AuditVerified { entries: walk.entries, start: walk.start, last, waiting: 0 };
            return self.verify_waiting(verified, walk.latest).await;
        }
    }

    async fn verify_waiting(
        &self,
        verified: AuditVerified,
        latest: i64,
    ) -> Result<Result<AuditVerified, AuditBreak>, Error> {
        let waiting = self.store().read(|db| rows::unsealed(db, BATCH)).await?;
        let keys = self.keys();
        let changed = waiting.iter().find(|row| !keys.chain.wrote(row, latest));
        Ok(match changed {
            Some(row) => Err(AuditBreak::Changed { number: 0, id: row.id }),
            None => Ok(AuditVerified { waiting: waiting.len(), ..verified }),
        })
    }
}

/// How far the check has come.
struct Walk {
    at: ChainPlace,
    start: ChainPlace,
    entries: i64,
    met: bool,
    /// When the latest of the entries was written.
    latest: i64,
}

impl Walk {
    /// Looks at the next entry.
    fn step(&mut self, row: &AuditRow, keys: &ChainKeys) -> Result<(), AuditBreak> {
        let (id, number) = (row.id, row.number.unwrap_or_default());
        if number <= self.at.number {
            return Err(AuditBreak::Foreign { number });
        }
        if number > self.at.number + 1 {
            return Err(AuditBreak::Missing { from: self.at.number + 1, to: number - 1 });
        }
        if !keys.wrote(row, self.latest) {
            return Err(AuditBreak::Changed { number, id });
        }
        let place = self.at.next(&row.mac, keys);
        let link = place.to_link(self.at);
        if row.previous_hash.as_ref() != Some(&link.previous_hash) || row.hash.as_ref() != Some(&link.hash) {
            return Err(AuditBreak::Link { number, id });
        }
        self.at = place;
        self.latest = self.latest.max(row.at);
        self.entries += 1;
        Ok(())
    }

    fn meet(&mut self, expected: Option<ChainPlace>) {
        self.met |= expected == Some(self.at);
    }

    /// Looks at where the chain ends.
    fn ends_at(&self, last: ChainPlace, expected: Option<ChainPlace>) -> Result<(), AuditBreak> {
        if last.number > self.at.number {
            return Err(AuditBreak::Missing { from: self.at.number + 1, to: last.number });
        }
        if last != self.at {
            return Err(AuditBreak::Foreign { number: self.at.number });
        }
        match expected {
            // A place that is no longer kept tells nothing.
            Some(place) if !self.met && place.number >= self.start.number => {
                Err(AuditBreak::Unexpected { number: place.number })
            }
            _ => Ok(()),
        }
    }
}
